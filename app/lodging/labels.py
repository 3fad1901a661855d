"""Words for beds, stays and belongings."""

from __future__ import annotations

from app.core.words import lazy_gettext as _l
from app.lodging.models import BelongingKind, LeftFor
from app.lodging.rules import Kept

LEFT_FOR = {
    LeftFor.TRANSFER: _l("Another bed"),
    LeftFor.HOME: _l("Home"),
    LeftFor.ELSEWHERE: _l("Another institution"),
    LeftFor.SUPPORT_ENDED: _l("End of support or death"),
}
KINDS = {
    BelongingKind.CLOTHES: _l("Clothes and bedding"),
    BelongingKind.FURNITURE: _l("Furniture and household goods"),
    BelongingKind.AIDS: _l("Aids (wheelchair, hearing aid, denture)"),
    BelongingKind.VALUABLES: _l("Valuables"),
    BelongingKind.MONEY: _l("Money"),
    BelongingKind.BANK_BOOK: _l("Bank book or card"),
    BelongingKind.DOCUMENTS: _l("Papers (identity card, certificates)"),
    BelongingKind.OTHER: _l("Something else"),
}
STATES = {
    Kept.KEPT: _l("Kept here"),
    Kept.DAMAGED: _l("Damaged, kept here"),
    Kept.LOST: _l("Lost"),
    Kept.RETURNED: _l("Given back"),
}
STATE_TONES = {Kept.KEPT: "good", Kept.DAMAGED: "warn", Kept.LOST: "bad", Kept.RETURNED: "neutral"}
