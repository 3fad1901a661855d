"""The statement of a township, the slip of a caregiver, the lists and the bank file."""

from __future__ import annotations

from app.settlement.documents.bank import bank_file, repair_table
from app.settlement.documents.lists import ledger_table, lines_table
from app.settlement.documents.objections import objection_words
from app.settlement.documents.slips import computation, slip_document, slip_number, slip_pdf, slips_pdf
from app.settlement.documents.spoken import spoken, spoken_yuan
from app.settlement.documents.statements import settlement_number, statement_pdf

__all__ = [
    "bank_file",
    "computation",
    "ledger_table",
    "lines_table",
    "objection_words",
    "repair_table",
    "settlement_number",
    "slip_document",
    "slip_number",
    "slip_pdf",
    "slips_pdf",
    "spoken",
    "spoken_yuan",
    "statement_pdf",
]
