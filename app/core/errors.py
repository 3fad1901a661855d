"""What can go wrong in words a user understands; views and the API turn these into answers."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """Something the user can understand and act on. ``message`` is already translated; ``field`` names the input."""

    status = 400

    def __init__(self, message: object, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.field = field


class Invalid(DomainError):
    """The input is wrong; ``errors`` maps field names to what is wrong with each (nothing was stored)."""

    status = 422

    def __init__(self, message: object, field: str | None = None, errors: Mapping[str, object] | None = None) -> None:
        super().__init__(message, field)
        self.errors: dict[str, str] = {k: str(v) for k, v in (errors or {}).items()}
        if field is not None:
            self.errors.setdefault(field, self.message)


class Refused(DomainError):
    """A rule of the field says no: wrong state, same person twice, no rule in force (nothing was stored)."""

    status = 409


class Forbidden(DomainError):
    """The actor's role does not carry the permission."""

    status = 403

    def __init__(self, message: object = "forbidden", field: str | None = None) -> None:
        super().__init__(message, field)


class NotFound(DomainError):
    """Missing, or somebody else's: both look the same from outside."""

    status = 404

    def __init__(self, message: object = "not found", field: str | None = None) -> None:
        super().__init__(message, field)
