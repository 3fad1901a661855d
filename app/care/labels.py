"""Words for plans, outcomes, reasons, visits and incidents."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.care.models import PlanState
from app.care.rules import Outcome

PLAN_STATES = {PlanState.DRAFT: _l("Draft"), PlanState.APPROVED: _l("Approved"), PlanState.REPLACED: _l("Replaced")}
PLAN_TONES = {PlanState.DRAFT: "warn", PlanState.APPROVED: "good", PlanState.REPLACED: "neutral"}
OUTCOMES = {
    Outcome.DONE: _l("Done"),
    Outcome.NOT_DONE: _l("Not done"),
    Outcome.NOT_NEEDED: _l("Not needed"),
}
OUTCOME_TONES = {Outcome.DONE: "good", Outcome.NOT_DONE: "bad", Outcome.NOT_NEEDED: "neutral"}
REASONS = {
    "refused": _l("The resident refused"),
    "hospital": _l("In hospital or away"),
    "ill": _l("Not advisable today (illness, medical order)"),
    "no_time": _l("No time or no staff"),
    "supplies": _l("No water, power or supplies"),
    "weather": _l("Road or weather"),
    "self": _l("The resident did it alone"),
    "family": _l("Done by family or a neighbour"),
    "other": _l("Another reason (write it down)"),
}
INCIDENT_KINDS = {
    "fall": _l("Fall"),
    "choking": _l("Choking"),
    "pressure_sore": _l("Pressure sore"),
    "burn": _l("Burn or scald"),
    "wandering": _l("Wandering off"),
    "wrong_medicine": _l("Wrong food or medicine"),
    "bed_fall": _l("Fall from bed"),
    "harm": _l("Harm by oneself or others"),
    "activity": _l("Accident during an activity"),
    "abuse_suspected": _l("Suspected abuse or neglect"),
}
SEVERITY_TONES = {"minor": "neutral", "medium": "warn", "severe": "bad"}
SEVERITIES = {"minor": _l("Minor"), "medium": _l("Needed treatment"), "severe": _l("Severe")}
ITEM_SHORT = {
    "S01": _l("Meals"),
    "S02": _l("Washing"),
    "S03": _l("Bath"),
    "S04": _l("Dressing"),
    "S05": _l("Toilet"),
    "S06": _l("Turning"),
    "S07": _l("Room"),
    "S08": _l("Laundry"),
    "S09": _l("Medicines"),
    "S10": _l("Doctor"),
    "S11": _l("Safety"),
    "S12": _l("Comfort"),
}
"""One word for each of the twelve items, for the round board."""
GROUP_WORDS = {
    "item": _l("Item"),
    "day": _l("Day"),
    "resident": _l("Resident"),
    "caregiver": _l("Caregiver"),
    "village": _l("Village"),
}
FREQUENCY_WORDS = {
    "q2h": _l("every two hours, day and night"),
    "q2hD": _l("every two hours by day"),
    "prn": _l("as needed, each time recorded"),
    "-": _l("not required"),
}
PERIOD_WORDS = {
    "d": _l("%(n)s × a day"),
    "w": _l("%(n)s × a week"),
    "m": _l("%(n)s × a month"),
    "q": _l("%(n)s × a quarter"),
    "y": _l("%(n)s × a year"),
}


def frequency_words(text: str) -> str:
    """A frequency as a person says it."""
    if text in FREQUENCY_WORDS:
        return str(FREQUENCY_WORDS[text])
    times, period = text.split("/")
    return str(PERIOD_WORDS[period]) % {"n": times}
