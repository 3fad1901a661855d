"""Checking what is said about a person before it is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.core import clock, identity
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.errors import Refused
from app.core.periods import age_on
from app.people import labels, queries
from app.people.models import Assessor, Caregiver, Resident, Setting, Sex
from app.people.rules import ETHNICITIES
from app.places import queries as places
from app.places.entries import Entries, words
from app.places.models import Area, Level, Organisation, OrganisationKind

OLDEST_SUPPORT = dt.date(1950, 1, 1)
RESIDENT_FIELDS = (
    "name", "sex", "born_on", "id_number", "ethnicity", "education", "religion", "marital", "living",
    "medical_payment", "income_sources", "area_code", "address", "phone", "health_notes", "setting",
    "institution_id", "guardian_name", "guardian_relation", "guardian_phone", "supported_from",
)  # fmt: skip
CAREGIVER_FIELDS = (
    "name", "sex", "born_on", "id_number", "phone", "bank_name", "bank_account", "area_code", "institution_id",
    "user_id", "active",
)  # fmt: skip
ASSESSOR_FIELDS = (
    "name", "organisation_id", "area_code", "qualification", "certificate_number", "certificate_valid_to", "user_id",
    "active",
)  # fmt: skip


def on_record() -> str:
    """What is said about a second record of one ID number; it never tells where the first one is."""
    return gettext("This ID number is on record already. Search for it; if you do not find it, ask the county office.")


def changed_meanwhile() -> Refused:
    """Somebody else saved the record since the form was opened."""
    return Refused(
        gettext(
            "Somebody else changed this record meanwhile. What you typed is still here: compare it with the record "
            "in another tab, then save again."
        ),
        field="version",
    )


def said_why(reason: str) -> str:
    """A reason in words. Raises ``Invalid`` without one."""
    entries = Entries({"reason": reason})
    text = entries.text("reason", 200, needed=True)
    if text is not None and len(text) < 2:
        entries.fail("reason", gettext("Please say why in a few words."))
    entries.done()
    return text or ""


class Lookup:
    """What checks ask the database; an import of many rows asks ahead (``operations.imports``)."""

    def area(self, actor: Actor, code: str) -> Area | None:
        """A visible area."""
        return db.session.scalar(places.visible(actor).where(Area.code == code))

    def organisation(self, actor: Actor, organisation_id: int, kind: OrganisationKind) -> Organisation | None:
        """A visible organisation of one kind."""
        query = places.visible_organisations(actor)
        return db.session.scalar(query.where(Organisation.id == organisation_id, Organisation.kind == kind))

    def id_taken(self, model: type[Resident] | type[Caregiver], number: str, own_id: int | None) -> bool:
        """Whether another record of the county carries this ID number."""
        taken = select(model.id).where(model.id_number_index == model.id_number.lookup(number))
        return db.session.scalar(taken.where(model.id != (own_id or 0))) is not None


DATABASE = Lookup()


def _told_by_id(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sex and date of birth may be left out where the ID number tells them."""
    if not given.get("id_number") or (given.get("sex") and given.get("born_on")):
        return given
    told = identity.check_id_number(str(given["id_number"]), today=clock.today())
    if not told.ok:
        return given
    return {**given, "sex": given.get("sex") or told.sex, "born_on": given.get("born_on") or told.born_on}


def _id_number(
    entries: Entries, model: type[Resident] | type[Caregiver], own: Resident | Caregiver | None, lookup: Lookup
) -> None:
    text = str(entries.given.get("id_number") or "").strip()
    if not text:
        entries.facts["id_number"] = None
        return
    checked = identity.check_id_number(
        text, today=clock.today(), born_on=entries.facts.get("born_on"), sex=entries.facts.get("sex")
    )
    entries.facts["id_number"] = checked.number
    if not checked.ok:
        entries.fail("id_number", words(checked))
        return
    if lookup.id_taken(model, checked.number, own.id if own else None):
        entries.fail("id_number", on_record())


def _area(
    actor: Actor, entries: Entries, levels: frozenset[Level], kept: str | None, lookup: Lookup = DATABASE
) -> None:
    code = str(entries.given.get("area_code") or "").strip()
    area = lookup.area(actor, code) if code else None
    if code and code == kept:
        entries.facts["area_code"] = code
    elif area is None or area.level not in levels:
        entries.facts["area_code"] = None
        entries.fail(
            "area_code", gettext("Please choose a village of your area.") if code else gettext("Please fill this in.")
        )
    else:
        entries.facts["area_code"] = area.code


def _organisation(
    actor: Actor,
    entries: Entries,
    field: str,
    kind: OrganisationKind,
    kept: int | None,
    *,
    needed: bool,
    lookup: Lookup = DATABASE,
) -> None:
    text = str(entries.given.get(field) or "").strip()
    entries.facts[field] = None
    if not text or text == "0":
        if needed:
            entries.fail(field, gettext("Please fill this in."))
        return
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    row = lookup.organisation(actor, number, kind)
    if number == kept:
        entries.facts[field] = number
    elif row is None or not row.active:
        entries.fail(field, gettext("Please choose one of the entries."))
    else:
        entries.facts[field] = row.id


def resident_facts(
    actor: Actor, given: Mapping[str, Any], own: Resident | None = None, lookup: Lookup = DATABASE
) -> dict[str, Any]:
    """Checked fields of a resident (form A of MZ/T 039-2013). Raises ``Invalid`` naming every wrong field."""
    entries = Entries(_told_by_id(given))
    today = clock.today()
    entries.text("name", 80, needed=True)
    entries.choice("sex", Sex, needed=True)
    entries.date("born_on", latest=today, needed=True)
    _id_number(entries, Resident, own, lookup)
    entries.code("ethnicity", ETHNICITIES, needed=True)
    entries.code("education", labels.EDUCATION)
    entries.text("religion", 80)
    entries.code("marital", labels.MARITAL)
    entries.code("living", labels.LIVING)
    entries.codes("medical_payment", labels.MEDICAL_PAYMENT)
    entries.codes("income_sources", labels.INCOME_SOURCES)
    _area(actor, entries, frozenset({Level.VILLAGE}), own.area_code if own else None, lookup)
    entries.text("address", 200)
    entries.phone("phone")
    entries.text("health_notes", 2000, lines=True)
    setting = entries.choice("setting", Setting, needed=True)
    if setting is Setting.INSTITUTIONAL:
        kept = own.institution_id if own else None
        _organisation(actor, entries, "institution_id", OrganisationKind.INSTITUTION, kept, needed=True, lookup=lookup)
    else:
        entries.facts["institution_id"] = None  # home care is bound to an institution by contract, not by residence
    entries.text("guardian_name", 80)
    entries.code("guardian_relation", labels.RELATION)
    entries.phone("guardian_phone")
    if not entries.facts["guardian_name"] and (entries.facts["guardian_relation"] or entries.facts["guardian_phone"]):
        entries.fail("guardian_name", gettext("Please give the guardian's name too."))
    entries.date("supported_from", earliest=OLDEST_SUPPORT, latest=today + dt.timedelta(days=62), needed=True)
    born, since = entries.facts["born_on"], entries.facts["supported_from"]
    if born and since and since < born:
        entries.fail("supported_from", gettext("Support cannot begin before birth."))
    return entries.done()


def caregiver_facts(actor: Actor, given: Mapping[str, Any], own: Caregiver | None = None) -> dict[str, Any]:
    """Checked fields of a caregiver. Raises ``Invalid`` naming every wrong field."""
    entries = Entries(_told_by_id(given))
    today = clock.today()
    entries.text("name", 80, needed=True)
    entries.choice("sex", Sex, needed=True)
    born = entries.date("born_on", latest=today, needed=True)
    if born and age_on(born, today) < 16:
        entries.fail("born_on", gettext("A caregiver is at least 16 years old."))
    _id_number(entries, Caregiver, own, DATABASE)
    entries.phone("phone")
    entries.text("bank_name", 80)
    text = str(given.get("bank_account") or "").strip()
    card = identity.check_bank_card(text)
    entries.facts["bank_account"] = card.number or None
    if text and not card.ok:
        entries.fail("bank_account", words(card))
    if entries.facts["bank_account"] and not entries.facts["bank_name"]:
        entries.fail("bank_name", gettext("Please name the bank of the account."))
    _area(actor, entries, frozenset({Level.VILLAGE, Level.TOWNSHIP}), own.area_code if own else None)
    kept = own.institution_id if own else None
    if actor.role is Role.INSTITUTION_MANAGER:
        entries.facts["institution_id"] = actor.organisation_id
    else:
        _organisation(actor, entries, "institution_id", OrganisationKind.INSTITUTION, kept, needed=False)
    entries.flag("active", True)
    _account(actor, entries, Caregiver, own)
    return entries.done()


def assessor_facts(actor: Actor, given: Mapping[str, Any], own: Assessor | None = None) -> dict[str, Any]:
    """Checked fields of an assessor. Raises ``Invalid`` naming every wrong field."""
    entries = Entries(given)
    entries.text("name", 80, needed=True)
    kept = own.organisation_id if own else None
    _organisation(actor, entries, "organisation_id", OrganisationKind.ASSESSMENT_AGENCY, kept, needed=True)
    area = str(given.get("area_code") or actor.area_code or "")
    entries.given = {**given, "area_code": area}
    _area(actor, entries, frozenset({Level.COUNTY, Level.TOWNSHIP}), own.area_code if own else None)
    entries.code("qualification", labels.QUALIFICATIONS, needed=True)
    entries.text("certificate_number", 64, needed=True)
    entries.date("certificate_valid_to", needed=True)
    entries.flag("active", True)
    _account(actor, entries, Assessor, own)
    return entries.done()


def _account(
    actor: Actor, entries: Entries, model: type[Caregiver] | type[Assessor], own: Caregiver | Assessor | None
) -> None:
    """The account a person signs in with: of the right role, and nobody else's."""
    text = str(entries.given.get("user_id") or "").strip()
    entries.facts["user_id"] = None
    if not text or text == "0":
        return
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    if own is not None and own.user_id == number:
        entries.facts["user_id"] = number
    elif number not in {u.id for u in queries.free_accounts(actor, model)}:
        entries.fail("user_id", gettext("Please choose an account that belongs to nobody yet."))
    else:
        entries.facts["user_id"] = number
