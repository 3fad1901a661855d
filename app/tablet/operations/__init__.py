"""Acts of offline devices."""

from app.tablet.operations.taking import take_along, take_care_along, take_contracts_along

__all__ = ["take_along", "take_care_along", "take_contracts_along"]
