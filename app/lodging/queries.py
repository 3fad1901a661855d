"""Reading beds, stays and belongings, each from what the actor may see."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, false, func, or_, select

from app.core.actor import Actor
from app.core.db import db, one_row
from app.core.periods import Month
from app.lodging.models import Bed, Belonging, Room, Stay
from app.lodging.rules import Days, days_of
from app.people import queries as people
from app.people.models import Absence, Resident, ResidentStatus, Setting
from app.places.models import Organisation, OrganisationKind
from app.places.queries import within


def institutions(actor: Actor) -> Select[Organisation]:
    """Institutions the actor answers for: the own house, or those of the area."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.INSTITUTION)
    if actor.system:
        return query
    if actor.role in people.BY_INSTITUTION:
        return query.where(Organisation.id == (actor.organisation_id or 0))
    if actor.role in people.BY_AREA and actor.area_code:
        return query.where(within(Organisation.area_code, actor.area_code))
    return query.where(false())


def institution(actor: Actor, institution_id: int, *, lock: bool = False) -> Organisation:
    """One institution the actor answers for. Raises ``NotFound``."""
    return one_row(institutions(actor).where(Organisation.id == institution_id), lock=lock)


def bed(actor: Actor, bed_id: int, *, lock: bool = False) -> Bed:
    """One bed of an institution the actor answers for. Raises ``NotFound``."""
    rooms = select(Room.id).where(Room.institution_id.in_(institutions(actor).with_only_columns(Organisation.id)))
    return one_row(select(Bed).where(Bed.id == bed_id, Bed.room_id.in_(rooms)), lock=lock)


def visible_stays(actor: Actor) -> Select[Stay]:
    """Stays of the residents the actor may see."""
    return select(Stay).where(Stay.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def stay(actor: Actor, stay_id: int, *, lock: bool = False) -> Stay:
    """One visible stay. Raises ``NotFound``."""
    return one_row(visible_stays(actor).where(Stay.id == stay_id), lock=lock)


def stays_of(resident_id: int) -> list[Stay]:
    """Every stay of one resident, newest first."""
    query = select(Stay).where(Stay.resident_id == resident_id)
    return list(db.session.scalars(query.order_by(Stay.from_on.desc(), Stay.id.desc())).unique())


def running_stay(resident_id: int) -> Stay | None:
    """The stay that lasts."""
    return (
        db.session.scalars(select(Stay).where(Stay.resident_id == resident_id, Stay.left_on.is_(None))).unique().first()
    )


def sharing(bed_id: int, resident_id: int) -> list[Stay]:
    """Stays of this bed or of this resident."""
    query = select(Stay).where(or_(Stay.bed_id == bed_id, Stay.resident_id == resident_id))
    return list(db.session.scalars(query.order_by(Stay.from_on, Stay.id)).unique())


@dataclass
class Place:
    """A bed with who has it on a day, and why that person is away."""

    bed: Bed
    stay: Stay | None = None
    away: Absence | None = None


@dataclass
class Board:
    """The beds of an institution by room, and who lives there without a bed."""

    institution: Organisation
    rooms: dict[Room, list[Place]] = field(default_factory=dict)
    waiting: list[Resident] = field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        """All beds in use."""
        return [place for places in self.rooms.values() for place in places]

    @property
    def taken(self) -> int:
        """Beds that are somebody's."""
        return sum(place.stay is not None for place in self.places)

    @property
    def away(self) -> int:
        """Whose bed is kept while they are away."""
        return sum(place.away is not None for place in self.places)

    @property
    def free(self) -> int:
        """Beds nobody has."""
        return len(self.places) - self.taken


def boards(actor: Actor, day: dt.date, institution_id: int | None = None) -> list[Board]:
    """The institutions the actor answers for with their beds on a day."""
    query = institutions(actor)
    if institution_id is not None:
        query = query.where(Organisation.id == institution_id)
    houses = list(db.session.scalars(query.order_by(Organisation.area_code, Organisation.name, Organisation.id)))
    found = {row.id: Board(row) for row in houses}
    stays = {row.bed_id: row for row in _stays_on(found, day)}
    away = absences_on([row.resident_id for row in stays.values()], day)
    beds = (
        select(Bed)
        .join(Room, Room.id == Bed.room_id)
        .where(Room.institution_id.in_(found), or_(Bed.closed_on.is_(None), Bed.closed_on > day))
        .order_by(Room.institution_id, func.length(Room.name), Room.name, func.length(Bed.name), Bed.name)
    )
    for one in db.session.scalars(beds).unique():
        has = stays.get(one.id)
        place = Place(one, has, away.get(has.resident_id) if has else None)
        found[one.room.institution_id].rooms.setdefault(one.room, []).append(place)
    for room in db.session.scalars(select(Room).where(Room.institution_id.in_(found)).order_by(Room.name)):
        found[room.institution_id].rooms.setdefault(room, [])
    for row in _without_bed(found):
        found[int(row.institution_id or 0)].waiting.append(row)
    return list(found.values())


def _stays_on(house_ids: Iterable[int], day: dt.date) -> list[Stay]:
    query = (
        select(Stay)
        .join(Bed, Bed.id == Stay.bed_id)
        .join(Room, Room.id == Bed.room_id)
        .where(Room.institution_id.in_(house_ids), Stay.from_on <= day, or_(Stay.left_on.is_(None), Stay.left_on > day))
    )
    return list(db.session.scalars(query).unique())


def absences_on(resident_ids: Sequence[int], day: dt.date) -> dict[int, Absence]:
    """Who is away on a day, from the absences that care plans and settlement read."""
    query = select(Absence).where(Absence.resident_id.in_(resident_ids), people.touching(day, day))
    return {row.resident_id: row for row in db.session.scalars(query)}


def _without_bed(house_ids: Iterable[int]) -> list[Resident]:
    """Supported residents of these institutions without a bed in them."""
    housed = (
        select(Stay.resident_id)
        .join(Bed, Bed.id == Stay.bed_id)
        .join(Room, Room.id == Bed.room_id)
        .where(Stay.left_on.is_(None), Room.institution_id == Resident.institution_id)
    )
    query = select(Resident).where(
        Resident.institution_id.in_(house_ids),
        Resident.setting == Setting.INSTITUTIONAL,
        Resident.status == ResidentStatus.ACTIVE,
        Resident.id.not_in(housed),
    )
    return list(db.session.scalars(query.order_by(Resident.name, Resident.id)).unique())


def free_beds(actor: Actor, resident: Resident) -> list[Bed]:
    """Beds in use of the resident's institution that nobody has now."""
    if resident.institution_id is None:
        return []
    (board,) = boards(actor, dt.date.max, resident.institution_id)
    return [place.bed for place in board.places if place.stay is None]


@dataclass(frozen=True)
class MonthRow:
    """One resident's days of a month in an institution's beds."""

    resident: Resident
    beds: str
    days: Days


def month(actor: Actor, institution_id: int, asked: Month, today: dt.date) -> list[MonthRow]:
    """Days of each resident in the beds of an institution in a month up to today, with hospital and leave."""
    house = institution(actor, institution_id)
    first, last = asked.first, min(asked.last, today)
    query = (
        select(Stay)
        .join(Bed, Bed.id == Stay.bed_id)
        .join(Room, Room.id == Bed.room_id)
        .where(Room.institution_id == house.id, Stay.from_on <= last, or_(Stay.left_on.is_(None), Stay.left_on > first))
        .order_by(Stay.resident_id, Stay.from_on)
    )
    stays: dict[int, list[Stay]] = defaultdict(list)
    for row in db.session.scalars(query).unique():
        stays[row.resident_id].append(row)
    gone: dict[int, list[tuple[str, dt.date, dt.date | None]]] = defaultdict(list)
    away = select(Absence).where(Absence.resident_id.in_(stays), people.touching(first, last))
    for one in db.session.scalars(away):
        gone[one.resident_id].append((one.kind.value, one.from_on, one.to_on))
    found = []
    for resident_id, rows in stays.items():
        days = sum((days_of((row.from_on, row.left_on), gone[resident_id], first, last) for row in rows), start=Days())
        beds = dict.fromkeys(bed_name(row.bed) for row in rows)
        if days.bed:
            found.append(MonthRow(rows[0].resident, ", ".join(beds), days))
    return sorted(found, key=lambda one: (one.resident.name, one.resident.id))


def bed_name(row: Bed) -> str:
    """Room and bed in one word."""
    return f"{row.room.name}-{row.name}"


def stays_to_close() -> list[tuple[Stay, bool]]:
    """Stays that last although support ended (True), or the resident lives elsewhere or at home now (False)."""
    query = (
        select(Stay)
        .join(Resident, Resident.id == Stay.resident_id)
        .join(Bed, Bed.id == Stay.bed_id)
        .join(Room, Room.id == Bed.room_id)
        .where(
            Stay.left_on.is_(None),
            or_(
                Resident.status != ResidentStatus.ACTIVE,
                Resident.institution_id.is_(None),
                Resident.institution_id != Room.institution_id,
            ),
        )
        .order_by(Stay.id)
    )
    return [(row, row.resident.status is not ResidentStatus.ACTIVE) for row in db.session.scalars(query).unique()]


def visible_belongings(actor: Actor) -> Select[Belonging]:
    """Belongings of the residents the actor may see."""
    return select(Belonging).where(Belonging.resident_id.in_(people.visible(actor).with_only_columns(Resident.id)))


def belonging(actor: Actor, belonging_id: int, *, lock: bool = False) -> Belonging:
    """One visible belonging. Raises ``NotFound``."""
    return one_row(visible_belongings(actor).where(Belonging.id == belonging_id), lock=lock)


def belongings_of(resident_id: int) -> list[Belonging]:
    """Everything of one resident's, in the order it was received."""
    query = select(Belonging).where(Belonging.resident_id == resident_id)
    return list(db.session.scalars(query.order_by(Belonging.received_on, Belonging.id)).unique())


def belonging_counts(resident_id: int) -> Counter[str]:
    """How many belongings are in each state."""
    query = select(Belonging.state, func.count()).where(Belonging.resident_id == resident_id).group_by(Belonging.state)
    return Counter({state.value: number for state, number in db.session.execute(query)})
