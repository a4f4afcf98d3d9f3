"""An office around one substation: everybody whom the closed loop passes, each asking the app for themselves."""

from dataclasses import dataclass
from typing import Any

from tests.incidents.conftest import Hire
from tests.incidents.desk import Staff
from tests.laid import COMMUNITY, SPOT, STREET, SUBSTATION

DEPARTMENT = "urban_management"
KIND = "E0504"
"""Trading outside the shop: what it demands for closing is looked up in the table of kinds."""


@dataclass
class Office:
    """Who there is: the walker reports, the desk files, the department acts, the checker looks at it afterwards."""

    walker: Staff
    checker: Staff
    desk: Staff
    community: Staff
    street: Staff
    department: Staff
    supervision: Staff
    stranger: Staff


def open_office(hire: Hire) -> Office:
    """Hire everybody."""
    return Office(
        walker=hire(("patroller", SUBSTATION), name="巡查员甲"),
        checker=hire(("patroller", SUBSTATION), name="巡查员乙"),
        desk=hire(("station_staff", SUBSTATION), name="分站"),
        community=hire(("community_leader", COMMUNITY), name="社区"),
        street=hire(("street_leader", STREET), name="街道"),
        department=hire(("department_staff", STREET), name="城管", department=DEPARTMENT),
        supervision=hire(("supervision", STREET), name="督查"),
        stranger=hire(("station_staff", "440307009003002"), name="别处"),
    )


def case(staff: Staff, incident: int) -> dict[str, Any]:
    """Return the case of an incident as somebody sees it."""
    status, answer = staff.ask("GET", f"/{incident}/case")
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def move(staff: Staff, incident: int, name: str, **given: Any) -> tuple[int, Any]:
    """Move an incident as somebody who has just looked at it; return status and answer."""
    revision = given.pop("revision", None) or case(staff, incident)["revision"]
    return staff.ask("POST", f"/{incident}/transitions", json={"move": name, "revision": revision, **given})


def moved(staff: Staff, incident: int, name: str, **given: Any) -> dict[str, Any]:
    """Move an incident, which must succeed; return its case."""
    status, answer = move(staff, incident, name, **given)
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


def on_site() -> dict[str, float]:
    """Return a position at the place of the incidents."""
    return {"longitude": SPOT[0], "latitude": SPOT[1]}


def show(staff: Staff, incident: int, data: bytes, shows: str = "done", **fields: str) -> tuple[int, Any]:
    """Add a photo or document."""
    form = {"shows": shows, **fields}
    return staff.ask("POST", f"/{incident}/exhibits", data=form, files={"file": ("x", data)})
