"""Checkpoints over HTTP."""

from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from tests.laid import ELSEWHERE, SPOT, SUBSTATION
from tests.patrols.asking import Asking, device, somebody
from tests.patrols.plans.worlds import AWAY

PATH = "/api/checkpoints"


def body(**changes: Any) -> dict[str, Any]:
    return {"name": "灯塔", "longitude": SPOT[0], "latitude": SPOT[1], **changes}


def listed(who: Asking) -> dict[str, tuple[str, float, bool]]:
    features = [feature["properties"] for feature in who.get(PATH)["features"]]
    return {each["code"]: (each["name"], each["dwell_s"], each["needs_code"]) for each in features}


def test_they_are_made_changed_put_up_and_retired(asked: TestClient, staff: Asking, town: Engine) -> None:
    made = staff.post(PATH, body(code="塔-1", dwell_s=300), 201)
    assert (made["id"], made["geometry"]["coordinates"], made["properties"]["radius_m"]) == ("塔-1", list(SPOT), 50)
    assert listed(staff) == {"C1": ("码头", 0, False), "塔-1": ("灯塔", 300, False)}
    assert staff.ask("PUT", f"{PATH}/塔-1", json=body(code_days=7))["properties"]["needs_code"] is True
    shown = staff.get(f"{PATH}/塔-1/code")
    assert (shown["checkpoint"], len(shown["code"])) == ("塔-1", 6)
    assert set(shown) == {"checkpoint", "code", "first_day", "last_day"}
    assert shown["code"] not in str(staff.get(PATH)) + str(device(asked, town, SUBSTATION).get(PATH))
    answer = asked.delete(f"{PATH}/塔-1", headers={"Authorization": f"Bearer {staff.words}"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert listed(staff) == {"C1": ("码头", 0, False)}
    assert staff.post(PATH, body(code="塔-1"), 201)["properties"]["needs_code"] is False


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": "a/b"}, "letters, digits"),
        ({"code": ".."}, "letters, digits"),
        ({"radius_m": 4}, "at least 5"),
        ({"radius_m": 1001}, "at most 1000"),
        ({"dwell_s": -1}, "at least 0"),
        ({"code_days": 0}, "at least 1"),
        ({"code_days": 1.5}, "whole number"),
        ({"code_secret": "x"}, "unknown field"),
        ({"longitude": 500}, "no place on earth"),
    ],
)
@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_is_wrong_is_told(staff: Asking, change: dict[str, Any], words: str) -> None:
    assert words in staff.post(PATH, body(**{"code": "C2", **change}), 422)["description"]


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_by_whoever_plans_there_and_nobody_else(asked: TestClient, staff: Asking, town: Engine) -> None:
    far = {"longitude": ELSEWHERE[0], "latitude": ELSEWHERE[1]}
    assert staff.post(PATH, body(code="C2", **far), 403)["code"] == "NotYourGround"
    assert staff.post(PATH, body(code="C1"), 409)["code"] == "CheckpointThere"
    assert staff.ask("PUT", f"{PATH}/C9", 404, json=body())["code"] == "NoSuchCheckpoint"
    assert staff.get(f"{PATH}/C1/code", 404)["code"] == "NoCodeThere"
    for role in ("cadre", "supervision", "patroller", "administrator"):
        other = somebody(asked, town, role, name=role, cell=None if role == "administrator" else AWAY)
        assert other.post(PATH, body(code="C2", **far), 403)["code"] == "NotForYou"
        assert other.get(f"{PATH}/C9/code", 403)["code"] == "NotForYou"
