"""Everything about oneself from one's own page: what the command gives, and nothing about another."""

import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.incidents.tables import Handler
from tests.pages.browsing import Visitor
from tests.pages.conftest import Visit
from tests.privacy.people import live
from tests.privacy.worlds import NOW, stand
from tests.rows import an_incident
from tests.staff.builders import audited, hire

PATH = "/me/export"


@pytest.fixture
def zhang(app: Any, engine: Engine) -> int:
    """The row of somebody who has something in every table; so has lisi, at the same places."""
    person = live(engine, "zhang")
    stand(engine, "withheld")
    other = live(engine, "lisi")
    with session_scope(engine, write=True) as session:
        incident = an_incident(99, description="another's", is_confidential=True, complained_cell_id=1)
        session.add(incident)
        session.flush()
        for each in (person, other):  # no wall lets zhang see the incident by what zhang is
            named = {"named_by": person, "named_at": NOW, "reason": f"reason {each}"}
            session.add(Handler(incident_id=incident.id, person_id=each, **named))
    return person


def files(content: bytes) -> dict[str, Any]:
    """Return what is in the ZIP, but for the time at which it was made."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        found: dict[str, Any] = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    found["person.json"] = json.loads(found["person.json"])
    assert found["person.json"].pop("exported_at")
    return found


def downloaded(visitor: Visitor) -> bytes:
    return bytes(visitor.get("/me").send(PATH, 200).answer.content)


def test_it_is_what_the_command_gives(
    visit: Visit, engine: Engine, zhang: int, database_url: str, tmp_path: Path
) -> None:
    visitor = visit(person=zhang).get("/me")
    environment = {"GISGRID_HOME": str(tmp_path), "GISGRID_DATABASE_URL": database_url}
    file = tmp_path / "out.zip"
    made = CliRunner().invoke(cli, ["privacy", "export", "--person", "zhang", "-o", str(file)], env=environment)
    assert made.exit_code == 0, made.output
    given, own = files(file.read_bytes()), files(downloaded(visitor))
    assert own["person.json"]["done_by_others"].pop()["action"] == "export.person"  # the command's own, since then
    assert own == given
    told = own["person.json"]
    assert {name for name, rows in told.items() if not rows} == {"holds", "raw_days"}
    assert [each["reason"] for each in told["incidents_handled"]] == ["", f"reason {zhang}"]
    assert own["fixes.csv"].count("withheld") == 3


def test_it_is_recorded_as_ones_own_act_and_kept_nowhere(visit: Visit, engine: Engine, zhang: int) -> None:
    visitor = visit(person=zhang)
    content = downloaded(visitor)
    headers = visitor.answer.headers
    assert (headers["content-type"], headers["cache-control"]) == ("application/zip", "no-store")
    assert headers["content-disposition"] == 'attachment; filename="gisgrid-my-data.zip"'
    (entry,) = audited(engine, "export")
    assert (entry.action, entry.actor, entry.subject) == ("export.person", "person", zhang)
    assert entry.detail["sha256"] == sha256(content).hexdigest()
    assert "导出个人资料" in visit(("auditor", None)).get("/audit").text
    (told,) = [each for each in files(downloaded(visitor))["person.json"]["done"] if each["action"] == "export.person"]
    assert told["actor_name"] == "zhang"


@pytest.mark.parametrize("field", ["person", "person_id", "patroller", "subject"])
def test_nobody_gets_anything_about_another(visit: Visit, engine: Engine, zhang: int, field: str) -> None:
    everything = json.dumps(files(downloaded(visit(person=zhang))), ensure_ascii=False)
    assert "zhang-words" in everything
    assert [word for word in ("lisi", "another's", "another\\u0027s") if word in everything] == []
    leader = visit(("street_leader", None), ("administrator", None), name="lingdao").get("/me")
    sent = {"form_token": leader.form_token, field: "zhang"}
    answer = leader.post(f"{PATH}?{field}=zhang", 200, **sent).answer
    assert "zhang" not in json.dumps(files(answer.content))


def test_who_never_walked_has_a_file_too(visit: Visit, engine: Engine) -> None:
    told = files(downloaded(visit(person=hire(engine))))["person.json"]
    assert [each["name"] for each in told["accounts"]] == ["zhangsan"]
    assert told["patrollers"] == []


def test_nothing_is_given_that_is_not_on_record(visit: Visit, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    visitor = visit(person=hire(engine)).get("/me")
    monkeypatch.setattr("gisgrid.pages.own.export.record_export", fail)
    assert not visitor.send(PATH, 500).answer.content.startswith(b"PK")


def test_erasure_is_asked_of_the_administrator(visit: Visit, engine: Engine) -> None:
    assert "gisgrid privacy erase --person zhangsan" in visit(person=hire(engine)).get("/me").text
