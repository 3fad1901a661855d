"""Files for the bank from one model: the county's list layout as Excel or CSV, and ISO 20022; and rows to repair."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.periods import Quarter
from app.core.policies import Policy
from app.core.rulebook import rule_in_force
from app.core.tables import Column, Written, write
from app.settlement import queries
from app.settlement.labels import OUTCOMES
from app.settlement.models import PaymentLine, PaymentMethod, PaymentOrder, Settlement
from app.settlement.rules.banking import Outcome, Transfer, cnaps_of, pain001


def _transfers(row: Settlement, order: PaymentOrder, layout: Policy) -> list[Transfer]:
    rows = [p for p in queries.payments(row.id, order.id) if p.method is PaymentMethod.BANK]
    counts = dict(
        db.session.execute(
            select(PaymentLine.payment_id, func.count())
            .where(PaymentLine.payment_id.in_([p.id for p in rows]))
            .group_by(PaymentLine.payment_id)
        ).all()
    )
    purpose = f"{Quarter.parse(row.quarter).label_zh}护理补贴"
    return [
        Transfer(
            reference=p.reference,
            name=p.payee.name,
            bank=p.payee.bank_name,
            cnaps=cnaps_of(layout.body, p.payee.bank_name),
            account=p.payee.bank_account,
            fen=p.fen,
            purpose=purpose,
            payee=p.payee.number,
            lines=counts.get(p.id, 0),
        )
        for p in rows
    ]


def bank_file(row: Settlement, order: PaymentOrder, kind: str) -> Written:
    """The list of an order for the bank as ``xlsx``, ``csv`` or ``xml`` (pain.001.001.09), with full account numbers: the
    order's own act says in the audit log who took it.
    """
    layout = rule_in_force("bank_layout", clock.today())
    transfers = _transfers(row, order, layout)
    title = f"银行代发-{row.area.name}-{order.message_id}"
    if kind == "xml":
        on = order.made_at.astimezone(clock.ZONE).date()
        data = pain001(order.message_id, order.made_at, on, layout.body["debtor"], transfers)
        return Written(data, f"{title}.xml", "application/xml")
    columns = [
        Column(c["head"], money=c["field"] == "yuan", width=26 if c["field"] in ("account", "reference") else None)
        for c in layout.body["column"]
    ]
    cells = [
        {
            "number": n,
            "name": t.name,
            "bank": t.bank,
            "cnaps": t.cnaps,
            "account": t.account,
            "yuan": t.fen,
            "purpose": t.purpose,
            "payee": t.payee,
            "caregiver": t.payee,
            "lines": t.lines,
            "reference": t.reference,
        }
        for n, t in enumerate(transfers, 1)
    ]
    rows = [[one[c["field"]] for c in layout.body["column"]] for one in cells]
    return write(kind, "银行代发", columns, rows, name=title)


def repair_table(row: Settlement) -> Written:
    """Rows of the bank's newest answer that somebody has to look at, in the bank's own columns with what is wrong: mended, the
    file can be imported like any answer.
    """
    result = rule_in_force("bank_layout", clock.today()).body["result"]
    heads = ["reference", "yuan", "outcome", "reason"]
    columns: list[str | Column] = [
        *(Column(str(result.get(k, k))) for k in heads),
        gettext("Row"),
        gettext("What is wrong"),
    ]
    rows = [
        [*(str(r[k]) for k in heads), r["row"], str(OUTCOMES[Outcome(str(r["done"]))])]
        for r in queries.to_repair(queries.last_import(row.id))
    ]
    return write("csv", "repair", columns, rows, name=f"repair-{row.quarter}-{row.area_code}")
