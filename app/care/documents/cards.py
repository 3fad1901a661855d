"""The household cards of a month on paper: four on a page, to be cut and hung up."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from app.care import queries, rules
from app.care.documents.words import day_zh
from app.care.models import PresenceCard
from app.core import clock
from app.core.actor import Actor
from app.core.issuing import issue, verify_url
from app.core.pdf import PdfDocument
from app.core.pdf.fonts import legible
from app.core.pdf.qr import draw_qr
from app.core.pdf.text import draw_text
from app.places.queries import area_path

CODE_VERSION = 3
"""29 modules a side: the app's own reader finds it however the phone is held, which it does not with the 21 that would do."""


class CardRow(Flowable):
    """Two cards side by side, each with its own border to cut along."""

    HEIGHT = 100 * mm
    QR = 40 * mm

    def __init__(self, cards: Sequence[tuple[str, str, str, str]]) -> None:
        super().__init__()
        self.cards = cards

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Size in points."""
        self.width, self.height = width, self.HEIGHT
        return self.width, self.height

    def draw(self) -> None:
        """Draw on the canvas."""
        width = self.width / 2
        for place, card in enumerate(self.cards):
            self._card(place * width, width, *card)

    def _card(self, x: float, width: float, name: str, village: str, month: str, code: str) -> None:
        canvas: Any = self.canv
        canvas.setDash(3, 3)
        canvas.rect(x, 0, width, self.height)
        canvas.setDash()
        middle = x + width / 2
        draw_text(canvas, middle, self.height - 11 * mm, "入户卡", 17, bold=True, align="center")
        draw_text(canvas, middle, self.height - 19 * mm, name, 15, bold=True, align="center")
        draw_text(canvas, middle, self.height - 26 * mm, village, 10, align="center")
        draw_qr(canvas, f"YHK1.{code}", middle - self.QR / 2, self.height - 69 * mm, self.QR, CODE_VERSION)
        draw_text(canvas, middle, self.height - 77 * mm, rules.shown_code(code), 17, bold=True, align="center")
        draw_text(canvas, middle, self.height - 84 * mm, f"{month}用，次月7日后作废", 10.5, bold=True, align="center")
        draw_text(
            canvas,
            middle,
            self.height - 90 * mm,
            "挂在家中。护理人员每次来时扫一扫，不记录位置。",
            8.5,
            align="center",
        )
        draw_text(canvas, middle, self.height - 95.5 * mm, "请勿拍照外传；丢失请告诉村里换新卡。", 8.5, align="center")


def cards_pdf(actor: Actor, period: str, rows: Sequence[PresenceCard]) -> tuple[io.BytesIO, str]:
    """The cards of a month, four on a page. The print is on record; the codes are in no table."""
    number = f"RH{period.replace('-', '')}-{actor.area_code or actor.organisation_id or 0}"
    facts = {"period": period, "cards": [[row.resident.number, row.serial] for row in rows]}
    issued = issue(actor, kind="presence_card", number=number, object_id=period, facts=facts, area_code=actor.area_code)
    year, month = int(period[:4]), int(period[5:])
    document = PdfDocument(
        f"{year}年{month}月入户卡",
        number,
        issued.fingerprint,
        verify_url(issued),
        issued.issued_at.astimezone(clock.ZONE).date(),
        f"共 {len(rows)} 户",
    )
    document.paragraph(f"沿虚线剪开，由每月走访的人带到家中换下旧卡。打印日期：{day_zh(clock.today())}。", size=9)
    faces = [
        (
            legible(row.resident.name),
            legible("".join(area.name for area in area_path(row.resident.area_code)[-2:])),
            f"{year}年{month}月",
            queries.card_code(row),
        )
        for row in rows
    ]
    for place in range(0, len(faces), 2):
        document.add(CardRow(faces[place : place + 2]))
    return io.BytesIO(document.render()), f"{number}.pdf"
