"""What a slip says of an objection: on paper, on the phone and read aloud in the same sentences."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext

from app.core import shown
from app.settlement.queries.objections import Came, Objection
from app.settlement.queries.slips import Slip, SlipLine


def _waiting(slip: Slip, item: SlipLine, found: Objection, yuan: Callable[[int], str]) -> list[str]:
    said = [gettext("This line is disputed since %(day)s.", day=shown.date(found.raised_on))]
    if found.due_on is None:
        said.append(gettext("The civil affairs bureau answers in writing; who scored or confirmed does not decide."))
    else:
        day = shown.date(found.due_on)
        said.append(
            gettext(
                "The civil affairs bureau answers in writing by %(day)s; who scored or confirmed does not decide.",
                day=day,
            )
        )
    if item.paid:
        said.append(gettext("This line is paid already; if the answer changes it, a later quarter makes it good."))
    elif item.line.pay_fen:
        said.append(gettext("Until the answer the %(fen)s of this line wait.", fen=yuan(item.line.pay_fen)))
    others = [x for x in slip.lines if x is not item and x.line.pay_fen and not x.held]
    if others:
        fen = yuan(sum(x.line.pay_fen for x in others))
        if all(x.paid for x in others):
            said.append(gettext("The other lines, %(fen)s, were paid.", fen=fen))
        else:
            said.append(gettext("The other lines, %(fen)s, are paid as usual.", fen=fen))
    return said


def _came(item: SlipLine, found: Objection, yuan: Callable[[int], str]) -> str:
    score = "—" if found.score is None else f"{found.score // 100}.{found.score % 100:02d}"
    if found.came is Came.DISMISSED:
        if item.paid or not item.line.pay_fen:
            return gettext("The amount of this line stays.")
        return gettext("The amount of this line stays; it is paid with the next payment.")
    if found.came is Came.SCORING:
        return gettext("The quarter is being scored again; what changes by it, a later quarter makes good.")
    if found.came is Came.COUNTED:
        return gettext("This line counts the new score of %(score)s points.", score=score)
    if found.came is Came.CORRECTED:
        quarter = shown.quarter(found.quarter)
        if found.fen < 0:
            return gettext(
                "Scored again with %(score)s points: %(fen)s are taken back in %(quarter)s.",
                score=score, fen=yuan(-found.fen), quarter=quarter,
            )  # fmt: skip
        return gettext(
            "Scored again with %(score)s points: %(fen)s are paid in addition in %(quarter)s.",
            score=score, fen=yuan(found.fen), quarter=quarter,
        )  # fmt: skip
    if found.came is Came.SAME:
        return gettext("Scored again with %(score)s points: the ratio and the amount stay.", score=score)
    return gettext("Scored again with %(score)s points: the next quarter makes the difference good.", score=score)


def objection_words(
    slip: Slip, item: SlipLine, found: Objection, yuan: Callable[[int], str], *, reasons: bool = True
) -> list[str]:
    """Sentences about one objection to one line in the reader's language, amounts by ``yuan``: while it is open since when,
    who decides by when, what waits and what was paid; then how it was decided and what came of it. ``reasons`` with what
    was written on both sides, which is too long to be read aloud.
    """
    if found.open:
        said = _waiting(slip, item, found, yuan)
        return [*said, gettext("Your reasons: %(text)s", text=found.dispute.reason)] if reasons else said
    values = {"day": shown.date(found.raised_on), "on": shown.date(found.answered_on), "who": found.answered_by or "—"}
    if found.came is Came.DISMISSED:
        first = gettext("The objection of %(day)s was dismissed by %(who)s on %(on)s.", **values)
    else:
        first = gettext("The objection of %(day)s was upheld by %(who)s on %(on)s.", **values)
    said = [first, _came(item, found, yuan)]
    return [*said, gettext("Reasons of the answer: %(text)s", text=found.dispute.answer)] if reasons else said
