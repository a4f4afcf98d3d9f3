"""Checkpoints are made, moved and retired within one's cells, and what they were is kept."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.patrols.plans.change_checkpoints import (
    CheckpointThere,
    NoCodeThere,
    NoSuchCheckpoint,
    NotYourGround,
    Standing,
    add_checkpoint,
    bring_checkpoint,
    change_checkpoint,
    code_at,
    retire_checkpoint,
)
from gisgrid.patrols.plans.find_spots import checkpoint_versions
from gisgrid.patrols.plans.tables import FormerCheckpoint
from gisgrid.patrols.tables import Checkpoint
from gisgrid.sight import EVERYTHING, Sight
from tests.laid import ELSEWHERE, OUTSIDE, SPOT, STREET, SUBSTATION
from tests.patrols.plans.builders import DAY, ZONE
from tests.patrols.plans.worlds import sight_in
from tests.staff.builders import audited

ACTS = {"add": add_checkpoint, "change": change_checkpoint}


def put(engine: Engine, act: str, code: str, sight: Sight = EVERYTHING, **changes: Any) -> None:
    given = {"name": "新点", "longitude": SPOT[0], "latitude": SPOT[1], **changes}
    with session_scope(engine, write=True, sight=sight) as session:
        ACTS[act](session, ZONE, OPERATOR, Standing(code, **given))


def retire(engine: Engine, code: str, sight: Sight = EVERYTHING) -> None:
    with session_scope(engine, write=True, sight=sight) as session:
        retire_checkpoint(session, ZONE, OPERATOR, code)


def shown(engine: Engine, code: str, day: date = DAY, sight: Sight = EVERYTHING) -> str:
    with session_scope(engine, sight=sight) as session:
        return code_at(session, ZONE, code, day).code


def versions(engine: Engine, code: str) -> list[tuple[str, float, float, bool, bool]]:
    """Return what a checkpoint has been: its name now, place, radius, whether a code was asked for, whether retired."""
    with session_scope(engine) as session:
        found = checkpoint_versions(session, [code])[code]
    assert [each.until is None for each in found] == [*[False] * (len(found) - 1), True]
    return [(each.name, each.longitude, each.radius_m, each.needs_code, each.is_retired) for each in found]


def test_what_it_was_is_kept(town: Engine) -> None:
    put(town, "change", "C1", longitude=SPOT[0] + 0.001, radius_m=80, code_days=7)
    put(town, "change", "C1", longitude=SPOT[0] + 0.001, radius_m=80)
    retire(town, "C1")
    put(town, "add", "C1", radius_m=30)
    there = SPOT[0] + 0.001
    assert versions(town, "C1") == [
        ("新点", SPOT[0], 50, False, False),
        ("新点", there, 80, True, False),
        ("新点", there, 80, False, False),
        ("新点", there, 80, False, True),
        ("新点", SPOT[0], 30, False, False),
    ]
    actions = [entry.action for entry in audited(town, "checkpoint")]
    assert actions == ["checkpoint.changed", "checkpoint.changed", "checkpoint.retired", "checkpoint.made"]


@pytest.mark.parametrize(
    ("act", "code", "changes", "error"),
    [
        ("add", "C1", {}, CheckpointThere),
        ("add", "C2", {"longitude": ELSEWHERE[0], "latitude": ELSEWHERE[1]}, NotYourGround),
        ("add", "C2", {"longitude": OUTSIDE[0], "latitude": OUTSIDE[1]}, NotYourGround),
        ("change", "C2", {}, NoSuchCheckpoint),
        ("change", "C9", {}, NoSuchCheckpoint),  # which is another's
        ("change", "C1", {"longitude": ELSEWHERE[0], "latitude": ELSEWHERE[1]}, NotYourGround),
    ],
)
@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_within_one_s_cells_alone(
    town: Engine, act: str, code: str, changes: dict[str, float], error: type[GisgridError]
) -> None:
    sight = sight_in(town, "station_staff", SUBSTATION)
    with pytest.raises(error):
        put(town, act, code, sight, **changes)
    for other in ("C9", "C0"):
        with pytest.raises(NoSuchCheckpoint):
            retire(town, other, sight)
        with pytest.raises(NoSuchCheckpoint):
            shown(town, other, sight=sight)
    put(town, "add", "C7", sight)
    put(town, "change", "C1", sight)
    retire(town, "C1", sight)
    with pytest.raises(NoSuchCheckpoint):
        retire(town, "C1", sight)


def test_who_answers_for_the_street_answers_for_what_lies_outside_too(town: Engine) -> None:
    place = {"longitude": OUTSIDE[0], "latitude": OUTSIDE[1]}
    put(town, "add", "C3", sight_in(town, "street_leader", STREET), **place)
    with session_scope(town) as session:
        assert session.scalars(select(Checkpoint.code).order_by(Checkpoint.code)).all() == ["C1", "C3", "C9"]


def test_codes_stand_for_their_days_and_change_with_the_secret(town: Engine) -> None:
    with pytest.raises(NoCodeThere):
        shown(town, "C1")
    put(town, "change", "C1", code_days=1)
    first = shown(town, "C1")
    assert shown(town, "C1", DAY + timedelta(days=1)) != first
    put(town, "change", "C1", code_days=1, radius_m=70)
    assert shown(town, "C1") == first, "a change of the place leaves what is put up there as it is"
    put(town, "change", "C1")
    put(town, "change", "C1", code_days=1)
    assert shown(town, "C1") != first


def test_what_a_file_says_again_changes_nothing(town: Engine) -> None:
    wish = Standing("C5", "塔", *SPOT, radius_m=20, code_days=3)
    brought = []
    for _ in range(2):
        with session_scope(town, write=True) as session:
            brought.append(bring_checkpoint(session, ZONE, OPERATOR, wish)[1])
    code = shown(town, "C5")
    retire(town, "C5")
    with session_scope(town, write=True) as session:
        brought.append(bring_checkpoint(session, ZONE, OPERATOR, wish)[1])
    assert brought == [True, False, True]
    assert shown(town, "C5") == code
    with session_scope(town) as session:
        assert session.query(FormerCheckpoint).count() == 2
        assert session.scalars(select(FormerCheckpoint.until)).first() <= datetime.now(UTC)
