"""Words of the standards room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.models import RuleState

KINDS = {
    "pay_table": _l("Pay table (care money a month)"),
    "scorecard": _l("Scorecard and bands"),
    "care_standard": _l("Twelve care standards"),
    "contract_template": _l("Contract template"),
    "settlement_rule": _l("Settlement rules"),
}
STATES = {RuleState.DRAFT: _l("Draft"), RuleState.PUBLISHED: _l("Published"), RuleState.REJECTED: _l("Sent back")}
TONES = {RuleState.DRAFT: "warn", RuleState.PUBLISHED: "good", RuleState.REJECTED: "bad"}
STATUSES = {
    "official": _l("national rule"),
    "local": _l("set by this county"),
    "example": _l("example or proposal, not set by this county"),
}
