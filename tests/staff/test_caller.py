"""Who asks, found from what is shown; what ends it, ends it with the next request."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from gisgrid.audit.record import OPERATOR
from gisgrid.database import session_scope
from gisgrid.sight import NOTHING
from gisgrid.staff.appointments import grant, withdraw
from gisgrid.staff.caller import IDLE, NOBODY, PUBLIC, Caller, caller_of, sight_for
from gisgrid.staff.people import person_of, set_active
from gisgrid.staff.roles import BOARD, DEVICE, ROLES, Permission
from gisgrid.staff.scope import Role
from gisgrid.staff.tables import Token
from gisgrid.staff.tokens import LIFE, Issued, Kind, issue, revoke
from tests.laid import COMMUNITY, lay
from tests.staff.builders import hire, last_used, pass_time

SOON = timedelta(seconds=30)


def token_for(engine: Engine, kind: Kind, person: int | None = None, **more: str) -> Issued:
    with session_scope(engine, write=True) as session:
        return issue(session, kind, person_id=person, **more)  # type: ignore[arg-type]


def asked(engine: Engine, words: str | None, *kinds: Kind) -> Caller:
    with session_scope(engine) as session:
        return caller_of(session, words, *kinds)


def test_a_person_is_known_with_roles_by_session_or_key(engine: Engine) -> None:
    lay(engine)
    number = hire(engine, "zhangsan", is_demonstration=True)
    with session_scope(engine, write=True) as session:
        grant(session, OPERATOR, person_of(session, number), "cadre", COMMUNITY)
        grant(session, OPERATOR, person_of(session, number), "liaison", None, "fire")
    kinds: tuple[Kind, ...] = ("session", "api")
    for kind in kinds:
        token = token_for(engine, kind, number)
        caller = asked(engine, token.words, kind)
        assert caller == Caller(
            "person",
            token.row.id,
            number,
            "zhangsan",
            None,
            (Role("cadre", COMMUNITY), Role("liaison", None, 3)),
            token.row.form_token,
            is_demonstration=True,
            is_use_due=True,
        )


def test_a_device_and_a_board_are_known_by_their_cell(engine: Engine) -> None:
    kinds: tuple[Kind, ...] = ("device", "board")
    for kind in kinds:
        token = token_for(engine, kind, cell_code=COMMUNITY, name="一号")
        caller = asked(engine, token.words, "device", "board")
        assert (caller.kind, caller.token, caller.person, caller.roles) == (kind, token.row.id, None, ())
        assert (caller.name, caller.cell_code, caller.form_token) == ("一号", COMMUNITY, token.row.form_token)


def test_nothing_and_what_is_no_token_is_nobody(engine: Engine) -> None:
    number = hire(engine)
    words = token_for(engine, "api", number).words
    for shown in (None, "", "gg_key_x", words[:-1], "\ud800", "\x00"):
        assert asked(engine, shown, "api") is NOBODY
    assert asked(engine, words, "session", "device") is NOBODY
    for kind in ("browser", "link"):  # which let nobody in by themselves
        assert asked(engine, token_for(engine, kind, number).words, "session", "api", "device", "board") is NOBODY


def test_a_session_left_alone_or_too_old_is_over_and_a_key_is_not(engine: Engine) -> None:
    number = hire(engine)
    session, key = token_for(engine, "session", number), token_for(engine, "api", number)

    def known() -> tuple[bool, bool]:
        return asked(engine, session.words, "session").kind == "person", asked(
            engine, key.words, "api"
        ).kind == "person"

    pass_time(engine, IDLE - SOON)
    assert known() == (True, True)
    pass_time(engine, SOON)
    assert known() == (False, True)  # never used since it was made
    last_used(engine, session.row.id, IDLE - SOON)
    assert known() == (True, True)
    last_used(engine, session.row.id, IDLE)
    assert known() == (False, True)
    pass_time(engine, LIFE["session"] - IDLE - SOON)
    last_used(engine, session.row.id, timedelta(0))
    assert known() == (True, True)
    pass_time(engine, SOON)
    last_used(engine, session.row.id, timedelta(0))
    assert known() == (False, True)  # however much it was used


def test_whoever_is_revoked_switched_off_or_gone_is_nobody(engine: Engine) -> None:
    one, other = hire(engine), hire(engine, "lisi")
    tokens = [token_for(engine, "api", number) for number in (one, one, other)]
    device = token_for(engine, "device")
    with session_scope(engine, write=True) as session:
        revoke(session, tokens[0].row.id)
        revoke(session, device.row.id)
    assert [asked(engine, token.words, "api").person for token in tokens] == [None, one, other]
    assert asked(engine, device.words, "device") is NOBODY
    with session_scope(engine, write=True) as session:
        set_active(session, OPERATOR, person_of(session, one), False)
        session.execute(update(Token).values(revoked_at=None))  # even if a token were left
    assert [asked(engine, token.words, "api").person for token in tokens] == [None, None, other]


def test_a_role_counts_from_the_next_request_until_the_next_request(engine: Engine) -> None:
    number = hire(engine)
    words = token_for(engine, "api", number).words
    assert not asked(engine, words, "api").may("tracks")
    with session_scope(engine, write=True) as session:
        held = grant(session, OPERATOR, person_of(session, number), "cadre")
    assert asked(engine, words, "api").may("tracks")
    with session_scope(engine, write=True) as session:
        withdraw(session, OPERATOR, held.id)
    assert not asked(engine, words, "api").may("tracks")


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_what_is_seen_is_what_the_caller_answers_for(engine: Engine) -> None:
    lay(engine)
    with session_scope(engine) as session:
        person = sight_for(session, Caller("person", person=7, roles=(Role("cadre", COMMUNITY),)), "tracks")
        board = sight_for(session, Caller("board", cell_code=COMMUNITY), "coverage")
        public = sight_for(session, PUBLIC, "coverage")
        device = sight_for(session, Caller("device", cell_code=COMMUNITY), "grid")
        nobody = sight_for(session, NOBODY, "grid")
    assert (person.person, board.person, len(person.codes), board.codes) == (7, None, 3, person.codes)
    assert (len(public.codes), public.everything) == (10, False)
    assert device is nobody is NOTHING


PERMISSIONS: tuple[Permission, ...] = (
    *("grid", "coverage", "tracks", "incidents", "report", "check_in", "bring_in", "manage", "audit"),
)


@pytest.mark.parametrize(
    ("caller", "may"),
    [
        (NOBODY, frozenset()),
        (PUBLIC, BOARD),
        (Caller("board"), BOARD),
        (Caller("device"), DEVICE),
        (Caller("person"), frozenset()),
        (Caller("person", roles=(Role("cadre", None),)), ROLES["cadre"]),
        (Caller("person", roles=(Role("auditor", None), Role("mediator", "1"))), ROLES["auditor"] | ROLES["mediator"]),
        (Caller("device", roles=(Role("administrator", None),)), DEVICE),
    ],
)
def test_what_a_caller_may(caller: Caller, may: frozenset[Permission]) -> None:
    assert {permission for permission in PERMISSIONS if caller.may(permission)} == may


@pytest.mark.parametrize(
    ("roles", "is_volunteer"),
    [
        ([], False),
        (["mediator"], True),
        (["mediator", "sanitation_supervisor", "cadre"], True),
        (["patroller"], False),
        (["patroller", "mediator"], False),
        (["cadre"], False),
    ],
)
def test_a_volunteer_walks_as_nothing_else(roles: list[str], is_volunteer: bool) -> None:
    assert Caller("person", roles=tuple(Role(role, None) for role in roles)).is_volunteer is is_volunteer
