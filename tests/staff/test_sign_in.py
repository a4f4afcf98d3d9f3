"""The ways in and out, and what a stranger who guesses can and cannot do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.errors import status_of
from gisgrid.staff import proof
from gisgrid.staff.passwords import Checked, WeakPassword
from gisgrid.staff.people import person_of, set_active
from gisgrid.staff.proof import SignInFailed
from gisgrid.staff.sign_in import (
    Entry,
    LinkSpent,
    NotADemonstration,
    PasswordOutworn,
    SwitchedOff,
    enter_as,
    enter_by_link,
    issue_link,
    sign_in,
    sign_out,
    verify_pin,
)
from gisgrid.staff.tables import Person
from gisgrid.staff.throttle import FEW, MANY, TooManyFailures
from gisgrid.staff.tokens import Kind, NoSuchToken, find, issue
from tests.staff.builders import (
    BETTER,
    GOOD,
    PIN,
    at_once,
    audited,
    everything_kept,
    hire,
    names,
    pass_time,
    usual,
)

HOME, ABROAD = "10.0.0.7", "203.0.113.9"


@pytest.fixture
def zhang(engine: Engine) -> int:
    """The row of somebody with a password and a PIN."""
    return hire(engine, "zhangsan", password=GOOD, pin=PIN)


def enter(engine: Engine, password: str = GOOD, name: str = "zhangsan", address: str = HOME, **more: Any) -> Entry:
    return sign_in(engine, usual(more.pop("profile", "asvs")), name, password, address=address, **more)


def is_open(engine: Engine, words: str, kind: Kind = "session") -> bool:
    with session_scope(engine) as session:
        return find(session, words, kind) is not None


def guess(engine: Engine, times: int, *, name: str = "zhangsan", address: str = ABROAD, **more: Any) -> list[str]:
    """Try wrong passwords one after the other; return how each was refused."""
    answers = []
    for number in range(times):
        with pytest.raises((SignInFailed, TooManyFailures)) as refused:
            enter(engine, f"wrong {number}", name, address, **more)
        answers.append(refused.value.code)
    return answers


# --- by password -----------------------------------------------------------------------------------


def test_each_sign_in_is_a_new_session_and_ends_the_one_before(engine: Engine, zhang: int) -> None:
    first = enter(engine, name=" ZhangSan ")
    assert first.browser is not None
    second = enter(engine, browser=first.browser.words, old=first.session.words)
    assert (second.person_id, second.browser) == (zhang, None)
    assert second.session.words != first.session.words
    assert [is_open(engine, entry.session.words) for entry in (first, second)] == [False, True]
    elsewhere = enter(engine)
    assert is_open(engine, second.session.words)
    assert elsewhere.session.row.name == "password"
    signed = ("sign_in", "person", zhang, {"by": "password", "address": HOME})
    assert audited(engine, "sign_in") == [signed] * 3


def test_a_browser_is_known_for_the_one_who_signed_in_there(engine: Engine, zhang: int) -> None:
    hire(engine, "lisi", password=GOOD)
    browser = enter(engine).browser
    assert browser is not None
    other = enter(engine, name="lisi", browser=browser.words).browser
    assert other is not None
    assert [is_open(engine, known.words, "browser") for known in (browser, other)] == [True, True]


def test_whoever_does_not_prove_to_be_somebody_learns_nothing(engine: Engine, zhang: int) -> None:
    hire(engine, "wordless")
    off = hire(engine, "off", password=GOOD)
    with session_scope(engine, write=True) as session:
        set_active(session, OPERATOR, person_of(session, off), False)
    tries = {("zhangsan", GOOD + "!"): zhang, ("nobody", GOOD): None, ("wordless", ""): 2, ("off", GOOD): off}
    tries |= {("", GOOD): None, ("a\x00b", GOOD): None, ("\ud800", "\ud800"): None, ("zhangsan", "x" * 9999): zhang}
    told = set()
    for name, password in tries:
        with pytest.raises(SignInFailed) as refused:
            enter(engine, password, name)
        told.add((status_of(refused.value), refused.value.description))
    assert len(told) == 1
    assert told.pop()[0] == 401
    failures = audited(engine, "sign_in")
    assert failures == [
        ("sign_in.failed", "program", number, {"by": "password", "address": HOME}) for number in tries.values()
    ]


def test_a_name_that_nobody_has_takes_the_same_work(
    engine: Engine, zhang: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str | None] = []

    def spied(words: str, kept: str | None) -> Checked:
        looked_at.append(kept)
        return Checked(False)

    monkeypatch.setattr(proof, "check_words", spied)
    for name in ("zhangsan", "nobody"):
        assert guess(engine, 1, name=name) == ["SignInFailed"]
    assert [kept is not None for kept in looked_at] == [True, False]


def test_a_password_that_changes_while_it_is_looked_at_lets_nobody_in(
    engine: Engine, zhang: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(words: str, kept: str | None) -> Checked:
        with session_scope(engine, write=True) as session:
            session.execute(update(Person).where(Person.id == zhang).values(password_hash="another"))
        return Checked(True)

    monkeypatch.setattr(proof, "check_words", meanwhile)
    with pytest.raises(SignInFailed):
        enter(engine)


def test_a_hash_of_other_parameters_is_renewed(engine: Engine, zhang: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "check_words", lambda words, kept: Checked(True, "renewed"))
    with session_scope(engine) as session:
        set_at = person_of(session, zhang).password_set_at
    enter(engine)
    with session_scope(engine) as session:
        person = person_of(session, zhang)
        assert (person.password_hash, person.password_set_at) == ("renewed", set_at)


# --- a password that has served its time -----------------------------------------------------------

NEW = "Kx9#w2Lp7"


def age_password(engine: Engine, days: int) -> None:
    moment = datetime.now(UTC) - timedelta(days=days)
    with session_scope(engine, write=True) as session:
        session.execute(update(Person).values(password_set_at=moment))


def test_a_password_that_has_served_its_time_is_replaced_on_the_way_in(engine: Engine, zhang: int) -> None:
    age_password(engine, 91)
    before = enter(engine)  # under the other profile
    for _ in range(FEW + 1):
        with pytest.raises(PasswordOutworn) as refused:
            enter(engine, profile="dengbao2")
    assert status_of(refused.value) == 401
    with pytest.raises(SignInFailed):
        enter(engine, "wrong", profile="dengbao2", new_password=NEW)
    for weak in ("short", GOOD):
        with pytest.raises(WeakPassword):
            enter(engine, profile="dengbao2", new_password=weak)
    entry = enter(engine, profile="dengbao2", new_password=NEW)
    assert [is_open(engine, each.session.words) for each in (before, entry)] == [False, True]
    enter(engine, NEW, profile="dengbao2")
    with pytest.raises(SignInFailed):
        enter(engine)
    assert [entry[:3] for entry in audited(engine, "password")][1:] == [("password.set", "person", zhang)]


def test_a_password_younger_than_that_lets_in(engine: Engine, zhang: int) -> None:
    age_password(engine, 89)
    assert enter(engine, profile="dengbao2").person_id == zhang


# --- guesses ---------------------------------------------------------------------------------------


def test_after_some_guesses_no_more_are_looked_at_not_even_the_right_one(engine: Engine, zhang: int) -> None:
    assert guess(engine, FEW + 2) == ["SignInFailed"] * FEW + ["TooManyFailures"] * 2
    for address in (ABROAD, HOME):
        with pytest.raises(TooManyFailures):
            enter(engine, name="ZHANGSAN ", address=address)
    assert len(audited(engine, "sign_in.failed")) == FEW
    pass_time(engine, timedelta(minutes=15))
    enter(engine)


def test_of_many_guesses_at_the_same_moment_no_more_are_looked_at(engine: Engine, zhang: int) -> None:
    answers = at_once(lambda number: enter(engine, f"wrong {number}", address=ABROAD), 12)
    assert names(answers) == ["SignInFailed"] * FEW + ["TooManyFailures"] * (12 - FEW)


def test_a_stranger_shuts_nobody_out_of_the_browser_they_know(engine: Engine, zhang: int) -> None:
    browser = enter(engine).browser
    assert browser is not None
    for address in (ABROAD, HOME):
        guess(engine, FEW, address=address)
    assert enter(engine, browser=browser.words).browser is None
    assert guess(engine, FEW + 1, browser=browser.words)[-2:] == ["SignInFailed", "TooManyFailures"]
    with pytest.raises(TooManyFailures):
        enter(engine, browser=browser.words)


def test_a_browser_of_somebody_else_is_a_stranger_s(engine: Engine, zhang: int) -> None:
    hire(engine, "lisi", password=GOOD)
    browser = enter(engine, name="lisi").browser
    assert browser is not None
    guess(engine, FEW, browser=browser.words)
    with pytest.raises(TooManyFailures):
        enter(engine)
    assert guess(engine, 1, name="lisi", browser=browser.words) == ["SignInFailed"]


def test_an_address_has_so_many_guesses_for_all_names(engine: Engine, zhang: int) -> None:
    told = [answer for number in range(MANY // FEW) for answer in guess(engine, FEW, name=f"name {number}")]
    assert set(told) == {"SignInFailed"}
    with pytest.raises(TooManyFailures):
        enter(engine, address=ABROAD)
    enter(engine, address=HOME)


def test_a_success_wipes_the_slate_of_its_name_but_not_of_its_address(engine: Engine, zhang: int) -> None:
    for number in range((MANY - 4) // FEW):
        guess(engine, FEW, name=f"name {number}", address=HOME)
    guess(engine, 4, address=HOME)  # 19 in all
    for _ in range(3):
        enter(engine)
    assert guess(engine, 2, address=HOME) == ["SignInFailed", "TooManyFailures"]
    assert guess(engine, 4) == ["SignInFailed"] * 4  # from elsewhere: with the one above, five


# --- by link ---------------------------------------------------------------------------------------


def link_for(engine: Engine, number: int) -> str:
    with session_scope(engine, write=True) as session:
        return issue_link(session, OPERATOR, person_of(session, number)).words


def test_a_link_lets_in_whatever_was_guessed_and_once(engine: Engine, zhang: int) -> None:
    words = link_for(engine, zhang)
    for number in range(MANY // FEW):
        guess(engine, FEW, name="zhangsan" if not number else f"name {number}")
    old = enter(engine, address=HOME, name="lisi").session.words if hire(engine, "lisi", password=GOOD) else ""
    entry = enter_by_link(engine, words, address=ABROAD, old=old)
    assert (entry.person_id, entry.session.row.name, entry.browser is not None) == (zhang, "link", True)
    assert [is_open(engine, each) for each in (entry.session.words, old)] == [True, False]
    with pytest.raises(LinkSpent) as refused:
        enter_by_link(engine, words, address=HOME)
    assert status_of(refused.value) == 401
    assert audited(engine, "sign_in")[-2:] == [
        ("sign_in", "person", zhang, {"by": "link", "address": ABROAD}),
        ("sign_in.failed", "program", None, {"by": "link", "address": HOME}),
    ]


def test_of_many_who_open_a_link_at_the_same_moment_one_comes_in(engine: Engine, zhang: int) -> None:
    words = link_for(engine, zhang)
    answers = at_once(lambda _: enter_by_link(engine, words, address=HOME), 6)
    assert names(answers) == ["LinkSpent"] * 5


def test_links_that_let_nobody_in(engine: Engine, zhang: int) -> None:
    off = hire(engine, "off")
    spent = [link_for(engine, zhang), link_for(engine, off), "", "\ud800", "gg_link_unknown"]
    with session_scope(engine, write=True) as session:
        spent.append(issue(session, "api", person_id=zhang).words)
        set_active(session, OPERATOR, person_of(session, off), False)
        set_active(session, OPERATOR, person_of(session, off), True)
    good = link_for(engine, zhang)
    pass_time(engine, timedelta(hours=24))
    spent.append(good)
    spent.append(link_for(engine, zhang))
    newest = link_for(engine, zhang)
    for words in spent:
        with pytest.raises(LinkSpent):
            enter_by_link(engine, words, address=HOME)
    with session_scope(engine, write=True) as session:
        session.execute(update(Person).values(is_active=False))
        with pytest.raises(SwitchedOff, match="gisgrid staff on"):
            issue_link(session, OPERATOR, person_of(session, zhang))
    with pytest.raises(LinkSpent):
        enter_by_link(engine, newest, address=HOME)


def test_whoever_tries_many_links_fills_no_audit(engine: Engine, zhang: int) -> None:
    words = link_for(engine, zhang)
    for number in range(MANY):
        with pytest.raises(LinkSpent):
            enter_by_link(engine, f"gg_link_{number}", address=ABROAD)
    with pytest.raises(TooManyFailures):
        enter_by_link(engine, "gg_link_x", address=ABROAD)
    assert len(audited(engine, "sign_in.failed")) == MANY
    assert enter_by_link(engine, words, address=ABROAD).person_id == zhang


# --- as others of the demonstration ----------------------------------------------------------------


def test_people_of_the_demonstration_are_tried_one_after_the_other(engine: Engine) -> None:
    one, other = (hire(engine, name, is_demonstration=True) for name in ("demo1", "demo2"))
    first = enter_by_link(engine, link_for(engine, one), address=HOME)
    second = enter_as(engine, first.session.row.id, other, address=HOME)
    third = enter_as(engine, second.session.row.id, one)
    assert [entry.person_id for entry in (second, third)] == [other, one]
    assert [is_open(engine, entry.session.words) for entry in (first, second, third)] == [False, False, True]
    assert second.browser is None
    assert audited(engine, "sign_in")[1] == ("sign_in", "person", other, {"by": "demonstration", "address": HOME})


def test_nobody_else_is_tried_and_nobody_else_tries(engine: Engine, zhang: int) -> None:
    one, other = (hire(engine, name, is_demonstration=True) for name in ("demo1", "demo2"))
    off = hire(engine, "demo3", is_demonstration=True)
    with session_scope(engine, write=True) as session:
        set_active(session, OPERATOR, person_of(session, off), False)
        key = issue(session, "api", person_id=one).row.id
        device = issue(session, "device").row.id
        demo, real = (issue(session, "session", person_id=number) for number in (one, zhang))
    tries = [
        (real.row.id, one),
        (demo.row.id, zhang),
        (demo.row.id, off),
        (demo.row.id, 99),
        (key, other),
        (device, one),
    ]
    for token, person in tries:
        with pytest.raises(NotADemonstration):
            enter_as(engine, token, person)
    assert [is_open(engine, token.words) for token in (demo, real)] == [True, True]
    assert audited(engine, "sign_in") == []
    with pytest.raises(NoSuchToken):
        enter_as(engine, 99, one)


# --- out ---------------------------------------------------------------------------------------------


def test_a_session_that_is_signed_out_is_over(engine: Engine, zhang: int) -> None:
    one, other = enter(engine), enter(engine)
    with session_scope(engine, write=True) as session:
        sign_out(session, one.session.row.id)
    assert [is_open(engine, entry.session.words) for entry in (one, other)] == [False, True]
    assert audited(engine, "sign_out") == [("sign_out", "person", zhang, {})]
    with session_scope(engine, write=True) as session, pytest.raises(NoSuchToken):
        sign_out(session, one.session.row.id)


# --- by PIN ------------------------------------------------------------------------------------------


def mistype(engine: Engine, times: int, device: int, name: str = "zhangsan", address: str = HOME) -> list[str]:
    answers = []
    for number in range(times):
        with pytest.raises((SignInFailed, TooManyFailures)) as refused:
            verify_pin(engine, name, f"00000{number}", device, address)
        answers.append(refused.value.code)
    return answers


def test_a_pin_tells_who_signs_on(engine: Engine, zhang: int) -> None:
    assert verify_pin(engine, "ZHANGSAN", PIN, 7, HOME) == zhang
    hire(engine, "pinless", password=GOOD)
    for name, pin in (("zhangsan", GOOD), ("pinless", ""), ("pinless", GOOD), ("nobody", PIN)):
        with pytest.raises(SignInFailed):
            verify_pin(engine, name, pin, 7, HOME)
    assert audited(engine, "sign_in")[0] == ("sign_in.failed", "device", zhang, {"by": "pin", "address": HOME})
    with pytest.raises(SignInFailed):
        enter(engine, PIN)


def test_pins_are_throttled_at_each_device_for_each_person(engine: Engine, zhang: int) -> None:
    hire(engine, "lisi", pin=PIN)
    assert mistype(engine, FEW + 1, device=7) == ["SignInFailed"] * FEW + ["TooManyFailures"]
    with pytest.raises(TooManyFailures):
        verify_pin(engine, "zhangsan", PIN, 7, ABROAD)
    assert verify_pin(engine, "zhangsan", PIN, 8, HOME) == zhang
    assert verify_pin(engine, "lisi", PIN, 7, HOME) > zhang
    assert enter(engine).person_id == zhang


def test_pins_are_throttled_at_each_phone_and_its_neighbours_go_on(engine: Engine, zhang: int) -> None:
    for number in range(MANY):
        with pytest.raises(SignInFailed):
            verify_pin(engine, f"somebody {number}", PIN, 9, HOME)
    with pytest.raises(TooManyFailures):
        verify_pin(engine, "zhangsan", PIN, 9, HOME)
    assert verify_pin(engine, "zhangsan", PIN, 8, HOME) == zhang
    assert enter(engine, address=HOME).person_id == zhang


# --- what is kept ------------------------------------------------------------------------------------


def test_no_words_that_let_anybody_in_are_kept_or_shown(
    engine: Engine, zhang: int, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    entry = enter(engine, new_password=BETTER)
    link = link_for(engine, zhang)
    linked = enter_by_link(engine, link, address=HOME)
    guess(engine, 1)
    mistype(engine, 1, 7)
    with pytest.raises(LinkSpent) as refused:
        enter_by_link(engine, link, address=HOME)
    kept, shown = everything_kept(engine), "".join(capfd.readouterr()) + caplog.text + str(refused.value)
    assert entry.browser is not None
    secrets = [entry.session.words, entry.browser.words, link, linked.session.words, GOOD, BETTER, PIN, "wrong 0"]
    for secret in secrets:
        assert secret not in kept
        assert secret not in shown
    assert "zhangsan" in kept
    assert "zhangsan" not in shown
