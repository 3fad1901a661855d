"""Words for the codes of people's records. Codes of form A are those of MZ/T 039-2013."""

from __future__ import annotations

from app.core.words import lazy_gettext as _l
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

FIELDS = {
    "number": _l("Number"),
    "name": _l("Name"),
    "sex": _l("Sex"),
    "born_on": _l("Date of birth"),
    "id_number": _l("ID number"),
    "ethnicity": _l("Ethnicity"),
    "education": _l("Education"),
    "religion": _l("Religion"),
    "marital": _l("Marital status"),
    "living": _l("Living with"),
    "medical_payment": _l("Who pays for medical care"),
    "income_sources": _l("Sources of income"),
    "area_code": _l("Village"),
    "address": _l("Address"),
    "phone": _l("Telephone"),
    "health_notes": _l("Health notes"),
    "setting": _l("Form of support"),
    "institution_id": _l("Care institution"),
    "caregiver_id": _l("Caregiver"),
    "guardian_name": _l("Guardian"),
    "guardian_relation": _l("Guardian's relation"),
    "guardian_phone": _l("Guardian's telephone"),
    "status": _l("Status"),
    "supported_from": _l("Supported from"),
    "ended_on": _l("Support ended on"),
    "end_reason": _l("Reason for the end"),
    "kind": _l("Kind"),
    "from_on": _l("First day"),
    "to_on": _l("Last day"),
    "bank_name": _l("Bank"),
    "bank_account": _l("Bank account"),
    "user_id": _l("Account to sign in with"),
    "tier": _l("Training passed"),
    "tier_passed_on": _l("Passed on"),
    "tier_valid_to": _l("Valid to"),
    "health_check_on": _l("Last health check"),
    "active": _l("In use"),
    "organisation_id": _l("Agency"),
    "qualification": _l("Qualification"),
    "certificate_number": _l("Certificate number"),
    "certificate_valid_to": _l("Certificate valid to"),
}
"""Words for the fields of people's records, on forms, in tables and in histories."""

ACTS = {
    "resident.create": _l("Record opened"),
    "resident.update": _l("Record changed"),
    "resident.end": _l("Support ended"),
    "resident.resume": _l("End of support taken back"),
    "residents.import": _l("Record opened by import"),
    "absence.record": _l("Absence recorded"),
    "absence.close": _l("Absence ended"),
    "absence.cancel": _l("Absence taken back"),
    "people.reveal": _l("Protected field looked at"),
    "caregiver.create": _l("Record opened"),
    "caregiver.update": _l("Record changed"),
    "document.print": _l("Document printed"),
}
"""Words for acts in the history of a record; others are told as changes."""
