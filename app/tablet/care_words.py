"""Texts of the tablet app for those who care: the ward's round, tasks at home, a shift handed over, the household's card."""

from __future__ import annotations

from app.core.words import lazy_gettext as _l

CARE_WORDS = {
    "care_title": _l("Care"),
    "care_today": _l("Today"),
    "care_yesterday": _l("The day before"),
    "care_before": _l("Day before"),
    "care_after": _l("Day after"),
    "care_nobody": _l(
        "Nobody is linked to you yet. A contract or an institution does that; then take them along again."
    ),
    "care_no_plan": _l("No approved care plan covers this day."),
    "care_past": _l(
        "You are recording for %(day)s. What is entered more than 24 hours after the day stays marked as late."
    ),
    "care_late": _l("late"),
    "care_done": _l("Done"),
    "care_done_once": _l("Done once"),
    "care_done_times": _l("Done: %(times)s times"),
    "care_not": _l("Not done …"),
    "care_not_because": _l("Not done, because"),
    "care_other": _l("Another reason: write it down"),
    "care_other_missing": _l("Write the reason down first."),
    "care_enter": _l("Enter it"),
    "care_take_back": _l("Take it back"),
    "care_times": _l("How many times"),
    "care_times_of": _l("%(times)s of %(due)s"),
    "care_less": _l("one less"),
    "care_more": _l("one more"),
    "care_standing": _l("Due %(due)s · done %(done)s · not done %(not_done)s · not needed %(not_needed)s"),
    "care_beside": _l("Not due that day: what you do is recorded beside the plan."),
    "care_correcting": _l("This is recorded already. Both entries stay visible; say why it changes."),
    "care_why_correct": _l("Reason for the correction"),
    "care_why_missing": _l("Give the reason for the correction first."),
    "care_correct": _l("Correct"),
    "care_correct_said": _l("Correct what stands"),
    "care_record": _l("Record"),
    "care_said": _l("What was recorded"),
    "care_whole_day": _l("The whole day and corrections"),
    "care_food": _l("Food and drink: %(food)s"),
    "outcome_done": _l("Done"),
    "outcome_not_done": _l("Not done"),
    "outcome_not_needed": _l("Not needed"),
    "mark_done": _l("done %(count)s"),
    "mark_extra": _l("beside the plan %(count)s"),
    "mark_not_done": _l("not done %(count)s"),
    "mark_not_needed": _l("not needed %(count)s"),
    "mark_open": _l("open %(count)s"),
    "mark_not_due": _l("Not due that day"),
    "round_title": _l("Round"),
    "round_shift": _l("%(day)s, shift from %(from)s to %(to)s o'clock"),
    "round_whole": _l("Whole round as planned"),
    "round_will": _l("%(people)s residents: %(services)s services as planned, %(exceptions)s exceptions you entered."),
    "round_sure": _l(
        "Record for %(people)s residents: %(services)s services as planned, %(exceptions)s exceptions. It can be corrected later only with a reason."
    ),
    "round_nothing": _l("Everything due until the end of this shift is recorded."),
    "round_only": _l("Only what I entered (%(count)s)"),
    "round_of": _l("Round of %(count)s residents"),
    "round_kept": _l("Kept for %(count)s residents."),
    "chip_good": _l("recorded"),
    "chip_bad": _l("not done"),
    "chip_late": _l("late, still open"),
    "chip_open": _l("open"),
    "chip_neutral": _l("not needed"),
    "chip_of": _l("%(item)s of %(name)s: %(standing)s, %(said)s of %(due)s"),
    "tasks_progress": _l("%(done)s of %(due)s"),
    "tasks_all": _l("Everything due today is recorded. Thank you."),
    "tasks_hand_in": _l("Hand in (%(count)s)"),
    "tasks_kept": _l("Kept on this phone; it is sent as soon as there is network."),
    "care_photo": _l("Photo"),
    "task_done": _l("Entered as done"),
    "task_not": _l("Entered with a reason"),
    "card_scan": _l("Scan the card of the household"),
    "card_seen": _l("Card of the household seen"),
    "card_of": _l("Card of %(name)s"),
    "card_note": _l(
        "The card hangs on the wall of the home and changes every month. It says that somebody had this household's card at hand; where you are is not recorded."
    ),
    "card_camera": _l("Open the camera"),
    "card_type": _l("Or type the twelve signs under the square"),
    "card_take": _l("Take the card"),
    "card_wrong": _l(
        "These are not the signs of this month's card of %(name)s. Look again; or go on without the card."
    ),
    "handover": _l("Hand the shift over"),
    "handover_shift": _l("Shift of %(day)s until %(hour)s o'clock"),
    "handover_said": _l("%(said)s of %(due)s services recorded"),
    "handover_open": _l("Still open"),
    "handover_nothing": _l("Nothing is open."),
    "handover_exceptions": _l("Not done that day"),
    "handover_away": _l("Away"),
    "handover_note": _l("What the next shift must know"),
    "handover_receiver": _l("Who takes over?"),
    "handover_given": _l("Leaves"),
    "handover_taken": _l("Takes over"),
    "handover_both": _l("Choose who takes over; then both sign."),
    "handover_sign": _l("Both have signed: keep it"),
    "handover_kept": _l("The handover is kept and sent as soon as there is network."),
    "handover_again": _l("Write the handover again"),
    "handover_drafts": _l(
        "For %(count)s residents something was entered and not handed in yet. Finish the round first."
    ),
}
"""Name in the code of the app → text."""
