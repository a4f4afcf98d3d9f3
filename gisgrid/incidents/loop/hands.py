"""In what capacity somebody holds an incident: by their roles in its cells, their department, or its being theirs."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.incidents.answering import above, cells_of
from gisgrid.incidents.lifecycle import Hand
from gisgrid.incidents.tables import Incident, Party, handled
from gisgrid.once import table_of
from gisgrid.sight import sight_of, visible
from gisgrid.staff.caller import Caller
from gisgrid.staff.scope import Role

INCIDENT, PARTY = table_of(Incident), table_of(Party)

DESK: Final = frozenset({"station_staff", "community_leader", "attached_leader", "street_leader"})
WALK: Final = frozenset({"patroller", "cadre"})
WATCH: Final = frozenset({"supervision"})
ACT: Final = frozenset({"department_staff"})
CONFIDED: Final = frozenset[Hand]({"desk", "handler"})
"""What the handlers of a confidential incident are, since nobody else may know of it."""


def hands_of(session: Session, caller: Caller, row: Mapping[str, Any]) -> frozenset[Hand]:
    """Return the capacities in which a caller holds an incident that they see, as its row."""
    own: frozenset[Hand] = frozenset({"handler"} if row["handler_id"] == (caller.person or -1) else ())
    if row["is_confidential"]:
        return own | (CONFIDED if _is_confided(session, row["id"]) else frozenset())
    answering = above(session, row["answering_code"])
    around = {*answering, *cells_of(session, row)}
    acting = set(session.scalars(select(PARTY.c.department_id).where(visible(session, PARTY), _of(row["id"]))))
    found: set[Hand] = set()
    for role in caller.roles:
        found |= {"desk"} if role.name in DESK and _covers(role, answering) else set()
        if _covers(role, around):
            found |= {"walker"} if role.name in WALK else set()
            found |= {"supervision"} if role.name in WATCH else set()
            found |= {"department"} if role.name in ACT and role.department_id in acting else set()
    return own | found


def _is_confided(session: Session, incident: int) -> bool:
    asked = select(INCIDENT.c.id).where(
        visible(session, INCIDENT), INCIDENT.c.id == incident, handled(sight_of(session), INCIDENT.c)
    )
    return session.execute(asked).first() is not None


def _of(incident: int) -> Any:
    return PARTY.c.incident_id == incident


def _covers(role: Role, codes: Collection[str]) -> bool:
    """Tell whether a role is held in one of some cells, or everywhere; what lies in no cell is the street's."""
    return role.cell_code is None or role.cell_code in codes
