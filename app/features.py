"""Every feature of the product in one explicit list: its pages, and where they stand in the menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.words import lazy_gettext as _l

if TYPE_CHECKING:
    from flask import Blueprint

    from app.core.jobs import Job
    from app.tablet.kinds import Kind


@dataclass(frozen=True)
class MenuItem:
    """One line of the navigation; shown to roles that carry ``permission``.

    Pages whose address begins like the line's own, or like one of ``also``, belong to its section.
    """

    label: object
    endpoint: str
    permission: str
    icon: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class MenuGroup:
    """Lines that belong together."""

    label: object
    items: tuple[MenuItem, ...]


MENU: tuple[MenuGroup, ...] = (
    MenuGroup(
        _l("People"),
        (
            MenuItem(_l("Residents"), "people.residents", "people.read", "people", ("/absences", "/grades")),
            MenuItem(_l("Caregivers"), "people.caregivers", "caregivers.read", "heart"),
            MenuItem(_l("Training"), "workforce.sessions", "training.read", "mortarboard", ("/lessons",)),
            MenuItem(_l("What runs out"), "workforce.expiries", "caregivers.read", "hourglass-split"),
            MenuItem(_l("Assessors"), "people.assessors", "assessors.read", "clipboard-check"),
        ),
    ),
    MenuGroup(
        _l("Assessment"),
        (
            MenuItem(_l("Due for assessment"), "grading.due", "sheets.write", "calendar-check"),
            MenuItem(_l("Assessment sheets"), "grading.sheets", "sheets.read", "file-text"),
            MenuItem(_l("Tablet without network"), "tablet.shell", "sheets.write", "tablet"),
            MenuItem(_l("Sheets side by side"), "grading.sheet_pairs", "pairs.read", "people"),
            MenuItem(_l("Grade decisions"), "grading.proposals", "grades.read", "balance"),
            MenuItem(_l("Appeals"), "grading.appeals", "appeals.read", "chat-left-text"),
            MenuItem(_l("Agreement"), "grading.agreement", "agreement.read", "graph-up", ("/double-scoring",)),
        ),
    ),
    MenuGroup(
        _l("Care"),
        (
            MenuItem(_l("Today"), "care.today", "checklist.record", "check2-square"),
            MenuItem(_l("Recording without network"), "tablet.shell", "checklist.record", "tablet"),
            MenuItem(_l("Care plans"), "care.plans", "plans.read", "journal-text"),
            MenuItem(_l("Completion"), "care.completion", "checklist.read", "graph-up"),
            MenuItem(_l("Records to look at"), "care.patterns", "patterns.read", "eye"),
            MenuItem(_l("Household cards"), "care.cards", "cards.print", "qr-code"),
            MenuItem(_l("Unsafe signs"), "trends.signs", "signs.read", "heart-pulse", ("/measurements",)),
            MenuItem(_l("Visits"), "care.visits", "visits.read", "chat-heart"),
            MenuItem(_l("Incidents"), "care.incidents", "incidents.read", "exclamation-triangle"),
        ),
    ),
    MenuGroup(
        _l("Institutions"),
        (
            MenuItem(_l("Rooms and beds"), "lodging.houses", "lodging.read", "hospital", ("/stays",)),
            MenuItem(_l("Workers and shifts"), "workforce.staffing", "staffing.read", "person-badge"),
        ),
    ),
    MenuGroup(
        _l("Contracts and pay"),
        (
            MenuItem(_l("Contracts"), "contracts.contracts", "contracts.read", "pen"),
            MenuItem(_l("Signing without network"), "tablet.shell", "contracts.take", "tablet"),
            MenuItem(_l("Duties"), "contracts.duty_list", "contracts.read", "list-check"),
            MenuItem(_l("Evaluations"), "settlement.evaluations", "evaluations.read", "stars"),
            MenuItem(_l("Spot checks"), "settlement.spot_checks", "spotchecks.read", "clipboard-check"),
            MenuItem(_l("Settlement"), "settlement.settlements", "settlements.read", "cash-stack"),
            MenuItem(_l("Slips"), "settlement.slips", "slips.read", "receipt", ("/settlement-lines",)),
            MenuItem(_l("Objections"), "settlement.disputes", "disputes.read", "chat-left-text"),
            MenuItem(_l("Ledger"), "settlement.ledger", "ledger.read", "journal-check"),
        ),
    ),
    MenuGroup(
        _l("County"),
        (
            MenuItem(_l("Overview"), "overview.county", "overview.read", "speedometer2"),
            MenuItem(_l("Standards"), "quality.rules", "standards.read", "rulers"),
            MenuItem(_l("Areas"), "places.areas", "places.read", "map"),
            MenuItem(_l("Organisations"), "places.organisations", "places.read", "building"),
            MenuItem(_l("Devices without network"), "sync.devices", "devices.read", "tablet"),
            MenuItem(_l("Records of devices"), "sync.records", "records.read", "inbox"),
            MenuItem(_l("Courier file"), "sync.courier", "records.carry", "upload"),
        ),
    ),
    MenuGroup(
        _l("System"),
        (
            MenuItem(_l("Accounts"), "auth.users", "users.read", "person-gear"),
            MenuItem(_l("Audit log"), "quality.audit", "audit.read", "shield-check"),
            MenuItem(_l("Jobs"), "overview.jobs", "jobs.read", "clock-history"),
        ),
    ),
)


def blueprints() -> tuple[Blueprint, ...]:
    """Blueprints in the order of the way through the house."""
    from app.api.views import bp as api
    from app.auth.views import bp as auth
    from app.care.views import bp as care
    from app.contracts.views import bp as contracts
    from app.grading.views import bp as grading
    from app.lodging.views import bp as lodging
    from app.overview.views import bp as overview
    from app.people.views import bp as people
    from app.places.views import bp as places
    from app.quality.views import bp as quality
    from app.settlement.views import bp as settlement
    from app.tablet.views import bp as tablet
    from app.tablet.views import sync
    from app.trends.views import bp as trends
    from app.workforce.views import bp as workforce

    return (
        overview,
        auth,
        places,
        people,
        lodging,
        grading,
        care,
        trends,
        workforce,
        contracts,
        settlement,
        quality,
        tablet,
        sync,
        api,
    )


def jobs() -> tuple[Job, ...]:
    """Every scheduled job."""
    from app.care.jobs import JOBS as CARE
    from app.contracts.jobs import JOBS as CONTRACTS
    from app.core.backup import JOBS as BACKUP
    from app.grading.jobs import JOBS as GRADING
    from app.lodging.jobs import JOBS as LODGING
    from app.quality.jobs import JOBS as QUALITY
    from app.settlement.jobs import JOBS as SETTLEMENT
    from app.tablet.jobs import JOBS as TABLET
    from app.trends.jobs import JOBS as TRENDS
    from app.workforce.jobs import JOBS as WORKFORCE

    return (*LODGING, *GRADING, *CARE, *TRENDS, *WORKFORCE, *CONTRACTS, *SETTLEMENT, *QUALITY, *TABLET, *BACKUP)


def record_kinds() -> tuple[Kind, ...]:
    """Every kind of record that devices write without network; features below the tablet hand theirs up here."""
    from app.tablet.care import KINDS as CARE
    from app.tablet.contracts import KINDS as CONTRACTS
    from app.tablet.sheets import KINDS as SHEETS

    return (*SHEETS, *CARE, *CONTRACTS)
