"""Everything about one person, and nothing about another."""

import csv
import io
import json
import zipfile

import pytest

from gisgrid.audit.record import OPERATOR, Actor, record
from gisgrid.coverage.days.raw_folder import raw_files
from gisgrid.database import session_scope
from gisgrid.patrols.people import NoSuchPatroller
from gisgrid.privacy.export import FIX_COLUMNS, about, record_export
from gisgrid.privacy.raw_days import keep_raw_days
from gisgrid.privacy.subject import WhoIsMeant, subject_called
from gisgrid.settings import Settings
from gisgrid.staff.people import NoSuchPerson
from tests.privacy.people import live
from tests.privacy.worlds import NOW, ground, patroller, stand, walk
from tests.staff.builders import audited, hire

SETTINGS = Settings()
SECRETS = ("argon-secret", "pin-secret", "hash", "form_token")


@pytest.fixture
def office(engine):
    ground(engine)
    live(engine, "zhang")
    stand(engine, "withheld")
    live(engine, "lisi")
    return engine


def exported(engine, settings=SETTINGS, **named):
    with session_scope(engine) as session:
        content = about(session, settings, subject_called(session, named.get("person"), named.get("patroller")))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def test_all_that_is_theirs_and_nothing_of_others(office):
    files = exported(office, person="ZHANG")
    assert sorted(files) == ["fixes.csv", "fixes.geojson", "person.json"]
    told = json.loads(files["person.json"])
    assert {name for name, rows in told.items() if not rows} == {"holds", "raw_days"}
    assert [each["name"] for each in told["accounts"]] == ["zhang"]
    assert [each["words"] for each in told["objections"]] == ["zhang-words"]
    everything = "".join(files.values())
    for word in ("zhang-full", "zhang-skill", "zhang-token", "zhang-ref", "zhang-oidc", "zhang-phone"):
        assert word in everything
    assert "lisi" not in everything
    assert not any(secret in everything for secret in SECRETS)


def test_it_tells_in_which_files_the_same_fixes_are_kept(office, settings):
    keep_raw_days(office, settings, NOW)
    files = [path.name for path in raw_files(settings.raw_days).values()]
    for name, held in (("zhang", []), ("lisi", files)):
        told = json.loads(exported(office, settings, person=name)["person.json"])
        assert told["raw_days"] == held
    assert len(files) == 1


def test_the_fixes_come_in_two_forms_withheld_ones_too(office):
    files = exported(office, person="zhang")
    rows = list(csv.DictReader(files["fixes.csv"].splitlines()))
    features = json.loads(files["fixes.geojson"])["features"]
    assert [row["substation_code"] for row in rows] == ["SW", "SE", "NW"]
    assert {row["standing"] for row in rows} == {"withheld"}
    assert list(rows[0]) == list(FIX_COLUMNS)
    for row, feature in zip(rows, features, strict=True):
        assert [float(row["longitude"]), float(row["latitude"])] == feature["geometry"]["coordinates"]
        assert feature["properties"]["fix_at"] == row["fix_at"]


def test_it_tells_who_looked_by_name(office):
    looker = hire(office, "curious")
    number = json.loads(exported(office, person="zhang")["person.json"])["accounts"][0]["id"]
    with session_scope(office, write=True) as session:
        record(session, Actor("person", looker), "track.read", ("person", number), purpose="好奇")
    told = json.loads(exported(office, person="zhang")["person.json"])
    last = told["done_by_others"][-1]
    assert (last["actor_name"], last["action"], last["detail"]) == ("curious", "track.read", {"purpose": "好奇"})
    assert [each["action"] for each in told["done"]] == ["something.done"]


def test_somebody_without_an_account(engine):
    ground(engine)
    walk(engine, 5, "SW", who="=P9")
    files = exported(engine, patroller="=P9")
    told = json.loads(files["person.json"])
    assert [each["ref"] for each in told["patrollers"]] == ["=P9"]
    assert told["accounts"] == told["done"] == told["incidents_reported"] == []
    (row,) = csv.DictReader(files["fixes.csv"].splitlines())
    assert row["outing"] == "'=P9 5", "no spreadsheet takes it for a formula"


def test_either_name_finds_both_halves(office):
    with session_scope(office) as session:
        by_name = subject_called(session, "zhang", None)
        by_ref = subject_called(session, None, "zhang-ref")
        assert by_name == by_ref
        assert by_name.patroller_id == patroller(office, "zhang-ref")


@pytest.mark.parametrize(
    ("person", "ref", "error"),
    [(None, None, WhoIsMeant), ("a", "b", WhoIsMeant), ("nobody", None, NoSuchPerson), (None, "x", NoSuchPatroller)],
)
def test_who_is_not_there_is_told(engine, person, ref, error):
    with session_scope(engine) as session, pytest.raises(error):
        subject_called(session, person, ref)


def test_it_is_audited_where_they_see_it(office):
    with session_scope(office, write=True) as session:
        subject = subject_called(session, "zhang", None)
        record_export(session, OPERATOR, subject, "a" * 64)
    (entry,) = audited(office, "export")
    assert (entry.action, entry.subject, entry.detail["sha256"]) == ("export.person", subject.person.id, "a" * 64)
