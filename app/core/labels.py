"""What roles are called on screen, on paper and on tables that are taken away."""

from __future__ import annotations

from app.core.actor import Role
from app.core.words import lazy_gettext as _l

ROLE_LABELS = {
    Role.ASSESSOR: _l("Assessor"),
    Role.INSTITUTION_MANAGER: _l("Institution manager"),
    Role.CARE_WORKER: _l("Care worker"),
    Role.CAREGIVER: _l("Caregiver"),
    Role.VILLAGE_OFFICER: _l("Village officer"),
    Role.VOLUNTEER: _l("Volunteer"),
    Role.TOWNSHIP_OFFICER: _l("Township officer"),
    Role.COUNTY_OFFICER: _l("County officer"),
    Role.COUNTY_REVIEWER: _l("County reviewer"),
    Role.AUDITOR: _l("Auditor"),
    Role.SYSTEM_ADMIN: _l("System administrator"),
    Role.SECURITY_ADMIN: _l("Security administrator"),
}
