"""What another pay table or other bands would have paid, by township, and what a year costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from app.core.access import current_actor, requires
from app.core.policies import Policy
from app.settlement import queries
from app.settlement.forms import language
from app.settlement.labels import BLOCKED, GRADES, WHO
from app.settlement.queries.what_if import Who
from app.settlement.views import bp
from app.settlement.views.shared import area_arg, choice_arg, quarter_arg, quarter_choices

SHOWN = 500
"""Contracts of a township on one page, the largest changes first."""


def _chosen(kind: str, name: str) -> tuple[Policy | None, list[tuple[str, str]]]:
    """The rule the address names by its hash, and all to choose from: (hash, title)."""
    found = queries.candidates(kind)
    wanted = request.args.get(name, "")
    chosen = next((policy for sha256, policy, _draft in found if sha256[:16] == wanted), None)
    return chosen, [(sha256[:16], _title(policy, draft)) for sha256, policy, draft in found]


def _title(policy: Policy, draft: bool) -> str:
    words = f"{policy.title[language()]} v{policy.version}"
    return gettext("Draft: %(title)s", title=words) if draft else words


def _link(area: str, who: Who | None) -> str:
    """The contracts behind a figure of a township, with the rules that are chosen."""
    kept: dict[str, Any] = {name: value for name in ("quarter", "table", "card") if (value := request.args.get(name))}
    return url_for("settlement.what_if", **kept, area=area, who=who, _anchor="people")


def _band_words(band: Mapping[str, Any] | None) -> str:
    """From how many points, and how much of the money."""
    if band is None:
        return "—"
    return gettext(
        "from %(points)s points: %(percent)s%%", points=f"{band['from'] / 100:g}", percent=f"{band['ratio_bp'] / 100:g}"
    )


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
    present = queries.budget(actor, None)[0] if table else None
    who, area = choice_arg("who", Who), area_arg()
    opened = next((effect for effect in effects if effect.settlement.area_code == area), None)
    people = opened.of(who) if opened else []
    residents, caregivers = queries.people_behind(people[:SHOWN])
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
        table_figures=queries.figures_of_table(table, quarter) if table and quarter else [],
        band_figures=queries.figures_of_bands(card, quarter) if card and quarter else [],
        grades=GRADES,
        blocked=BLOCKED,
        who=who,
        who_words=WHO,
        Who=Who,
        opened=opened,
        people=people[:SHOWN],
        people_count=len(people),
        residents=residents,
        caregivers=caregivers,
        more=sum(effect.count(Who.MORE) for effect in effects),
        less=sum(effect.count(Who.LESS) for effect in effects),
        title_of=lambda policy: f"{policy.title[language()]} v{policy.version}",
        band_words=_band_words,
        link=lambda effect, who: _link(effect.settlement.area_code, who),
        present=present,
        forecast=forecast,
        contracts=contracts,
        full=full,
    )
