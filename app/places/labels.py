"""Words for levels and kinds of organisations."""

from __future__ import annotations

from app.core.words import lazy_gettext as _l
from app.places.models import Level, OrganisationKind

LEVEL_LABELS = {
    Level.PROVINCE: _l("Province"),
    Level.PREFECTURE: _l("Prefecture"),
    Level.COUNTY: _l("County"),
    Level.TOWNSHIP: _l("Township"),
    Level.VILLAGE: _l("Village"),
}
KIND_LABELS = {
    OrganisationKind.COUNTY_GOVERNMENT: _l("County government"),
    OrganisationKind.TOWNSHIP_GOVERNMENT: _l("Township government"),
    OrganisationKind.CIVIL_AFFAIRS: _l("Civil affairs bureau"),
    OrganisationKind.VILLAGE_COMMITTEE: _l("Village committee"),
    OrganisationKind.INSTITUTION: _l("Care institution"),
    OrganisationKind.ASSESSMENT_AGENCY: _l("Assessment agency"),
    OrganisationKind.VOLUNTEER_GROUP: _l("Volunteer group"),
}
