"""What each role's first day looks like, and names of printed documents."""

from __future__ import annotations

from app.core.actor import Role
from app.core.words import lazy_gettext as _l

DOCUMENT_KINDS = {
    "sheet": _l("Assessment report"),
    "grade": _l("Decision on the care grade"),
    "plan": _l("Care plan"),
    "checklist": _l("Checklist of the day"),
    "presence_card": _l("Household cards of a month"),
    "contract": _l("Seven-party contract"),
    "duties": _l("List of duties kept late or missed"),
    "statement": _l("Settlement statement"),
    "slip": _l("Pay slip"),
    "appeal": _l("Outcome of an appeal"),
    "pair": _l("Comparison of assessment sheets"),
    "care_report": _l("Care report"),
    "handover": _l("Handover of a shift"),
    "signs": _l("List of unsafe signs"),
    "certificate": _l("Training certificate"),
    "attendance": _l("Attendance list of a training"),
    "belongings": _l("Register of belongings"),
    "bed_days": _l("Days of beds"),
}

JOB_NAMES = {
    "instrument-versions": _l("New versions of the instrument"),
    "discharges": _l("Re-assessments after a stay in hospital"),
    "assessments-overdue": _l("Overdue assessments reported to the county"),
    "reassessments-due": _l("Re-assessments that fall due"),
    "odd-patterns": _l("Records that a person should look at"),
    "offline-records": _l("Records of devices that are still to be worked on"),
    "support-ended": _l("Grades of people whose support has ended"),
    "contracts-archiving": _l("Archiving of old contracts"),
    "contracts-duties": _l("Duties of the seven parties"),
    "contracts-sealing": _l("Sealing of signed contracts"),
    "plans-following": _l("Drafts of plans after a new grade"),
    "drifts": _l("Records that no longer fit the grade"),
    "stays-ended": _l("Beds of who left"),
    "lessons": _l("Order of the lessons page"),
    "expiries": _l("Training and certificates that run out"),
    "contracts-expiring": _l("Contracts that expire"),
    "open_quarter": _l("Opening the new quarter"),
    "calculate_asked": _l("Going on with a calculation of all townships"),
    "nightly-backup": _l("Nightly backup"),
}

GUIDES: dict[Role, list[tuple[object, str]]] = {
    Role.ASSESSOR: [
        (_l("Open the list of residents due for assessment"), "grading.due"),
        (_l("Score the thirty observations and submit the sheet"), "grading.sheets"),
    ],
    Role.INSTITUTION_MANAGER: [
        (_l("See who has no care plan and draw one up"), "care.plans"),
        (_l("Watch the round board and missed care"), "care.completion"),
        (_l("Sign contracts for the institution"), "contracts.contracts"),
        (_l("See what the institution is paid for its residents"), "settlement.slips"),
    ],
    Role.CARE_WORKER: [(_l("Record today's round"), "care.today"), (_l("Report an incident"), "care.incidents")],
    Role.CAREGIVER: [
        (_l("Record today's care"), "care.today"),
        (_l("See my contract"), "contracts.contracts"),
        (_l("See my pay slips"), "settlement.slips"),
    ],
    Role.VILLAGE_OFFICER: [
        (_l("Record a visit"), "care.visits"),
        (_l("Sign contracts for the village"), "contracts.contracts"),
        (_l("Report a change or an incident"), "care.incidents"),
    ],
    Role.VOLUNTEER: [(_l("Record a visit: eaten together, talked, seen a problem"), "care.visits")],
    Role.TOWNSHIP_OFFICER: [
        (_l("Register residents and caregivers"), "people.residents"),
        (_l("Draw up plans and contracts"), "contracts.contracts"),
        (_l("Score caregivers at the end of the quarter"), "settlement.evaluations"),
        (_l("Calculate and submit the settlement"), "settlement.settlements"),
    ],
    Role.COUNTY_OFFICER: [
        (_l("Decide proposed care grades"), "grading.proposals"),
        (_l("Approve care plans"), "care.plans"),
        (_l("Confirm evaluations and pay approved settlements"), "settlement.settlements"),
        (_l("Keep the county's standards"), "quality.rules"),
    ],
    Role.COUNTY_REVIEWER: [
        (_l("Review grades on which the two scales disagree"), "grading.proposals"),
        (_l("Approve and close settlements"), "settlement.settlements"),
        (_l("Answer objections"), "settlement.disputes"),
    ],
    Role.AUDITOR: [
        (_l("Follow any figure to its evidence"), "settlement.ledger"),
        (_l("Read the audit log"), "quality.audit"),
    ],
    Role.SYSTEM_ADMIN: [(_l("Create accounts"), "auth.users"), (_l("Watch the scheduled jobs"), "overview.jobs")],
    Role.SECURITY_ADMIN: [
        (_l("Give accounts their role and area"), "auth.users"),
        (_l("Read the audit log"), "quality.audit"),
    ],
}
