"""Paying out: the list for the bank, its answer as a file or by hand, and what it sends back later."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.core import clock, money
from app.core.access import current_actor, requires
from app.core.errors import DomainError, Refused
from app.core.forms import add_errors
from app.core.sending import attachment
from app.settlement import documents, operations, queries
from app.settlement.forms import BankAnswerForm, PayForm, ReturnedForm
from app.settlement.labels import OUTCOMES, PAYMENT_METHODS, PAYMENT_STATES, PAYMENT_TONES
from app.settlement.models import PaymentMethod, PaymentState, SettlementState
from app.settlement.rules.banking import Outcome
from app.settlement.views import bp
from app.settlement.views.settlements import Page, settlement_page

OPEN = (SettlementState.APPROVED, SettlementState.PAYING)
ANSWERED = (SettlementState.PAYING, SettlementState.RECONCILED)


@bp.route("/settlements/<id:settlement_id>/pay", methods=["GET", "POST"])
@requires("settlements.pay")
def pay(settlement_id: int) -> Page:
    """The list for the bank, what became of it, and the bank's advice recorded by hand."""
    actor = current_actor()
    row, form = queries.settlement(actor, settlement_id), PayForm()
    mine, held = operations.may_pay(actor, row) if row.state in OPEN else ([], [])
    payments = queries.payments(row.id)
    order = operations.open_order(row, actor) if row.state in OPEN else None
    sums = operations.sums_of(mine)
    waiting = [
        (p.payee, p.fen)
        for p in payments
        if p.state is PaymentState.SENT and p.order.made_by_person == actor.person_key
    ]
    to_record = [*waiting, *[(x.payee, x.fen) for x in sums if x.fen > 0]]
    form.returned.choices = [(p.key, f"{p.name} · {money.format_yuan(fen)}") for p, fen in to_record if fen > 0]
    if request.method == "GET":
        form.paid_on.data = clock.today()
    if form.validate_on_submit():
        try:
            result = operations.pay(
                actor,
                settlement_id,
                form.paid_on.data,
                form.reference.data or "",
                returned=set(form.returned.data or ()),
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(
                gettext(
                    "%(count)s lines paid, %(fen)s in all; %(held)s lines wait.",
                    count=result.lines,
                    fen=money.format_yuan(result.fen),
                    held=len(result.held),
                ),
                "success" if result.complete else "warning",
            )
            return redirect(url_for("settlement.settlement", settlement_id=settlement_id))
    bank = [x for x in sums if x.method is PaymentMethod.BANK]
    html = render_template(
        "settlement/pay.html",
        row=row,
        form=form,
        mine=mine,
        held=held,
        order=order,
        payments=payments,
        states=PAYMENT_STATES,
        tones=PAYMENT_TONES,
        methods=PAYMENT_METHODS,
        is_open=row.state in OPEN,
        answered=row.state in ANSWERED,
        closed=row.state is SettlementState.CLOSED,
        late=queries.late_returns(row.id),
        bank_count=order.count if order else len(bank),
        bank_fen=order.fen if order else sum(x.fen for x in bank),
        no_account=[x for x in sums if x.method is PaymentMethod.OTHER],
        to_recover=[x for x in sums if x.method is PaymentMethod.RECOVER],
        record_count=len(to_record),
        record_fen=sum(fen for _p, fen in to_record),
        repair=len(queries.to_repair(queries.last_import(row.id))),
    )
    return html, (422 if form.errors or form.form_errors else 200)


@bp.post("/settlements/<id:settlement_id>/bank.<any(xlsx,csv,xml):kind>")
@requires("settlements.pay")
def bank_file(settlement_id: int, kind: str) -> Page:
    """The list for the bank, with full account numbers; it is made at the first call and noted in the audit log."""
    actor = current_actor()
    row = queries.settlement(actor, settlement_id)
    try:
        order = operations.order(actor, settlement_id)
    except Refused as error:
        return settlement_page(actor, settlement_id, error.message)
    return attachment(documents.bank_file(row, order, kind))


@bp.route("/settlements/<id:settlement_id>/bank-answer", methods=["GET", "POST"])
@requires("settlements.pay")
def bank_answer(settlement_id: int) -> Page:
    """Take the bank's answer from a file, row by row."""
    actor = current_actor()
    row, form = queries.settlement(actor, settlement_id), BankAnswerForm()
    if request.method == "GET":
        form.paid_on.data = clock.today()
    if form.validate_on_submit():
        try:
            taken = operations.import_answer(
                actor, settlement_id, form.file.data.filename or "", form.file.data.stream, form.paid_on.data
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            words = gettext(
                "%(paid)s transfers paid, %(failed)s failed, %(known)s known before, %(repair)s rows to look at.",
                paid=taken.paid,
                failed=taken.failed,
                known=taken.known,
                repair=taken.repair,
            )
            if taken.again:
                words = gettext("This file was taken before: nothing changed.")
            flash(words, "warning" if taken.repair or taken.again else "success")
            where = "settlement.bank_answer" if taken.repair else "settlement.pay"
            return redirect(url_for(where, settlement_id=settlement_id))
    found = queries.last_import(row.id)
    html = render_template(
        "settlement/bank_answer.html",
        row=row,
        form=form,
        last=found,
        sent={p.reference: p.fen for p in queries.payments(row.id)},
        answered=row.state in ANSWERED,
        rows=[{**r, "words": OUTCOMES[Outcome(str(r["done"]))]} for r in queries.to_repair(found)[:200]],
    )
    return html, (422 if form.errors or form.form_errors else 200)


@bp.get("/settlements/<id:settlement_id>/repair.csv")
@requires("settlements.pay")
def repair(settlement_id: int) -> Response:
    """Rows of the bank's newest answer that changed nothing, each with what is wrong."""
    return attachment(documents.repair_table(queries.settlement(current_actor(), settlement_id)))


@bp.route("/settlements/<id:settlement_id>/returned", methods=["GET", "POST"])
@requires("settlements.pay")
def returned(settlement_id: int) -> Page:
    """Record that the bank sent a paid transfer back."""
    actor = current_actor()
    row, form = queries.settlement(actor, settlement_id), ReturnedForm()
    late = queries.late_returns(row.id)
    paid = [p for p in queries.payments(row.id) if p.state is PaymentState.PAID and p.fen > 0 and p.id not in late]
    paid = paid if row.state in (*ANSWERED, SettlementState.CLOSED) else []
    form.reference.choices = [
        (p.reference, f"{p.payee.name} · {money.format_yuan(p.fen)} · {p.reference}") for p in paid
    ]
    if form.validate_on_submit():
        try:
            operations.bank_returned(actor, settlement_id, form.reference.data or "", form.reason.data or "")
        except DomainError as error:
            add_errors(form, error)
        else:
            if row.state is SettlementState.CLOSED:
                flash(
                    gettext("Noted. The township's next settlement pays it again; the closed quarter stays as it is."),
                    "success",
                )
            else:
                flash(gettext("Taken back in the ledger; the lines are payable again."), "success")
            return redirect(url_for("settlement.pay", settlement_id=settlement_id))
    html = render_template("settlement/returned.html", row=row, form=form)
    return html, (422 if form.errors or form.form_errors else 200)
