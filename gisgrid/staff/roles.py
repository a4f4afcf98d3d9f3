"""What each role may do. Where it may do so is its appointment's cell; what an office calls it is in `role_names`."""

from typing import Final, Literal

Permission = Literal[
    "grid", "coverage", "tracks", "plan", "incidents", "report", "check_in", "bring_in", "manage", "audit"
]
"""See the grid; coverage figures; others' fixes, tracks and rounds; make plans and checkpoints, and close gaps for a
reason. See incidents; report one; check in; bring in what others recorded. Manage people, devices and kept data; read
the audit."""

_SEES: Final[frozenset[Permission]] = frozenset({"grid", "coverage", "tracks", "incidents", "report"})
_PLANS: Final[frozenset[Permission]] = _SEES | {"plan"}
_WALKS: Final[frozenset[Permission]] = frozenset({"grid", "coverage", "report", "check_in"})

ROLES: Final[dict[str, frozenset[Permission]]] = {
    "administrator": frozenset({"grid", "coverage", "manage"}),
    "street_leader": _PLANS,
    "community_leader": _PLANS,
    "attached_leader": _PLANS,
    "cadre": _SEES,
    "station_staff": _PLANS | {"bring_in"},
    "supervision": _SEES,
    "department_staff": frozenset({"grid", "coverage", "incidents", "report"}),
    "liaison": frozenset({"grid", "coverage", "report"}),
    "confidential_handler": frozenset({"grid", "incidents", "report"}),
    "patroller": _WALKS | {"incidents"},
    "mediator": _WALKS,
    "volunteer_patroller": _WALKS,
    "sanitation_supervisor": _WALKS,
    "auditor": frozenset({"audit"}),
}
"""Who runs the machine sees no track and no incident, and who reads the audit sees nothing else: three hands."""

VOLUNTEERS: Final = frozenset({"mediator", "volunteer_patroller", "sanitation_supervisor"})
CONFIDES: Final = "confidential_handler"

BOARD: Final[frozenset[Permission]] = frozenset({"grid", "coverage"})
"""What a screen on a wall may show, and the public where it is let in: the ground, and aggregates."""
DEVICE: Final[frozenset[Permission]] = frozenset({"grid", "check_in", "report"})
"""What a phone may do for whoever is signed on to it."""
