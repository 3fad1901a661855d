"""The small county with some life in it: one object of every kind, in both sister townships, made by real operations.

Each person belongs to one place, so that a test can say whose an object is:

``a`` village A, cared for by caregiver_a · ``n`` the same village, another caregiver · ``west`` another village of
township A · ``ia`` institution A · ``b`` village B (township B) · ``ib`` institution B.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from app.auth.models import ApiToken, User
from app.auth.operations.own import _create_token
from app.auth.roles import system_actor
from app.auth.sessions import actor_of
from app.care import operations as care
from app.care.models import CarePlan, Incident, OddPattern, PresenceCard, Recording, Visit
from app.care.rules import Presence
from app.contracts import operations as contracts
from app.contracts.models import Breach, Contract, ContractFile, Means, PaperSignature, Slot
from app.contracts.operations.duties import find_breaches
from app.contracts.rules.signing import IdentityCheck
from app.core import clock
from app.core.actor import Actor, Role
from app.core.db import db
from app.core.issuing import issue
from app.core.models import IssuedDocument
from app.core.periods import Quarter
from app.core.rotation import register_keys
from app.core.transaction import transaction
from app.demo import county as demo
from app.demo import quarters, records
from app.demo.assessing import Visit as Assessment
from app.demo.assessing import Wanted, assess, decide, plan, sign_all
from app.demo.invented import People
from app.demo.paytable import publish_pay_table
from app.grading import operations as grading
from app.grading.models import CareGrade, GradeAppeal, GradeProposal, Sheet, SheetPair, SheetState
from app.grading.rules.appeals import AppealBy
from app.lodging import operations as lodging
from app.lodging.models import Bed, Belonging, Room, Stay
from app.people import operations as people
from app.people.models import Absence, Assessor, Caregiver, Resident, Setting
from app.places.models import Area, Organisation, OrganisationKind
from app.quality.operations import draft_rule
from app.quality.queries.regrading import next_text
from app.settlement import operations as settling
from app.settlement.models import Dispute, DisputeState, Evaluation, Settlement, SettlementLine
from app.tablet.models import Device, SyncRecord
from app.tablet.operations import devices
from app.tablet.operations.keeping import Sent, receive
from app.trends import operations as trends
from app.trends.models import Measurement
from app.workforce import operations as workforce
from app.workforce.models import Credential, TierOverride, TrainingSession
from tests import factories
from tests.factories import COUNTY, TOWNSHIP_A, TOWNSHIP_B, VILLAGE_A, VILLAGE_A2, VILLAGE_B
from tests.grading import sheets
from tests.tablet.device import Tablet, jwk

NOW = dt.datetime(2026, 2, 20, 10, 0, tzinfo=clock.ZONE)
SCAN = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
"""A scan as small as one can be."""
"""Guards look at the county at this moment: the last quarter is closed, the present one half over."""
PAST, PRESENT = Quarter(2025, 4), Quarter(2026, 1)
R = Role
MORE_USERS: dict[str, tuple[Role, str | None, str | None]] = {
    "care_worker_b": (R.CARE_WORKER, TOWNSHIP_B, "institution_b"),
    "volunteer_b": (R.VOLUNTEER, VILLAGE_B, "volunteers"),
    "village_officer_west": (R.VILLAGE_OFFICER, VILLAGE_A2, None),
    "assessor_town_a": (R.ASSESSOR, TOWNSHIP_A, "agency"),
    "assessor_other": (R.ASSESSOR, TOWNSHIP_B, "other_agency"),
}
PERSONS: dict[str, tuple[tuple[str, str], ...]] = {
    "a": (("甲老人", "护理员1"), ("甲新人", "护理员1")),
    "n": (("邻老人", "邻家护"),),
    "west": (("西老人", "西村护"),),
    "ia": (("丙老人", "丙院护"), ("丙新人", "")),
    "b": (("乙老人", "护理员2"), ("乙新人", "护理员2")),
    "ib": (("丁老人", "丁院护"), ("丁新人", "")),
}
"""Residents of each place with who cares for them; the …新人 are not graded yet."""
PLACE_OF = {name: place for place, rows in PERSONS.items() for row in rows for name in row if name}
PLACE_OF |= {"邻初学": "n", "丁初学": "ib"}
VILLAGE_OF = {
    "a": VILLAGE_A, "n": VILLAGE_A, "west": VILLAGE_A2, "ia": VILLAGE_A, "b": VILLAGE_B, "ib": VILLAGE_B,
}  # fmt: skip
TOWNSHIP_OF = {p: TOWNSHIP_B if p in {"b", "ib"} else TOWNSHIP_A for p in PERSONS}
GUARDIANS = {place: f"{name}监护" for place, name in zip(PERSONS, "甲邻西丙乙丁", strict=True)}


def at_present() -> Any:
    """The clock of the lively county."""
    return clock.at(NOW)


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
    _houses(county, persons)
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


TRAINEES = {"邻初学": "n", "丁初学": "ib"}
"""Caregivers without a training, who care for nobody but by exception."""


def _houses(county: demo.County, persons: dict[str, Resident]) -> None:
    """On both sides a training session with somebody in it, a certificate, an exception, beds, a stay, a belonging."""
    today, trainees = NOW.date(), {}
    with transaction() as tx:
        tx.act = "test.trainees"
        for name, place in TRAINEES.items():
            home = county_home(place)
            row = factories.caregiver(name, area_code=VILLAGE_OF[place], institution_id=home)
            row.tier = row.tier_passed_on = row.tier_valid_to = None
            db.session.flush()
            trainees[place] = row
    for side, place, neighbour, inside in (("a", "n", "邻老人", "丙老人"), ("b", "ib", "丁老人", "丁老人")):
        township, manager = county.actor(f"township_officer_{side}"), county.actor(f"institution_manager_{side}")
        row = workforce.plan_session(
            township, course="basic", held_on=today, parts="4", place=f"{side}会议室", teacher="王老师"
        )
        workforce.add_to_session(township, row.id, [trainees[place].id])
        own = workforce.plan_session(manager, course="basic", held_on=today, parts="4", place="本院", teacher="李老师")
        worker = factories.County().caregiver({"a": "丙院护", "b": "丁院护"}[side])
        workforce.add_to_session(manager, own.id, [worker.id])
        workforce.record_credential(
            township, worker.id, kind="training", tier="T3", number=f"T3-{side}", issuer="旗民政局", issued_on=today
        )
        workforce.record_credential(
            township,
            trainees[place].id,
            kind="training",
            tier="T1",
            number=f"T1-{side}",
            issuer="旗民政局",
            issued_on=today,
        )
        workforce.record_credential(
            township, trainees[place].id, kind="health_check", fit="1", issuer="卫生院", issued_on=today
        )
        workforce.grant_override(
            county.actor("county_officer_a"),
            trainees[place].id,
            resident_id=persons[neighbour].id,
            from_on=today,
            until_on=today + dt.timedelta(days=30),
            reason="暂无合格人员",
        )
        for name in {neighbour, inside, {"a": "甲老人", "b": "乙老人"}[side]}:
            trends.record_measurement(township, persons[name].id, taken_on=today, weight="52.5", skin="0")
        house = manager.organisation_id or 0
        room = lodging.add_room(manager, house, name="东一", beds="2")
        bed = db.session.scalars(select(Bed).where(Bed.room_id == room.id).order_by(Bed.id)).unique().first()
        lodging.give_bed(manager, persons[inside].id, bed_id=bed.id if bed else 0, from_on=today)
        lodging.receive_belonging(
            manager,
            persons[inside].id,
            kind="aids",
            what="轮椅",
            quantity="1",
            received_on=today,
            given_by="侄子",
            witness="李某",
        )


def county_home(place: str) -> int | None:
    """The institution of a place, None for a village."""
    home = {"ia": "institution_a", "ib": "institution_b"}.get(place)
    return factories.County().organisation(home).id if home else None


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


class Lively(factories.County):
    """Handles on the lively county: which objects of a kind belong to whom."""

    def actor(self, username: str) -> Actor:
        """The acting value of an account."""
        return actor_of(self.user(username))

    def of(self, parameter: str) -> dict[str, list[Any]]:
        """Identifiers for one URL parameter, by place."""
        found: dict[str, list[Any]] = {}
        for key, place in db.session.execute(OBJECTS[parameter]()).all():
            found.setdefault(PLACE_OF.get(place, place), []).append(key)
        return found

    def printed(self) -> str:
        """The token of a printed document."""
        return db.session.scalars(select(IssuedDocument.token).order_by(IssuedDocument.id).limit(1)).one()

    def drafts_of(self, username: str) -> list[int]:
        """Sheets an assessor is still writing."""
        query = select(Sheet.id).where(Sheet.state == SheetState.DRAFT, Sheet.created_by == self.user(username).id)
        return list(db.session.scalars(query))


def _by_resident(model: Any) -> Select[Any]:
    return select(model.id, Resident.name).join(Resident, Resident.id == model.resident_id).order_by(model.id)


def _by_contract(model: Any) -> Select[Any]:
    return (
        select(model.id, Resident.name)
        .join(Contract, Contract.id == model.contract_id)
        .join(Resident, Resident.id == Contract.resident_id)
        .order_by(model.id)
    )


OBJECTS: dict[str, Callable[[], Select[Any]]] = {
    "resident_id": lambda: select(Resident.id, Resident.name).order_by(Resident.id),
    "caregiver_id": lambda: select(Caregiver.id, Caregiver.name).order_by(Caregiver.id),
    **{
        name: partial(_by_resident, model)
        for name, model in {
            "sheet_id": Sheet,
            "proposal_id": GradeProposal,
            "grade_id": CareGrade,
            "appeal_id": GradeAppeal,
            "plan_id": CarePlan,
            "visit_id": Visit,
            "incident_id": Incident,
            "absence_id": Absence,
            "contract_id": Contract,
            "line_id": SettlementLine,
            "pair_id": SheetPair,
            "record_id": SyncRecord,
            "card_id": PresenceCard,
            "pattern_id": OddPattern,
            "stay_id": Stay,
            "measurement_id": Measurement,
            "belonging_id": Belonging,
            "override_id": TierOverride,
        }.items()
    },
    "evaluation_id": partial(_by_contract, Evaluation),
    "breach_id": partial(_by_contract, Breach),
    "paper_id": partial(_by_contract, PaperSignature),
    "file_id": partial(_by_contract, ContractFile),
    "dispute_id": partial(_by_contract, Dispute),
    "settlement_id": lambda: select(Settlement.id, Settlement.area_code).order_by(Settlement.id),
    "organisation_id": lambda: select(Organisation.id, Organisation.area_code).order_by(Organisation.id),
    "institution_id": lambda: select(Organisation.id, Organisation.area_code).where(
        Organisation.kind == OrganisationKind.INSTITUTION
    ),
    "bed_id": lambda: (
        select(Bed.id, Organisation.area_code)
        .select_from(Bed)
        .join(Room, Room.id == Bed.room_id)
        .join(Organisation, Organisation.id == Room.institution_id)
        .order_by(Bed.id)
    ),
    "session_id": lambda: select(TrainingSession.id, TrainingSession.area_code).order_by(TrainingSession.id),
    "credential_id": lambda: (
        select(Credential.id, Caregiver.name)
        .select_from(Credential)
        .join(Caregiver, Caregiver.id == Credential.caregiver_id)
        .order_by(Credential.id)
    ),
    "code": lambda: select(Area.code, Area.code).order_by(Area.code),
    "assessor_id": lambda: select(Assessor.id, Organisation.name).join(Assessor.organisation).order_by(Assessor.id),
    "device_id": lambda: select(Device.id, User.username).join(User, User.id == Device.user_id).order_by(Device.id),
    "token_id": lambda: select(ApiToken.id, User.username).join(User, User.id == ApiToken.user_id),
}
"""URL parameter → (identifier, what says whose it is: a resident's or caregiver's name, an area, an agency, a user)."""
