"""The accounts of the demo county: one of every role, and sister accounts to see that neighbours see nothing."""

from __future__ import annotations

from app.core.actor import Role

PASSWORD = "Yiheng-2026-demo"
"""Published on purpose; production refuses it."""

ACCOUNTS: tuple[tuple[str, Role, str], ...] = (
    ("assessor_a", Role.ASSESSOR, "agency"),
    ("assessor_b", Role.ASSESSOR, "agency"),
    ("institution_manager_a", Role.INSTITUTION_MANAGER, "institution_a"),
    ("institution_manager_b", Role.INSTITUTION_MANAGER, "institution_b"),
    ("care_worker_a", Role.CARE_WORKER, "institution_a"),
    ("care_worker_b", Role.CARE_WORKER, "institution_b"),
    ("caregiver_a", Role.CAREGIVER, ""),
    ("caregiver_b", Role.CAREGIVER, ""),
    ("village_officer_a", Role.VILLAGE_OFFICER, "village_a"),
    ("village_officer_b", Role.VILLAGE_OFFICER, "village_b"),
    ("volunteer_a", Role.VOLUNTEER, "volunteers_a"),
    ("volunteer_b", Role.VOLUNTEER, "volunteers_b"),
    ("township_officer_a", Role.TOWNSHIP_OFFICER, "township_a"),
    ("township_officer_b", Role.TOWNSHIP_OFFICER, "township_b"),
    ("county_officer_a", Role.COUNTY_OFFICER, "bureau"),
    ("county_officer_b", Role.COUNTY_OFFICER, "bureau"),
    ("county_reviewer_a", Role.COUNTY_REVIEWER, "county"),
    ("county_reviewer_b", Role.COUNTY_REVIEWER, "county"),
    ("auditor", Role.AUDITOR, ""),
    ("system_admin", Role.SYSTEM_ADMIN, ""),
    ("security_admin", Role.SECURITY_ADMIN, ""),
)
"""(user name, role, key of the organisation); townships a and b are sisters."""
