"""Lists of contracts and of duties kept late or missed, as tables and on paper."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from flask_babel import force_locale, gettext
from sqlalchemy import Select

from app.contracts import queries
from app.contracts.documents.words import PARTY_WORDS
from app.contracts.labels import ACT_WORDS, BREACH_LABELS, KEPT_LABELS, SLOT_LABELS, STATE_LABELS, occasion_words
from app.contracts.models import Breach, Contract, Slot
from app.contracts.queries import breaches
from app.contracts.rules.duties import id_of
from app.core import clock
from app.core.actor import Actor
from app.core.issuing import fingerprint_of, issue, verify_url
from app.core.pdf import Column, PdfDocument, chinese_date
from app.core.tables import Written, export


def contracts_table(actor: Actor, query: Select[Contract], kind: str, filters: Mapping[str, str]) -> Written:
    """The list of contracts as Excel or CSV; ``filters`` is its address."""
    columns = [
        gettext("Number"),
        gettext("Resident"),
        gettext("Caregiver"),
        gettext("From"),
        gettext("To"),
        gettext("Signed"),
        gettext("State"),
    ]
    rows = [
        [
            row.number,
            row.resident.name,
            row.caregiver.name,
            row.in_force_from or row.valid_from,
            row.ended_on or row.valid_to,
            sum(p.signed_at is not None for p in row.parties),
            str(STATE_LABELS[row.state]),
        ]
        for row in queries.listed(query)
    ]
    title = gettext("Contracts")
    return export(actor, "contracts", title, columns, rows, kind, permission="contracts.read", filters=filters)


def clause_text(row: Contract, clause: str, language: str) -> str:
    """The words of a clause by its name."""
    found = next((c for c in row.body["clauses"] if id_of(c) == clause), None)
    return str(found[language]) if found else clause


def breaches_table(
    actor: Actor, query: Select[Breach], kind: str, filters: Mapping[str, str], language: str
) -> Written:
    """The list of duties kept late or missed as Excel or CSV; ``filters`` is its address."""
    columns = [
        gettext("Party"),
        gettext("Name of the party"),
        gettext("Contract"),
        gettext("Resident"),
        gettext("Duty"),
        gettext("For"),
        gettext("Due by"),
        gettext("Kept?"),
        gettext("Found on"),
        gettext("What follows"),
        gettext("To be done by"),
        gettext("State"),
        gettext("What was done"),
    ]
    rows = [
        [
            str(SLOT_LABELS[row.party]),
            breaches.party_name(row),
            row.contract.number,
            row.contract.resident.name,
            clause_text(row.contract, row.clause, language),
            occasion_words(row.what),
            row.due_on,
            str(KEPT_LABELS[row.standing]),
            row.found_on,
            str(ACT_WORDS.get(row.act, row.act)),
            row.act_due_on,
            str(BREACH_LABELS[row.state]),
            row.answer or "",
        ]
        for row in breaches.listed(query)
    ]
    title = gettext("Duties kept late or missed")
    return export(actor, "breaches", title, columns, rows, kind, permission="contracts.read", filters=filters)


KEPT_ZH = {"late": "逾期履行", "missed": "未履行", "kept": "已履行", "ahead": "未到期"}
STATES_ZH = {"open": "待处理", "answered": "已答复", "dropped": "已撤销"}


def breaches_pdf(actor: Actor, query: Select[Breach]) -> tuple[io.BytesIO, str]:
    """The same list on paper with its file name: one table, counts by party first; the same list gives the same bytes."""
    found = breaches.listed(query)
    with force_locale("zh_Hans_CN"):
        rows = [_line(row) for row in found]
    sums = [[PARTY_WORDS[slot], *map(str, numbers)] for slot, numbers in _sums(found).items()]
    day = clock.today()
    number = f"LY{day:%Y%m%d}-{fingerprint_of([rows, actor.area_code])[:8].upper()}"
    facts = {"number": number, "rows": rows, "area": actor.area_code}
    issued = issue(
        actor, kind="duties", number=number, object_id=number, facts=facts, area_code=actor.area_code or None
    )
    document = PdfDocument(
        "七方协议未履约清单", number, issued.fingerprint, verify_url(issued), day, "内部资料", landscape=True
    )
    document.heading("按签约方统计")
    document.table(
        [Column("签约方"), *(Column(words, numeric=True) for words in ("逾期履行", "未履行", "待处理", "已答复"))], sums
    )
    document.heading(f"明细（{len(rows)}条）")
    if rows:
        heads = ("签约方", "特困人员·协议", "义务", "时段", "应于", "情况", "后果", "状态")
        document.table([Column(words) for words in heads], rows, size=8)
    else:
        document.paragraph("没有逾期或者未履行的义务。")
    return io.BytesIO(document.render()), f"{number}.pdf"


def _line(row: Breach) -> list[str]:
    return [
        f"{PARTY_WORDS[row.party]}\n{breaches.party_name(row)}",
        f"{row.contract.resident.name}\n{row.contract.number}",
        clause_text(row.contract, row.clause, "zh"),
        occasion_words(row.what),
        chinese_date(row.due_on),
        KEPT_ZH[row.standing.value],
        f"{ACT_WORDS.get(row.act, row.act)}\n{chinese_date(row.act_due_on)}前",
        STATES_ZH[row.state.value],
    ]


def _sums(found: Sequence[Breach]) -> dict[Slot, list[int]]:
    sums = {slot: [0, 0, 0, 0] for slot in Slot}
    for row in found:
        kept, state = row.standing.value, row.state.value
        for place, holds in enumerate((kept == "late", kept == "missed", state == "open", state == "answered")):
            sums[row.party][place] += holds
    return sums
