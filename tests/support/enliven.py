"""Making the lively county, by real operations: an object of every kind on both sides (``lively``)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import random
from collections.abc import Sequence

from sqlalchemy import select

from app.auth.models import User
from app.auth.operations.own import _create_token
from app.auth.roles import system_actor
from app.auth.sessions import actor_of
from app.care import operations as care
from app.care.models import CarePlan, Recording
from app.care.rules import Presence
from app.contracts import operations as contracts
from app.contracts.models import Contract, Means, Slot
from app.contracts.operations.duties import find_breaches
from app.contracts.rules.signing import IdentityCheck
from app.core import clock
from app.core.db import db
from app.core.issuing import issue
from app.core.rotation import register_keys
from app.core.transaction import transaction
from app.demo import county as demo
from app.demo import quarters, records
from app.demo.assessing import Visit as Assessment
from app.demo.assessing import Wanted, assess, decide, plan, sign_all
from app.demo.invented import People
from app.demo.paytable import publish_pay_table
from app.grading import operations as grading
from app.grading.models import CareGrade
from app.grading.rules.appeals import AppealBy
from app.people import operations as people
from app.people.models import Assessor, Caregiver, Resident, Setting
from app.places.models import Organisation, OrganisationKind
from app.quality.operations import draft_rule
from app.quality.queries.regrading import next_text
from app.settlement import operations as settling
from app.settlement.models import Dispute, DisputeState, SettlementLine
from app.tablet.operations import devices
from app.tablet.operations.keeping import Sent, receive
from tests import factories
from tests.factories import COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_A2, VILLAGE_B
from tests.grading import sheets
from tests.support.houses import houses
from tests.support.lively import (
    GUARDIANS,
    MORE_USERS,
    NOW,
    PAST,
    PERSONS,
    PRESENT,
    TOWNSHIP_OF,
    VILLAGE_OF,
    at_present,
)
from tests.tablet.device import Tablet, jwk

SCAN = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
"""A scan as small as one can be."""


def _users(county: demo.County) -> None:
    with transaction() as tx:
        tx.act = "test.users"
        other = Organisation(
            kind=OrganisationKind.ASSESSMENT_AGENCY, name="别家评估所", search="别家评估所", area_code=TOWNSHIP_B
        )
        db.session.add(other)
        db.session.flush()
        for username, (role, area, key) in MORE_USERS.items():
            organisation = factories.County().organisation(key) if key and key != "other_agency" else None
            db.session.add(
                User(
                    username=username,
                    name=username,
                    role=role,
                    area_code=area,
                    organisation_id=other.id if key == "other_agency" else organisation and organisation.id,
                    person_key=f"person:{username}",
                    password_hash=factories._hash(),
                    password_changed_at=clock.now(),
                    created_at=clock.now(),
                )
            )
        db.session.flush()
        for username in ("assessor_town_a", "assessor_other"):
            user = factories._user(username)
            db.session.add(
                Assessor(
                    name=f"员{username[-1]}评",
                    search=f"员{username[-1]}评",
                    organisation_id=user.organisation_id,
                    area_code=COUNTY if username == "assessor_town_a" else TOWNSHIP_B,
                    qualification="nursing",
                    certificate_number=f"T-{username}",
                    certificate_valid_to=dt.date(2099, 12, 31),
                    user_id=user.id,
                )
            )
    county.users = {u.username: u for u in db.session.scalars(select(User))}
    county.users["county_reviewer_a"] = county.users["county_reviewer"]
    county.officers = {
        VILLAGE_A: "village_officer_a", VILLAGE_A2: "village_officer_west", VILLAGE_B: "village_officer_b",
    }  # fmt: skip


def _committee() -> None:
    """The western village has its committee too: it signs contracts."""
    with transaction() as tx:
        tx.act = "test.committee"
        row = Organisation(
            kind=OrganisationKind.VILLAGE_COMMITTEE,
            name="西城村村民委员会",
            search="西城村村民委员会",
            area_code=VILLAGE_A2,
        )
        db.session.add(row)
        db.session.flush()
        factories._user("village_officer_west").organisation_id = row.id


def _people(small: factories.County) -> dict[str, Resident]:
    with transaction() as tx:
        tx.act = "test.people"
        for place, rows in PERSONS.items():
            home = {"ia": "institution_a", "ib": "institution_b"}.get(place)
            institution = small.organisation(home).id if home else None
            for name, carer_name in rows:
                carer = db.session.scalars(select(Caregiver).where(Caregiver.name == carer_name)).unique().first()
                if carer is None and carer_name:
                    carer = factories.caregiver(carer_name, area_code=VILLAGE_OF[place], institution_id=institution)
                row = db.session.scalars(select(Resident).where(Resident.name == name)).unique().first()
                if row is None:
                    row = factories.resident(
                        name,
                        area_code=VILLAGE_OF[place],
                        institution_id=institution,
                        setting=Setting.INSTITUTIONAL if home else Setting.HOME,
                    )
                if carer is not None and not home:
                    row.caregiver_id = carer.id
                row.guardian_name, row.guardian_relation = GUARDIANS[place], "3"
                row.phone, row.address, row.health_notes = "19900001234", f"{place}组1号", f"{name}每日服药"
    found = db.session.scalars(select(Resident)).unique()
    return {row.name: row for row in found}


def enliven() -> None:
    """Give the small county two quarters of life. Runs on the migrated database with ``found_county()`` in it."""
    rng, start = random.Random(7), PAST.first
    invented, small = People(rng), factories.County()
    county = demo.County(villages={TOWNSHIP_A: [VILLAGE_A, VILLAGE_A2], TOWNSHIP_B: [VILLAGE_B]})
    with clock.at(records.local(start - dt.timedelta(days=75), 9)):
        register_keys()
        _committee_and_users(county)
        persons = _people(small)
        publish_pay_table(county, start)
    graded = [persons[rows[0][0]] for rows in PERSONS.values()]
    assessors = [small.assessor(1), small.assessor(2)]
    before = start - dt.timedelta(days=40)
    visits = [Assessment(person, before, 2 + n % 3, "1") for n, person in enumerate(graded)]
    grades = decide(county, assess(county, rng, visits, assessors), before + dt.timedelta(days=5))
    _appeal(county, grades, before + dt.timedelta(days=6))
    plan(county, grades, before + dt.timedelta(days=7))
    for side in ("a", "b"):
        house = small.organisation(f"institution_{side}").id
        settling.set_account(
            county.actor(f"township_officer_{side}"), house, "示例农村商业银行", "8105010104001", "8105010104001"
        )
    wanted = [Wanted(p, p.caregiver or _worker(p.name), start, start - dt.timedelta(days=5)) for p in graded]
    agreed = sign_all(county, invented, wanted)
    _live(rng, county, graded, agreed, PAST.first, PAST.last)
    with clock.at(records.local(PAST.last + dt.timedelta(days=6), 9)):
        quarters.close_quarter(county, rng, PAST)
    yesterday = NOW.date() - dt.timedelta(days=1)
    _live(rng, county, graded, agreed, PRESENT.first, yesterday)
    with at_present():
        quarters.open_current(county, PRESENT)
        _waiting(county, rng, persons, assessors, agreed)


def _worker(name: str) -> Caregiver:
    """Who cares for a resident of an institution."""
    carer = next(carer for rows in PERSONS.values() for person, carer in rows if person == name)
    return db.session.scalars(select(Caregiver).where(Caregiver.name == carer)).unique().one()


def _appeal(county: demo.County, grades: Sequence[CareGrade], on: dt.date) -> None:
    """Somebody on each side objects to the grade within its publicity, and takes it back."""
    for grade in grades:
        with clock.at(records.local(on, 10)):
            officer = county.village_officer(grade.resident.area_code)
            appeal = grading.file_appeal(
                officer, grade.id, by=AppealBy.RESIDENT, by_name=grade.resident.name, reason="走路需要人扶，请再看。"
            )
            grading.withdraw_appeal(officer, appeal.id, "已当面说明，不再要求复评。")


def _committee_and_users(county: demo.County) -> None:
    _users(county)
    _committee()


def _live(
    rng: random.Random,
    county: demo.County,
    graded: Sequence[Resident],
    agreed: Sequence[Contract],
    first: dt.date,
    last: dt.date,
) -> None:
    by_resident = {c.resident_id: c for c in agreed}
    spans = []
    for person in graded:
        row = db.session.scalars(select(CarePlan).where(CarePlan.resident_id == person.id)).unique().one()
        contract = by_resident.get(person.id)
        worker = county.users["care_worker_" + ("a" if person.area_code.startswith(TOWNSHIP_A) else "b")]
        spans.append(
            records.CareSpan(
                person, row, contract.caregiver_id if contract else None, worker.id, first, last, records.HABITS[2]
            )
        )
    records.checklists(rng, spans, {})
    records.visits(rng, county, list(graded), first, last)
    for person in graded:
        with clock.at(records.local(last - dt.timedelta(days=3), 17)):
            incident = care.report_incident(
                county.village_officer(person.area_code),
                person.id,
                kind="fall",
                happened_on=clock.today(),
                severity="minor",
                note=f"{person.name}院内滑倒",
            )
        if last == PAST.last:
            care.judge_incident(county.actor("county_officer_a"), incident.id, avoidable=False, reason="突发头晕。")


def _waiting(
    county: demo.County,
    rng: random.Random,
    persons: dict[str, Resident],
    assessors: list[Assessor],
    agreed: Sequence[Contract],
) -> None:
    """What waits for somebody today, on both sides: drafts, proposals, open absences, objections, unsigned contracts."""
    writer, other = county.actor("assessor_a"), county.actor("assessor_other")
    for side, manager in (("a", "institution_manager_a"), ("b", "institution_manager_b")):
        township = county.actor(f"township_officer_{side}")
        first, newcomer = (("甲老人", "甲新人"), ("乙老人", "乙新人"))[side == "b"]
        inside, inside_new = (("丙老人", "丙新人"), ("丁老人", "丁新人"))[side == "b"]
        grading.open_sheet(writer if side == "a" else other, persons[newcomer].id)
        assess(county, rng, [Assessment(persons[inside_new], NOW.date(), 3, "1")], assessors)
        for name in (first, inside):
            people.record_absence(township, persons[name].id, "hospital", NOW.date() - dt.timedelta(days=2))
            care.draft_plan(township, persons[name].id, valid_from=NOW.date())
        care.record_visit(
            county.village_officer(persons[first].area_code),
            persons[first].id,
            NOW.date(),
            talked=True,
            note="今日看望",
        )
        settling.fill_evaluations(township, str(PRESENT), TOWNSHIP_OF[side])
        contract = next(c for c in agreed if c.resident_id == persons[first].id)
        after = contract.valid_to + dt.timedelta(days=1)
        following = contracts.draft_contract(township, contract.resident_id, contract.caregiver_id, after)
        contracts.send_contract(township, following.id)
        contracts.sign_contract(township, following.id, Slot.TOWNSHIP_GOVERNMENT, contracts.Given("镇长", Means.SEAL))
        seen = contracts.Given("院长", Means.HAND, identity=IdentityCheck.KNOWN)
        contracts.file_paper(township, following.id, Slot.INSTITUTION, seen, signed_on=NOW.date(), scan=SCAN)
        _object(county, side)
        grading.report_change(county.actor(manager), persons[inside].id, "change", f"{inside}近日跌倒")
        care.make_cards(township, f"{NOW.date():%Y-%m}")
    _same_picture(county, persons)
    _pairs(county, persons, assessors)
    houses(county, persons)
    _devices(county, persons)
    find_breaches(system_actor(), list(agreed), NOW.date())
    seeded = grading.commit_draw(county.actor("county_officer_a"), f"{NOW.date():%Y-%m}")
    grading.close_draw(county.actor("county_officer_a"), seeded.id)
    draft_rule(county.actor("county_officer_a"), "pay_table", _next_pay_table())
    settling.commit_seed(county.actor("county_officer_a"), str(PRESENT))
    settling.draw_checks(county.actor("county_officer_a"), str(PRESENT))
    draft_rule(county.actor("county_officer_a"), "instrument", next_text(dt.date(2099, 1, 1), 1))
    issue(county.actor("township_officer_a"), kind="slip", number="S-1", object_id=1, facts={}, area_code=TOWNSHIP_A)
    for username in {**factories.USERS, **MORE_USERS}:
        _create_token(county.actor(username), f"{username}的令牌", 30)


"""Caregivers without a training, who care for nobody but by exception."""


def _pairs(county: demo.County, persons: dict[str, Resident], assessors: list[Assessor]) -> None:
    """On both sides two assessors scored blind and differ."""
    for name in ("邻老人", "丁老人"):
        officer, person = county.actor("county_officer_a"), persons[name]
        grading.open_pair(officer, person.id, assessors[0].id, assessors[1].id, "抽取的双人评估")
        for who, assessor, answer in (("assessor_a", assessors[0], "A0"), ("assessor_b", assessors[1], "A2")):
            row = grading.open_sheet(county.actor(who), person.id)
            grading.save_draft(
                county.actor(who), row.id, answers={**sheets.answers("a"), "1.1": answer}, facts=sheets.facts(),
                first_assessor_id=assessor.id, second_assessor_id=None, informant_name="邻居甲", informant_relation="5",
                reason_code="2", assessed_on=NOW.date(),
            )  # fmt: skip
            grading.submit_sheet(county.actor(who), row.id)


def _devices(county: demo.County, persons: dict[str, Resident]) -> None:
    """Each agency has a device in use and one that was lost; both wrote about both sides."""
    picture = b"\xff\xd8\xff\xe0" + b"0" * 200
    digest = hashlib.sha256(picture).hexdigest()
    for who in ("assessor_a", "assessor_town_a", "assessor_other"):
        for lost in (False, True):
            tablet = Tablet()
            key = jwk(tablet.key.public_key())
            row, _token = devices.enrol_device(county.actor(who), tablet.uid, "下乡平板", key)
            if lost:
                devices.block_device(county.actor("county_officer_a"), row.id, "平板丢失")
            for name in ("甲老人", "乙老人"):
                photo = {"sheet": f"sheet-of-{name.encode().hex()}", "sha256": digest, "mime": "image/jpeg", "of": "", "taken_at": "",
                         "bytes": len(picture), "data": base64.b64encode(picture).decode()}  # fmt: skip
                tablet.write("attachment", digest, photo, now=clock.now())
                tablet.write("sheet", photo["sheet"], {"resident": persons[name].number}, now=clock.now())
            batch = [Sent(one["text"], one["signature"]) for one in tablet.wire(sorted(tablet.texts))]
            receive(row, batch)


def _same_picture(county: demo.County, persons: dict[str, Resident]) -> None:
    """One picture with two days of each side's residents: somebody should look at it."""
    with transaction() as tx:
        tx.act = "test.pictures"
        for n, name in enumerate(("甲老人", "丙老人", "乙老人", "丁老人")):
            for back in (1, 2):
                at = records.local(NOW.date() - dt.timedelta(days=back), 9)
                row = Recording(resident_id=persons[name].id, day=at.date(), made_at=at, recorded_at=at)
                row.user_id = county.users["caregiver_a" if n < 2 else "caregiver_b"].id
                row.times, row.items, row.presence, row.photos = 1, 1, Presence.NONE, [f"{n}" * 64]
                db.session.add(row)
    care.note_patterns(system_actor(), NOW.date())


def _object(county: demo.County, side: str) -> None:
    """The caregiver, and the institution, object to a line of the closed quarter and wait for the answer."""
    carer, manager = (actor_of(county.users[f"{who}_{side}"]) for who in ("caregiver", "institution_manager"))
    own = {
        carer: SettlementLine.caregiver_id == carer.caregiver_id,
        manager: SettlementLine.payee_id == manager.organisation_id,
    }
    for actor, theirs in own.items():
        line = db.session.scalars(select(SettlementLine).where(theirs)).unique().first()
        assert line is not None
        waiting = select(Dispute.id).where(Dispute.contract_id == line.contract_id, Dispute.state == DisputeState.OPEN)
        if db.session.scalar(waiting) is None:
            settling.raise_dispute(actor, "下雪封路,不应扣分。", line_id=line.id)


def _next_pay_table() -> str:
    from app.demo.paytable import PAY_TABLE

    lines = PAY_TABLE.read_text("utf-8").splitlines()
    return "\n".join(
        "version = 2" if x.startswith("version") else "in_force_from = 2027-01-01" if x.startswith("in_force") else x
        for x in lines
    )
