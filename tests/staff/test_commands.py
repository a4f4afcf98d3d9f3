"""`gisgrid staff`, `device` and `board`, as an operator types them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner, Result

from gisgrid.cli import cli
from gisgrid.database import session_scope
from gisgrid.staff.appointments import DepartmentNeeded, LastAdministrator, NoSuchAppointment, UnknownCell, UnknownRole
from gisgrid.staff.commands import PasswordsDiffer
from gisgrid.staff.devices import BadDays
from gisgrid.staff.passwords import WeakPassword
from gisgrid.staff.people import NameTaken, NoSuchPerson
from gisgrid.staff.qr import qr_terminal
from gisgrid.staff.sign_in import enter_by_link, sign_in
from gisgrid.staff.tables import Token
from gisgrid.staff.tokens import NoSuchToken, find
from tests.laid import COMMUNITY, SUBSTATION, lay
from tests.staff.builders import BETTER, GOOD, audited, everything_kept, last_used, usual

HOME = "10.0.0.7"


@pytest.fixture(autouse=True)
def _installed(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISGRID_DATABASE_URL", database_url)
    monkeypatch.setenv("GISGRID_PUBLIC_URL", "https://grid.example.cn")
    lay(engine)


def run(*typed: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(typed), input=answers)


def said(*typed: str, answers: str | None = None) -> str:
    """Return what a command prints that succeeds."""
    done = run(*typed, answers=answers)
    assert done.exit_code == 0, done.output
    return done.stdout


def after_hash(printed: str) -> str:
    """Return the words of a token behind the # of an address."""
    (words,) = re.findall(r"https://grid\.example\.cn/(?:enter|device)#(\S+)", printed)
    return str(words)


def test_a_person_is_added_with_a_role_and_a_link_that_lets_them_in(engine: Engine) -> None:
    typed = ("--full-name", "张三", "--role", "liaison", "--cell", COMMUNITY, "--department", "消防站")
    printed = said("staff", "add", "zhangsan", *typed)
    assert "https://grid.example.cn/enter#gg_link_" in printed
    entry = enter_by_link(engine, after_hash(printed), address=HOME)
    assert entry.person_id == 1
    assert said("staff", "list") == f"zhangsan\t张三\t\tliaison {COMMUNITY} fire\n"
    done = [each.action for each in audited(engine)]
    assert done == ["grid.replaced", "person.added", "role.granted", "token.issued", "sign_in"]


def test_a_person_whose_role_is_refused_is_not_added(engine: Engine) -> None:
    assert isinstance(run("staff", "add", "zhangsan", "--role", "king").exception, UnknownRole)
    assert said("staff", "list") == ""
    said("staff", "add", "zhangsan")
    assert isinstance(run("staff", "add", "ZhangSan").exception, NameTaken)


def test_a_password_is_asked_for_twice_and_not_shown(engine: Engine) -> None:
    said("staff", "add", "zhangsan")
    printed = said("staff", "passwd", "ZHANGSAN", answers=f"{GOOD}\n{GOOD}\n")
    assert GOOD not in printed
    assert sign_in(engine, usual(), "zhangsan", GOOD, address=HOME).person_id == 1
    differ = run("staff", "passwd", "zhangsan", answers=f"{BETTER}\n{GOOD}\n")
    weak = run("staff", "passwd", "zhangsan", answers="zhangsan 2026\n" * 2)
    nobody = run("staff", "passwd", "nobody", answers=f"{GOOD}\n{GOOD}\n")
    refused = [type(done.exception) for done in (differ, weak, nobody)]
    assert refused == [PasswordsDiffer, WeakPassword, NoSuchPerson]
    assert "passw" not in nobody.stdout.casefold()  # it is not even asked for
    assert sign_in(engine, usual(), "zhangsan", GOOD, address=HOME).person_id == 1


def test_a_link_instead_of_a_password(engine: Engine) -> None:
    said("staff", "add", "zhangsan")
    words = after_hash(said("staff", "passwd", "zhangsan", "--link"))
    assert enter_by_link(engine, words, address=HOME).session.row.name == "link"


def test_roles_are_granted_and_withdrawn_as_they_were_granted(engine: Engine) -> None:
    said("staff", "add", "zhangsan")
    said("staff", "grant", "zhangsan", "cadre", "--cell", COMMUNITY)
    said("staff", "grant", "zhangsan", "cadre")
    said("staff", "grant", "zhangsan", "liaison", "--department", "fire")
    assert said("staff", "list", "zhang") == (
        f"zhangsan\t\t\tcadre {COMMUNITY}; cadre 全部 everywhere; liaison 全部 everywhere fire\n"
    )
    assert said("staff", "list", "li") == ""
    refusals = {
        ("grant", "zhangsan", "king"): UnknownRole,
        ("grant", "zhangsan", "cadre", "--cell", "1"): UnknownCell,
        ("grant", "zhangsan", "liaison"): DepartmentNeeded,
        ("grant", "nobody", "cadre"): NoSuchPerson,
        ("revoke", "zhangsan", "cadre", "--cell", SUBSTATION): NoSuchAppointment,
        ("revoke", "zhangsan", "liaison"): NoSuchAppointment,
        ("revoke", "zhangsan", "king"): NoSuchAppointment,
    }
    assert {typed: type(run("staff", *typed).exception) for typed in refusals} == refusals
    said("staff", "revoke", "zhangsan", "cadre")
    said("staff", "revoke", "zhangsan", "liaison", "--department", "消防站")
    assert said("staff", "list") == f"zhangsan\t\t\tcadre {COMMUNITY}\n"


def test_a_person_is_switched_off_and_on(engine: Engine) -> None:
    said("staff", "add", "zhangsan")
    said("staff", "off", "zhangsan")
    assert said("staff", "list") == "zhangsan\t\t停用 off\n"
    said("staff", "on", "zhangsan")
    assert said("staff", "list") == "zhangsan\n"
    said("staff", "grant", "zhangsan", "administrator")
    assert isinstance(run("staff", "off", "zhangsan").exception, LastAdministrator)


def test_what_roles_and_departments_are_called() -> None:
    assert "patroller\t巡查员\tpatroller\n" in said("staff", "roles")
    assert "fire\t消防站\tfire station\n" in said("staff", "departments")


def test_a_key_is_shown_once(engine: Engine) -> None:
    said("staff", "add", "zhangsan")
    (words,) = re.findall(
        r"Authorization: Bearer (gg_key_\S+)", said("staff", "key", "zhangsan", "统计", "--days", "7")
    )
    with session_scope(engine) as session:
        key = find(session, words, "api")
        assert key is not None
        assert (key.person_id, key.name) == (1, "统计")
        assert timedelta(days=6) < key.expires_at - datetime.now(UTC) < timedelta(days=7)


@pytest.mark.parametrize("kind", ["device", "board"])
def test_a_device_is_added_listed_and_revoked(engine: Engine, kind: str) -> None:
    printed = said(kind, "add", "一号", "--cell", COMMUNITY)
    words = after_hash(printed)
    assert qr_terminal(f"https://grid.example.cn/device#{words}") in printed
    said(kind, "add", "二号", "--cell", SUBSTATION)
    with session_scope(engine) as session:
        token = find(session, words, "device", "board")
        assert token is not None
        assert (token.kind, token.cell_code) == (kind, COMMUNITY)
    last_used(engine, 1, timedelta(0))
    one, other = said(kind, "list").splitlines()
    assert one.startswith(f"1\t一号\t{COMMUNITY}\t有效至 valid until 20")
    assert ("最近使用" in one, "未使用" in other) == (True, True)
    another = "board" if kind == "device" else "device"
    assert said(another, "list") == ""
    assert isinstance(run(another, "revoke", "1").exception, NoSuchToken)
    said(kind, "revoke", "1")
    assert len(said(kind, "list").splitlines()) == 1
    assert isinstance(run(kind, "revoke", "1").exception, NoSuchToken)
    assert isinstance(run(kind, "add", "三号", "--cell", "1").exception, UnknownCell)


def test_a_phone_is_good_for_the_days_that_are_asked(engine: Engine) -> None:
    printed = said("device", "add", "一号", "--cell", COMMUNITY, "--days", "200")
    with session_scope(engine) as session:
        token = find(session, after_hash(printed), "device")
        assert token is not None
        assert timedelta(days=199) < token.expires_at - datetime.now(UTC) < timedelta(days=200)
        assert f"valid until: {token.expires_at:%Y-}" in printed
    assert isinstance(run("device", "add", "二号", "--cell", COMMUNITY, "--days", "0").exception, BadDays)


def test_a_phone_has_a_cell_and_a_screen_may_show_all() -> None:
    assert run("device", "add", "一号").exit_code == 2
    said("board", "add", "大屏")
    assert "大屏\t全部 everywhere" in said("board", "list")


def test_what_lets_anybody_in_is_printed_once_and_kept_nowhere(engine: Engine) -> None:
    printed = [
        said("staff", "add", "zhangsan"),
        said("staff", "passwd", "zhangsan", "--link"),
        said("staff", "key", "zhangsan", "统计"),
        said("device", "add", "一号", "--cell", COMMUNITY),
        said("board", "add", "大屏"),
    ]
    words = {token for each in printed for token in re.findall(r"gg_\w+_[\w-]{43}", each)}
    assert len(words) == 5
    later = "".join(
        said(*typed) for typed in (("staff", "list"), ("device", "list"), ("board", "list"), ("audit", "list"))
    )
    kept = everything_kept(engine)
    assert not any(each in later or each in kept for each in words)
    with session_scope(engine) as session:
        assert len(session.scalars(select(Token.hash)).all()) == 5


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_help_is_in_both_languages() -> None:
    staff = ["", "add", "passwd", "list", "roles", "departments", "grant", "revoke", "off", "on", "phone", "key"]
    devices = ["", "add", "list", "revoke"]
    for group, names in {"staff": staff, "device": devices, "board": devices}.items():
        for name in names:
            told = said(*filter(None, [group, name]), "--help")
            assert re.search(r"[\u4e00-\u9fff].* / \w", told), told


def test_the_phone_number_of_a_person_is_set() -> None:
    said("staff", "add", "zhangsan")
    assert "zhangsan" in said("staff", "phone", "zhangsan", "13800138000")
    assert "电话应为" in str(run("staff", "phone", "zhangsan", "x").exception)
