"""Passwords and PINs set by their owners and by administrators."""

import pytest
from sqlalchemy import Engine

from gisgrid.audit.record import OPERATOR, Actor
from gisgrid.database import session_scope
from gisgrid.staff.credentials import WrongPassword, change_password, set_password, set_pin
from gisgrid.staff.passwords import WeakPassword, WeakPin
from gisgrid.staff.people import person_of, set_active
from gisgrid.staff.proof import SignInFailed
from gisgrid.staff.sign_in import enter_by_link, issue_link, sign_in, verify_pin
from gisgrid.staff.throttle import FEW, TooManyFailures
from gisgrid.staff.tokens import Issued, Kind, NoSuchToken, find, issue
from tests.staff.builders import BETTER, GOOD, PIN, at_once, audited, hire, names, usual

HOME = "10.0.0.7"
KINDS: tuple[Kind, ...] = ("session", "link", "browser", "api")


@pytest.fixture
def zhang(engine: Engine) -> int:
    """The row of somebody with a password."""
    return hire(engine, "zhangsan", password=GOOD)


def tokens_for(engine: Engine, number: int) -> dict[str, Issued]:
    with session_scope(engine, write=True) as session:
        return {kind: issue(session, kind, person_id=number) for kind in KINDS}


def still_open(engine: Engine, tokens: dict[str, Issued]) -> set[str]:
    with session_scope(engine) as session:
        return {kind for kind, token in tokens.items() if find(session, token.words, *KINDS)}


def opens(engine: Engine, password: str) -> bool:
    try:
        sign_in(engine, usual(), "zhangsan", password, address=HOME)
    except SignInFailed:
        return False
    return True


def change(engine: Engine, token: Issued, old: str, new: str) -> None:
    change_password(engine, usual(), token.row.id, old, new, address=HOME)


def test_a_changed_password_ends_the_other_sessions_links_and_keys(engine: Engine, zhang: int) -> None:
    other = tokens_for(engine, hire(engine, "lisi"))
    before, here = tokens_for(engine, zhang), tokens_for(engine, zhang)["session"]
    change(engine, here, GOOD, BETTER)
    assert still_open(engine, before) == {"browser"}
    assert still_open(engine, {"session": here}) == {"session"}
    assert still_open(engine, other) == set(KINDS)
    assert [opens(engine, each) for each in (GOOD, BETTER)] == [False, True]
    assert audited(engine, "password")[1:] == [("password.set", "person", zhang, {})]


def test_whoever_changes_a_password_knows_the_old_one(engine: Engine, zhang: int) -> None:
    tokens = tokens_for(engine, zhang)
    here = tokens["session"]
    with pytest.raises(WrongPassword, match="原口令不对"):
        change(engine, here, "wrong", BETTER)
    for weak in ("short", "zhangsan is at sea", GOOD):
        with pytest.raises(WeakPassword):
            change(engine, here, GOOD, weak)
    assert still_open(engine, tokens) == set(KINDS)
    assert opens(engine, GOOD)
    failed = ("sign_in.failed", "person", zhang, {"by": "password", "address": HOME})
    assert audited(engine, "sign_in.failed") == [failed]


def test_a_session_that_was_left_open_gives_so_many_guesses(engine: Engine, zhang: int) -> None:
    here = tokens_for(engine, zhang)["session"]
    answers = at_once(lambda number: change(engine, here, f"wrong {number}", BETTER), FEW + 3)
    assert names(answers) == ["TooManyFailures"] * 3 + ["WrongPassword"] * FEW
    with pytest.raises(TooManyFailures):
        change(engine, here, GOOD, BETTER)
    assert opens(engine, GOOD)  # signing in is not throttled by it


def test_whoever_came_by_a_link_sets_a_password_once_without_the_old_one(engine: Engine, zhang: int) -> None:
    with session_scope(engine, write=True) as session:
        link = issue_link(session, OPERATOR, person_of(session, zhang))
    here = enter_by_link(engine, link.words, address=HOME).session
    with pytest.raises(WeakPassword):
        change(engine, here, "", "short")
    change(engine, here, "", BETTER)
    assert opens(engine, BETTER)
    with pytest.raises(WrongPassword):
        change(engine, here, "", GOOD)
    change(engine, here, BETTER, GOOD)
    assert still_open(engine, {"session": here}) == {"session"}


def test_only_an_open_session_changes_a_password(engine: Engine, zhang: int) -> None:
    tokens = tokens_for(engine, zhang)
    for kind in ("link", "browser", "api"):
        with pytest.raises(NoSuchToken):
            change(engine, tokens[kind], GOOD, BETTER)
    with session_scope(engine, write=True) as session:
        set_active(session, OPERATOR, person_of(session, zhang), False)
        set_active(session, OPERATOR, person_of(session, zhang), True)
    with pytest.raises(NoSuchToken):
        change(engine, tokens["session"], GOOD, BETTER)
    assert opens(engine, GOOD)


def test_an_administrator_sets_a_password(engine: Engine, zhang: int) -> None:
    tokens = tokens_for(engine, zhang)
    with session_scope(engine, write=True) as session:
        person = person_of(session, zhang)
        with pytest.raises(WeakPassword):
            set_password(session, usual(), OPERATOR, person, "zhangsan 1234")
        set_password(session, usual(), Actor("person", 9), person, BETTER)
    assert still_open(engine, tokens) == {"browser"}
    assert [opens(engine, each) for each in (GOOD, BETTER)] == [False, True]
    assert audited(engine, "password")[-1] == ("password.set", "person", zhang, {})


def test_a_pin_is_set_and_replaced(engine: Engine, zhang: int) -> None:
    for pin in (PIN, "908172"):
        with session_scope(engine, write=True) as session:
            set_pin(session, Actor("person", zhang), person_of(session, zhang), pin)
        assert verify_pin(engine, "zhangsan", pin, 7, HOME) == zhang
    with pytest.raises(SignInFailed):
        verify_pin(engine, "zhangsan", PIN, 7, HOME)
    with session_scope(engine, write=True) as session, pytest.raises(WeakPin):
        set_pin(session, OPERATOR, person_of(session, zhang), "123456")
    assert audited(engine, "pin") == [("pin.set", "person", zhang, {})] * 2
