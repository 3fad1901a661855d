"""The slip as somebody reads it out: short sentences, figures as they are spoken in Chinese."""

from __future__ import annotations

from flask_babel import gettext

from app.core import money, shown
from app.core.periods import Month
from app.settlement.documents.objections import objection_words
from app.settlement.labels import BLOCKED, GRADES
from app.settlement.models import LineKind
from app.settlement.queries.slips import Slip, SlipLine
from app.settlement.rules.settling import Blocked

SPOKEN = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")


def spoken_yuan(fen: int) -> str:
    """131835 → ``一千三百一十八元三角五分``."""
    words = money.yuan_capitals(fen).translate(SPOKEN).removesuffix("整")
    return words[1:] if words.startswith("一十") else words


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _yuan(fen: int, language: str) -> str:
    return spoken_yuan(fen) if language == "zh" else money.format_yuan(fen)


def _line(item: SlipLine, language: str) -> list[str]:
    def yuan(fen: int) -> str:
        return _yuan(fen, language)

    line = item.line
    if line.kind is LineKind.RETURNED:
        values = {"quarter": shown.quarter(line.for_quarter), "fen": yuan(line.pay_fen), "name": line.resident.name}
        return [gettext("Care for %(name)s: the bank sent %(fen)s of %(quarter)s back, they are paid again.", **values)]
    if line.kind is LineKind.CORRECTION:
        values = {
            "quarter": shown.quarter(line.for_quarter),
            "fen": yuan(abs(line.pay_fen)),
            "name": line.resident.name,
        }
        if line.pay_fen < 0:
            return [gettext("Care for %(name)s: %(quarter)s was counted again, %(fen)s are taken back.", **values)]
        return [gettext("Care for %(name)s: %(quarter)s was counted again, %(fen)s are paid in addition.", **values)]
    found = [gettext("Care for %(name)s.", name=line.resident.name)]
    if line.blocked:
        return [*found, gettext("Nothing is paid yet: %(why)s.", why=BLOCKED[Blocked(line.blocked)])]
    for part in item.months:
        number = Month.parse(part.month).number
        if part.days:
            found.append(
                gettext(
                    "Month %(month)s: %(grade)s, %(fen)s a month, %(days)s of %(of)s days count.",
                    month=number,
                    grade=GRADES[part.grade] if part.grade else "—",
                    fen=yuan(part.base_fen),
                    days=part.days,
                    of=part.of_days,
                )
            )
        else:
            found.append(gettext("Month %(month)s: no day counts.", month=number))
    found.append(gettext("Together %(fen)s are due.", fen=yuan(line.due_fen)))
    if line.score is not None and line.ratio_bp is not None:
        found.append(
            gettext(
                "The score is %(score)s points: %(ratio)s percent are paid, that is %(fen)s.",
                score=_number(line.score / 100),
                ratio=_number(line.ratio_bp / 100),
                fen=yuan(line.pay_fen),
            )
        )
    for lost in item.deductions:
        points = _number(lost.maximum - lost.points)
        found.append(
            gettext("%(line)s: minus %(points)s.", line=lost.zh if language == "zh" else lost.en, points=points)
        )
    return found


def spoken(slip: Slip, language: str) -> list[str]:
    """Sentences of one slip in ``language`` (zh or en), in the order in which they are read out."""
    amount = {"fen": _yuan(slip.pay_fen, language)}
    values = {"name": slip.payee.name, "quarter": shown.quarter(slip.settlement.quarter), **amount}
    found = [gettext("%(name)s, your care money for %(quarter)s is %(fen)s.", **values)]
    if slip.paid:
        found.append(gettext("The money was paid."))
    elif slip.paid_fen > 0:
        found.append(gettext("Of it %(fen)s were paid.", fen=_yuan(slip.paid_fen, language)))
    else:
        found.append(gettext("The money is not paid yet."))
    if slip.sent_back is not None:
        found.append(
            gettext("The bank did not book it. It is paid again: ask the township whether your account is right.")
        )
    for item in slip.lines:
        found += _line(item, language)
        for objection in item.objections:
            found += objection_words(slip, item, objection, lambda fen: _yuan(fen, language), reasons=False)
    found.append(gettext("You can object to one line alone; the others are paid as usual."))
    return found
