"""Real processes at the same moment: one effect; and a backup taken while others write is one consistent state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import audit
from app.core.backup import check, restore
from app.core.db import db
from app.core.models import JobRun
from app.core.rotation import register_keys
from app.features import jobs
from app.people.models import Resident
from app.settlement import operations, queries
from app.settlement.models import LedgerEntry, Settlement
from tests.factories import County
from tests.faults.conftest import Children, let_go
from tests.faults.test_killed_settlement import assert_sound, settlement_id, totals
from tests.settlement.conftest import AFTER_Q1, Quarter, quarter
from tests.support.state import dump

__all__ = ["quarter", "settlement_id"]

HOW = {"moment": AFTER_Q1.isoformat()}
NIGHT = {"moment": "2026-04-02T22:05:00+00:00"}  # 06:05 on 3 April in China: the hour of every nightly job has come


def test_two_officers_approve_in_two_processes_and_it_counts_once(
    app: Flask, children: Children, quarter: Quarter, settlement_id: int
) -> None:
    operations.calculate(quarter.township, settlement_id)
    operations.submit(quarter.township, settlement_id)
    let_go()
    wishes = [
        {"act": "approve", "args": [settlement_id, who], **HOW} for who in ("county_reviewer", "county_reviewer_b") * 3
    ]
    answers = children.together(app, *wishes)
    assert sorted("done" in a for a in answers) == [False] * 5 + [True], answers
    refused = [a["refused"] for a in answers if "refused" in a]
    assert len(refused) == 5
    assert all("county_reviewer" in words or "Reload" in words or "刷新" in words for words in refused), refused
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) > 0
    assert_sound()


def test_two_schedulers_run_each_job_once_a_period(app: Flask, children: Children, county: County) -> None:
    register_keys()
    let_go()
    answers = children.together(app, *[{"act": "run_jobs", **NIGHT}] * 3)
    assert all("done" in a for a in answers), answers
    ran = [job for a in answers for job in a["done"]]
    assert sorted(name for name, *_rest in ran) == sorted(job.name for job in jobs())
    assert {ok for _name, _period, ok, _result in ran} == {"True"}, ran
    assert db.session.scalar(select(func.count()).select_from(JobRun)) == len(jobs())
    assert all(db.session.scalars(select(JobRun.result)))
    let_go()


def test_jobs_run_twice_leave_the_same_state(app: Flask, children: Children, quarter: Quarter) -> None:
    """Opening of the quarter and its sheets, re-assessments, ended contracts: the second run finds all done."""
    register_keys()
    quarter.contract()
    left_behind = frozenset({"job_run", "audit_entry", "audit_head"})
    let_go()
    children.run(app, "run_jobs", **NIGHT)
    first = dump(without=left_behind)
    assert db.session.scalar(select(func.count()).select_from(Settlement)) > 0
    let_go()
    again = children.run(app, "run_jobs", moment="2026-04-03T22:05:00+00:00")
    assert "done" in again, again
    assert {ok for _name, _period, ok, _result in again["done"]} == {"True"}, [
        j for j in again["done"] if j[2] != "True"
    ]
    assert dump(without=left_behind) == first
    let_go()


def test_a_job_whose_process_was_killed_is_taken_over(app: Flask, children: Children, county: County) -> None:
    register_keys()
    let_go()
    assert children.run(app, "run_jobs", kill_at=4, **NIGHT)["killed"], "in the first job, which it had taken"
    soon = children.run(app, "run_jobs", moment="2026-04-02T22:15:00+00:00")["done"]
    assert len(soon) == len(jobs()) - 1, "it may still be at work"
    later = children.run(app, "run_jobs", moment="2026-04-02T22:40:00+00:00")["done"]
    assert [name for name, *_rest in later] == [jobs()[0].name]
    assert db.session.scalar(select(func.count()).select_from(JobRun).where(JobRun.ok.is_(True))) == len(jobs())
    assert audit.verify()[1] is None
    let_go()


@pytest.mark.long
@pytest.mark.parametrize("acts", [["calculate", "submit", "approve", "pay", "close"]])
def test_a_backup_while_others_write_restores_to_one_consistent_state(
    app: Flask, children: Children, quarter: Quarter, settlement_id: int, tmp_path: Path, acts: list[str]
) -> None:
    register_keys()
    let_go()
    for number, act in enumerate(acts):
        path = tmp_path / f"{number}.backup"
        answers = children.together(
            app,
            {"act": "backup", "args": [str(path)], **HOW},
            {"act": act, "args": [settlement_id], **HOW},
            {"act": "backup", "args": [str(tmp_path / "other.backup")], **HOW},
        )
        assert all("done" in a for a in answers), answers
    after = totals()
    assert after["state"] == "closed"
    states = set()
    for number in range(len(acts)):
        path = tmp_path / f"{number}.backup"
        assert check(path)["tables"]["resident"] == db.session.scalar(select(func.count()).select_from(Resident))
        let_go()
        restore(path)
        states.add(totals()["state"])
        assert_sound()
    assert len(states) >= 3


@pytest.mark.long
def test_the_time_zone_of_the_machine_changes_nothing(
    app: Flask, children: Children, quarter: Quarter, settlement_id: int, twin: Callable[[], Flask]
) -> None:
    """At 00:30 and 07:30 in China on the first day of a quarter other zones still write the day before."""
    register_keys()
    found = []
    for zone in ("UTC", "Asia/Shanghai", "America/Los_Angeles"):
        copy = twin()
        with copy.app_context():
            answer = children.run(copy, "run_jobs", zone=zone, moment="2026-03-31T23:30:00+00:00")
            assert "done" in answer, answer
            opened = answer["done"]
            for act in ("calculate", "submit", "approve", "pay", "close"):
                answer = children.run(copy, act, settlement_id, zone=zone, moment="2026-04-02T16:30:00+00:00")
                assert "done" in answer, answer
            quarters = db.session.scalars(select(Settlement.quarter).distinct().order_by(Settlement.quarter)).all()
            row = db.session.scalars(select(Settlement).where(Settlement.id == settlement_id)).unique().one()
            assert queries.verify_ledger() == []
            found.append(
                (
                    [job for job in opened if "backup" not in job[0]],
                    quarters,
                    (row.state.value, row.due_fen, row.pay_fen, row.withheld_fen, str(row.paid_on), row.inputs_sha256),
                )
            )
            let_go()
    assert found[0] == found[1] == found[2]
    assert found[0][1] == ["2026-Q1", "2026-Q2"]
    assert found[0][2][4] == "2026-04-03"
