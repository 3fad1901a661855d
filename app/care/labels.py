"""Words for plans, outcomes, reasons, visits and incidents."""

from __future__ import annotations

from typing import Any

from app.care.models import OddState, PlanState
from app.care.rules import Outcome, Presence
from app.core.words import lazy_gettext as _l

PLAN_STATES = {PlanState.DRAFT: _l("Draft"), PlanState.APPROVED: _l("Approved"), PlanState.REPLACED: _l("Replaced")}
PLAN_TONES = {PlanState.DRAFT: "warn", PlanState.APPROVED: "good", PlanState.REPLACED: "neutral"}
OUTCOMES = {
    Outcome.DONE: _l("Done"),
    Outcome.NOT_DONE: _l("Not done"),
    Outcome.NOT_NEEDED: _l("Not needed"),
}
OUTCOME_TONES = {Outcome.DONE: "good", Outcome.NOT_DONE: "bad", Outcome.NOT_NEEDED: "neutral"}
ENTRIES: dict[str, Any] = {
    **{one.value: words for one, words in OUTCOMES.items()},
    "open": _l("Entry taken back"),
    "note": _l("Note"),
}
"""What an entry of the checklist may say."""
ENTRY_TONES = {"done": "good", "not_done": "bad", "not_needed": "neutral", "open": "warn", "note": "neutral"}
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
SHIFTS = {"early": _l("Early shift"), "late": _l("Late shift"), "night": _l("Night shift")}
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


MISSING = {
    "night": _l(
        "Care every two hours at home: say that the caregiver lives there, name a second helper for the night, or note "
        "that support in an institution was offered."
    ),
    "texture": _l("The suggested food texture waits for a physician, nurse or rehabilitation therapist."),
}
"""What a plan may lack, by the words of ``rules.missing``."""
SIGNED_AS = {
    "self": _l("The person"),
    "guardian": _l("Guardian or representative"),
    "mark": _l("Fingerprint or mark before a witness"),
}
TEETH = {
    "whole": _l("No teeth missing"),
    "worn": _l("Teeth damaged, none missing"),
    "part_other": _l("Some missing, chewing surfaces still meet"),
    "part_one_side": _l("Facing teeth missing on one side"),
    "part_both_sides": _l("Facing teeth missing on both sides"),
    "upper": _l("Upper jaw without teeth"),
    "lower": _l("Lower jaw without teeth"),
    "all": _l("No teeth at all"),
}
DENTURES = {
    "none": _l("No denture, or not worn"),
    "fixed": _l("Fixed denture"),
    "partial": _l("Removable partial denture"),
    "full": _l("Full denture, worn at meals"),
}
SWALLOW = {
    "1": _l("1: in one go within 5 seconds, no choking"),
    "1slow": _l("1: in one go, longer than 5 seconds, no choking"),
    "2": _l("2: in two or more goes, no choking"),
    "3": _l("3: in one go, with choking"),
    "4": _l("4: in two or more goes, with choking"),
    "5": _l("5: chokes often, cannot finish"),
    "tube": _l("Feeding tube, not tested"),
}
FOODS = {
    "7": _l("7 regular"),
    "7EC": _l("7 easy to chew"),
    "6": _l("6 soft and bite-sized (up to 15 mm)"),
    "5": _l("5 minced and moist (up to 4 mm)"),
    "4": _l("4 pureed"),
    "3": _l("3 liquidised"),
    "none": _l("Nothing by mouth until assessed"),
}
DRINKS = {
    "0": _l("0 thin"),
    "0-1": _l("0 to 1, small sips"),
    "1": _l("1 slightly thick"),
    "2": _l("2 mildly thick"),
    "3": _l("3 moderately thick"),
    "4": _l("4 extremely thick"),
    "none": _l("Nothing to drink by mouth"),
}
TEXTURE_SOURCES = {
    "swallow": _l("water test"),
    "teeth_good": _l("chews well with teeth or full denture"),
    "teeth_part": _l("part of the teeth missing"),
    "teeth_poor": _l("cannot chew: facing teeth missing, no denture"),
    "choking": _l("choked in the last 30 days: one level softer"),
    "residue": _l("food stays in the mouth or runs out: at most level 5"),
    "not_awake": _l("not fully awake"),
    "cannot_swallow": _l("observation 1.3: cannot swallow, or feeding tube"),
    "ask_swallow": _l("water test not done"),
    "ask_teeth": _l("teeth not looked at"),
    "ask_denture": _l("denture not asked about"),
}
REFERRALS = {
    "swallowing": _l("Refer for a swallowing assessment"),
    "urgent": _l("Refer for a swallowing assessment at once"),
}
RISK_LEVELS = {"high": _l("High"), "watch": _l("Watch"), "low": _l("Low"), "unknown": _l("Not assessed")}
RISK_TONES = {"high": "bad", "watch": "warn", "low": "good", "unknown": "neutral"}
WISHES = {
    "staple": _l("Staple food (noodles, rice, tsampa …)"),
    "never": _l("Never eats (religion or dislike)"),
    "likes": _l("Likes to eat and drink"),
    "times": _l("Mealtimes and own bowl"),
    "faith": _l("Faith and customs to respect"),
    "festivals": _l("Festivals to keep"),
    "room": _l("Room: colours, photos, own furniture"),
    "objects": _l("Objects of faith or ethnic custom in the room"),
    "quiet": _l("Light, quiet, sleep"),
    "company": _l("Company, talk, songs"),
}
"""Voluntary wishes, each a short text; stored encrypted."""

STEPS = {
    "notified": _l("Somebody was told"),
    "measure": _l("Measure taken"),
    "follow_up": _l("To be looked at again"),
    "plan": _l("Care plan looked at"),
    "reassess": _l("New assessment asked for"),
    "closed": _l("Closed"),
}
"""What is done about an incident."""
STEP_TONES = {
    "notified": "info",
    "measure": "good",
    "follow_up": "warn",
    "plan": "info",
    "reassess": "info",
    "closed": "neutral",
}

PATTERN_KINDS = {
    "minute": _l("Several days within a minute"),
    "at_once": _l("Whole days in one go"),
    "two_villages": _l("Two villages at once"),
    "photo": _l("One picture twice"),
    "same": _l("Figures that never change"),
}
"""Records that are hard to believe, as ``rules.patterns`` finds them."""
PATTERN_STATES = {
    OddState.OPEN: _l("To be looked at"),
    OddState.FOLLOWED: _l("Followed up"),
    OddState.DISMISSED: _l("Had a good reason"),
}
PATTERN_TONES = {OddState.OPEN: "warn", OddState.FOLLOWED: "bad", OddState.DISMISSED: "neutral"}
PRESENCES = {
    Presence.NONE: _l("not read"),
    Presence.CARD: _l("the card of the home"),
    Presence.WRONG: _l("a wrong code"),
}
"""What an entry says about the household's card."""
