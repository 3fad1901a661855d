"""A contract's life as a table: what is not in it is refused."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a contract stands."""

    DRAFT = "draft"
    SIGNING = "signing"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    ENDED = "ended"
    VOID = "void"


class Act(StrEnum):
    """What may happen to it."""

    DRAFT = "draft"
    SEND = "send"
    SIGN = "sign"
    COMPLETE = "complete"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"


NEXT: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.SEND): State.SIGNING,
    (State.DRAFT, Act.WITHDRAW): State.VOID,
    (State.SIGNING, Act.SIGN): State.SIGNING,
    (State.SIGNING, Act.COMPLETE): State.IN_FORCE,
    (State.SIGNING, Act.REFUSE): State.VOID,
    (State.SIGNING, Act.WITHDRAW): State.VOID,
    (State.IN_FORCE, Act.SUSPEND): State.SUSPENDED,
    (State.IN_FORCE, Act.END): State.ENDED,
    (State.SUSPENDED, Act.RESUME): State.IN_FORCE,
    (State.SUSPENDED, Act.END): State.ENDED,
}
