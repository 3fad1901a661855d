"""One table: which role may do what. Everything not listed is refused."""

from __future__ import annotations

from app.core.actor import Actor, Role

R = Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    name: frozenset(roles)
    for name, roles in {
        # places
        "places.read": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.CAREGIVER, R.VOLUNTEER},
        "places.write": {R.COUNTY_OFFICER},
        # people
        "people.read": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN},
        "people.write": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER},
        "people.import": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER},
        "people.export": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.AUDITOR},
        "people.reveal": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.ASSESSOR, R.INSTITUTION_MANAGER},
        # who cares has to know illnesses, allergies and medicines, and nothing else that is protected
        "people.health": {R.CAREGIVER, R.CARE_WORKER},
        "absences.write": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.INSTITUTION_MANAGER, R.VILLAGE_OFFICER},
        "caregivers.read": {
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
            R.INSTITUTION_MANAGER,
            R.VILLAGE_OFFICER,
        },
        "caregivers.reveal": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.INSTITUTION_MANAGER},
        "caregivers.write": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.INSTITUTION_MANAGER},
        # unsafe signs: weight, skin, falls, drift from the grade
        "signs.read": {
            R.CAREGIVER,
            R.CARE_WORKER,
            R.INSTITUTION_MANAGER,
            R.VILLAGE_OFFICER,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
        },
        "measurements.write": {
            R.CAREGIVER,
            R.CARE_WORKER,
            R.INSTITUTION_MANAGER,
            R.VILLAGE_OFFICER,
            R.TOWNSHIP_OFFICER,
        },
        # who may care for whom: training, certificates, exceptions, duty
        "training.read": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR, R.INSTITUTION_MANAGER},
        "training.write": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.INSTITUTION_MANAGER},
        # who confirms results is no institution: it would certify its own workers
        "training.certify": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER},
        "credentials.write": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.INSTITUTION_MANAGER},
        # the township draws up the contracts the gate stands before, so the county alone opens it
        "overrides.write": {R.COUNTY_OFFICER},
        "staffing.read": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR, R.INSTITUTION_MANAGER},
        "roster.write": {R.INSTITUTION_MANAGER},
        # beds of institutions, and what residents brought along
        "lodging.read": {
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
            R.INSTITUTION_MANAGER,
            R.CARE_WORKER,
        },
        "lodging.write": {R.INSTITUTION_MANAGER},
        "belongings.read": {
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
            R.INSTITUTION_MANAGER,
            R.CARE_WORKER,
        },
        "belongings.write": {R.INSTITUTION_MANAGER, R.CARE_WORKER},
        "assessors.read": {R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR, R.ASSESSOR},
        "assessors.write": {R.COUNTY_OFFICER},
        # sheets and grades
        "sheets.read": {
            R.ASSESSOR,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
            R.INSTITUTION_MANAGER,
        },
        "sheets.write": {R.ASSESSOR},
        # sheets side by side: who scores is named by one officer, who adjudicates has not scored
        "pairs.read": {R.ASSESSOR, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR},
        "pairs.write": {R.COUNTY_OFFICER},
        "agreement.read": {R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR},
        "pairs.adjudicate": {R.COUNTY_OFFICER, R.COUNTY_REVIEWER},
        "grades.read": {
            R.ASSESSOR,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
            R.INSTITUTION_MANAGER,
            R.VILLAGE_OFFICER,
            R.CARE_WORKER,
            R.CAREGIVER,
        },
        "grades.review": {R.COUNTY_REVIEWER},
        "grades.decide": {R.COUNTY_OFFICER},
        "grades.return": {R.COUNTY_OFFICER, R.COUNTY_REVIEWER},
        "grades.report": {
            R.ASSESSOR,
            R.INSTITUTION_MANAGER,
            R.CARE_WORKER,
            R.CAREGIVER,
            R.VILLAGE_OFFICER,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
        },
        # devices without network
        "records.send": {
            R.ASSESSOR,
            R.CAREGIVER,
            R.CARE_WORKER,
            R.INSTITUTION_MANAGER,
            R.TOWNSHIP_OFFICER,
            R.VILLAGE_OFFICER,
        },
        "records.carry": {R.ASSESSOR, R.VILLAGE_OFFICER, R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER},
        "records.read": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR},
        "records.settle": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER},
        "devices.read": {R.ASSESSOR, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR, R.SECURITY_ADMIN},
        "devices.block": {R.ASSESSOR, R.COUNTY_OFFICER, R.SECURITY_ADMIN},
        "devices.unblock": {R.COUNTY_OFFICER},
        # appeals against a grade: entered for the resident or guardian, or by the institution
        "appeals.read": {
            R.ASSESSOR,
            R.VILLAGE_OFFICER,
            R.TOWNSHIP_OFFICER,
            R.INSTITUTION_MANAGER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
        },
        "appeals.file": {R.VILLAGE_OFFICER, R.TOWNSHIP_OFFICER, R.INSTITUTION_MANAGER, R.COUNTY_OFFICER},
        # care
        "plans.read": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.VOLUNTEER},
        "plans.write": {R.TOWNSHIP_OFFICER, R.INSTITUTION_MANAGER},
        "plans.approve": {R.COUNTY_OFFICER},
        # wishes may show religion: those who write them and those who cook, wash and furnish by them
        "profiles.read": {
            R.ASSESSOR,
            R.TOWNSHIP_OFFICER,
            R.INSTITUTION_MANAGER,
            R.CARE_WORKER,
            R.CAREGIVER,
            R.COUNTY_OFFICER,
        },
        "profiles.write": {R.ASSESSOR, R.TOWNSHIP_OFFICER, R.INSTITUTION_MANAGER},
        "textures.confirm": {R.ASSESSOR},
        "checklist.read": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.VOLUNTEER, R.ASSESSOR},
        "checklist.record": {R.CAREGIVER, R.CARE_WORKER, R.INSTITUTION_MANAGER},
        # the household's card: who visits takes the new one along
        "cards.print": {R.TOWNSHIP_OFFICER, R.VILLAGE_OFFICER},
        # records that are hard to believe: looked at by those who do not write them
        "patterns.read": {
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
            R.INSTITUTION_MANAGER,
        },
        "patterns.decide": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.INSTITUTION_MANAGER},
        "handovers.sign": {R.CARE_WORKER, R.INSTITUTION_MANAGER},
        "visits.read": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.ASSESSOR, R.CARE_WORKER, R.CAREGIVER},
        "visits.write": {R.VILLAGE_OFFICER, R.VOLUNTEER, R.TOWNSHIP_OFFICER},
        "incidents.read": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.VOLUNTEER},
        "incidents.write": {R.CAREGIVER, R.CARE_WORKER, R.INSTITUTION_MANAGER, R.VILLAGE_OFFICER, R.TOWNSHIP_OFFICER},
        "incidents.judge": {R.COUNTY_OFFICER},
        # contracts
        "contracts.read": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.VOLUNTEER, R.ASSESSOR, R.CARE_WORKER},
        "contracts.write": {R.TOWNSHIP_OFFICER},
        "contracts.observe": {
            R.VILLAGE_OFFICER,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.INSTITUTION_MANAGER,
        },
        "contracts.note": {
            R.VOLUNTEER,
            R.VILLAGE_OFFICER,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.INSTITUTION_MANAGER,
        },
        "contracts.answer": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER},
        "contracts.sign": {
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.VILLAGE_OFFICER,
            R.INSTITUTION_MANAGER,
            R.CAREGIVER,
        },
        # offices, not the caregiver: compare a scan with what was filed, keep the picture of the own seal
        "contracts.check": {
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.VILLAGE_OFFICER,
            R.INSTITUTION_MANAGER,
        },
        # who holds a tablet at a kitchen table, and takes contracts along on it
        "contracts.take": {R.TOWNSHIP_OFFICER, R.VILLAGE_OFFICER},
        # the quarter
        "evaluations.read": {
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
            R.INSTITUTION_MANAGER,
            R.CAREGIVER,
        },
        "evaluations.score": {R.TOWNSHIP_OFFICER},
        "evaluations.agree": {R.CAREGIVER, R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER},
        "evaluations.confirm": {R.COUNTY_OFFICER},
        "spotchecks.read": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR},
        "spotchecks.draw": {R.COUNTY_OFFICER},
        "settlements.read": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR},
        "settlements.calculate": {R.TOWNSHIP_OFFICER},
        "settlements.calculate_all": {R.COUNTY_OFFICER},
        "settlements.submit": {R.TOWNSHIP_OFFICER},
        "settlements.approve": {R.COUNTY_REVIEWER},
        "settlements.pay": {R.COUNTY_OFFICER},
        "settlements.close": {R.COUNTY_REVIEWER},
        "slips.read": {
            R.CAREGIVER,
            R.INSTITUTION_MANAGER,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
        },
        # who is paid, and who pays: a caregiver the own ones, a manager those of the institution
        "slips.caregiver": {R.CAREGIVER, R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR},
        "slips.institution": {
            R.INSTITUTION_MANAGER,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
        },
        # the account of an institution: recorded by those who do not pay
        "accounts.write": {R.TOWNSHIP_OFFICER, R.COUNTY_REVIEWER},
        "accounts.reveal": {R.TOWNSHIP_OFFICER, R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.INSTITUTION_MANAGER},
        "evaluations.object": {R.CAREGIVER},
        "disputes.raise": {R.CAREGIVER, R.INSTITUTION_MANAGER},
        "disputes.read": {
            R.CAREGIVER,
            R.INSTITUTION_MANAGER,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
        },
        "disputes.decide": {R.COUNTY_REVIEWER},
        "ledger.read": {R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR},
        # rules kept by the county
        "standards.read": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.VOLUNTEER},
        "standards.preview": {R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR},
        "standards.draft": {R.COUNTY_OFFICER},
        "standards.approve": {R.COUNTY_REVIEWER},
        # keeping the house
        "documents.issue": {*R} - {R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.VOLUNTEER},
        "overview.read": {
            R.VILLAGE_OFFICER,
            R.INSTITUTION_MANAGER,
            R.TOWNSHIP_OFFICER,
            R.COUNTY_OFFICER,
            R.COUNTY_REVIEWER,
            R.AUDITOR,
        },
        "audit.read": {R.AUDITOR, R.SECURITY_ADMIN},
        "users.read": {R.SYSTEM_ADMIN, R.SECURITY_ADMIN},
        "users.write": {R.SYSTEM_ADMIN},
        "users.stop": {R.SYSTEM_ADMIN, R.SECURITY_ADMIN},
        "roles.write": {R.SECURITY_ADMIN},
        "jobs.read": {R.SYSTEM_ADMIN},
        "jobs.run": {R.SYSTEM_ADMIN},
        "account.self": {*R},
    }.items()
}

SYSTEM_PERMISSIONS = frozenset(PERMISSIONS) | {"system.job", "system.seed"}
"""What the system itself (scheduler, command line) acts with."""

SECOND_FACTOR_ROLES = frozenset({R.COUNTY_OFFICER, R.COUNTY_REVIEWER, R.AUDITOR, R.SYSTEM_ADMIN, R.SECURITY_ADMIN})
"""Roles that need a second factor in production."""

SCOPE_NEEDED: dict[Role, frozenset[str]] = {
    R.ASSESSOR: frozenset({"area_code"}),
    R.INSTITUTION_MANAGER: frozenset({"organisation_id"}),
    R.CARE_WORKER: frozenset({"organisation_id"}),
    R.CAREGIVER: frozenset(),
    R.VILLAGE_OFFICER: frozenset({"area_code"}),
    R.VOLUNTEER: frozenset({"area_code"}),
    R.TOWNSHIP_OFFICER: frozenset({"area_code"}),
    R.COUNTY_OFFICER: frozenset({"area_code"}),
    R.COUNTY_REVIEWER: frozenset({"area_code"}),
    R.AUDITOR: frozenset({"area_code"}),
    R.SYSTEM_ADMIN: frozenset(),
    R.SECURITY_ADMIN: frozenset(),
}
"""What must be said of an account so that its rows are limited; a caregiver's are by the caregiver's own record."""


def permissions_of(role: Role) -> frozenset[str]:
    """Everything ``role`` may do."""
    return frozenset(name for name, roles in PERMISSIONS.items() if role in roles)


def system_actor(name: str = "system") -> Actor:
    """The installation itself: scheduled jobs and the command line. Sees the whole county (``actor.system``)."""
    return Actor(user_id=None, name=name, role=None, permissions=SYSTEM_PERMISSIONS, area_code="", person_key="system")
