"""The ledger: every posting, with balances as filtered."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from app.core.access import current_actor, requires
from app.core.forms import pager, text_arg
from app.core.paging import paginate
from app.core.sending import attachment
from app.settlement import documents, queries
from app.settlement.labels import ACCOUNTS
from app.settlement.models import Account, LedgerEntry
from app.settlement.views import bp
from app.settlement.views.shared import area_arg, choice_arg, quarter_arg, quarter_choices, slip_url, township_choices


def _query() -> Any:
    return queries.ledger(
        current_actor(),
        quarter=quarter_arg(),
        account=choice_arg("account", Account),
        area=area_arg(),
        q=text_arg("q"),
    )


@bp.get("/ledger")
@requires("ledger.read")
def ledger() -> str:
    """Ledger entries, newest first."""
    actor, query = current_actor(), _query()
    townships = queries.townships(actor)
    page = paginate(query, [LedgerEntry.id], request.args.get("cursor"), descending=True)
    return render_template(
        "settlement/ledger.html",
        page=page,
        pager=pager(page),
        totals=queries.ledger_totals(query),
        accounts=ACCOUNTS,
        names=queries.names_of(page.items),
        slip_url=slip_url,
        quarter_choices=quarter_choices(queries.quarters(actor)),
        townships=townships,
        township_choices=township_choices(townships),
    )


@bp.get("/ledger.<any(xlsx,csv):kind>")
@requires("ledger.read")
def ledger_export(kind: str) -> Response:
    """Exactly the entries listed, as a table."""
    return attachment(documents.ledger_table(current_actor(), _query(), kind, request.args.to_dict()))
