"""Who hears of gaps: those to whom they went up, and of corrections those who had heard."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, delete, select

from gisgrid.database import session_scope
from gisgrid.notices.endpoints import Wish, add_endpoint, retire_endpoint
from gisgrid.notices.tables import Delivery, Told
from gisgrid.patrols.plans.tables import Gap
from gisgrid.patrols.tables import Fix
from tests.laid import COMMUNITY, STREET, SUBSTATION
from tests.patrols.plans.test_gaps_up import HOUR, missed, settle, up
from tests.patrols.plans.worlds import AWAY, SETTINGS, walked


def endpoints(engine: Engine, **cells: str | None) -> None:
    with session_scope(engine, write=True) as session:
        for name, cell in cells.items():
            add_endpoint(session, SETTINGS, Wish(name, f"http://127.0.0.1:9/{name}", topics=("gap",), cell_code=cell))


def heard(engine: Engine) -> list[tuple[str, list[str]]]:
    """Return what was told, and to whom."""
    with session_scope(engine) as session:
        rows = session.execute(
            select(Told.subject_zh, Delivery.address)
            .join(Delivery, Delivery.outbox_id == Told.id)
            .order_by(Told.id, Delivery.id)
        ).all()
    found: dict[str, list[str]] = {}
    for subject, address in rows:
        found.setdefault(subject, []).append(address.rpartition("/")[2])
    return list(found.items())


def test_each_level_hears_when_it_comes_to_it(town: Engine) -> None:
    endpoints(town, station=SUBSTATION, other=AWAY, community=COMMUNITY, street=STREET, all=None)
    missed(town)
    assert heard(town) == []
    up(town, 25 * HOUR)
    up(town, 50 * HOUR)
    assert heard(town) == [
        ("漏巡逾期未处理,已上报社区:C1", ["community", "street", "all"]),
        ("漏巡逾期未处理,已上报街道:C1", ["street", "all"]),
    ]


def test_a_notice_says_where_and_when_and_nothing_else(town: Engine) -> None:
    endpoints(town, all=None)
    missed(town)
    up(town, 25 * HOUR)
    with session_scope(town) as session:
        told, gap = session.scalars(select(Told)).one(), session.scalars(select(Gap.id)).one()
        words: Any = (told.topic, told.words_zh, told.subject_en, told.words_en, told.link)
    assert words == (
        "gap",
        f"网格 {COMMUNITY},应巡 2026-11-26 09:00",
        "Open gap went up to the community: C1",
        f"cell {COMMUNITY}, was due 2026-11-26 09:00",
        f"/rounds/gaps?show=all&gap={gap}",
    )


def test_whoever_was_told_is_told_of_the_correction(town: Engine) -> None:
    endpoints(town, community=COMMUNITY, street=STREET, gone=STREET)
    missed(town)
    up(town, 25 * HOUR)
    endpoints(town, late=None)
    with session_scope(town, write=True) as session:
        retire_endpoint(session, "gone")
    walked(town, "P1", 10, arrived=650)
    settle(town)
    assert heard(town)[1:] == [("更正:漏巡已完成:C1", ["community", "street"])]
    with session_scope(town, write=True) as session:
        session.execute(delete(Fix))
    settle(town)
    assert heard(town)[2:] == [("更正:仍为漏巡:C1", ["community", "street"])]


def test_of_what_nobody_heard_nobody_hears_a_correction(town: Engine) -> None:
    endpoints(town, all=None)
    missed(town)
    walked(town, "P1", 10, arrived=650)
    settle(town)
    assert heard(town) == []


def test_a_later_visit_is_no_correction(town: Engine) -> None:
    endpoints(town, all=None)
    missed(town)
    up(town, 25 * HOUR)
    walked(town, "P1", 200)
    settle(town)
    assert len(heard(town)) == 1
    assert up(town, timedelta(days=9)) == 0
