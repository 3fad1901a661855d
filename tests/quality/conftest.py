"""The standards room with a quarter behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.core import clock
from tests.factories import County
from tests.settlement.conftest import AFTER_Q1, Quarter, publish_pay_table


@pytest.fixture
def quarter(county: County) -> Iterator[Quarter]:
    """3 April 2026; the example pay table is published."""
    with clock.at(AFTER_Q1):
        publish_pay_table()
        yield Quarter(county)
