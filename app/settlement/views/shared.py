"""Arguments and choices that several pages of the quarter read from the address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from enum import StrEnum
from io import BytesIO
from typing import TypeVar

from flask import current_app, request, send_file, url_for
from flask_babel import format_datetime, get_locale
from werkzeug.wrappers import Response

from app.core import clock, shown
from app.core.access import declared_permission
from app.core.actor import Actor
from app.core.periods import Quarter
from app.places.models import Area
from app.settlement.models import LedgerEntry, SettlementLine

E = TypeVar("E", bound=StrEnum)


def quarter_arg() -> str:
    """A quarter from the address, or nothing."""
    value = request.args.get("quarter", "")
    return value if re.fullmatch(r"\d{4}-Q[1-4]", value, re.ASCII) else ""


def area_arg() -> str:
    """A division code from the address, or nothing."""
    value = request.args.get("area", "")
    return value if re.fullmatch(r"\d{2,12}", value, re.ASCII) else ""


def choice_arg(name: str, kind: type[E]) -> E | None:
    """One member of an enumeration from the address, or nothing."""
    value = request.args.get(name, "")
    return kind(value) if value in set(kind) else None


def last_quarters(count: int = 8) -> list[str]:
    """The running quarter and those before it, newest first."""
    now = Quarter.of(clock.today())
    return [str(now.plus(-n)) for n in range(count)]


def quarter_choices(quarters: Iterable[str]) -> list[tuple[str, str]]:
    """Options of a quarter filter."""
    return [(q, shown.quarter(q)) for q in quarters]


def township_choices(townships: Iterable[Area]) -> list[tuple[str, str]]:
    """Options of a township filter."""
    return [(area.code, area.name) for area in townships]


def pdf(made: tuple[BytesIO, str]) -> Response:
    """A PDF to look at."""
    data, name = made
    return send_file(data, mimetype="application/pdf", download_name=name)


def slip_url(row: SettlementLine | LedgerEntry, *, pdf: bool = False) -> str:
    """The slip that a line or an entry stands on: the caregiver's, or the institution's."""
    suffix = "_pdf" if pdf else ""
    if row.payee_id is not None:
        where = f"settlement.house_slip{suffix}"
        return url_for(where, settlement_id=row.settlement_id, institution_id=row.payee_id)
    return url_for(f"settlement.slip{suffix}", settlement_id=row.settlement_id, caregiver_id=row.caregiver_id)


def reachable(actor: Actor, endpoint: str) -> bool:
    """Whether a page exists and the actor may open it."""
    if endpoint not in current_app.view_functions:
        return False
    permission = declared_permission(current_app, endpoint)
    return permission is not None and actor.may(permission)


def instant_words(at: dt.datetime) -> str:
    """An instant as the pages write it."""
    return format_datetime(at, "y年M月d日 HH:mm" if str(get_locale()).startswith("zh") else "d MMM y HH:mm")
