"""Who sends: people and their outings, known by the names that phones and files give them."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from gisgrid.once import AT_A_TIME, store_once, table_of
from gisgrid.patrols.tables import Patrol, Patroller


def patroller_ids(session: Session, names: Mapping[str, str]) -> dict[str, int]:
    """Return the row of each person by ref, adding who is new. `names` maps ref to name, "" where none is known.

    A name fills an empty one and never replaces another.
    """
    known: dict[str, int] = {}
    refs = sorted(names)
    for start in range(0, len(refs), AT_A_TIME):
        rows = session.execute(select(Patroller).where(Patroller.ref.in_(refs[start : start + AT_A_TIME]))).scalars()
        known |= {person.ref: person.id for person in rows}
    new = [{"ref": ref, "name": names[ref]} for ref in refs if ref not in known]
    known |= {kept["ref"]: kept["id"] for _, kept in store_once(session, table_of(Patroller), new, ["ref"])}
    for ref in refs:
        if names[ref]:
            session.execute(update(Patroller).where(Patroller.ref == ref, Patroller.name == "").values(name=names[ref]))
    return known


def patrol_ids(session: Session, outings: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return the row of each outing, named by person (row) and ref, adding those that are new."""
    known: dict[tuple[int, str], int] = {}
    wanted = sorted(set(outings))
    for start in range(0, len(wanted), AT_A_TIME):
        named = tuple_(Patrol.patroller_id, Patrol.ref).in_(wanted[start : start + AT_A_TIME])
        rows = session.execute(select(Patrol).where(named)).scalars()
        known |= {(outing.patroller_id, outing.ref): outing.id for outing in rows}
    new = [{"patroller_id": person, "ref": ref} for person, ref in wanted if (person, ref) not in known]
    kept = store_once(session, table_of(Patrol), new, ["patroller_id", "ref"])
    return known | {(row["patroller_id"], row["ref"]): row["id"] for _, row in kept}
