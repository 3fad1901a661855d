"""Every test of care happens on one Tuesday in March."""

from collections.abc import Iterator

import pytest

from app.core import clock
from tests.care.world import TODAY
from tests.grading.sheets import noon


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.at(noon(TODAY)):
        yield
