"""Contracts on paper and as tables."""

from app.contracts.documents.contract import contract_pdf, differences, sealed_pdf
from app.contracts.documents.lists import breaches_pdf, breaches_table, clause_text, contracts_table

__all__ = [
    "breaches_pdf",
    "breaches_table",
    "clause_text",
    "contract_pdf",
    "contracts_table",
    "differences",
    "sealed_pdf",
]
