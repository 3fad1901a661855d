"""Who acts: a value passed explicitly as the first argument of every query and operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.core.errors import Forbidden


class Role(StrEnum):
    """What a person is in the county; ``app.auth.roles`` says what each may do."""

    ASSESSOR = "assessor"
    INSTITUTION_MANAGER = "institution_manager"
    CARE_WORKER = "care_worker"
    CAREGIVER = "caregiver"
    VILLAGE_OFFICER = "village_officer"
    VOLUNTEER = "volunteer"
    TOWNSHIP_OFFICER = "township_officer"
    COUNTY_OFFICER = "county_officer"
    COUNTY_REVIEWER = "county_reviewer"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"


@dataclass(frozen=True)
class Actor:
    """One signed-in person with the rights and the row scope that hold for this request.

    ``area_code`` limits rows to a subtree of division codes (GB/T 2260, hierarchical by prefix), ``organisation_id``
    to an institution, ``caregiver_id`` to one's own contracts. ``person_key`` is equal for two accounts of one person.
    """

    user_id: int | None
    name: str
    role: Role | None
    permissions: frozenset[str] = field(default_factory=frozenset)
    area_code: str | None = None
    organisation_id: int | None = None
    caregiver_id: int | None = None
    assessor_id: int | None = None
    person_key: str = ""

    @property
    def system(self) -> bool:
        """Whether this is the installation itself (scheduled job, command line), which sees every row."""
        return self.role is None and self.user_id is None and bool(self.permissions)

    def person(self) -> tuple[int, Role]:
        """Account and role of who acts, for what only a person does. Raises ``Forbidden`` for the installation itself."""
        if self.user_id is None or self.role is None:
            raise Forbidden
        return self.user_id, self.role

    def may(self, permission: str) -> bool:
        """Whether the actor's role carries ``permission``."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise ``Forbidden`` unless the actor's role carries ``permission``."""
        if permission not in self.permissions:
            raise Forbidden
