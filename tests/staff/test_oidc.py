"""Signing in by way of an office's own provider: who is let in, and what is kept on the way."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.errors import status_of
from gisgrid.settings import Settings
from gisgrid.staff.caller import caller_of
from gisgrid.staff.oidc import begin, finish
from gisgrid.staff.people import person_called
from gisgrid.staff.provider import OidcOff, OidcUnavailable, Ties
from gisgrid.staff.sign_in import Entry
from gisgrid.staff.tables import Token
from gisgrid.staff.tokens import find, hashed
from tests.staff.builders import at_once, audited, everything_kept, hire, names, pass_time
from tests.staff.office import HERE, Office
from tests.staff.provider import DISCOVERY, code_of

BY_OIDC = {"by": "oidc", "address": HERE}


def waiting(engine: Engine) -> int:
    with session_scope(engine) as session:
        return len(session.scalars(select(Token).where(Token.kind == "oidc")).all())


# --- who is let in ---------------------------------------------------------------------------------


def test_the_first_time_a_person_is_found_by_name_and_linked(office: Office) -> None:
    zhang = hire(office.engine, "Zhang")
    entry, page = office.finish(office.begin("/people?page=2"))
    assert (entry.person_id, page) == (zhang, "/people?page=2")
    assert office.subject_of(zhang) == f"{office.provider.issuer} u-1"
    with session_scope(office.engine) as session:
        assert caller_of(session, entry.session.words, "session").person == zhang
        assert entry.browser is not None
        assert find(session, entry.browser.words, "browser") is not None
    told = [("person.linked", "person", zhang, {"by": "oidc"}), ("sign_in", "person", zhang, BY_OIDC)]
    assert audited(office.engine)[1:] == told
    assert waiting(office.engine) == 0


def test_from_then_on_it_is_the_sub_that_counts(office: Office) -> None:
    zhang = hire(office.engine, "zhang")
    office.come_in()
    li = hire(office.engine, "li")
    office.provider.claims["preferred_username"] = "li"
    assert office.come_in().person_id == zhang
    office.provider.subject = "u-2"
    assert office.come_in().person_id == li
    assert len(audited(office.engine, "person.linked")) == 2


def test_a_browser_known_already_gets_no_second_token_and_its_old_session_ends(office: Office) -> None:
    hire(office.engine, "zhang")
    first = office.come_in()
    assert first.browser is not None
    again = office.come_in(browser=first.browser.words, old=first.session.words)
    assert again.browser is None
    with session_scope(office.engine) as session:
        assert find(session, first.session.words, "session") is None
        assert find(session, again.session.words, "session") is not None


def test_of_two_subs_for_one_account_at_the_same_moment_one_gets_it(office: Office) -> None:
    zhang = hire(office.engine, "zhang")
    ways = [office.begin(), office.begin()]
    codes = []
    for number, way in enumerate(ways):
        office.provider.subject = f"u-{number}"
        codes.append(dict(zip(("state", "code"), code_of(way.url), strict=True)))

    def come(number: int) -> Entry:
        return office.finish(ways[number], **codes[number])[0]

    answers = at_once(come, 2)
    assert names(answers) == ["NoAccountHere"]
    assert office.subject_of(zhang) in {f"{office.provider.issuer} u-{number}" for number in range(2)}


# --- what is kept on the way -----------------------------------------------------------------------


def test_nothing_kept_completes_anybodys_sign_in(office: Office) -> None:
    hire(office.engine, "zhang")
    way = office.begin("/")
    state, code = code_of(way.url)
    ties = Ties.of(way.cookie)
    kept = everything_kept(office.engine)
    assert hashed(state) in kept
    assert not [word for word in (state, code, way.cookie, *ties) if word in kept]
    assert way.cookie not in way.url
    assert ties.verifier not in way.url


def test_what_was_begun_and_left_is_cleared_away_by_whoever_begins_next(office: Office) -> None:
    office.begin()
    office.begin()
    assert waiting(office.engine) == 2
    pass_time(office.engine, timedelta(minutes=11))
    office.begin()
    assert waiting(office.engine) == 1


def test_the_database_is_free_while_the_provider_is_asked(office: Office) -> None:
    hire(office.engine, "zhang")
    office.provider.meanwhile = partial(hire, office.engine, "li")
    office.come_in()
    with session_scope(office.engine) as session:
        assert person_called(session, "li").is_active


PAGES = [
    ("/", "/"),
    ("/people?page=2&q=a%20b#top", "/people?page=2&q=a%20b#top"),
    ("/cells/葵涌", "/cells/葵涌"),
    ("", "/"),
    ("people", "/"),
    ("https://evil.example/", "/"),
    ("//evil.example", "/"),
    ("/\\evil.example", "/"),
    ("/a\\b", "/"),
    ("/\t/evil.example", "/"),
    ("/a\r\nSet-Cookie: x=y", "/"),
    ("/a\n", "/"),
    ("/\0", "/"),
    ("/\ud800", "/"),
    ("/" + "a" * 500, "/" + "a" * 500),
    ("/" + "a" * 501, "/"),
]


def test_the_page_to_go_on_to_is_one_of_ours(office: Office) -> None:
    for page, _ in PAGES:
        office.begin(page)
    with session_scope(office.engine) as session:
        kept = session.scalars(select(Token.name).order_by(Token.id)).all()
    assert list(zip((page for page, _ in PAGES), kept, strict=True)) == PAGES


# --- off ---------------------------------------------------------------------------------------------


def test_nothing_is_begun_or_asked_where_no_provider_is_set_up(engine: Engine) -> None:
    with pytest.raises(OidcOff) as off:
        begin(engine, Settings(), "/")
    assert status_of(off.value) == 404
    with pytest.raises(OidcOff):
        finish(engine, Settings(), state="s", code="c", cookie="k", address=HERE)
    assert waiting(engine) == 0


def test_nothing_is_begun_with_a_provider_that_is_gone(office: Office) -> None:
    office.provider.answers[DISCOVERY] = (503, {}, b"")
    with pytest.raises(OidcUnavailable):
        office.begin()
    assert waiting(office.engine) == 0
