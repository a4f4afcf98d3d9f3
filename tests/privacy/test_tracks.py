"""Tracks under pseudonyms: what is in the file, and what must not be."""

import csv
import json
from datetime import timedelta

import pytest

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.grid.locate import NoSuchCell
from gisgrid.parameters import Period
from gisgrid.privacy.subject import WordsNeeded
from gisgrid.privacy.tracks import COLUMNS, as_file, record_tracks, tracks
from tests.privacy.worlds import ground, noon, stand, walk
from tests.staff.builders import audited

DAYS = Period(noon(9), noon(0))
SECRET = ("P1", "P2", "client", "fix-")


@pytest.fixture
def walked(engine):
    ground(engine)
    walk(engine, 2, "SW")
    stand(engine, "withheld")
    walk(engine, 5, "SW", "SE", "outside")
    walk(engine, 4, "SW")
    walk(engine, 5, "NW", who="P2")
    return engine


def taken(engine, cell=None, purpose="研究夜间巡查"):
    with session_scope(engine) as session:
        return tracks(session, DAYS, cell, purpose, "operator root")


def content(found, form):
    return b"".join(as_file(found, form)).decode("utf-8-sig")


def records(found):
    lines = content(found, ".csv").splitlines()
    return list(csv.DictReader([line for line in lines if not line.startswith(("#", '"#'))]))


def test_times_and_places_are_as_stored_and_nobody_is_named(walked):
    found = taken(walked)
    rows = records(found)
    assert [row["substation_code"] for row in rows if row["fix_at"].startswith("2026-11-15")].count("") == 1
    assert len({row["patroller"] for row in rows}) == 2
    assert len({row["outing"] for row in rows}) == 3
    assert [row["fix_at"] for row in rows] == sorted(row["fix_at"] for row in rows)
    assert float(rows[0]["longitude"]) == found.fixes["longitude"][0]
    assert len(rows) == found.mark.fixes == 5
    for form in (".csv", ".geojson"):
        assert not any(word in content(found, form) for word in SECRET)


def test_no_two_exports_share_a_pseudonym(walked):
    first, second = (taken(walked) for _ in range(2))
    assert first.mark.number != second.mark.number
    for name in ("patroller", "outing"):
        assert not set(first.fixes[name]) & set(second.fixes[name])
        assert all(value[0] in "po" for value in first.fixes[name])


def test_both_forms_carry_the_mark_and_the_same_fixes(walked):
    found = taken(walked, purpose="=HYPERLINK(1),第三季度")
    lines = content(found, ".csv").splitlines()
    head = [row[0] for row in csv.reader(lines) if row[0].startswith("#")]
    made = json.loads(content(found, ".geojson"))
    assert head == [f"# {name}: {'' if value is None else value}" for name, value in made["export"].items()]
    assert made["export"]["purpose"] == "=HYPERLINK(1),第三季度"
    assert (made["export"]["number"], made["export"]["by"]) == (found.mark.number, "operator root")
    assert "匿名" in made["export"]["warning"]
    properties = [feature["properties"] for feature in made["features"]]
    rows = records(found)
    assert list(rows[0]) == COLUMNS
    for row, told, feature in zip(rows, properties, made["features"], strict=True):
        assert {name: "" if value is None else str(value) for name, value in told.items()}.items() <= row.items()
        assert [float(row["longitude"]), float(row["latitude"])] == feature["geometry"]["coordinates"]


def test_one_cell_and_an_empty_period(walked):
    assert taken(walked, "N").mark.fixes == 1
    with session_scope(walked) as session:
        empty = tracks(session, Period(noon(0), noon(0) + timedelta(days=1)), None, "空的", "x")
    assert json.loads(content(empty, ".geojson"))["features"] == []
    assert records(empty) == []


@pytest.mark.parametrize(
    ("given", "error"),
    [({"cell": "440307"}, NoSuchCell), ({"purpose": " "}, WordsNeeded), ({"purpose": "\n"}, WordsNeeded)],
)
def test_what_is_missing_is_told(walked, given, error):
    with pytest.raises(error):
        taken(walked, **given)


def test_an_export_is_audited(walked):
    found = taken(walked, "N")
    with session_scope(walked, write=True) as session:
        record_tracks(session, OPERATOR, found.mark, "0" * 64)
    (entry,) = audited(walked, "export")
    assert entry.action == "export.tracks"
    assert entry.detail == {
        "number": found.mark.number,
        "purpose": "研究夜间巡查",
        "period": DAYS.text,
        "cell": "N",
        "fixes": 1,
        "sha256": "0" * 64,
    }
