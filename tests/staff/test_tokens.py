"""Tokens: random, shown once, kept as a hash; what ends them."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import Engine

from gisgrid.database import make_engine, session_scope
from gisgrid.staff.tokens import LIFE, Kind, NoSuchToken, find, hashed, is_due, issue, note_use, revoke, revoke_all
from tests.postgis import free_port
from tests.staff.builders import everything_kept, hire, pass_time

KINDS: tuple[Kind, ...] = get_args(Kind)


def test_a_token_is_random_and_kept_as_its_hash_alone(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        issued = [issue(session, kind) for kind in KINDS for _ in range(2)]
    words = [token.words for token in issued]
    assert len({each[-43:] for each in words}) == len(words)  # 256 bits in base64
    assert [each[:-43] for each in words[::2]] == [
        *("gg_session_", "gg_browser_", "gg_link_", "gg_oidc_", "gg_key_", "gg_device_", "gg_board_")
    ]
    kept = everything_kept(engine)
    assert not any(each[-43:] in kept for each in words)
    assert all(hashed(each) in kept for each in words)


def test_a_token_is_found_by_its_words_among_the_kinds_asked_for(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        issued = {kind: issue(session, kind) for kind in KINDS}
    with session_scope(engine) as session:
        for kind, token in issued.items():
            found = find(session, token.words, *KINDS)
            assert found is not None
            assert (found.id, found.kind) == (token.row.id, kind)
            assert find(session, token.words, *(other for other in KINDS if other != kind)) is None
            assert find(session, token.words) is None
            for altered in (
                token.words[:-1],
                token.words + "x",
                token.words.swapcase(),
                f" {token.words}",
                token.row.hash,
            ):
                assert find(session, altered, kind) is None
        assert find(session, "", *KINDS) is find(session, "\ud800", *KINDS) is find(session, "\x00", *KINDS) is None


def test_a_token_lives_as_long_as_its_kind_or_as_was_asked(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        issued = [issue(session, kind) for kind in KINDS]
        short = issue(session, "api", life=timedelta(days=1))
    assert [token.row.expires_at - token.row.created_at for token in issued] == [LIFE[kind] for kind in KINDS]
    for life, open_ in ((timedelta(hours=23, minutes=59), True), (timedelta(minutes=1), False)):
        pass_time(engine, life)
        with session_scope(engine) as session:
            assert (find(session, short.words, "api") is not None) is open_
            assert find(session, issued[KINDS.index("api")].words, "api") is not None


def test_a_revoked_token_is_found_no_more_and_not_revoked_twice(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        one, other = issue(session, "api"), issue(session, "api")
        assert revoke(session, one.row.id).id == one.row.id
        for number in (one.row.id, 99):
            with pytest.raises(NoSuchToken):
                revoke(session, number)
    with session_scope(engine) as session:
        assert [find(session, token.words, "api") is None for token in (one, other)] == [True, False]


def test_all_of_a_person_s_tokens_end_or_those_of_some_kinds(engine: Engine) -> None:
    people = [hire(engine, name) for name in ("zhangsan", "lisi")]
    with session_scope(engine, write=True) as session:
        words = {(who, kind): issue(session, kind, person_id=who).words for who in people for kind in KINDS}
        device = issue(session, "device").words
        assert revoke_all(session, people[0], "session", "link") == 2
        assert revoke_all(session, people[0], "session", "link") == 0

    def left() -> set[tuple[int, str]]:
        with session_scope(engine) as session:
            return {key for key, shown in words.items() if find(session, shown, *KINDS)}

    assert set(words) - left() == {(people[0], "session"), (people[0], "link")}
    with session_scope(engine, write=True) as session:
        assert revoke_all(session, people[0]) == len(KINDS) - 2
    assert left() == {(people[1], kind) for kind in KINDS}
    with session_scope(engine) as session:
        assert find(session, device, "device") is not None


def test_use_is_noted_once_a_minute(engine: Engine) -> None:
    now = datetime.now(UTC)
    with session_scope(engine, write=True) as session:
        token = issue(session, "api").row
    assert is_due(token, now)
    note_use(engine, token.id)
    with session_scope(engine) as session:
        kept = session.get(type(token), token.id)
    assert kept is not None
    assert kept.last_used_at is not None
    assert now <= kept.last_used_at <= datetime.now(UTC)
    since = [kept.last_used_at + timedelta(seconds=each) for each in (0, 59, 60)]
    assert [is_due(kept, moment) for moment in since] == [False, False, True]


def test_where_nothing_can_be_written_a_use_is_not_noted_and_that_is_all() -> None:
    gone = make_engine(f"postgresql+psycopg://somebody@127.0.0.1:{free_port()}/gone")
    note_use(gone, 1)


def test_forms_of_browsers_have_a_token_of_their_own(engine: Engine) -> None:
    with session_scope(engine, write=True) as session:
        forms = {kind: issue(session, kind).row.form_token for kind in KINDS}
    with_forms = {kind for kind, form in forms.items() if form}
    assert with_forms == {"session", "device", "board"}
    assert len({forms[kind] for kind in with_forms}) == 3
