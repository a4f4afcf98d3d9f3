"""What is published reaches those of its cell and below, of its role, and nobody else; unread until it is noted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from gisgrid.audit.record import OPERATOR, Actor
from gisgrid.database import session_scope
from gisgrid.parameters import Page
from gisgrid.publications.own import confirm, mine, see, unread_count
from gisgrid.publications.publish import (
    BadEnd,
    NoSuchPublication,
    NoSuchRole,
    NotYourCell,
    PublicationWithdrawn,
    Wish,
    publish,
    withdraw,
)
from gisgrid.publications.receipts import published, receipts_of
from gisgrid.publications.tables import Publication, Receipt
from gisgrid.sight import Sight
from gisgrid.staff.appointments import withdraw as take_away
from gisgrid.staff.caller import roles_of
from gisgrid.staff.scope import sight
from gisgrid.staff.tables import Appointment
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay
from tests.staff.builders import audited
from tests.staff.callers import Where, person

PAGE = Page(50, 0)
BESIDE = "440307009002002"


@pytest.fixture
def ground(engine: Engine) -> Engine:
    lay(engine)
    return engine


def hired(engine: Engine, *roles: tuple[str, Where], name: str = "") -> int:
    with session_scope(engine, write=True) as session:
        return person(session, *roles, name=name).id


def publishing(engine: Engine, leader: int, *titles: str, **wish: object) -> list[int]:
    """Let a leader publish, as the route does: within what they see who may plan."""
    with session_scope(engine) as session:
        seen = sight(session, roles_of(session, leader), "plan", leader)
    with session_scope(engine, write=True, sight=seen) as session:
        return [publish(session, Actor("person", leader), Wish(each, "内容", **wish)) for each in titles or ("台风",)]  # type: ignore[arg-type]


def titles(engine: Engine, person_id: int, **asked: bool) -> list[str]:
    with session_scope(engine, sight=Sight(person=person_id)) as session:
        return [each["title"] for each in mine(session, person_id, PAGE, **asked)[1]]


def unread(engine: Engine, person_id: int) -> int:
    with session_scope(engine, sight=Sight(person=person_id)) as session:
        return unread_count(session, person_id)


def doing(engine: Engine, person_id: int) -> Session:
    return session_scope(engine, write=True, sight=Sight(person=person_id))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("cell", "role", "reaches"),
    [
        (None, None, {"above", "leader", "here", "walker", "beside", "street"}),
        (STREET, None, {"leader", "here", "walker", "beside", "street"}),
        (COMMUNITY, None, {"leader", "here", "walker", "beside"}),
        (COMMUNITY, "patroller", {"walker"}),
        (SUBSTATION, None, {"here", "walker"}),
        (SUBSTATION, "mediator", set()),
        (BESIDE, None, {"beside"}),
        (None, "community_leader", {"leader"}),
    ],
)
def test_who_is_told(ground: Engine, cell: str | None, role: str | None, reaches: set[str]) -> None:
    people = {
        "above": hired(ground, ("street_leader", None), name="above"),
        "street": hired(ground, ("supervision", STREET), name="street"),
        "leader": hired(ground, ("community_leader", COMMUNITY), name="leader"),
        "here": hired(ground, ("cadre", SUBSTATION), name="here"),
        "walker": hired(ground, ("patroller", SUBSTATION), ("volunteer_patroller", BESIDE), name="walker"),
        "beside": hired(ground, ("cadre", BESIDE), name="beside"),
        "nobody": hired(ground, name="nobody"),
    }
    publisher = hired(ground, ("street_leader", None), name="publisher")
    (number,) = publishing(ground, publisher, cell_code=cell, role=role)
    assert bool(titles(ground, publisher)) == (cell is None and role is None), "what one published is not all one's own"
    if cell == BESIDE:
        reaches = {*reaches, "walker"}
    assert {name for name, row in people.items() if titles(ground, row)} == reaches
    assert {name for name, row in people.items() if unread(ground, row)} == reaches
    with session_scope(ground) as session:
        assert {each.name for each in receipts_of(session, number)} == reaches


def test_whoever_published_it_has_read_it_and_is_asked_for_no_receipt(ground: Engine) -> None:
    leader = hired(ground, ("community_leader", COMMUNITY))
    (number,) = publishing(ground, leader, cell_code=COMMUNITY, must_confirm=True)
    assert (titles(ground, leader), unread(ground, leader)) == (["台风"], 0)
    with doing(ground, leader) as session:
        see(session, leader, [number])
        with pytest.raises(NoSuchPublication):
            confirm(session, leader, number)
    with session_scope(ground) as session:
        assert receipts_of(session, number) == []


def test_to_have_seen_it_is_enough_unless_it_must_be_confirmed(ground: Engine) -> None:
    leader, cadre = hired(ground, ("community_leader", COMMUNITY)), hired(ground, ("cadre", SUBSTATION), name="cadre")
    numbers = publishing(ground, leader, "通知", cell_code=COMMUNITY)
    numbers += publishing(ground, leader, "台风", cell_code=COMMUNITY, must_confirm=True)
    numbers += publishing(ground, leader, "例会", cell_code=COMMUNITY)
    assert (titles(ground, cadre), unread(ground, cadre)) == (["例会", "台风", "通知"], 3)
    for _ in range(2):
        with doing(ground, cadre) as session:
            see(session, cadre, numbers[:2])
    assert (titles(ground, cadre), unread(ground, cadre)) == (["例会", "台风", "通知"], 2)
    assert titles(ground, cadre, is_unread=True) == ["例会", "台风"]
    for _ in range(2):
        with doing(ground, cadre) as session:
            confirm(session, cadre, numbers[1])
    assert (titles(ground, cadre), unread(ground, cadre)) == (["例会", "台风", "通知"], 1)
    with doing(ground, cadre) as session:
        see(session, cadre, numbers[2:])
    assert unread(ground, cadre) == 0
    with session_scope(ground) as session:
        noted = [receipts_of(session, number)[0] for number in numbers]
        counts = [(each["seen"], each["confirmed"]) for each in published(session, PAGE)[1]]
    assert [(each.name, each.confirmed_at is not None) for each in noted] == [
        ("cadre", False), ("cadre", True), ("cadre", False),
    ]  # fmt: skip
    assert counts == [(1, 0), (1, 1), (1, 0)]
    done = [(entry.action, entry.actor) for entry in audited(ground, "publication")]
    assert done == [("publication.made", "person")] * 3 + [("publication.confirmed", "person")]


def test_what_is_over_or_withdrawn_is_not_unread(ground: Engine) -> None:
    leader, cadre = hired(ground, ("community_leader", COMMUNITY)), hired(ground, ("cadre", SUBSTATION))
    (over,) = publishing(ground, leader, "旧", cell_code=COMMUNITY, ends_at=datetime.now(UTC) + timedelta(hours=1))
    (gone,) = publishing(ground, leader, "误", cell_code=COMMUNITY)
    with session_scope(ground, write=True) as session:
        session.get_one(Publication, over).ends_at = datetime.now(UTC)
        withdraw(session, OPERATOR, gone)
        with pytest.raises(PublicationWithdrawn):
            withdraw(session, OPERATOR, gone)
    assert (titles(ground, cadre), unread(ground, cadre)) == ([], 0)
    assert titles(ground, cadre, is_over=True) == ["旧"]
    with doing(ground, cadre) as session:
        confirm(session, cadre, over)
        with pytest.raises(PublicationWithdrawn):
            confirm(session, cadre, gone)


def test_nobody_notes_what_is_not_for_them_and_whoever_leaves_is_shown_it_no_more(ground: Engine) -> None:
    leader, cadre = hired(ground, ("community_leader", COMMUNITY)), hired(ground, ("cadre", SUBSTATION), name="cadre")
    (number,) = publishing(ground, leader, cell_code=SUBSTATION)
    other = hired(ground, ("cadre", BESIDE))
    with doing(ground, other) as session:
        see(session, other, [number])
        with pytest.raises(NoSuchPublication):
            confirm(session, other, number)
    with doing(ground, cadre) as session:
        see(session, cadre, [number])
    with session_scope(ground, write=True) as session:
        held = session.scalars(select(Appointment).where(Appointment.person_id == cadre)).one()
        take_away(session, OPERATOR, held.id)
    assert titles(ground, cadre) == []
    with session_scope(ground) as session:
        assert session.scalars(select(Receipt.person_id)).all() == [cadre]
        assert [each.name for each in receipts_of(session, number)] == ["cadre"], "they have noted it"


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"cell_code": STREET}, NotYourCell),
        ({"cell_code": None}, NotYourCell),
        ({"cell_code": "440307009003"}, NotYourCell),
        ({"cell_code": "nowhere"}, NotYourCell),
        ({"cell_code": COMMUNITY, "role": "king"}, NoSuchRole),
        ({"cell_code": COMMUNITY, "ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, BadEnd),
    ],
)
def test_what_is_not_published(ground: Engine, wish: dict[str, object], error: type[Exception]) -> None:
    leader = hired(ground, ("community_leader", COMMUNITY))
    with pytest.raises(error):
        publishing(ground, leader, **wish)
    with session_scope(ground) as session:
        assert published(session, PAGE) == (0, [])


def test_those_of_a_street_publish_to_everybody_where_it_is_the_only_one(ground: Engine) -> None:
    assert publishing(ground, hired(ground, ("street_leader", STREET)), cell_code=None)
