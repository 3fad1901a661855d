"""Signs as a table and on paper."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from flask_babel import force_locale, gettext

from app.care.labels import ITEM_SHORT
from app.core import clock
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import Column, PdfDocument, Signature, chinese_date
from app.core.tables import Written, export
from app.places.queries import area_name
from app.trends.labels import SIGNS
from app.trends.queries import Seen
from app.trends.rules import Sign


def told(one: Seen) -> str:
    """A sign in a few words, in the reader's language."""
    if one.loss is not None:
        return gettext(
            "%(from_kg)s kg to %(to_kg)s kg, %(percent)s%% in %(days)s days",
            from_kg=f"{one.loss.first[1] / 1000:.1f}",
            to_kg=f"{one.loss.last[1] / 1000:.1f}",
            percent=one.loss.percent,
            days=(one.loss.last[0] - one.loss.first[0]).days,
        )
    if one.drift is not None:
        item = ITEM_SHORT[one.drift.item]
        if one.sign is Sign.GONE:
            return gettext("%(item)s: %(n)s of %(due)s done alone", item=item, n=one.drift.times, due=one.drift.due)
        return gettext("%(item)s: %(n)s times beside the plan", item=item, n=one.drift.times)
    return gettext("%(n)s times", n=one.count)


def signs_table(actor: Actor, found: Sequence[Seen], kind: str, filters: Mapping[str, str]) -> Written:
    """Signs, exactly as the list shows them."""
    heads = [
        gettext("Name"),
        gettext("Number"),
        gettext("Where"),
        gettext("Kind of sign"),
        gettext("What was seen"),
        gettext("Last seen"),
    ]
    body = [
        [one.resident.name, one.resident.number, where(one), str(SIGNS[one.sign]), told(one), one.since]
        for one in found
    ]
    return export(actor, "signs", gettext("Unsafe signs"), heads, body, kind, permission="signs.read", filters=filters)


def where(one: Seen) -> str:
    """Institution or village."""
    house = one.resident.institution
    return house.name if house is not None else one.resident.area.name


def signs_pdf(actor: Actor, found: Sequence[Seen], area: str) -> tuple[io.BytesIO, str]:
    """The list on paper, for a round of those who are answerable."""
    today = clock.today()
    number = f"YJ{today:%Y%m%d}-{area or actor.area_code or 'X'}"
    facts = {
        "day": today.isoformat(),
        "signs": [[o.resident.number, o.sign.value, o.since.isoformat(), o.count] for o in found],
    }
    issued = issue(actor, kind="signs", number=number, object_id=number, facts=facts, area_code=actor.area_code)
    place = area_name(area or actor.area_code or "") or "全部"
    pdf = PdfDocument(
        f"不安全迹象清单　{place}",
        number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        "风险清单",
    )
    columns = [
        Column("姓名", width=24),
        Column("所在", width=44),
        Column("迹象", width=30),
        Column("情况"),
        Column("最近", width=30),
    ]
    with force_locale("zh_Hans_CN"):
        rows = [[o.resident.name, where(o), str(SIGNS[o.sign]), told(o), chinese_date(o.since)] for o in found]
    pdf.table(columns, rows or [["", "没有发现", "", "", ""]])
    pdf.paragraph("界限见“标准与规则”中的“不安全迹象与档次偏离的界限”（示例，须由旗县审定）。", size=9)
    pdf.signatures([Signature("查看人"), Signature("负责人")])
    return io.BytesIO(pdf.render()), f"{number}.pdf"
