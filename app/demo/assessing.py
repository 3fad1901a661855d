"""Assessments, grades, plans and contracts of the demo county, done by the people who do them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.care import operations as care
from app.care.models import CarePlan
from app.care.queries import missing, profile_of, visible_plans
from app.contracts import operations as contracts
from app.contracts.models import Contract, Means, Slot
from app.contracts.rules import State
from app.contracts.rules.signing import Cosigner, CosignerRole, IdentityCheck
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.together import hold
from app.core.transaction import transaction
from app.demo.county import County, pieces
from app.demo.invented import People
from app.demo.records import local
from app.demo.residents import observations
from app.grading import operations as grading
from app.grading.models import CareGrade, ProposalState, Sheet
from app.grading.queries import proposals_of
from app.people.models import Assessor, Caregiver, Resident
from app.people.queries import visible


@dataclass
class Visit:
    """One assessment to be made: who, when, how many indicators are not met, why (MZ/T 039 A.1.3)."""

    resident: Resident
    on: dt.date
    unmet: int
    reason: str


def assess(county: County, rng: random.Random, visits: list[Visit], assessors: list[Assessor]) -> list[Sheet]:
    """Score and submit sheets, all of one day in one transaction by one assessor."""
    by_day: dict[dt.date, list[Visit]] = {}
    for visit in visits:
        by_day.setdefault(visit.on, []).append(visit)
    pair = [assessor.id for assessor in assessors[:2]]
    sheets: list[Sheet] = []
    for day, some in sorted(by_day.items()):
        with clock.at(local(day, 11)):
            sheets += grading.submit_documents(
                county.actor("assessor_a"), [_document(rng, visit, pair) for visit in some]
            )
    return sheets


def _document(rng: random.Random, visit: Visit, pair: list[int]) -> dict[str, Any]:
    resident = visit.resident
    answers, facts = observations(rng, visit.unmet)
    return {
        "client_key": f"demo-{resident.number}-{visit.on.isoformat()}",
        "resident": resident.id,
        "instrument": "selfcare30@1",
        "answers": answers,
        "facts": facts,
        "assessors": pair,
        "informant": {
            "name": resident.guardian_name or resident.name,
            "relation": "3" if resident.guardian_name else "5",
        },
        "reason": visit.reason,
        "assessed_on": visit.on.isoformat(),
    }


def decide(county: County, sheets: list[Sheet], on: dt.date, *, officer: str = "county_officer_a") -> list[CareGrade]:
    """Review what the two scales disagree on, then decide every proposal on one day."""
    grades: list[CareGrade] = []
    for some in pieces(sheets):
        proposals = proposals_of([sheet.id for sheet in some])
        reviewed = "两名评估员复核后一致认为六项指标的观察更符合实际，按法定类别确定。"
        waiting = [
            grading.Decision(row.id, row.proposed_grade, reviewed)
            for row in proposals.values()
            if row.state is ProposalState.REVIEW
        ]
        wanted = [
            grading.Decision(proposals[sheet.id].id, proposals[sheet.id].proposed_grade, "评估材料齐全，予以确认。")
            for sheet in some
        ]
        if waiting:
            with clock.at(local(on, 9)):
                grading.review_proposals(county.actor("county_reviewer_a"), waiting)
        with clock.at(local(on, 15)):
            grades += grading.decide_grades(county.actor(officer), wanted)
    return grades


def plan(county: County, grades: list[CareGrade], on: dt.date) -> None:
    """Draft, have confirmed and approve a plan for every grade, valid from the grade's first day."""
    drafts: list[CarePlan] = []
    by_side: dict[str, list[CareGrade]] = {}
    for grade in grades:
        by_side.setdefault(county.side(grade.resident.area_code), []).append(grade)
    for side, own in sorted(by_side.items()):
        actor = county.actor(f"township_officer_{side}")
        with clock.at(local(on, 10)), transaction() as tx:
            tx.actor, tx.act = actor, "plan.draft"
            hold(actor, visible(actor), [grade.resident_id for grade in own])
            profile_of.ahead(grade.resident_id for grade in own)
            for grade in own:
                _profile(actor, grade.resident)
            made = care.draft_plans(actor, {grade.resident_id: grade.valid_from for grade in own})
            hold(actor, visible_plans(actor), [row.id for row in made.values()])
            drafts += [_with_night(actor, row) for row in made.values()]
    nurse, officer = county.actor("assessor_a"), county.actor("county_officer_a")
    for some in pieces(drafts):
        with clock.at(local(on, 14)), transaction() as tx:
            tx.actor, tx.act = nurse, "plan.texture"
            asked = [row for row in some if "texture" in missing(row)]
            hold(nurse, visible_plans(nurse), [row.id for row in asked])
            for row in asked:
                food, drink = row.texture["food"], row.texture["drink"]
                care.confirm_texture(nurse, row.id, food=food, drink=drink, reason="现场观察一餐，与建议一致。")
        with clock.at(local(on, 16)):
            care.approve_plans(officer, [row.id for row in some])


MOUTHS = (("all", "none", "2"), ("part_both_sides", "partial", "1"), ("worn", "none", "1slow"), ("all", "full", "1"))
TOLD = (
    {"staple": "荞面、小米粥", "likes": "奶茶、炖豆角", "room": "窗边放老伴的照片", "quiet": "中午要睡一觉"},
    {"staple": "馒头、面条", "never": "不吃猪肉", "faith": "按回族习俗", "festivals": "开斋节"},
    {"likes": "酸菜", "times": "晚饭五点，用自己的木碗", "company": "爱听二人转"},
    {"room": "墙上挂草原的画", "objects": "佛龛放在柜子上", "festivals": "那达慕、春节"},
)


def _profile(actor: Actor, resident: Resident) -> None:
    """Every third resident told something and had teeth and swallowing looked at."""
    if resident.id % 3 or profile_of(resident.id) is not None:
        return
    teeth, denture, swallow = MOUTHS[resident.id // 3 % len(MOUTHS)]
    care.record_profile(
        actor,
        resident.id,
        teeth=teeth,
        denture=denture,
        swallow=swallow,
        swallow_on=clock.today(),
        residue=False,
        wishes=TOLD[resident.id // 3 % len(TOLD)],
        orders="低盐饮食" if resident.id % 2 else "",
        show_at_bedside=resident.id % 2 == 0,
    )


HELPERS = ("王桂兰（邻居）", "李建国（侄子）", "赵秀英（同村）")


def _with_night(actor: Actor, row: CarePlan) -> CarePlan:
    """Care every two hours at home: the caregiver lives there, or a neighbour helps at night."""
    if "night" not in missing(row):
        return row
    lives_in = row.resident_id % 3 == 0
    night = {"lives_in": lives_in, "helper": None if lives_in else HELPERS[row.resident_id % len(HELPERS)]}
    return care.update_plan(actor, row.id, {}, valid_from=row.valid_from, night=night)


@dataclass
class Wanted:
    """A contract to be made and signed by seven on a day."""

    resident: Resident
    caregiver: Caregiver
    valid_from: dt.date
    signed_on: dt.date


def sign_all(county: County, people: People, wanted: list[Wanted]) -> list[Contract]:
    """Draw up, open and sign contracts: each party by its own hand."""
    made: list[Contract] = []
    by_place: dict[tuple[str, dt.date], list[Wanted]] = {}
    for want in wanted:
        by_place.setdefault((county.side(want.resident.area_code), want.signed_on), []).append(want)
    for (side, day), group in sorted(by_place.items(), key=lambda one: one[0]):
        for some in pieces(group):
            with clock.at(local(day, 9)), transaction() as tx:
                tx.actor, tx.act = county.actor(f"township_officer_{side}"), "contract.sign"
                rows = _draw_up(county, some)
                _sign(county, people, rows, tuple(Slot))
            assert all(row.state is State.IN_FORCE for row in rows)  # noqa: S101  # the seed must not leave half-signed contracts
            for row in rows:
                db.session.expire(row, ["body"])  # thousands of long texts that nobody asks for again
            made += rows
    return made


def _draw_up(county: County, wanted: list[Wanted]) -> list[Contract]:
    """Contracts of one township that wait for their signatures."""
    township = county.actor(f"township_officer_{county.side(wanted[0].resident.area_code)}")
    rows = contracts.draft_contracts(
        township, [contracts.Wanted(one.resident.id, one.caregiver.id, one.valid_from) for one in wanted]
    )
    return contracts.send_contracts(township, [row.id for row in rows])


def sign_some(county: County, people: People, want: Wanted, slots: Sequence[Slot]) -> Contract:
    """Draw up one contract and let only some of the seven sign it: it waits for the others."""
    with clock.at(local(want.signed_on, 8)), transaction() as tx:
        tx.actor = county.actor(f"township_officer_{county.side(want.resident.area_code)}")
        tx.act = "contract.sign"
        rows = _draw_up(county, [want])
        _sign(county, people, rows, slots)
    return rows[0]


def _sign(county: County, people: People, rows: list[Contract], slots: Sequence[Slot]) -> None:
    """Everybody signs what waits for him or her, one after the other; the hands are drawn contract by contract."""
    by_hand: dict[tuple[Slot, Actor], list[tuple[int, Slot, contracts.Given]]] = {}
    for row in rows:
        for slot in slots:
            actor, given = _signature(county, people, row, slot)
            by_hand.setdefault((slot, actor), []).append((row.id, slot, given))
    for (_slot, actor), signatures in sorted(by_hand.items(), key=lambda one: slots.index(one[0][0])):
        contracts.sign_contracts(actor, signatures)


def _signature(county: County, people: People, row: Contract, slot: Slot) -> tuple[Actor, contracts.Given]:
    resident, side = row.resident, county.side(row.area_code)
    actors: dict[Slot, Actor] = {
        Slot.COUNTY_GOVERNMENT: county.actor("county_reviewer_b"),
        Slot.TOWNSHIP_GOVERNMENT: county.actor(f"township_officer_{side}"),
        Slot.CIVIL_AFFAIRS: county.actor("county_officer_b"),
        Slot.VILLAGE: county.village_officer(resident.area_code),
        Slot.INSTITUTION: county.actor(f"institution_manager_{side}"),
        Slot.CAREGIVER: county.actor(f"township_officer_{side}"),
        Slot.RESIDENT: county.village_officer(resident.area_code),
    }
    actor = actors[slot]
    given = contracts.Given(actor.name, Means.SEAL)
    if slot is Slot.CAREGIVER:
        given = contracts.Given(row.caregiver.name, Means.HAND, people.strokes(), identity=IdentityCheck.ID_CARD)
    elif slot is Slot.RESIDENT and resident.guardian_name:
        name = resident.guardian_name
        given = contracts.Given(name, Means.GUARDIAN, people.strokes(), identity=IdentityCheck.ID_CARD)
    elif slot is Slot.RESIDENT:
        beside = (Cosigner(CosignerRole.WITNESS, actor.name),)
        given = contracts.Given(resident.name, Means.FINGERPRINT, others=beside, identity=IdentityCheck.KNOWN)
    return actor, given
