"""Business acts of people's records."""

from __future__ import annotations

from app.people.operations.caregivers import (
    REVEALED_OF_CAREGIVER,
    create_assessor,
    create_caregiver,
    reveal_caregiver,
    set_training,
    update_assessor,
    update_caregiver,
)
from app.people.operations.facts import ASSESSOR_FIELDS, CAREGIVER_FIELDS, RESIDENT_FIELDS
from app.people.operations.imports import ImportRefused, ImportReport, examine, import_residents
from app.people.operations.residents import (
    REVEALED,
    assign_caregiver,
    cancel_absence,
    close_absence,
    create_resident,
    end_support,
    read_health_notes,
    record_absence,
    resume_support,
    reveal,
    update_resident,
)

__all__ = [
    "ASSESSOR_FIELDS",
    "CAREGIVER_FIELDS",
    "RESIDENT_FIELDS",
    "REVEALED",
    "REVEALED_OF_CAREGIVER",
    "ImportRefused",
    "ImportReport",
    "assign_caregiver",
    "cancel_absence",
    "close_absence",
    "create_assessor",
    "create_caregiver",
    "create_resident",
    "end_support",
    "examine",
    "import_residents",
    "read_health_notes",
    "record_absence",
    "resume_support",
    "reveal",
    "reveal_caregiver",
    "set_training",
    "update_assessor",
    "update_caregiver",
    "update_resident",
]
