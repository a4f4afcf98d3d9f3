"""What roles may do, as the office's order has it. No database."""

from typing import get_args

import pytest

from gisgrid.staff.roles import BOARD, CONFIDES, DEVICE, ROLES, VOLUNTEERS, Permission

PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
PERSONAL: frozenset[Permission] = frozenset({"tracks", "incidents"})
"""What is about people: where they were, what was reported."""


@pytest.mark.parametrize(
    ("permission", "holders"),
    [
        ("manage", {"administrator"}),
        ("audit", {"auditor"}),
        ("bring_in", {"station_staff"}),
        ("plan", {"street_leader", "community_leader", "attached_leader", "station_staff"}),
        ("check_in", {"patroller", *VOLUNTEERS}),
        (
            "tracks",
            {"street_leader", "community_leader", "attached_leader", "cadre", "station_staff", "supervision"},
        ),
    ],
)
def test_who_holds_what_few_may(permission: Permission, holders: set[str]) -> None:
    assert {role for role, may in ROLES.items() if permission in may} == holders


def test_whoever_runs_the_machine_sees_nothing_of_people_and_the_auditor_nothing_at_all() -> None:
    assert not ROLES["administrator"] & PERSONAL
    assert ROLES["auditor"] == {"audit"}
    assert "audit" not in ROLES["administrator"]


def test_volunteers_see_no_incident_and_nobody_else_s_track() -> None:
    assert set(ROLES) >= VOLUNTEERS
    assert not any(ROLES[role] & PERSONAL for role in VOLUNTEERS)


def test_screens_show_aggregates_and_phones_show_less() -> None:
    assert {"grid", "coverage"} == BOARD
    assert not DEVICE & (PERSONAL | {"manage", "audit", "bring_in", "coverage", "plan"})


def test_every_permission_is_somebody_s_and_every_role_may_do_something() -> None:
    assert frozenset[str]().union(*ROLES.values()) == set(PERMISSIONS)
    assert all(ROLES.values())
    assert CONFIDES in ROLES


def test_whoever_plans_sees_what_becomes_of_it() -> None:
    assert all("tracks" in may for may in ROLES.values() if "plan" in may)
