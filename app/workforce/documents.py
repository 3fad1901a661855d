"""Certificates and attendance lists on paper, and tables of what runs out, of sessions and of ratios."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence

from flask_babel import force_locale, gettext
from sqlalchemy import Select

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.issuing import issue, verify_url
from app.core.pdf import Column, PdfDocument, Signature, chinese_date
from app.core.tables import Written, export
from app.people.labels import TIER_LABELS
from app.people.models import Tier
from app.places.queries import area_names
from app.workforce import queries
from app.workforce.labels import CREDENTIAL_KINDS, EXPIRY_KINDS, SESSION_STATES, STANDINGS
from app.workforce.models import Credential, TrainingSession
from app.workforce.queries.expiries import Expiry
from app.workforce.queries.staffing import House

LOCALE = "zh_Hans_CN"


def _zh(words: object) -> str:
    """A label on paper: always Chinese, whoever prints."""
    with force_locale(LOCALE):
        return str(words)


def certificate_pdf(actor: Actor, row: Credential) -> tuple[io.BytesIO, str]:
    """The certificate of one tier, with its number, last day and verification code."""
    assert row.tier is not None  # noqa: S101  # the page answers 404 for other kinds
    person = row.caregiver
    facts = {
        "number": row.number, "caregiver": person.number, "name": person.name, "tier": row.tier.value,
        "issued_on": row.issued_on.isoformat(), "valid_to": str(row.valid_to), "issuer": row.issuer,
        "withdrawn_on": str(row.withdrawn_on or ""),
    }  # fmt: skip
    issued = issue(
        actor, kind="certificate", number=row.number, object_id=row.id, facts=facts, area_code=person.area_code
    )
    pdf = PdfDocument(
        "护理人员岗前培训合格证书", row.number, issued.fingerprint, verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(), "培训合格证书",
        watermark="已撤销" if row.withdrawn_on else None,
    )  # fmt: skip
    pdf.space(10)
    pdf.paragraph(f"{person.name}（护理人员编号 {person.number}）：", size=14, bold=True)
    course = queries.course_of(row.session)["zh"] if row.session is not None else _zh(TIER_LABELS[row.tier])
    pdf.paragraph(
        f"参加{course}，出勤和测试均达到合格要求，准予从事“{_zh(TIER_LABELS[row.tier])}”对应档次的照料护理服务。"
        "照料更高档次的特困人员，须另行取得相应层次的合格证书。",
        size=12,
        indent=True,
    )
    pdf.space(6)
    pairs = [
        ("证书编号", row.number),
        ("培训层次", _zh(TIER_LABELS[row.tier])),
        ("发证日期", chinese_date(row.issued_on)),
        ("有效期至", chinese_date(row.valid_to) if row.valid_to else "长期"),
        ("发证单位", row.issuer),
    ]
    if row.session is not None:
        pairs.append(("培训地点", row.session.place))
    if row.withdrawn_on is not None:
        pairs.append(("撤销", f"{chinese_date(row.withdrawn_on)}：{row.withdrawn_reason}"))
    pdf.key_values(pairs)
    pdf.space(12)
    pdf.signatures([Signature("发证单位（盖章）"), Signature("本人")])
    return io.BytesIO(pdf.render()), f"{row.number}.pdf"


def attendance_pdf(actor: Actor, row: TrainingSession) -> tuple[io.BytesIO, str]:
    """The list to sign at the door: a column for each part and one for the points of the test."""
    listed = queries.entries(actor, row.id)
    course = queries.course_of(row)
    number = f"PXB{row.held_on:%Y%m%d}-{row.id}"
    facts = {"session": row.id, "course": row.course, "people": [one.caregiver.number for one in listed]}
    issued = issue(actor, kind="attendance", number=number, object_id=row.id, facts=facts, area_code=row.area_code)
    pdf = PdfDocument(
        f"{course['zh']}　签到与测试表", number, issued.fingerprint, verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(), "培训签到", landscape=row.parts > 4,
    )  # fmt: skip
    pdf.key_values(
        [
            ("日期", chinese_date(row.held_on)),
            ("地点", row.place),
            ("授课人", row.teacher),
            ("节数", f"{row.parts} 节（每节半天）"),
        ]
    )
    lessons = [one["zh"] for one in queries.rulebook.rule_by_sha("workforce", row.rule_sha256).body["lesson"]
               if one["course"] == row.course]  # fmt: skip
    if lessons:
        pdf.paragraph("内容：" + "、".join(lessons) + "。", size=9.5)
    columns = [Column("编号", width=22), Column("姓名", width=26), Column("单位或村（社区）")]
    columns += [Column(f"第{n}节", width=17) for n in range(1, row.parts + 1)] + [Column("测试分", width=18)]
    rows = [
        [
            one.caregiver.number, one.caregiver.name,
            one.caregiver.institution.name if one.caregiver.institution else one.caregiver.area.name,
            *[""] * row.parts, "" if one.points is None else str(one.points),
        ]
        for one in listed
    ]  # fmt: skip
    pdf.table(columns, rows or [["", "", "尚无报名", *[""] * row.parts, ""]])
    pdf.signatures([Signature("授课人"), Signature("登记人"), Signature("复核人")], columns=3)
    return io.BytesIO(pdf.render()), f"{number}.pdf"


def expiry_table(actor: Actor, found: Sequence[Expiry], kind: str, filters: Mapping[str, str]) -> Written:
    """What runs out, exactly as the list shows it."""
    places = area_names(one.area_code for one in found)
    houses = queries.names(one.institution_id for one in found)
    heads = [gettext("What"), gettext("Tier"), gettext("Name"), gettext("Where"), gettext("For"), gettext("Ends on"),
             gettext("State")]  # fmt: skip
    body = [
        [
            str(EXPIRY_KINDS[one.kind]), str(TIER_LABELS[Tier(one.tier)]) if one.tier else "", one.person,
            houses.get(one.institution_id or 0) or places.get(one.area_code, ""), one.about, one.ends_on,
            str(STANDINGS[one.standing]),
        ]
        for one in found
    ]  # fmt: skip
    title = gettext("What runs out")
    return export(actor, "expiries", title, heads, body, kind, permission="caregivers.read", filters=filters)


def session_table(actor: Actor, query: Select[TrainingSession], kind: str, filters: Mapping[str, str]) -> Written:
    """Sessions of a list."""
    rows = list(db.session.scalars(query.order_by(TrainingSession.held_on.desc(), TrainingSession.id.desc())).unique())
    counts = queries.entry_counts([row.id for row in rows])
    heads = [gettext("Held on"), gettext("Course"), gettext("Place"), gettext("Teacher"), gettext("Organised by"),
             gettext("Taking part"), gettext("Certificates"), gettext("State")]  # fmt: skip
    body = [
        [
            row.held_on, queries.worded(queries.course_of(row)), row.place, row.teacher,
            row.institution.name if row.institution else row.area.name, *counts.get(row.id, (0, 0)),
            str(SESSION_STATES[row.state]),
        ]
        for row in rows
    ]  # fmt: skip
    title = gettext("Training")
    return export(actor, "training", title, heads, body, kind, permission="training.read", filters=filters)


def staffing_table(
    actor: Actor, found: Sequence[House], day: dt.date, kind: str, filters: Mapping[str, str]
) -> Written:
    """Ratios of each institution and shift."""
    heads = [gettext("Institution"), gettext("Residents present"), gettext("Away"), gettext("Workers needed"),
             gettext("Trained workers"), gettext("Shift"), gettext("Needed on shift"), gettext("On shift"),
             gettext("Missing")]  # fmt: skip
    body = [
        [house.institution.name, house.residents, house.away, house.needed, house.trained, shift.words, shift.needed,
         len(shift.workers), shift.short]
        for house in found
        for shift in house.shifts
    ]  # fmt: skip
    title = gettext("Workers and ratios on %(day)s", day=day.isoformat())
    return export(actor, "staffing", title, heads, body, kind, permission="staffing.read", filters=filters)


def credential_words(row: Credential) -> str:
    """A certificate in a few words: what it is, and its tier."""
    return f"{CREDENTIAL_KINDS[row.kind]} {TIER_LABELS[row.tier] if row.tier else ''}".strip()
