"""Audit entries of a record told as its history."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from app.core import shown
from app.core.audit import HIDDEN
from app.core.models import AuditEntry
from app.people import labels
from app.people.rules import ETHNICITIES
from app.places.queries import area_names

SKIPPED = {"search", "version", "uid", "created_at", "recorded_at", "recorded_by", "id", "resident_id", "number"}
VALUES: dict[str, dict[str, Any]] = {
    "sex": {k.value: v for k, v in labels.SEX_LABELS.items()},
    "setting": {k.value: v for k, v in labels.SETTING_LABELS.items()},
    "status": {k.value: v for k, v in labels.STATUS_LABELS.items()},
    "kind": {k.value: v for k, v in labels.ABSENCE_LABELS.items()},
    "tier": {k.value: v for k, v in labels.TIER_LABELS.items()},
    "ethnicity": ETHNICITIES,
    "education": labels.EDUCATION,
    "marital": labels.MARITAL,
    "living": labels.LIVING,
    "guardian_relation": labels.RELATION,
    "qualification": labels.QUALIFICATIONS,
}
TONES = {"people.reveal": "info", "resident.end": "warn", "absence.cancel": "warn"}


@dataclass(frozen=True)
class Told:
    """One entry of a history in words."""

    at: dt.datetime
    who: str
    what: str
    why: str | None
    tone: str


def tell(entries: Iterable[AuditEntry]) -> list[Told]:
    """The entries in words, in the order given."""
    listed = list(entries)
    changes = [json.loads(e.changes) for e in listed]
    codes = {v for c in changes for v in (c.get("area_code") or []) if isinstance(v, str)}
    areas = area_names(codes)
    return [
        Told(e.at, e.actor_name, _what(e, c, areas), e.reason, TONES.get(e.act.partition(":")[0], "neutral"))
        for e, c in zip(listed, changes, strict=True)
    ]


def _what(entry: AuditEntry, changes: dict[str, Any], areas: dict[str, str]) -> str:
    act = entry.act.partition(":")[0]
    head = str(labels.ACTS.get(act) or gettext("Record changed"))
    if act == "people.reveal":
        return f"{head}: {labels.FIELDS.get(changes.get('field', ''), '')}"
    if entry.act.endswith(":create") and entry.object_type != "absence":
        return head
    parts = [_change(name, pair, areas) for name, pair in changes.items() if name not in SKIPPED]
    told = "; ".join(p for p in parts if p)
    return f"{head} · {told}" if told else head


def _change(name: str, pair: Any, areas: dict[str, str]) -> str:
    if name.endswith(("_index", "_tail")) or not isinstance(pair, list) or len(pair) != 2:
        return ""
    field = name.removesuffix("_enc")
    label = str(labels.FIELDS.get(field, ""))
    if not label:
        return ""
    before, after = pair
    if HIDDEN in pair:
        return gettext("%(field)s changed", field=label)
    if field.endswith("_id"):
        return gettext("%(field)s changed", field=label)
    old, new = _word(field, before, areas), _word(field, after, areas)
    return f"{label}: {new}" if before in {None, ""} else f"{label}: {old} → {new or '—'}"


def _word(field: str, value: Any, areas: dict[str, str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if field == "area_code":
        return areas.get(str(value), str(value))
    if field == "medical_payment" and isinstance(value, list):
        return shown.listed(labels.MEDICAL_PAYMENT.get(v, v) for v in value)
    if field == "income_sources" and isinstance(value, list):
        return shown.listed(labels.INCOME_SOURCES.get(v, v) for v in value)
    return str(VALUES.get(field, {}).get(str(value), value))
