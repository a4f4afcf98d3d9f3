"""Who walks, and their outings: known by the names that phones and files give them, some of them with an account.

A name that is new and that somebody signs in with is theirs. What was stored under a name before there was an account
stays nobody's, until an operator adopts it: whoever is given that name later must not come into another's track.
"""

from collections.abc import Iterable, Mapping
from itertools import chain, count
from typing import NamedTuple

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from gisgrid.audit.record import Actor, record
from gisgrid.errors import Conflict, NotFound
from gisgrid.once import AT_A_TIME, store_once, table_of
from gisgrid.patrols.tables import DEVICE, Patrol, Patroller
from gisgrid.staff.names import folded
from gisgrid.staff.tables import Person

PATROLLER = table_of(Patroller)
IDS = select(PATROLLER.c.ref, PATROLLER.c.id).where(PATROLLER.c.ref.in_(bindparam("refs", expanding=True)))


class NoSuchPatroller(NotFound):
    """Nothing was ever stored under that name."""


class AlreadyAdopted(Conflict):
    """The name, or the person, has another half already."""


class Known(NamedTuple):
    """What a name stands for: the row of a patroller, the row of a person with an account, either or neither."""

    patroller: int | None = None
    person: int | None = None


def known(session: Session, refs: Iterable[str]) -> dict[str, Known]:
    """Return what each name stands for: the patroller of that ref, else whoever signs in with it."""
    wanted = sorted(set(refs))
    found = dict.fromkeys(wanted, Known())
    for start in range(0, len(wanted), AT_A_TIME):
        named = PATROLLER.c.ref.in_(wanted[start : start + AT_A_TIME])
        rows = session.execute(select(PATROLLER.c.ref, PATROLLER.c.id, PATROLLER.c.person_id).where(named))
        found |= {row.ref: Known(row.id, row.person_id) for row in rows}
    keys = {ref: folded(ref) for ref, each in found.items() if each.patroller is None}
    accounts = _accounts(session, sorted(set(keys.values())))
    return found | {ref: accounts[key] for ref, key in keys.items() if key in accounts}


def _accounts(session: Session, keys: list[str]) -> dict[str, Known]:
    """Return whoever signs in with a folded name, and as whom they walk already."""
    found: dict[str, Known] = {}
    asked = select(Person.name_key, PATROLLER.c.id, Person.id.label("person"))
    asked = asked.outerjoin(PATROLLER, PATROLLER.c.person_id == Person.id).where(Person.erased_at.is_(None))
    for start in range(0, len(keys), AT_A_TIME):
        rows = session.execute(asked.where(Person.name_key.in_(keys[start : start + AT_A_TIME])))
        found |= {row.name_key: Known(row.id, row.person) for row in rows}
    return found


def patroller_ids(session: Session, names: Mapping[str, str]) -> dict[str, int]:
    """Return the row of each patroller by ref, adding who is new. `names` maps ref to name, "" where none is known.

    A name fills an empty one and never replaces another.
    """
    found = known(session, names)
    ids = {ref: each.patroller for ref, each in found.items() if each.patroller is not None}
    missing = [ref for ref in found if ref not in ids]
    ids |= {ref: patroller_of(session, person).id for ref in missing if (person := found[ref].person) is not None}
    new = [{"ref": ref, "name": names[ref]} for ref in missing if found[ref].person is None]
    ids |= {kept["ref"]: kept["id"] for _, kept in store_once(session, PATROLLER, new, ["ref"])}
    for ref in found:
        if names[ref]:
            session.execute(
                update(Patroller).where(Patroller.id == ids[ref], Patroller.name == "").values(name=names[ref])
            )
    return ids


class Own(NamedTuple):
    """As whom a person walks."""

    id: int
    ref: str


def own_patroller(session: Session, person_id: int) -> Own | None:
    """Return as whom a person walks, if they ever did."""
    row = session.execute(select(PATROLLER.c.id, PATROLLER.c.ref).where(PATROLLER.c.person_id == person_id)).first()
    return Own(*row) if row else None


def patroller_of(session: Session, person_id: int) -> Own:
    """Return as whom a person walks; on first need they are added, under their name, with a number if that is taken."""
    while (own := own_patroller(session, person_id)) is None:
        person = session.get_one(Person, person_id)
        row = {"ref": _free(session, person.name), "name": person.full_name, "person_id": person_id}
        kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(kind.insert(PATROLLER).values(row).on_conflict_do_nothing())  # another request may be as fast
    return own


def _free(session: Session, name: str) -> str:
    alike = PATROLLER.c.ref.startswith(name, autoescape=True)
    taken = set(session.scalars(select(PATROLLER.c.ref).where(alike)))
    return next(ref for ref in chain([name], (f"{name} ({number})" for number in count(2))) if ref not in taken)


def device_patrollers(session: Session, token_ids: Iterable[int]) -> dict[int, int]:
    """Return, for each device, the row that is the sender of its fixes, and theirs while nobody is signed on to it."""
    refs = {token: device_ref(token) for token in token_ids}
    ids = dict(session.execute(IDS, {"refs": list(refs.values())}).all())
    if len(ids) < len(refs):
        ids = patroller_ids(session, dict.fromkeys(refs.values(), ""))
    return {token: ids[ref] for token, ref in refs.items()}


def device_ref(token_id: int) -> str:
    """Return under which name a device's fixes wait."""
    return f"{DEVICE}{token_id}"


def adopt(session: Session, actor: Actor, ref: str, person: Person) -> None:
    """Give a person what was stored under a name before they had an account. Raises NoSuchPatroller, AlreadyAdopted."""
    found = known(session, [ref])[ref]
    if found.patroller is None:
        raise NoSuchPatroller(f"没有名为 {ref!r} 的巡查记录", f"nothing is stored under the name {ref!r}")
    if found.person is not None or own_patroller(session, person.id) is not None:
        raise AlreadyAdopted(
            "此名称已属于某个账号,或此人已有自己的巡查记录",
            "the name belongs to an account already, or the person has fixes of their own",
        )
    session.execute(update(Patroller).where(Patroller.id == found.patroller).values(person_id=person.id))
    record(session, actor, "patroller.adopted", ("person", person.id), patroller=found.patroller)


def patrol_ids(session: Session, outings: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return the row of each outing, named by patroller (row) and ref, adding those that are new."""
    there: dict[tuple[int, str], int] = {}
    wanted = sorted(set(outings))
    for start in range(0, len(wanted), AT_A_TIME):
        named = tuple_(Patrol.patroller_id, Patrol.ref).in_(wanted[start : start + AT_A_TIME])
        rows = session.execute(select(Patrol).where(named)).scalars()
        there |= {(outing.patroller_id, outing.ref): outing.id for outing in rows}
    new = [{"patroller_id": person, "ref": ref} for person, ref in wanted if (person, ref) not in there]
    kept = store_once(session, table_of(Patrol), new, ["patroller_id", "ref"])
    return there | {(row["patroller_id"], row["ref"]): row["id"] for _, row in kept}
