"""Words for the codes of people's records. Codes of form A are those of MZ/T 039-2013."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.people.models import AbsenceKind, ResidentStatus, Setting, Sex, Tier

SEX_LABELS = {Sex.MALE: _l("Male"), Sex.FEMALE: _l("Female")}
SETTING_LABELS = {Setting.HOME: _l("Care at home"), Setting.INSTITUTIONAL: _l("Care in an institution")}
STATUS_LABELS = {
    ResidentStatus.ACTIVE: _l("Supported"),
    ResidentStatus.DECEASED: _l("Deceased"),
    ResidentStatus.ENDED: _l("Support ended"),
}
STATUS_TONES = {ResidentStatus.ACTIVE: "good", ResidentStatus.DECEASED: "neutral", ResidentStatus.ENDED: "neutral"}
ABSENCE_LABELS = {AbsenceKind.HOSPITAL: _l("In hospital"), AbsenceKind.LEAVE: _l("On leave")}
TIER_LABELS = {
    Tier.T1: _l("T1 basic care"),
    Tier.T2: _l("T2 half care"),
    Tier.T3: _l("T3 full care"),
}

EDUCATION = {
    "1": _l("No schooling"),
    "2": _l("Primary school"),
    "3": _l("Lower secondary school"),
    "4": _l("Upper secondary, technical or vocational school"),
    "5": _l("College and above"),
    "6": _l("Not known"),
}
MARITAL = {
    "1": _l("Never married"),
    "2": _l("Married"),
    "3": _l("Widowed"),
    "4": _l("Divorced"),
    "5": _l("Not stated"),
}
LIVING = {
    "1": _l("Alone"),
    "2": _l("With spouse or partner"),
    "3": _l("With children"),
    "4": _l("With parents"),
    "5": _l("With brothers or sisters"),
    "6": _l("With other relatives"),
    "7": _l("With people who are no relatives"),
    "8": _l("In a care institution"),
}
MEDICAL_PAYMENT = {
    "1": _l("Urban employees' medical insurance"),
    "2": _l("Urban residents' medical insurance"),
    "3": _l("New rural cooperative medical scheme"),
    "4": _l("Medical assistance for the poor"),
    "5": _l("Commercial medical insurance"),
    "6": _l("Wholly at public expense"),
    "7": _l("Wholly at own expense"),
    "8": _l("Other payment"),
}
INCOME_SOURCES = {
    "1": _l("Pension"),
    "2": _l("Support from children"),
    "3": _l("Support from relatives and friends"),
    "4": _l("Other allowances"),
}
RELATION = {
    "1": _l("Spouse"),
    "2": _l("Child"),
    "3": _l("Other relative"),
    "4": _l("Hired carer"),
    "5": _l("Somebody else"),
}
QUALIFICATIONS = {
    "medical": _l("Physician"),
    "nursing": _l("Nurse"),
    "rehabilitation": _l("Rehabilitation therapist"),
    "social_work": _l("Social worker"),
    "assessor": _l("Certified assessor"),
}
