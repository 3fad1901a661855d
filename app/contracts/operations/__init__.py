"""Acts on contracts: drafted, sent, signed by seven, in force, suspended, ended."""

from app.contracts.operations.drafting import checked, draft_contract, send_contract, store_draft
from app.contracts.operations.files import keep_seal_picture
from app.contracts.operations.life import (
    archive_contract,
    end_contract,
    expire_contract,
    resume_contract,
    suspend_contract,
    withdraw_contract,
)
from app.contracts.operations.many import Wanted, draft_contracts, send_contracts, sign_contracts
from app.contracts.operations.paper import check_paper, file_paper
from app.contracts.operations.signing import (
    Given,
    Instead,
    Overtaken,
    refuse_contract,
    seal_contract,
    sign_at_table,
    sign_contract,
)
from app.contracts.operations.steps import party_of
from app.contracts.operations.substitutes import name_substitute, needs_substitute
from app.contracts.operations.taking_back import hindrance, take_back_signature

__all__ = [
    "Given",
    "Instead",
    "Overtaken",
    "Wanted",
    "archive_contract",
    "check_paper",
    "checked",
    "draft_contract",
    "draft_contracts",
    "end_contract",
    "expire_contract",
    "file_paper",
    "hindrance",
    "keep_seal_picture",
    "name_substitute",
    "needs_substitute",
    "party_of",
    "refuse_contract",
    "resume_contract",
    "seal_contract",
    "send_contract",
    "send_contracts",
    "sign_at_table",
    "sign_contract",
    "sign_contracts",
    "store_draft",
    "suspend_contract",
    "take_back_signature",
    "withdraw_contract",
]
