"""What is said to a record: refusals and passing on, in words of both languages."""

from __future__ import annotations

from flask_babel import gettext

from app.core.errors import DomainError, Invalid, NotFound, Refused
from app.people.models import Resident
from app.places.queries import area_path
from app.tablet.kinds import Outcome, both
from app.tablet.rules import (
    Code,
    Verdict,
)
from app.tablet.sheets import TraceDiffers


def _words(code: Code) -> str:
    return {
        Code.UNREADABLE: gettext("This record cannot be read."),
        Code.SIGNATURE: gettext("This record was not signed by the device that is said to have written it."),
        Code.COUNTER: gettext("The device numbered two records alike. Set it up anew and hand this one in again."),
        Code.KIND: gettext("The county does not take records of this kind. Load the newest app."),
        Code.SCHEMA: gettext("This record was written by an app the county does not know. Load the newest app."),
        Code.NOT_FOUND: gettext("There is no such resident."),
        Code.ROUTED: gettext("The resident has moved to another area. The record was kept and passed on there."),
        Code.BLOCKED: gettext("The device or its account is blocked. The record was kept; an officer looks at it."),
    }[code]


def _both(code: Code) -> dict[str, str]:
    return both(lambda: _words(code))


def refused(code: Code) -> Outcome:
    """The record counts for nothing; its device is told why."""
    return Outcome(Verdict.REFUSED, code, words=_both(code))


def routed(code: Code, resident: Resident | None) -> Outcome:
    """The record is kept and passed on to the officers of the resident's place."""
    place = "".join(area.name for area in area_path(resident.area_code)) if resident is not None else None
    return Outcome(Verdict.ACCEPTED, code, words=_both(code), routed_to=place)


def refusal_of(zh: DomainError, en: DomainError) -> Outcome:
    """A refusal as outcome: the words and fields of both languages."""
    code = Code.INVALID if isinstance(zh, Invalid) else Code.STATE
    if isinstance(zh, TraceDiffers):
        code = Code.TRACE
    elif isinstance(zh, NotFound):
        return refused(Code.NOT_FOUND)
    elif isinstance(zh, Refused) and zh.field == "pair":
        code = Code.PAIR_CHANGED
    first: dict[str, str] = getattr(zh, "errors", {})
    second: dict[str, str] = getattr(en, "errors", {})
    fields = {name: {"zh": words, "en": second.get(name, words)} for name, words in first.items()}
    detail = {"result": zh.result} if isinstance(zh, TraceDiffers) else None
    digest = zh.digest if isinstance(zh, TraceDiffers) else None
    words = {"zh": zh.message, "en": en.message}
    return Outcome(Verdict.REFUSED, code, words=words, fields=fields, detail=detail, result_sha256=digest)
