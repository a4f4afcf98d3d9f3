"""`gisgrid notices`, as an operator types it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from gisgrid.cli import cli
from gisgrid.notices.deliver import GIVEN_UP_AFTER, deliver_due
from gisgrid.notices.endpoints import MailOff, NoSuchEndpoint
from gisgrid.notices.sending import NotSent
from gisgrid.settings import Settings
from gisgrid.staff.appointments import UnknownCell
from tests.laid import COMMUNITY, lay
from tests.notices.builders import soon, tell
from tests.notices.receiver import Receiver, receiving


@pytest.fixture(autouse=True)
def _installed(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISGRID_DATABASE_URL", database_url)
    lay(engine)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def run(*typed: str) -> Result:
    return CliRunner().invoke(cli, ["notices", *typed])


def said(*typed: str) -> str:
    done = run(*typed)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_an_endpoint_is_added_tried_listed_and_retired(receiver: Receiver, tmp_path: Path) -> None:
    printed = said("endpoint", "add", "值班群", receiver.url, "--topic", "emergency", "--cell", COMMUNITY)
    assert "签名密钥" in printed
    assert "不加密" in run("endpoint", "add", "钩", receiver.url, "--template", "wecom").stderr
    body = tmp_path / "body.txt"
    body.write_text("m={phone}&c={words}\n", encoding="utf-8")
    said("endpoint", "add", "短信", receiver.url, "--template", "sms", "--phone", "13800000001", "--body", str(body))
    listed = said("endpoint", "list")
    where = f"http://127.0.0.1:{receiver.url.split(':')[2].split('/')[0]}/…"
    assert f"值班群\twebhook\tplain\t{where}\t{COMMUNITY}\temergency\n" in listed
    assert "key=secret" not in listed + printed
    for name in ("值班群", "钩", "短信"):
        assert "已送达" in said("try", name)
    assert json.loads(receiver.got[0].body)["topic"] == "trial"
    assert receiver.got[2].body.startswith(b"m=13800000001&c=%E7%BD%91")
    assert "已停用" in said("endpoint", "retire", "钩")
    assert "钩" not in said("endpoint", "list")


def test_what_failed_is_listed_and_sent_again(receiver: Receiver, engine: Engine, settings: Settings) -> None:
    said("endpoint", "add", "群", receiver.url)
    receiver.answers = [(500, b"")]
    tell(engine)
    deliver_due(engine, settings, soon() + GIVEN_UP_AFTER)
    done = run("list", "--failed")
    assert [each in done.stdout for each in ("紧急:E0401", "已放弃 given up", "×1", "HTTP 500")] == [True] * 4
    assert "given up 1" in done.stderr
    assert said("retry").endswith(": 1\n")
    deliver_due(engine, settings, soon())
    assert (said("list", "--failed"), "已送达 delivered" in said("list")) == ("", True)


def test_mistakes_are_told(receiver: Receiver) -> None:
    assert isinstance(run("endpoint", "add", "邮", "a@example.cn").exception, MailOff)
    assert "不发邮件" in run("endpoint", "list").stderr
    assert isinstance(run("endpoint", "add", "群", receiver.url, "--cell", "nowhere").exception, UnknownCell)
    assert isinstance(run("try", "群").exception, NoSuchEndpoint)
    said("endpoint", "add", "群", receiver.url)
    receiver.answers = [(403, b"")]
    assert isinstance(run("try", "群").exception, NotSent)
    assert said("list") == "", "a trial does not wait"
