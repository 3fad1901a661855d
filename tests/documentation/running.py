"""What computes each kind of worked example: the product's own pure rules, given the facts of the page."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import assessments
from app.care import rules as care
from app.contracts import rules as contracts
from app.contracts.rules import duties
from app.core import clock
from app.core.periods import DateRange, Quarter
from app.grading import rules as grading
from app.grading.rules import pairing
from app.lodging import rules as lodging
from app.settlement.rules import posting, scoring, settling
from app.tablet import rules as tablet
from app.trends import rules as trends
from app.workforce import rules as workforce
from tests.assessments.added import score_added
from tests.assessments.sheets import sheet

APP = Path(__file__).parents[2] / "app"


def _shipped(path: str) -> dict[str, Any]:
    return tomllib.loads((APP / path).read_text("utf-8"))


STANDARD = _shipped("care/policies/twelve-standards-2020.toml")
PERSONAL = _shipped("care/policies/personal-plan-2026.toml")
CARD = _shipped("settlement/policies/scorecard-2020.toml")
RULE = settling.Rule.from_body(_shipped("settlement/policies/settlement-rule-2020.toml"))
SIGNS = _shipped("trends/policies/unsafe-signs-2020.toml")
WORKFORCE = _shipped("workforce/policies/workforce-2026.toml")
PAY_TABLE = _shipped("settlement/examples/pay_table_taojiang.toml")


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _spans(pairs: Iterable[list[str | None]]) -> tuple[tuple[dt.date, dt.date | None], ...]:
    return tuple((_day(str(first)), _day(last) if last else None) for first, last in pairs)


def _hundredths(text: str | None) -> int | None:
    return None if text is None else int(Decimal(text) * 10000)


def _decimal(points: Fraction | None) -> str | None:
    if points is None:
        return None
    return f"{float(points):.4f}".rstrip("0").rstrip(".")


def score_sheet(given: dict[str, Any]) -> dict[str, Any]:
    """A sheet through the engine; ``"rest": "best"`` stands for the best answer everywhere else."""
    if given.pop("rest", None) == "best":
        given = sheet(given["instrument"], "best", given.get("answers"), given.get("facts"))
    return assessments.score(given).as_dict()


def way_of_grade(given: dict[str, Any]) -> dict[str, Any]:
    agree = given["tiers_agree"]
    return {
        "begins_in": grading.first_state(agree).value,
        "written_reason": grading.reason_needed(agree, given["suggested"], given["decided"]),
    }


def barred(given: dict[str, Any]) -> dict[str, Any]:
    bar = grading.barred(given["person"], grading.Act(given["act"]), given["sheet_people"], given["reviewer"])
    return {"barred": bar and bar.value}


def place_grade(given: dict[str, Any]) -> dict[str, Any]:
    periods = [DateRange(first, last) for first, last in _spans(given["periods"])]
    try:
        placed = grading.place(periods, _day(given["decided_on"]))
    except grading.Overlap:
        return {"refused": True}
    ends = placed.close_on and placed.close_on.isoformat()
    return {"valid_from": placed.valid_from.isoformat(), "before_ends_on": ends}


def due_again(given: dict[str, Any]) -> dict[str, Any]:
    return {"due_on": grading.due_on(_day(given["assessed_on"]), given["months"]).isoformat()}


def days_of_care(given: dict[str, Any]) -> dict[str, Any]:
    asked = care.parse_frequency(given["frequency"])
    days = DateRange(_day(given["from"]), _day(given["to"]))
    return {"days": [day.isoformat() for day in days if care.due_on(asked, day)]}


def less_care(given: dict[str, Any]) -> dict[str, Any]:
    return {"less": care.below_minimum(given["planned"], given["standard"])}


def plan_of_care(given: dict[str, Any]) -> dict[str, Any]:
    lines = care.plan_lines(STANDARD, PERSONAL, given["grade"], given["setting"], given["answers"], given["facts"])
    return {
        "frequencies": {line["item"]: line["frequency"] for line in lines},
        "notes": {line["item"]: [note["from"] for note in line["notes"]] for line in lines if line["notes"]},
    }


def food_texture(given: dict[str, Any]) -> dict[str, Any]:
    found = care.suggest(
        PERSONAL,
        swallow=given["water_test"],
        teeth=given["teeth"],
        denture=given["denture"],
        residue=given.get("residue", False),
        answers=given.get("answers", {}),
        facts=given.get("facts", {}),
    )
    return {"food": found.food, "drink": found.drink, "referral": found.referral}


def what_a_plan_lacks(given: dict[str, Any]) -> dict[str, Any]:
    lines = [{"item": "S06", "frequency": given["frequency"]}]
    texture = {"food": given.get("suggested")}
    return {"missing": care.missing(PERSONAL, given["setting"], lines, given["night"], texture, given.get("confirmed"))}


def day_of_care(given: dict[str, Any]) -> dict[str, Any]:
    due, said, corrections = care.pack(given["due"]), care.Said(), 0
    for item, outcome, wanted, *late in given["entries"]:
        entered = care.with_entry(due, said, item, care.Outcome(outcome), wanted, late=late == ["late"])
        said, corrections = entered.said, corrections + entered.corrects
    found = {
        "done": care.counts(said.done),
        "not_done": care.counts(said.not_done),
        "not_needed": care.counts(said.excused),
    }
    rest = {"missed": care.missed(due, said), "corrections": corrections, "late": care.items_of(said.late)}
    return {**{name: value for name, value in found.items() if value}, **rest}


def by_the_end_of_a_shift(given: dict[str, Any]) -> dict[str, Any]:
    due = care.times_a_day(given["frequency"])
    return {"expected": {str(hour): care.expected_by(given["frequency"], due, hour) for hour in given["ends"]}}


def shifts_across_a_change(given: dict[str, Any]) -> dict[str, Any]:
    first, then = (care.read_hours([tuple(one) for one in given[name]], name) for name in ("first", "then"))
    changes_on, found = _day(given["changes_on"]), []
    for at in given["at"]:
        shift = care.shift_at(dt.datetime.fromisoformat(at), lambda day: then if day >= changes_on else first)
        found.append([shift.id, *(one.isoformat(timespec="minutes") for one in (shift.begins, shift.ends))])
    return {"shifts": found}


def late_entry(given: dict[str, Any]) -> dict[str, Any]:
    recorded = dt.datetime.fromisoformat(given["recorded_at"])
    return {"late": care.is_late(_day(given["day"]), recorded, clock.ZONE)}


def kept_elsewhere(given: dict[str, Any]) -> dict[str, Any]:
    period = care.period_of(care.parse_frequency(given["frequency"]).period, _day(given["on"]))
    kept = care.kept({_day(day): count for day, count in given["missed"].items()}, given["beside"])
    return {
        "period": [day.isoformat() for day in period],
        "kept": {day.isoformat(): count for day, count in kept.items()},
    }


def card_days(given: dict[str, Any]) -> dict[str, Any]:
    return {"covers": [care.card_covers(given["period"], _day(day)) for day in given["days"]]}


def moment_of(given: dict[str, Any]) -> dict[str, Any]:
    written, received, anchored = (tablet.instant(given[name]) for name in ("written", "received", "anchored"))
    assert received is not None
    return {"best": tablet.written(care.Moment(written, received, anchored, given["plausible"]).best)}


def training(given: dict[str, Any]) -> dict[str, Any]:
    missing = contracts.tier_missing(given["tier"], _day(given["valid_to"]), given["grade"], _day(given["on"]))
    return {"missing": missing}


def training_passed(given: dict[str, Any]) -> dict[str, Any]:
    return {"passed": workforce.passed(given["parts"], given["attended"], given["points"], WORKFORCE["training"])}


def end_of_certificate(given: dict[str, Any]) -> dict[str, Any]:
    return {"valid_to": workforce.valid_to(_day(given["issued_on"]), given["months"]).isoformat()}


def workers_needed(given: dict[str, Any]) -> dict[str, Any]:
    grades = {grade: given.get(key, 0) for grade, key in workforce.GRADE_KEYS.items()}
    load = workforce.load(grades, WORKFORCE["ratio"])
    shifts = {shift["id"]: workforce.needed(load, shift["percent"]) for shift in WORKFORCE["shift"]}
    return {"workers": workforce.needed(load), **shifts}


def lessons_proposed(given: dict[str, Any]) -> dict[str, Any]:
    weak = [item for item, _percent in workforce.weak_items(given, WORKFORCE["weak"])]
    return {"weak": weak, "lessons": [one["id"] for one in workforce.lessons_for(weak, WORKFORCE["lesson"])]}


def loss_of_weight(given: dict[str, Any]) -> dict[str, Any]:
    readings = [(_day(day), grams) for day, grams in given["readings"]]
    found = trends.weight_loss(readings, SIGNS["weight"], _day(given["on"]))
    return {"percent": found.percent, "days": found.days} if found else {"percent": None}


def drift_of_care(given: dict[str, Any]) -> dict[str, Any]:
    found = trends.drifts(given["due"], given["alone"], given["unplanned"], SIGNS["drift"])
    return {"signs": [[one.sign.value, one.item] for one in found]}


def days_of_bed(given: dict[str, Any]) -> dict[str, Any]:
    def day(text: str | None) -> dt.date | None:
        return _day(text) if text else None

    away = [(kind, _day(first), day(last)) for kind, first, last in given["away"]]
    found = lodging.days_of((_day(given["from"]), day(given["left"])), away, _day(given["first"]), _day(given["last"]))
    return {"bed": found.bed, "hospital": found.hospital, "leave": found.leave, "present": found.present}


def term(given: dict[str, Any]) -> dict[str, Any]:
    return {"valid_to": contracts.default_end(_day(given["valid_from"])).isoformat()}


def life_of_contract(given: dict[str, Any]) -> dict[str, Any]:
    state, states = contracts.State.DRAFT, []
    for act in given["acts"]:
        try:
            state = contracts.next_state(state, contracts.Act(act))
        except contracts.NotAllowed:
            return {"refused": act}
        states.append(state.value)
    return {"states": states}


def days_of_contract(given: dict[str, Any]) -> dict[str, Any]:
    first, last = _day(given["first"]), _day(given["last"])
    return {"days": len(contracts.covered_days(first, last, _spans(given["suspensions"])))}


def duty(given: dict[str, Any]) -> dict[str, Any]:
    done = _day(given["done_on"]) if given["done_on"] else None
    occasion = duties.Occasion("P1", "P1.release", "2026-Q1", _day(given["due_on"]), done)
    return {"standing": occasion.standing(_day(given["today"])).value}


def visits_by_month(given: dict[str, Any]) -> dict[str, Any]:
    visits = [_day(text) for text in given["visits"]]
    span = duties.Span(_day(given["first"]), _day(given["last"]), _day(given["today"]))
    found = duties.months({"party": "P2", "id": "P2.visit"}, span, visits)
    return {"months": {occasion.what: occasion.standing(_day(given["today"])).value for occasion in found}}


def quarter(given: dict[str, Any]) -> dict[str, Any]:
    """A contract that covers the whole quarter unless the example says otherwise, paid by the example's pay table."""
    facts = settling.Facts(
        contract_id=1,
        caregiver_id=1,
        resident_id=1,
        area_code="150422100201",
        first=_day(given.get("first", "2025-01-01")),
        last=_day(given.get("last", "2027-12-31")),
        suspensions=_spans(given.get("suspensions", ())),
        hospital=_spans(given.get("hospital", ())),
        leave=_spans(given.get("leave", ())),
        grades=tuple((_day(first), _day(last) if last else None, grade) for grade, first, last in given["grades"]),
        ratio_bp=_hundredths(given["ratio"]),
    )
    rates = [settling.Rates(month, PAY_TABLE) for month in Quarter.parse(given["quarter"]).months]
    result = settling.settle(facts, rates, RULE)
    return {
        "due_fen": result.due_fen,
        "pay_fen": result.pay_fen,
        "withheld_fen": result.withheld_fen,
        "blocked": result.blocked and result.blocked.value,
        "days": [month.days for month in result.months],
    }


def scorecard(given: dict[str, Any]) -> dict[str, Any]:
    views = {name: (sum(given[name]), len(given[name])) for name in ("satisfaction", "neighbour")}
    records = scoring.Records(
        items={item: (done, due) for item, (done, due) in given["items"].items()},
        recorded=given["entries"][0],
        late=given["entries"][1],
        unjudged=given.get("unjudged", 0),
        avoidable=given.get("avoidable", 0),
        **views,
    )
    points = {line: int(Decimal(text) * 100) for line, text in given["given"].items()}
    result = scoring.score(CARD, records, points, veto=given.get("veto"))
    return {
        **{line.id: _decimal(line.points) for line in result.lines},
        "missing": list(result.missing),
        "total": None if result.total is None else f"{result.total // 100}.{result.total % 100:02d}",
        "band": result.band,
        "ratio": None if result.ratio_bp is None else _decimal(Fraction(result.ratio_bp, 10000)),
    }


def corrections(given: dict[str, Any]) -> dict[str, Any]:
    def lines(rows: list[list[Any]]) -> list[settling.Line]:
        return [settling.Line(int(name[1:]), "2026-Q1", kind, amount) for name, kind, amount in rows]

    appended = settling.corrections(lines(given["due"]), lines(given["posted"]))
    return {"append": [[f"c{line.contract_id}", line.kind, line.amount] for line in appended]}


def postings(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "approved": {entry.account: entry.amount_fen for entry in posting.approval("due", **given)},
        "paid": {entry.account: entry.amount_fen for entry in posting.payment("paid", given["pay_fen"])},
    }


def transfers(given: dict[str, Any]) -> dict[str, Any]:
    send, recover = posting.transfers((int(name[1:]), fen) for name, fen in given["lines"])
    return {
        "send": {f"c{caregiver}": fen for caregiver, fen in send.items()},
        "recover": {f"c{caregiver}": fen for caregiver, fen in recover.items()},
    }


def device_clock(given: dict[str, Any]) -> dict[str, Any]:
    times = [tablet.instant(given[name]) for name in ("written", "received", "enrolled", "now")]
    return {"clock": tablet.judge_clock(*times).value}  # type: ignore[arg-type]  # the page gives all of them


def lost_records(given: dict[str, Any]) -> dict[str, Any]:
    kept = [n for first, last in given["kept"] for n in range(first, last + 1)]
    held = tablet.read_runs(given["held"])
    return {"missing": [list(run) for run in tablet.lost(held, kept, 5000)]}


def record_text(given: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"counter": tablet.read(json.dumps(given)).counter}
    except tablet.Unreadable as wrong:
        return {"wrong": wrong.field}


def versions(given: dict[str, Any]) -> dict[str, Any]:
    sheets = [pairing.Entries(entries) for entries in given["sheets"]]
    differ = {d.field: list(d.values) for d in pairing.differences(sheets)}
    try:
        answers, facts = pairing.settled(sheets, given["chosen"])
    except pairing.Undecided as undecided:
        return {"differ": differ, "open": undecided.fields}
    return {"differ": differ, "answers": answers, "facts": facts}


KINDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "added": score_added,
    "sheet": score_sheet,
    "grade.way": way_of_grade,
    "grade.barred": barred,
    "grade.place": place_grade,
    "grade.due": due_again,
    "care.due": days_of_care,
    "care.less": less_care,
    "care.plan": plan_of_care,
    "care.texture": food_texture,
    "care.missing": what_a_plan_lacks,
    "care.day": day_of_care,
    "care.shift": by_the_end_of_a_shift,
    "care.shifts": shifts_across_a_change,
    "care.late": late_entry,
    "care.kept": kept_elsewhere,
    "care.card": card_days,
    "tablet.moment": moment_of,
    "contract.training": training,
    "contract.term": term,
    "contract.life": life_of_contract,
    "contract.days": days_of_contract,
    "contract.duty": duty,
    "contract.months": visits_by_month,
    "workforce.passed": training_passed,
    "workforce.valid_to": end_of_certificate,
    "workforce.needed": workers_needed,
    "workforce.lessons": lessons_proposed,
    "lodging.days": days_of_bed,
    "trends.weight": loss_of_weight,
    "trends.drift": drift_of_care,
    "settlement.quarter": quarter,
    "settlement.score": scorecard,
    "settlement.corrections": corrections,
    "settlement.posting": postings,
    "settlement.transfers": transfers,
    "tablet.clock": device_clock,
    "tablet.lost": lost_records,
    "tablet.record": record_text,
    "tablet.differences": versions,
}
