"""What a wrong program could try with contracts and signatures is refused by the database as well."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.contracts import operations
from app.contracts.models import Contract, ContractEvent, ContractParty, Slot
from app.core.db import db
from app.core.errors import DomainError
from tests.contracts.conftest import TODAY, Table, later, rows

D = dt.date


class TestDatabase:
    """What a wrong program could try is refused by the database as well."""

    def refused(self, statement: str, **values: Any) -> None:
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement), values)

    def test_six_signatures_never_are_in_force(self, table: Table) -> None:
        row = table.sent()
        for slot in list(Slot)[:6]:
            row = table.sign(row, slot)
        self.refused("UPDATE contract SET state = 'in_force', in_force_from = valid_from WHERE id = :id", id=row.id)

    def test_a_contract_begins_as_a_draft(self, table: Table) -> None:
        row = table.draft()
        names = [c.name for c in Contract.__table__.columns if c.name not in {"id", "number", "state"}]
        joined = ", ".join(names)
        self.refused(
            f"INSERT INTO contract (number, state, {joined}) SELECT 'X', 'in_force', {joined} FROM contract WHERE id = :id",  # column names of the model
            id=row.id,
        )

    def test_text_signatures_and_history_never_change(self, table: Table) -> None:
        row = table.in_force()
        self.refused("UPDATE contract SET body_sha256 = 'x' WHERE id = :id", id=row.id)
        self.refused("UPDATE contract SET caregiver_id = caregiver_id + 1 WHERE id = :id", id=row.id)
        self.refused("UPDATE contract_party SET signer_name = 'x' WHERE contract_id = :id", id=row.id)
        self.refused("UPDATE contract_party SET signed_at = NULL WHERE contract_id = :id", id=row.id)
        self.refused("UPDATE contract_event SET reason = 'x' WHERE contract_id = :id", id=row.id)
        self.refused("DELETE FROM contract_event WHERE contract_id = :id", id=row.id)
        self.refused("DELETE FROM contract_party WHERE contract_id = :id", id=row.id)
        self.refused("DELETE FROM contract WHERE id = :id", id=row.id)

    def test_what_is_over_stays_over(self, table: Table) -> None:
        row = table.in_force()
        with later(10):
            operations.end_contract(table.township, row.id, D(2026, 5, 12), reason="更换护理人员")
        self.refused("UPDATE contract SET state = 'in_force' WHERE id = :id", id=row.id)
        self.refused("UPDATE contract SET ended_on = valid_to WHERE id = :id", id=row.id)

    def test_a_signature_needs_an_open_contract(self, table: Table) -> None:
        row = table.draft()
        self.refused(
            "UPDATE contract_party SET signed_at = '2026-05-04 04:00:00', signer_name = 'x', body_sha256 = :sha"
            " WHERE contract_id = :id",
            id=row.id,
            sha=row.body_sha256,
        )

    def test_refused_acts_leave_no_half_rows(self, table: Table) -> None:
        row = table.sent()
        events, signed = rows(ContractEvent), select(func.count()).where(ContractParty.signed_at.is_not(None))
        for act in (
            lambda: table.sign(row, Slot.VILLAGE) and table.sign(row, Slot.VILLAGE),
            lambda: operations.suspend_contract(table.township, row.id, TODAY, reason="不行"),
            lambda: operations.end_contract(table.township, row.id, TODAY, reason="不行"),
        ):
            with pytest.raises(DomainError):
                act()
        assert rows(ContractEvent) == events + 1
        assert db.session.scalar(signed) == 1
