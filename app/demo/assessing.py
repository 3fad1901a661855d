"""Assessments, grades, plans and contracts of the demo county, done by the people who do them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from app.care import operations as care
from app.care.models import CarePlan
from app.care.queries import missing, profile_of
from app.contracts import operations as contracts
from app.contracts.models import Contract, Means, Slot
from app.contracts.rules import State
from app.contracts.rules.signing import Cosigner, CosignerRole, IdentityCheck
from app.core import clock
from app.core.actor import Actor
from app.core.transaction import transaction
from app.demo.county import County
from app.demo.invented import People
from app.demo.records import local
from app.demo.residents import observations
from app.grading import operations as grading
from app.grading.models import CareGrade, GradeProposal, ProposalState, Sheet
from app.grading.queries import proposal_of
from app.people.models import Assessor, Caregiver, Resident


@dataclass
class Visit:
    """One assessment to be made: who, when, how many indicators are not met, why (MZ/T 039 A.1.3)."""

    resident: Resident
    on: dt.date
    unmet: int
    reason: str


def assess(county: County, rng: random.Random, visits: list[Visit], assessors: list[Assessor]) -> list[Sheet]:
    """Score and submit sheets, all of one day in one transaction by one assessor."""
    sheets: list[Sheet] = []
    for day in sorted({v.on for v in visits}):
        actor = county.actor("assessor_a")
        with clock.at(local(day, 11)), transaction() as tx:
            tx.actor, tx.act = actor, "sheet.document"
            for visit in (v for v in visits if v.on == day):
                answers, facts = observations(rng, visit.unmet)
                sheets.append(
                    grading.submit_document(
                        actor,
                        {
                            "client_key": f"demo-{visit.resident.number}-{day.isoformat()}",
                            "resident": visit.resident.id,
                            "instrument": "selfcare30@1",
                            "answers": answers,
                            "facts": facts,
                            "assessors": [assessors[0].id, assessors[1].id],
                            "informant": {
                                "name": visit.resident.guardian_name or visit.resident.name,
                                "relation": "3" if visit.resident.guardian_name else "5",
                            },
                            "reason": visit.reason,
                            "assessed_on": day.isoformat(),
                        },
                    )
                )
    return sheets


def decide(county: County, sheets: list[Sheet], on: dt.date, *, officer: str = "county_officer_a") -> list[CareGrade]:
    """Review what the two scales disagree on, then decide every proposal on one day."""
    proposals: list[GradeProposal] = [proposal_of(sheet.id) for sheet in sheets]  # type: ignore[misc]  # inferred too narrowly
    reviewer, actor = county.actor("county_reviewer_a"), county.actor(officer)
    with clock.at(local(on, 9)), transaction() as tx:
        tx.actor, tx.act = reviewer, "grade.review"
        for proposal in proposals:
            if proposal.state is ProposalState.REVIEW:
                grading.review_proposal(
                    reviewer,
                    proposal.id,
                    proposal.proposed_grade,
                    reason="两名评估员复核后一致认为六项指标的观察更符合实际，按法定类别确定。",
                )
    with clock.at(local(on, 15)), transaction() as tx:
        tx.actor, tx.act = actor, "grade.decide"
        return [
            grading.decide_grade(actor, proposal.id, proposal.proposed_grade, reason="评估材料齐全，予以确认。")
            for proposal in proposals
        ]


def plan(county: County, grades: list[CareGrade], on: dt.date) -> dict[int, CarePlan]:
    """Draft, have confirmed and approve a plan for every grade, valid from the grade's first day."""
    drafts: dict[int, CarePlan] = {}
    for side in ("a", "b"):
        actor = county.actor(f"township_officer_{side}")
        with clock.at(local(on, 10)), transaction() as tx:
            tx.actor, tx.act = actor, "plan.draft"
            for grade in grades:
                if grade.resident.area_code.startswith(actor.area_code or "-"):
                    _profile(actor, grade.resident)
                    row = care.draft_plan(actor, grade.resident_id, valid_from=grade.valid_from)
                    drafts[grade.resident_id] = _with_night(actor, row)
    nurse = county.actor("assessor_a")
    with clock.at(local(on, 14)), transaction() as tx:
        tx.actor, tx.act = nurse, "plan.texture"
        for row in [row for row in drafts.values() if "texture" in missing(row)]:
            food, drink = row.texture["food"], row.texture["drink"]
            care.confirm_texture(nurse, row.id, food=food, drink=drink, reason="现场观察一餐，与建议一致。")
    officer = county.actor("county_officer_a")
    with clock.at(local(on, 16)), transaction() as tx:
        tx.actor, tx.act = officer, "plan.approve"
        for row in drafts.values():
            care.approve_plan(officer, row.id)
    return drafts


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
    for side in ("a", "b"):
        township = county.actor(f"township_officer_{side}")
        for day in sorted({w.signed_on for w in wanted}):
            group = [
                w for w in wanted if w.signed_on == day and w.resident.area_code.startswith(township.area_code or "-")
            ]
            if not group:
                continue
            with clock.at(local(day, 9)), transaction() as tx:
                tx.actor, tx.act = township, "contract.sign"
                for want in group:
                    row = contracts.draft_contract(township, want.resident.id, want.caregiver.id, want.valid_from)
                    contracts.send_contract(township, row.id)
                    for slot in Slot:
                        _sign(county, people, township, row, slot)
                    assert row.state is State.IN_FORCE  # noqa: S101  # the seed must not leave half-signed contracts
                    made.append(row)
    return made


def sign_some(county: County, people: People, want: Wanted, slots: Sequence[Slot]) -> Contract:
    """Draw up one contract and let only some of the seven sign it: it waits for the others."""
    side = "a" if want.resident.area_code.startswith("150422100") else "b"
    township = county.actor(f"township_officer_{side}")
    with clock.at(local(want.signed_on, 8)), transaction() as tx:
        tx.actor, tx.act = township, "contract.sign"
        row = contracts.draft_contract(township, want.resident.id, want.caregiver.id, want.valid_from)
        contracts.send_contract(township, row.id)
        for slot in slots:
            _sign(county, people, township, row, slot)
    return row


def _sign(county: County, people: People, township: Actor, row: Contract, slot: Slot) -> None:
    resident = row.resident
    actors: dict[Slot, Actor] = {
        Slot.COUNTY_GOVERNMENT: county.actor("county_reviewer_b"),
        Slot.TOWNSHIP_GOVERNMENT: township,
        Slot.CIVIL_AFFAIRS: county.actor("county_officer_b"),
        Slot.VILLAGE: county.village_officer(resident.area_code),
        Slot.INSTITUTION: county.actor(
            "institution_manager_" + ("a" if row.area_code.startswith("150422100") else "b")
        ),
        Slot.CAREGIVER: township,
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
    contracts.sign_contract(actor, row.id, slot, given)
