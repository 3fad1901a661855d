"""Quarterly evaluation: filled from records, scored by the township, confirmed by the county."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock, shown
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.money import round_half_up
from app.core.operation import operation
from app.core.periods import Quarter
from app.core.together import gathered, hold
from app.settlement import queries
from app.settlement.models import Evaluation, EvaluationState
from app.settlement.operations.calculating import read_quarter
from app.settlement.rules import scoring
from app.settlement.rules.scoring import Records, Score


@operation("evaluation.fill", permission="evaluations.score")
def fill_evaluations(actor: Actor, quarter: str, area_code: str) -> tuple[int, int]:
    """Make the missing evaluation sheets of a township's quarter and bring the records on unscored ones up to date.

    Returns (new sheets, sheets brought up to date). Running it twice makes nothing twice.
    """
    period = read_quarter(quarter)
    if not actor.system and (not actor.area_code or not area_code.startswith(actor.area_code)):
        raise NotFound
    if clock.today() < period.first:
        raise Refused(gettext("The quarter has not begun yet."))
    facts = queries.township_facts(area_code, period)
    records = queries.gather(facts)
    known: dict[int, Any] = {}
    for row in db.session.execute(
        select(Evaluation.id, Evaluation.contract_id, Evaluation.state, Evaluation.parts)
        .where(Evaluation.quarter == quarter, Evaluation.contract_id.in_(list(records)))
        .order_by(Evaluation.version)
    ):
        known[row.contract_id] = row
    new = [
        {
            "contract_id": contract_id,
            "quarter": quarter,
            "version": 1,
            "state": EvaluationState.DRAFT,
            "scorecard_sha256": facts.scorecards[contract_id],
            "parts": {"records": found.as_json(), "given": {}},
        }
        for contract_id, found in records.items()
        if contract_id not in known
    ]
    try:
        with db.session.begin_nested():
            if new:
                db.session.execute(insert(Evaluation), new)
    except IntegrityError as error:
        raise Refused(gettext("Somebody else was faster. Reload the page.")) from error
    stale = [
        {"id": row.id, "parts": {**row.parts, "records": found}}
        for contract_id, row in known.items()
        if row.state is EvaluationState.DRAFT and row.parts.get("records") != (found := records[contract_id].as_json())
    ]
    if stale:
        db.session.execute(update(Evaluation), stale)
        db.session.expire_all()
    audit.record("evaluation.fill", "quarter", f"{quarter}/{area_code}", {"new": len(new), "refreshed": len(stale)})
    return len(new), len(stale)


def current_records(row: Evaluation) -> Records:
    """What the records say about the evaluation's contract today."""
    return queries.records_of(row.contract_id, row.quarter)


@operation("evaluation.score", permission="evaluations.score")
def score_evaluation(
    actor: Actor,
    evaluation_id: int,
    given: Mapping[str, Mapping[str, Any]],
    *,
    veto: str | None = None,
    veto_reason: str | None = None,
) -> Evaluation:
    """Give the points that people must give, each with a reason when it is less than the maximum, and submit the card.

    ``given`` maps line ids to {points (hundredths), reason}. Raises ``Invalid`` naming every line that is missing: a
    missing line never counts as zero. A ``veto`` with its reason makes the score 0.
    """
    row = queries.evaluation(actor, evaluation_id, lock=True)
    if row.state is EvaluationState.CONFIRMED:
        raise Refused(gettext("This evaluation is confirmed already."))
    if clock.today() <= Quarter.parse(row.quarter).last:
        raise Refused(gettext("The quarter is not over yet."))
    card, records = queries.card_of(row), current_records(row)
    if veto is not None and len((veto_reason or "").strip()) < 2:
        raise Invalid(gettext("Nothing was scored."), errors={"veto_reason": gettext("Give the reason.")})
    points, reasons = _checked(card, records, given, lenient=veto is not None)
    try:
        result = scoring.score(card, records, points, veto=veto or None)
    except ValueError as error:
        raise Invalid(gettext("Choose one of the reasons for a veto."), field="veto") from error
    if result.missing:
        raise Invalid(
            gettext("Nothing was scored: some lines are still empty. An empty line never counts as zero."),
            errors={line: _missing_words(line, card, records) for line in result.missing},
        )
    row.parts = _parts(records, points, reasons, result)
    row.veto, row.veto_reason = (veto, (veto_reason or "").strip()[:1000]) if veto else (None, None)
    row.score, row.band, row.ratio_bp = result.total, result.band, result.ratio_bp
    row.state = EvaluationState.SUBMITTED
    row.agreed_at = row.agreed_by = row.agreed_by_person = row.agreed_note = None
    row.scored_by, row.scored_by_person, row.scored_at = actor.user_id, actor.person_key, clock.now()
    audit.record(
        "evaluation.score", "evaluation", row.id, {"score": result.total, "ratio_bp": result.ratio_bp, "veto": veto}
    )
    return row


@operation("evaluation.score", permission="evaluations.score")
def score_evaluations(actor: Actor, given: Mapping[int, Mapping[str, Mapping[str, Any]]]) -> list[Evaluation]:
    """``score_evaluation`` for many evaluations, by their numbers; all or none. Raises as it does."""
    rows = hold(actor, queries.visible_evaluations(actor), given).values()
    queries.records_of.ahead((row.contract_id, row.quarter) for row in rows)
    with gathered():
        return [score_evaluation(actor, one, points) for one, points in given.items()]


def _missing_words(line_id: str, card: Mapping[str, Any], records: Records) -> str:
    line = next(x for x in card["line"] if x["id"] == line_id)
    if line["source"] == "no_events":
        return gettext("An incident of this quarter is not judged yet.")
    if line["source"] == "person":
        return gettext("Give the points.")
    return gettext("The records say nothing here. Give the points and say what they rest on.")


def _checked(
    card: Mapping[str, Any], records: Records, given: Mapping[str, Mapping[str, Any]], *, lenient: bool
) -> tuple[dict[str, int], dict[str, str]]:
    """People's points and reasons, kept only for the lines people score."""
    errors: dict[str, str] = {}
    points: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for line in card["line"]:
        entry = given.get(line["id"])
        if entry is None or entry.get("points") is None or not scoring.scorable_by_person(line, records):
            continue
        value, reason = int(entry["points"]), str(entry.get("reason") or "").strip()[:500]
        maximum = int(line["max"]) * 100
        if not 0 <= value <= maximum:
            errors[line["id"]] = gettext("Points from 0 to %(maximum)s.", maximum=line["max"])
        elif not reason and not lenient and (value < maximum or line["source"] != "person"):
            errors[line["id"]] = gettext("Say why, and what it rests on.")
        points[line["id"]], reasons[line["id"]] = value, reason
    if errors:
        raise Invalid(gettext("Nothing was scored."), errors=errors)
    return points, reasons


def _parts(records: Records, points: Mapping[str, int], reasons: Mapping[str, str], result: Score) -> dict[str, Any]:
    return {
        "records": records.as_json(),
        "given": {k: {"points": v, "reason": reasons.get(k, "")} for k, v in points.items()},
        "lines": {
            x.id: {"points": None if x.points is None else round_half_up(x.points * 100), "by": x.by}
            for x in result.lines
        },
    }


@operation("evaluation.agree", permission="evaluations.agree")
def agree_evaluation(actor: Actor, evaluation_id: int, note: str = "") -> Evaluation:
    """The caregiver saw the score and gives up the rest of the time to object: by the own account, or on paper that an officer
    records (``note``: which paper). A score that is given again asks again.

    Raises ``Refused`` for the person who scored: whoever gave the points does not also say that the caregiver is content
    with them. Where nobody else is at hand, the time to object simply ends by itself.
    """
    row = queries.evaluation(actor, evaluation_id, lock=True)
    if row.state is not EvaluationState.SUBMITTED:
        raise Refused(gettext("This evaluation does not wait for confirmation."))
    if row.agreed_at is not None:
        raise Refused(gettext("The caregiver agreed to this score already."))
    now = queries.objection_clock(row)
    if now is not None and now.waiting:
        raise Refused(gettext("An objection to this score is not answered yet."))
    if row.scored_by_person == actor.person_key:
        raise Refused(gettext("You gave this score: another person records that the caregiver agrees to it."))
    if actor.caregiver_id is None and len(note.strip()) < 2:
        raise Invalid(gettext("Say which paper the caregiver signed."), field="note")
    row.agreed_at, row.agreed_by, row.agreed_by_person = clock.now(), actor.user_id, actor.person_key
    row.agreed_note = note.strip()[:500] if actor.caregiver_id is None else None
    audit.record("evaluation.agree", "evaluation", row.id, {"score": row.score, "paper": actor.caregiver_id is None})
    return row


@operation("evaluation.agree", permission="evaluations.agree")
def agree_evaluations(actor: Actor, evaluation_ids: Sequence[int], note: str) -> list[Evaluation]:
    """``agree_evaluation`` for many, from one list that the caregivers signed; all or none. Raises as it does."""
    rows = hold(actor, queries.visible_evaluations(actor), evaluation_ids).values()
    queries.raised_against.ahead((row.contract_id, row.quarter) for row in rows)
    with gathered():
        return [agree_evaluation(actor, one, note) for one in evaluation_ids]


@operation("evaluation.confirm", permission="evaluations.confirm")
def confirm_evaluation(actor: Actor, evaluation_id: int) -> Evaluation:
    """Confirm a scored card by a second person: from now on its ratio counts. Not before the caregiver's time to object is over,
    unless the caregiver agreed or an objection was dismissed; what it rested on is kept.
    """
    row = queries.evaluation(actor, evaluation_id, lock=True)
    if row.state is not EvaluationState.SUBMITTED:
        raise Refused(gettext("This evaluation does not wait for confirmation."))
    if row.scored_by_person == actor.person_key:
        raise Refused(gettext("Nobody confirms an evaluation that he or she scored."))
    if row.agreed_by_person == actor.person_key:
        raise Refused(gettext("You recorded that the caregiver agrees: another person confirms the score."))
    now = queries.objection_clock(row)
    if now is None or now.rests_on is None:
        raise Refused(_clock_words(now))
    row.state, row.clock = EvaluationState.CONFIRMED, now.rests_on
    row.confirmed_by, row.confirmed_by_person, row.confirmed_at = actor.user_id, actor.person_key, clock.now()
    audit.record(
        "evaluation.confirm",
        "evaluation",
        row.id,
        {"score": row.score, "ratio_bp": row.ratio_bp, "clock": row.clock.value},
    )
    return row


def _clock_words(now: queries.ObjectionClock | None) -> str:
    if now is None or now.waiting:
        return gettext("An objection to this score is not answered yet.")
    return gettext(
        "The caregiver may object until %(day)s. The score can be confirmed after that day, or when the caregiver agreed.",
        day=shown.date(now.until),
    )


@operation("evaluation.confirm_all", permission="evaluations.confirm")
def confirm_submitted(actor: Actor, quarter: str, area_code: str) -> int:
    """Confirm every scored card of a township's quarter that has no veto and whose clock is over; those with a veto are looked at
    one by one.
    """
    read_quarter(quarter)
    if area_code and area_code not in {area.code for area in queries.townships(actor)}:
        raise Invalid(gettext("Choose one of the list."), field="area")
    query = queries.evaluations(actor, quarter=quarter, state=EvaluationState.SUBMITTED, area=area_code)
    ids = db.session.scalars(query.where(Evaluation.veto.is_(None)).with_only_columns(Evaluation.id)).all()
    rows = list(hold(actor, query.where(Evaluation.veto.is_(None)), ids).values())
    queries.raised_against.ahead((row.contract_id, row.quarter) for row in rows)
    ready = [row for row in rows if (now := queries.objection_clock(row)) is not None and now.rests_on is not None]
    mine = actor.person_key
    ours = [r.id for r in ready if mine not in (r.scored_by_person, r.agreed_by_person)]
    with gathered():
        confirmed = [confirm_evaluation(actor, one) for one in ours]
    audit.record("evaluation.confirm_all", "quarter", f"{quarter}/{area_code}", {"confirmed": len(confirmed)})
    return len(confirmed)


@operation("evaluation.return", permission="evaluations.confirm")
def return_evaluation(actor: Actor, evaluation_id: int, reason: str) -> Evaluation:
    """Send a scored card back to the township with a reason; the points stay as they were given."""
    row = queries.evaluation(actor, evaluation_id, lock=True)
    if row.state is not EvaluationState.SUBMITTED:
        raise Refused(gettext("This evaluation does not wait for confirmation."))
    if len(reason.strip()) < 2:
        raise Invalid(gettext("Give the reason."), field="reason")
    row.state = EvaluationState.DRAFT
    row.parts = {**row.parts, "returned": reason.strip()}
    audit.record("evaluation.return", "evaluation", row.id, {})
    return row
