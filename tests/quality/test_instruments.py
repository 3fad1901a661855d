"""A new version of the instrument: proved, previewed, approved by a second person; what comes is what was previewed."""

from __future__ import annotations

import datetime as dt
import os
import random
import resource
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

import assessments
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, Refused
from app.core.models import RuleDocument, RuleState
from app.core.transaction import transaction
from app.grading import instruments
from app.grading import operations as grading
from app.grading.models import CareGrade, GradeProposal, Sheet
from app.grading.rules import ProposalState, Regrade, SheetState
from app.people.models import Resident
from app.quality import operations, queries
from app.quality.jobs import carry_out_versions
from app.quality.models import Stage
from app.quality.queries import regrading
from assessments import revision
from tests.assessments.sheets import random_sheets
from tests.factories import VILLAGE_A, VILLAGE_B
from tests.grading.sheets import answers, facts, proposed
from tests.settlement.conftest import Quarter

SignIn = Callable[[str], FlaskClient]
MAY = dt.date(2026, 5, 1)
MAY_1 = dt.datetime(2026, 4, 30, 17, tzinfo=dt.UTC)
RESIDENTS = 50_000 if os.environ.get("LONG_RUNS") == "1" else 300


def new_text(*changes: tuple[str, str], day: dt.date = MAY) -> str:
    """The text a draft starts from, with some values replaced."""
    made = regrading.next_text(day, max((v.version for v in queries.versions("instrument")), default=0))
    for old, new in changes:
        assert made.count(old) == 1, old
        made = made.replace(old, new)
    return made


STRICTER = (("half_care = [45, 95]", "half_care = [65, 95]"), ("full_care = [0, 40]", "full_care = [0, 60]"))
MORE_UNMET = (("half_care = [1, 3]", "half_care = [1, 2]"), ("full_care = [4, 6]", "full_care = [3, 6]"))


def draft(quarter: Quarter, *changes: tuple[str, str]) -> RuleDocument:
    """A draft of the county's officer."""
    return operations.draft_rule(quarter.officer, "instrument", new_text(*(changes or STRICTER)))


def populate(quarter: Quarter, count: int) -> None:
    """Residents with a submitted sheet, a decided proposal and a grade since 2026; some decided otherwise by people."""
    source = random.Random(2026)
    now, day = clock.now(), dt.date(2026, 1, 1)
    base = instruments.find("selfcare30@1")
    with transaction() as tx:
        tx.act = "test.population"
        first = (db.session.scalar(select(func.max(Resident.id))) or 0) + 1
        drawn = list(random_sheets("selfcare30@1", count, 5))
        people, sheets, proposals, grades = [], [], [], []
        for n, sheet in enumerate(drawn):
            rid = first + n
            result = assessments.score(sheet, base)
            people.append(
                {
                    "id": rid,
                    "number": f"P{rid:07d}",
                    "name": f"老人{rid}",
                    "search": f"老人{rid}",
                    "sex": "1",
                    "born_on": dt.date(1945, 1, 1),
                    "ethnicity": "01",
                    "area_code": VILLAGE_A if n % 3 else VILLAGE_B,
                    "setting": "home",
                    "status": "active",
                    "supported_from": dt.date(2024, 1, 1),
                    "created_at": now,
                }
            )
            sheets.append(
                {
                    "id": rid,
                    "number": f"A2026-{rid:06d}",
                    "client_key": f"population-{rid}",
                    "resident_id": rid,
                    "reason_code": "1",
                    "assessed_on": day,
                    "instrument": base.key,
                    "instrument_sha256": base.sha256,
                    "state": SheetState.SUBMITTED,
                    "answers": sheet["answers"],
                    "facts": sheet["facts"],
                    "result": {},
                    "proposed_grade": result.proposed_grade,
                    "created_by_person": "scorer",
                    "created_at": now,
                    "updated_at": now,
                    "submitted_at": now,
                }
            )
            grade = source.choice((1, 2, 3)) if n % 20 == 0 else result.proposed_grade
            proposals.append(
                {
                    "id": rid,
                    "sheet_id": rid,
                    "resident_id": rid,
                    "state": ProposalState.REVIEW if n % 9 == 4 else ProposalState.DECIDED,
                    "proposed_grade": result.proposed_grade,
                    "decided_grade": grade,
                    "decided_by": quarter.officer.user_id,
                    "decided_by_person": "decider",
                    "decided_at": now,
                    "created_at": now,
                }
            )
            grades.append(
                {
                    "resident_id": rid,
                    "proposal_id": rid,
                    "grade": grade,
                    "valid_from": MAY if n % 15 == 3 else day,
                    "instrument": base.key,
                    "instrument_sha256": base.sha256,
                    "decided_at": now,
                }
            )
        for model, rows in ((Resident, people), (Sheet, sheets), (GradeProposal, proposals), (CareGrade, grades)):
            db.session.execute(insert(model), rows)
        if db.engine.dialect.name == "postgresql":
            for table in ("assessment_sheet", "grade_proposal", "resident"):
                db.session.execute(db.text(f"SELECT setval('{table}_id_seq', 10000000)"))  # names above


def in_force(day: dt.date) -> dict[int, int]:
    """The grade of everybody on a day."""
    rows = db.session.execute(
        select(CareGrade.resident_id, CareGrade.grade).where(
            CareGrade.valid_from <= day, (CareGrade.valid_to.is_(None)) | (CareGrade.valid_to >= day)
        )
    )
    return dict(rows.all())


def test_what_comes_is_exactly_what_was_previewed(quarter: Quarter) -> None:
    populate(quarter, RESIDENTS)
    row = draft(quarter, *STRICTER, *MORE_UNMET)
    before, eve = in_force(MAY), in_force(MAY - dt.timedelta(days=1))
    begins = before.keys() - eve.keys()
    started = time.perf_counter()
    worked = time.process_time()
    found = regrading.regrade(instruments.read(row.body), MAY)
    preview_seconds = time.perf_counter() - started
    worked = time.process_time() - worked
    assert found.outcomes.population == RESIDENTS
    assert {Regrade.KEPT, Regrade.MOVED, Regrade.REVIEW, Regrade.WAITING} <= found.outcomes.counts.keys()
    operations.publish_rule(quarter.reviewer, row.id, reason="经局务会研究同意")
    assert instruments.in_force(MAY - dt.timedelta(days=1)).key == "selfcare30@1"
    with clock.at(MAY_1):
        started = time.perf_counter()
        carry_out_versions(MAY)
        carried_seconds = time.perf_counter() - started
        assert carry_out_versions(MAY) == "0 versions of the instrument applied"
        assert instruments.in_force(MAY).key == "selfcare30@2"
    moved = {o.resident_id: o.after for o in found.outcomes.changed if o.what is Regrade.MOVED}
    assert in_force(MAY) == {**before, **moved}
    assert in_force(MAY - dt.timedelta(days=1)) == eve
    assert {o.what for o in found.outcomes.changed if o.resident_id in begins} <= {Regrade.REVIEW, Regrade.WAITING}
    stages = regrading.effects_of(row.id)
    assert stages[Stage.APPROVED].fingerprint == stages[Stage.CARRIED_OUT].fingerprint == found.outcomes.fingerprint
    waiting = select(GradeProposal.resident_id).where(GradeProposal.state == ProposalState.REVIEW)
    opened = set(
        db.session.scalars(
            waiting.join(Sheet, Sheet.id == GradeProposal.sheet_id).where(Sheet.rescored_from_id.is_not(None))
        )
    )
    assert opened == {o.resident_id for o in found.outcomes.changed if o.what is Regrade.REVIEW}
    if RESIDENTS > 1000:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"\n{RESIDENTS} residents: preview {preview_seconds:.1f} s ({worked:.1f} s of processor), carried out {carried_seconds:.1f} s,"
            f" {found.moved} moved, {found.to_judge} to people, peak {peak} MB"
        )
        assert worked < 10


def test_a_repeated_sheet_says_what_it_repeats_and_explains_the_grade(quarter: Quarter) -> None:
    waiting = proposed(quarter.county, "b")
    grading.review_proposal(quarter.county.actor("county_reviewer"), waiting.id, 3, "两名评估员复核，五项须由他人帮助")
    grading.decide_grade(quarter.county.actor("county_officer_a"), waiting.id, 3, "同意复核意见")
    with clock.at(dt.datetime(2026, 5, 10, 2, tzinfo=dt.UTC)):
        june = dt.date(2026, 6, 1)
        made = new_text(("self_care = [0, 0]", "self_care = [0, 1]"), ("half_care = [1, 3]", "half_care = [2, 5]"),
                        ("full_care = [4, 6]", "full_care = [6, 6]"), day=june)  # fmt: skip
        row = operations.draft_rule(quarter.officer, "instrument", made)
        operations.publish_rule(quarter.reviewer, row.id, reason="同意")
    with clock.at(dt.datetime(2026, 6, 1, 1, tzinfo=dt.UTC)):
        carry_out_versions(june)
    sheet = db.session.scalars(select(Sheet).where(Sheet.rescored_from_id.is_not(None))).unique().one()
    origin = db.session.get(Sheet, sheet.rescored_from_id)
    assert origin is not None
    assert (origin.answers, origin.assessed_on) == (sheet.answers, sheet.assessed_on)
    assert (sheet.instrument, sheet.statutory_grade, sheet.score_grade) == ("selfcare30@2", 2, 2)
    assert (sheet.result or {})["instrument"] == "selfcare30@2"
    assert in_force(june)[sheet.resident_id] == 2
    grade = db.session.scalars(select(CareGrade).where(CareGrade.valid_from == june)).unique().one()
    assert grade.proposal.decided_by_person == "person:county_reviewer"
    assert "第2版" in (grade.proposal.decision_reason or "")


def test_money_is_counted_for_those_under_contract(quarter: Quarter) -> None:
    populate(quarter, 60)
    row = draft(quarter, *STRICTER, *MORE_UNMET)
    found = regrading.regrade(instruments.read(row.body), MAY)
    first = next(o for o in found.outcomes.changed if o.what is Regrade.MOVED and (o.before, o.after) == (2, 3))
    assert found.month_fen == 0
    quarter.contract(person=db.session.get(Resident, first.resident_id))
    found = regrading.regrade(instruments.read(row.body), MAY)
    assert found.fen == {first.resident_id: 51700 - 25900}
    assert sum(t.fen for t in found.townships) == found.month_fen
    assert sum(t.less + t.more for t in found.townships) == found.moved
    assert sum(t.people for t in found.townships) == found.to_judge


def test_an_unproved_late_or_outdated_version_is_not_published(quarter: Quarter) -> None:
    hole = draft(quarter, ("full_care = [0, 40]", "full_care = [0, 35]"))
    with pytest.raises(Refused):
        operations.publish_rule(quarter.reviewer, hole.id, reason="同意")
    with pytest.raises(Invalid):
        operations.draft_rule(quarter.officer, "instrument", new_text().replace("2026-05-01", "2026-05-02"))
    first, second = draft(quarter), draft(quarter, *MORE_UNMET)
    operations.publish_rule(quarter.reviewer, first.id, reason="同意")
    with pytest.raises(Refused):  # it revises version 1, but on its day the first one would be in force
        operations.publish_rule(quarter.reviewer, second.id, reason="同意")
    with clock.at(MAY_1), pytest.raises(Refused):
        operations.publish_rule(quarter.reviewer, draft(quarter, *MORE_UNMET).id, reason="同意")
    assert second.state is RuleState.DRAFT


def test_new_sheets_use_the_version_in_force_and_drafts_keep_theirs(quarter: Quarter) -> None:
    assessor = quarter.county.actor("assessor_a")
    old = grading.open_sheet(assessor, quarter.county.resident("甲老人").id)
    operations.publish_rule(quarter.reviewer, draft(quarter).id, reason="同意")
    with clock.at(MAY_1):
        new = grading.open_sheet(assessor, quarter.county.resident("丙老人").id)
        assert (old.instrument, new.instrument) == ("selfcare30@1", "selfcare30@2")
        fields: dict[str, Any] = {
            "answers": answers(),
            "facts": facts(),
            "informant_name": "甲",
            "informant_relation": "5",
        }
        fields |= {
            "first_assessor_id": quarter.county.assessor(1).id,
            "second_assessor_id": quarter.county.assessor(2).id,
        }
        for row in (old, new):
            grading.save_draft(assessor, row.id, reason_code="1", assessed_on=clock.today(), **fields)
            done = grading.submit_sheet(assessor, row.id)
            assert done.instrument_sha256 == instruments.find(done.instrument).sha256


def test_the_room_shows_difference_proof_and_people(quarter: Quarter, sign_in: SignIn) -> None:
    populate(quarter, 40)
    officer = sign_in("county_officer_a")
    assert "现行数值" in officer.get("/standards/instrument/new?as=text").text
    row = draft(quarter, *STRICTER, *MORE_UNMET)
    page = officer.get(f"/standards/versions/{row.id}").text
    for words in ("分数档次：半护理", "65–95", "任何一种答法", "档次流向", "留待人工处理"):
        assert words in page
    table = officer.get(f"/standards/versions/{row.id}/residents.csv")
    assert "现行档次" in table.text
    assert sign_in("village_officer_a").get(f"/standards/versions/{row.id}/residents.csv").status_code == 403
    assert "老人" not in sign_in("village_officer_a").get(f"/standards/versions/{row.id}").text.split("<main")[1]
    hole = draft(quarter, ("full_care = [0, 40]", "full_care = [0, 35]"))
    assert "不能发布" in officer.get(f"/standards/versions/{hole.id}").text
    assert revision.VERSION.fullmatch(str(row.version))
