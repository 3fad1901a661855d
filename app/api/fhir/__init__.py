"""FHIR R4 (4.0.1): instruments as Questionnaire, sheets as QuestionnaireResponse with scores as Observation, and back.

Plain dictionaries: nothing is imported for it. The tests hold them against the R4B models of ``fhir.resources`` and, as those
do not check codes, against the value sets themselves.
"""

from __future__ import annotations

from typing import Any

from assessments.errors import UnknownInstrument
from assessments.loader import split_key

MIME = "application/fhir+json"
BASE = "urn:yiheng"
CLIENT_KEY = f"{BASE}:client-key"
"""System of the sender's own key of a sheet."""
RESIDENT_NUMBER = f"{BASE}:resident-number"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
"""Extension that carries the points of an option."""

Resource = dict[str, Any]


def id_of(key: str) -> str:
    """The id of an instrument's Questionnaire: ids have no ``@``, and codes have no hyphen."""
    return key.replace("@", "-", 1)


def key_of(questionnaire_id: str) -> str:
    """The instrument's key. Raises ``UnknownInstrument``."""
    code, hyphen, version = questionnaire_id.partition("-")
    if not hyphen:
        raise UnknownInstrument("", "no such questionnaire")
    split_key(f"{code}@{version}")
    return f"{code}@{version}"


def canonical(key: str) -> str:
    """The canonical address of an instrument's Questionnaire, with its version."""
    return f"{BASE}:questionnaire:{key.replace('@', '|', 1)}"


def key_of_canonical(address: object) -> str:
    """The key of the instrument a canonical address names. Raises ``UnknownInstrument``."""
    prefix = f"{BASE}:questionnaire:"
    if not isinstance(address, str) or not address.startswith(prefix) or address.count("|") != 1:
        raise UnknownInstrument("", "no such questionnaire")
    key = address.removeprefix(prefix).replace("|", "@")
    split_key(key)
    return key


def bundle(kind: str, resources: list[Resource], **more: Any) -> Resource:
    """A Bundle; ``kind`` is ``searchset`` or ``collection``."""
    entries = [{"fullUrl": f"{BASE}:{one['resourceType']}:{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": kind, **more, **({"entry": entries} if entries else {})}
