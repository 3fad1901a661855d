"""Texts of the tablet app about contracts and their signatures, by name."""

from __future__ import annotations

from app.contracts.labels import COSIGNER_LABELS, IDENTITY_LABELS, MEANS_LABELS, SLOT_LABELS, TAKEN_BACK_LABELS
from app.core.words import lazy_gettext as _l

CONTRACT_WORDS = {
    **{f"party_{slot.value}": words for slot, words in SLOT_LABELS.items()},
    **{f"means_{means.value}": words for means, words in MEANS_LABELS.items()},
    **{f"identity_{one.value}": words for one, words in IDENTITY_LABELS.items()},
    **{f"cosigner_{role.value}": words for role, words in COSIGNER_LABELS.items()},
    **{f"taken_back_{why.value}": words for why, words in TAKEN_BACK_LABELS.items()},
    "contracts_title": _l("Contracts to sign"),
    "contracts_count": _l("%(count)s contracts wait for signatures"),
    "contracts_none": _l("No contract waits for a signature here. Take contracts along under “This tablet”."),
    "take_note_contracts": _l("%(count)s contracts were taken along on %(when)s."),
    "contract_of": _l("Contract of %(name)s"),
    "contract_open": _l("Read and sign"),
    "contract_signed": _l("%(count)s of 7 signed"),
    "contract_amends": _l("This changes contract %(number)s; only those whose duties change sign again."),
    "contract_caregiver": _l("Cared for by"),
    "contract_guardian": _l("Guardian"),
    "contract_term": _l("Term"),
    "contract_from_to": _l("%(from)s to %(to)s"),
    "contract_money": _l("Care money a month"),
    "contract_money_words": _l("%(sum)s (in words: %(capitals)s)"),
    "contract_no_money": _l("No care subsidy for this grade"),
    "contract_mark": _l("Fingerprint of the text"),
    "contract_points": _l("To the resident: read this aloud"),
    "contract_parties": _l("The seven parties"),
    "contract_order": _l(
        "The order is free. The county checks each signature when it arrives; with the seventh the contract is in force."
    ),
    "contract_text": _l("The whole text"),
    "contract_party_signed": _l("Signed"),
    "contract_party_open": _l("Not signed yet"),
    "contract_party_elsewhere": _l("Signs from its own account or on paper"),
    "contract_sign": _l("Sign here"),
    "contract_look": _l("What was given"),
    "contract_sign_as": _l("Sign as %(party)s"),
    "contract_not_here": _l("This signature is not to be given here any more."),
    "contract_taken_back": _l("Taken back on %(when)s, to be signed anew: %(why)s"),
    "contract_anew": _l("Take back, sign anew"),
    "contract_anew_words": _l(
        "The signature given before goes with those who signed beside it; it is kept with your reason. All other signatures stand."
    ),
    "contract_anew_why": _l("What is wrong with the signature?"),
    "contract_anew_reason": _l("In words"),
    "contract_own": _l("What this party promises"),
    "contract_means": _l("How is it signed?"),
    "contract_signer": _l("Name of the person who signs"),
    "contract_identity": _l("How did you make sure who signs?"),
    "contract_identity_note": _l("Note on that, if needed"),
    "contract_witness": _l("Name of the witness"),
    "contract_second_witness": _l("Name of the second witness"),
    "contract_handwriting": _l("Handwriting"),
    "contract_handwriting_optional": _l("Handwriting, or the mark (may stay empty)"),
    "contract_beside": _l("Somebody else signs beside this party"),
    "contract_nobody": _l("Nobody"),
    "contract_beside_name": _l("Name of who signs beside"),
    "contract_beside_handwriting": _l("Handwriting of who signs beside"),
    "contract_fingerprint": _l("Picture of the fingerprint"),
    "contract_fingerprint_help": _l("Press the finger on white paper and photograph the print, if you can."),
    "contract_picture_take": _l("Photograph the print"),
    "contract_picture_taken": _l("Picture taken"),
    "contract_picture_broken": _l("This picture cannot be read."),
    "contract_missing": _l("Still missing: %(what)s"),
    "contract_done": _l("Store the signature"),
    "contract_stored": _l("The signature is stored on this tablet and is sent with the next network."),
    "contract_signed_at": _l("Signed at (time of the tablet)"),
}
"""Name in the code of the app → text; places are written ``%(name)s`` and filled in the browser."""
