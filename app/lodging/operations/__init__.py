"""Acts on rooms, beds, stays and belongings."""

from app.lodging.operations.beds import add_room, change_beds
from app.lodging.operations.belongings import change_belonging, receive_belonging
from app.lodging.operations.stays import close_stays, end_stay, give_bed, take_back_stay

__all__ = [
    "add_room",
    "change_beds",
    "change_belonging",
    "close_stays",
    "end_stay",
    "give_bed",
    "receive_belonging",
    "take_back_stay",
]
