"""The standards room and the audit log."""

from __future__ import annotations

import datetime as dt
import difflib
import json

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.care.labels import frequency_words
from app.care.rules import texts
from app.core import audit as chain
from app.core import clock, rulebook
from app.core.access import current_actor, requires
from app.core.actor import Role
from app.core.errors import DomainError, NotFound
from app.core.forms import add_errors, pager, text_arg
from app.core.labels import ROLE_LABELS
from app.core.models import AuditEntry, RuleDocument, RuleState
from app.core.paging import paginate
from app.core.periods import first_of_next_month
from app.core.policies import parse
from app.core.sending import attachment
from app.grading import instruments
from app.grading.labels import wording
from app.people.labels import SETTING_LABELS
from app.quality import documents, operations, queries
from app.quality.forms import DecisionForm, InstrumentForm, PayTableForm, RuleForm, instrument_form, scale_title
from app.quality.labels import ACT_GROUPS, KINDS, OBJECTS, REGRADES, STATES, STATUSES, TONES, act_words
from app.quality.queries import previews, regrading
from app.quality.queries.previews import Preview
from app.settlement.labels import GRADES
from app.settlement.queries import noted_heads
from app.settlement.rules.settling import GRADE_KEYS
from assessments.differing import mix_parts
from assessments.model import LEVEL_CODES, Instrument
from assessments.revision import band_name, mix_name, scales, unclear, values_of

bp = Blueprint("quality", __name__, template_folder="templates")
_KINDS = ",".join(KINDS)


@bp.get("/standards")
@requires("standards.read")
def rules() -> str:
    """Every kind of rule with the version in force."""
    return render_template("quality/rules.html", kinds=queries.rule_kinds(), labels=KINDS, statuses=STATUSES)


@bp.get(f"/standards/<any({_KINDS}):kind>")
@requires("standards.read")
def rule_kind(kind: str) -> str:
    """The versions of one kind of rule, shipped and the county's own."""
    return render_template(
        "quality/kind.html",
        kind=kind,
        shipped=queries.shipped(kind),
        versions=queries.versions(kind),
        labels=KINDS,
        states=STATES,
        tones=TONES,
        statuses=STATUSES,
        may_draft=current_actor().may("standards.draft"),
    )


@bp.route(
    f"/standards/<any({_KINDS}):kind>/new",
    methods=["GET", "POST"],
)
@requires("standards.draft")
def new_rule(kind: str) -> Response | str | tuple[str, int]:
    """Draft the next version: pay table and instrument in plain fields, any rule as its text, starting from the one in
    force.
    """
    plain = kind in ("pay_table", instruments.KIND) and request.args.get("as") != "text"
    base = instruments.in_force(first_of_next_month(clock.today())) if kind == instruments.KIND and plain else None
    form = _plain_form(base) if plain else RuleForm(body=_starting_text(kind))
    if form.validate_on_submit():
        try:
            row = _draft(kind, form)
        except DomainError as error:
            add_errors(form, error)
        else:
            flash(gettext("The draft is stored; a second person approves it."), "success")
            return redirect(url_for("quality.rule", rule_id=row.id))
    html = render_template(
        "quality/new.html",
        form=form,
        kind=kind,
        plain=plain,
        labels=KINDS,
        base=base,
        scales=scales(base) if base else [],
        rulings=_rulings(base) if base else [],
        heads=[wording(domain.title) for domain in base.domains] if base else [],
        changed=_changed(form, base) if base else set(),
        levels=LEVEL_CODES,
        band_name=band_name,
        scale_title=scale_title,
        wording=wording,
    )
    return html, (422 if form.errors or form.form_errors else 200)


def _plain_form(base: Instrument | None) -> PayTableForm | InstrumentForm:
    if base is None:
        return PayTableForm()
    start = request.args.get("start", "")
    rule_id = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else None
    return instrument_form(base, regrading.starting_values(base, rule_id))


def _rulings(base: Instrument) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """The mixes that need a ruling, by the level of daily living: words of that level, then place and other levels."""
    groups: dict[str, list[tuple[str, list[str]]]] = {}
    for mix in unclear(base.combination):
        (title, level), *others = mix_parts(base, mix)
        rows = groups.setdefault(gettext("%(what)s: %(part)s", what=wording(title), part=wording(level)), [])
        rows.append((f"rulings.{mix_name(mix)}", [wording(words) for _title, words in others]))
    return list(groups.items())


def _changed(form: FlaskForm, base: Instrument) -> set[str]:
    """Places whose value is wrong or not the one in force: their part of the form is shown open."""
    return {place for place, value in values_of(base).items() if form[place].errors or str(form[place].data) != value}


def _draft(kind: str, form: PayTableForm | InstrumentForm | RuleForm) -> RuleDocument:
    if isinstance(form, InstrumentForm):
        return operations.draft_instrument(
            current_actor(),
            title={"zh": form.title_zh.data or "", "en": form.title_en.data or ""},
            in_force_from=form.in_force_from.data,
            status=form.status.data,
            source=form.source.data or "",
            values=form.values,
        )
    if isinstance(form, RuleForm):
        return operations.draft_rule(current_actor(), kind, form.body.data or "")
    amounts = {"self_care": form.self_care.fen, "half_care": form.half_care.fen, "full_care": form.full_care.fen}
    return operations.draft_pay_table(
        current_actor(),
        title=form.title.data or "",
        in_force_from=form.in_force_from.data,
        status=form.status.data,
        source=form.source.data or "",
        figures={key: fen for key, fen in amounts.items() if fen is not None},
    )


def _starting_text(kind: str) -> str:
    if kind == instruments.KIND:
        newest = max((v.version for v in queries.versions(kind)), default=0)
        return regrading.next_text(first_of_next_month(clock.today()), newest)
    own = queries.versions(kind, published_only=True)
    if own:
        return own[0].body
    for path in rulebook.shipped_files(kind):
        return path.read_text()
    return empty_rule(kind)


def empty_rule(kind: str) -> str:
    """An empty rule of a kind that nothing is shipped for: the header, ready to fill."""
    return (
        f'kind = "{kind}"\ncode = "county"\nversion = 1\nin_force_from = 2027-01-01\nstatus = "local"\n'
        'source = ""\n\n[title]\nzh = ""\nen = ""\n\n'
        + ("[monthly_fen]\nself_care = 0\nhalf_care = 0\nfull_care = 0\n" if kind == "pay_table" else "")
    )


@bp.route("/standards/versions/<id:rule_id>", methods=["GET", "POST"])
@requires("standards.read")
def rule(rule_id: int) -> Response | str | tuple[str, int]:
    """One version beside the one before it; the second person decides here."""
    actor = current_actor()
    row = queries.rule_document(rule_id)
    form = DecisionForm()
    if request.method == "POST":
        actor.require("standards.approve")
        if form.validate():
            decide = operations.publish_rule if form.decision.data == "publish" else operations.reject_rule
            try:
                decide(actor, row.id, reason=form.reason.data)
            except DomainError as error:
                add_errors(form, error)
            else:
                flash(gettext("The decision is on record."), "success")
                return redirect(url_for("quality.rule", rule_id=row.id))
    version = regrading.draft(row) if row.kind == instruments.KIND else None
    old = regrading.base_text(version.base) if version else _text_before(row)
    diff = list(difflib.unified_diff(old.splitlines(), row.body.splitlines(), lineterm="", n=2))[2:]
    may_preview = version is None or (version.proof.ok and actor.may("standards.preview"))
    effect = previews.preview(row) if row.state is RuleState.DRAFT and may_preview else None
    return render_template(
        "quality/rule.html",
        rule=row,
        effect=effect,
        version=version,
        proof_faults=_proof_faults(version),
        stages=regrading.effects_of(row.id) if version else {},
        regrades=REGRADES,
        may_list=actor.may("standards.preview"),
        area_names=previews.area_names(_townships(effect)),
        grades=GRADES,
        wording=wording,
        settings={s.value: words for s, words in SETTING_LABELS.items()},
        frequency_words=frequency_words,
        item_words=_item_words(effect),
        band_words=_band_words(row, effect),
        people=queries.names_of({row.drafted_by, row.decided_by}),
        figures=_figures(row),
        may_see_contracts=actor.may("contracts.read"),
        diff=diff,
        form=form,
        labels=KINDS,
        states=STATES,
        tones=TONES,
        statuses=STATUSES,
        may_go_on=row.kind == instruments.KIND and actor.may("standards.draft"),
        may_decide=row.state is RuleState.DRAFT and actor.may("standards.approve") and row.drafted_by != actor.user_id,
    ), (422 if form.errors or form.form_errors else 200)


def _text_before(row: RuleDocument) -> str:
    before = next((v for v in queries.versions(row.kind) if v.id < row.id and v.state is RuleState.PUBLISHED), None)
    return before.body if before else "".join(p.read_text() for p in rulebook.shipped_files(row.kind)[:1])


def _townships(effect: Preview | None) -> set[str]:
    if effect is None:
        return set()
    codes = {code for code, _n, _f in effect.money.townships} if effect.money else set()
    return codes | ({t.code for t in effect.regrading.townships} if effect.regrading else set())


def _proof_faults(version: regrading.Draft | None) -> list[str]:
    """What the proof found, in words; empty when the version may be published."""
    if version is None:
        return []
    proof = version.proof
    found = [*proof.gaps, *proof.overlaps, *proof.unreachable, *proof.non_monotone, *proof.contradictions]
    return [wording({"zh": finding.zh, "en": finding.en}) for finding in found]


@bp.get("/standards/versions/<id:rule_id>/residents.<any(xlsx,csv):kind>")
@requires("standards.preview")
def rule_residents_export(rule_id: int, kind: str) -> Response:
    """Everybody whose grade a draft of the instrument changes, as a table."""
    return attachment(documents.regrading_table(current_actor(), queries.rule_document(rule_id), kind))


def _figures(row: RuleDocument) -> list[tuple[str, int]]:
    """Figures of a pay table by grade, in words."""
    if row.kind != "pay_table":
        return []
    table = parse(row.body.encode()).body.get("monthly_fen", {})
    return [(str(GRADES[grade]), int(table[key])) for grade, key in sorted(GRADE_KEYS.items()) if key in table]


def _item_words(effect: Preview | None) -> dict[str, str]:
    language = "en" if str(get_locale()) == "en" else "zh"
    if effect is None or not effect.frequencies or effect.before is None:
        return {}
    return {item: words[language] for item, words in texts(effect.before.body).items()}


def _band_words(row: RuleDocument, effect: Preview | None) -> dict[str, str]:
    language = "en" if str(get_locale()) == "en" else "zh"
    if effect is None or effect.bands is None or effect.before is None:
        return {}
    cards = [effect.before.body, parse(row.body.encode()).body]
    return {str(band["id"]): str(band[language]) for card in cards for band in card["band"]}


@bp.get("/audit-log")
@requires("audit.read")
def audit() -> str:
    """The audit log, newest first."""
    query = queries.audit_entries(q=text_arg("q"), act=text_arg("act"), first=_day("from"), last=_day("to"))
    page = paginate(query, [AuditEntry.seq], request.args.get("cursor"), descending=True)
    return render_template(
        "quality/audit.html",
        page=page,
        pager=pager(page),
        words=act_words,
        groups=[(f"{name}.", OBJECTS[name]) for name in ACT_GROUPS],
        first=request.args.get("from", "") if _day("from") else "",
        last=request.args.get("to", "") if _day("to") else "",
        changes={entry.seq: json.loads(entry.changes) for entry in page.items},
    )


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@bp.get("/audit-log/verification")
@requires("audit.read")
def audit_verification() -> str:
    """Walk the chain and say whether it holds."""
    count, finding = chain.verify(noted_heads())
    return render_template("quality/verification.html", count=count, finding=finding)


@bp.get("/audit-log/<id:seq>")
@requires("audit.read")
def audit_entry(seq: int) -> str:
    """One entry with its hash and the one before."""
    entry = paginate(queries.audit_entries().where(AuditEntry.seq == seq), [AuditEntry.seq], None, size=1).items
    if not entry:
        raise NotFound
    return render_template(
        "quality/entry.html",
        entry=entry[0],
        changes=json.loads(entry[0].changes),
        words=act_words,
        objects=OBJECTS,
        role=ROLE_LABELS.get(Role(entry[0].role)) if entry[0].role in set(Role) else None,
    )
