import csv
import io
import json
from datetime import timedelta

import pytest

from gisgrid.database import session_scope
from tests.coverage.worlds import NOON, settle, stay

DAY = "2026-11-02/2026-11-02"


@pytest.fixture
def walked(engine, client):
    """The app over a world where one person stayed ten minutes."""
    with session_scope(engine, write=True) as session:
        settle(session)
        stay(session, (0, 500, 500), (10, 500, 500))
    return client


def test_the_three_forms_agree(walked):
    asked = {"level": "substation", "datetime": DAY}
    report = walked.get("/api/coverage", params=asked).json()
    assert report["period"] == {"start": "2026-11-02T00:00:00+08:00", "end": "2026-11-03T00:00:00+08:00"}
    figures = {cell["code"]: cell for cell in report["cells"]}
    assert figures["SW"]["check_ins"] == 2
    assert figures["SW"]["dwell_s"] == 600
    assert figures["SW"]["coverage_ratio"] == pytest.approx(0.00785, abs=1e-4)
    assert figures["NE"]["coverage_ratio"] == 0

    drawn = walked.get("/api/coverage", params={**asked, "f": "geojson"})
    assert drawn.headers["content-type"] == "application/geo+json"
    assert {feature["id"]: feature["properties"] for feature in drawn.json()["features"]} == figures
    assert {feature["geometry"]["type"] for feature in drawn.json()["features"]} <= {"Polygon", "MultiPolygon"}
    assert drawn.json()["notes"] == report["notes"]

    sheet = walked.get("/api/coverage", params={**asked, "f": "csv"})
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert "coverage-substation.csv" in sheet.headers["content-disposition"]
    table = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    places = {heading.split()[-1]: place for place, heading in enumerate(table[0])}
    assert {row[places["code"]]: row[places["check_ins"]] for row in table[1:5]} == {
        "NE": "0",
        "NW": "0",
        "SE": "0",
        "SW": "2",
    }


def test_parent_and_default_level(walked):
    cells = walked.get("/api/coverage", params={"datetime": DAY}).json()["cells"]
    assert [cell["code"] for cell in cells] == ["N", "S"]
    below = walked.get("/api/coverage", params={"datetime": DAY, "level": "substation", "parent": "S"}).json()
    assert [cell["code"] for cell in below["cells"]] == ["SE", "SW"]
    assert walked.get("/api/coverage").status_code == 200


def test_new_check_ins_show_at_once(walked, engine):
    before = walked.get("/api/coverage", params={"datetime": DAY}).json()
    with session_scope(engine, write=True) as session:
        stay(session, (20, 500, 500), start=NOON)
    after = walked.get("/api/coverage", params={"datetime": DAY}).json()
    assert [[cell["check_ins"] for cell in report["cells"]] for report in (before, after)] == [[0, 2], [0, 3]]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"level": "county"}, 422, "BadInput"),
        ({"f": "xlsx"}, 422, "BadInput"),
        ({"datetime": "yesterday"}, 422, "BadPeriod"),
        ({"datetime": "2026-11-05/2026-11-01"}, 422, "BadPeriod"),
        ({"parent": "x' OR 1=1"}, 404, "NoSuchCell"),
        ({"parent": "x" * 101}, 422, "BadInput"),
        ({"parent": "\x00"}, 422, "BadInput"),
        ({"datetime": "1999-01-01/1999-01-02"}, 404, "NoGrid"),
    ],
)
def test_what_cannot_be_answered_is_told(walked, asked, status, code):
    answer = walked.get("/api/coverage", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_without_a_grid(client):
    answer = client.get("/api/coverage")
    assert (answer.status_code, answer.json()["code"]) == (404, "NoGrid")


def test_what_has_not_changed_is_not_sent_again(walked, engine):
    asked = {"datetime": DAY, "level": "all", "compare": True}
    first = walked.get("/api/coverage", params=asked)
    known = {"If-None-Match": f"W/{first.headers['etag']}"}
    again = walked.get("/api/coverage", params=asked, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    with session_scope(engine, write=True) as session:
        stay(session, (20, 500, 500))
    changed = walked.get("/api/coverage", params=asked, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_all_levels_and_the_period_before(walked, engine):
    with session_scope(engine, write=True) as session:
        stay(session, (0, 500, 500), start=NOON - timedelta(days=1))
    report = walked.get("/api/coverage", params={"datetime": DAY, "level": "all", "compare": True}).json()
    assert [cell["level"] for cell in report["cells"]] == ["street"] + ["community"] * 2 + ["substation"] * 4
    assert report["before"] == {"start": "2026-11-01T00:00:00+08:00", "end": "2026-11-02T00:00:00+08:00"}
    assert [cell["code"] for cell in report["cells_before"]] == [cell["code"] for cell in report["cells"]]
    assert [report[cells][0]["check_ins"] for cells in ("cells", "cells_before")] == [2, 1]


def test_named_people_for_a_purpose_alone(walked):
    asked = {"datetime": DAY, "level": "street", "people": "P1"}
    assert walked.get("/api/coverage", params=asked).json()["code"] == "PurposeNeeded"
    purpose = {"purpose": "核查巡查异议"}
    report = walked.get("/api/coverage", params=asked | purpose).json()
    assert report["group"] == {"kind": "people", "name": "P1"}
    assert [(cell["check_ins"], cell["rounds_done"]) for cell in report["cells"]] == [(2, None)]
    one = walked.get("/api/coverage", params=asked | purpose | {"patrol": "1"}).json()
    assert (one["group"]["kind"], one["cells"][0]["check_ins"]) == ("patrol", 2)
    for wrong, status, code in (
        ({"people": "P9"}, 404, "NoSuchPeople"),
        ({"patrol": "9"}, 404, "NoSuchPeople"),
        ({"people": ["P1", "P2"], "patrol": "1"}, 422, "TwoGroups"),
        ({"plan": 1}, 422, "TwoGroups"),
    ):
        answer = walked.get("/api/coverage", params=asked | purpose | wrong)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert walked.get("/api/coverage", params={"plan": 99}).json()["code"] == "NoSuchPlan"


def test_how_far_it_has_come(walked, engine):
    with session_scope(engine, write=True) as session:
        stay(session, (0, 500, 500), start=NOON + timedelta(days=1))
    asked = {"datetime": "2026-11-02/2026-11-03", "level": "street"}
    events = told(walked.get("/api/coverage/events", params=asked))
    assert events[:-1] == [("progress", {"done": 1, "of": 2}), ("progress", {"done": 2, "of": 2})]
    assert events[-1] == ("report", walked.get("/api/coverage", params=asked).json())
    missing = told(walked.get("/api/coverage/events", params={**asked, "parent": "Z"}))
    assert (missing[-1][0], missing[-1][1]["code"]) == ("problem", "NoSuchCell")


def told(answer):
    """Return the events of a stream that has ended."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    parts = (event.removeprefix("event: ").split("\ndata: ") for event in answer.text.strip().split("\n\n"))
    return [(name, json.loads(data)) for name, data in parts]


def test_squares_have_a_tag_and_need_a_week(walked):
    asked = {"datetime": "2026-10-27/2026-11-02"}
    first = walked.get("/api/coverage/squares", params=asked)
    told = first.json()
    assert (told["side_m"], told["of_days"], told["most"], len(told["squares"])) == (100, 7, 1, 1)
    again = walked.get("/api/coverage/squares", params=asked, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert walked.get("/api/coverage/squares", params={"datetime": DAY}).json()["code"] == "TooFewDays"
