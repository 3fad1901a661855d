"""What another pay table or other bands would have paid, by township, and what a year costs."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext

from app.core.access import current_actor, requires
from app.core.policies import Policy
from app.settlement import queries
from app.settlement.forms import language
from app.settlement.views import bp
from app.settlement.views.shared import quarter_arg, quarter_choices


def _chosen(kind: str, name: str) -> tuple[Policy | None, list[tuple[str, str]]]:
    """The rule the address names by its hash, and all to choose from: (hash, title)."""
    found = queries.candidates(kind)
    wanted = request.args.get(name, "")
    chosen = next((policy for sha256, policy, _draft in found if sha256[:16] == wanted), None)
    return chosen, [(sha256[:16], _title(policy, draft)) for sha256, policy, draft in found]


def _title(policy: Policy, draft: bool) -> str:
    words = f"{policy.title[language()]} v{policy.version}"
    return gettext("Draft: %(title)s", title=words) if draft else words


@bp.get("/what-if")
@requires("settlements.read")
def what_if() -> str:
    """A past quarter by other rules, and the budget of the coming twelve months."""
    actor = current_actor()
    quarters = queries.calculated_quarters(actor)
    quarter = quarter_arg() if quarter_arg() in quarters else (quarters[0] if quarters else "")
    table, tables = _chosen("pay_table", "table")
    card, cards = _chosen("scorecard", "card")
    effects = queries.what_if(actor, quarter, table, card) if quarter and (table or card) else []
    forecast, contracts, full = queries.budget(actor, table)
    return render_template(
        "settlement/what_if.html",
        quarter=quarter,
        quarter_choices=quarter_choices(quarters),
        tables=tables,
        cards=cards,
        table=table,
        card=card,
        effects=effects,
        lang=language(),
        forecast=forecast,
        contracts=contracts,
        full=full,
    )
