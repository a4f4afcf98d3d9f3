"""Who hears of what, and what a notice may hold."""

import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.notices.outbox import Recipient, Topic, endpoints_for, post
from gisgrid.notices.tables import Told
from gisgrid.settings import Settings
from tests.notices.builders import NOTICE, an_endpoint, kept

STREET, COMMUNITY, OTHER = "440307009", "440307009002", "440307009003"
URL = "https://x.example/"


@pytest.mark.parametrize(
    ("topic", "cells", "hear"),
    [
        ("emergency", [STREET, COMMUNITY], ["all", "street", "community", "alarms"]),
        ("emergency", [STREET, OTHER], ["all", "street", "alarms"]),
        ("emergency", [STREET], ["all", "street", "alarms"]),
        ("emergency", [], ["all", "alarms"]),
        ("order", [STREET, COMMUNITY], ["all", "street", "community"]),
    ],
)
def test_an_endpoint_of_a_cell_hears_of_it_and_below_one_of_none_of_everything(
    engine: Engine, settings: Settings, topic: Topic, cells: list[str], hear: list[str]
) -> None:
    an_endpoint(engine, settings, f"{URL}all", "all")
    an_endpoint(engine, settings, f"{URL}street", "street", cell_code=STREET)
    an_endpoint(engine, settings, f"{URL}community", "community", cell_code=COMMUNITY)
    an_endpoint(engine, settings, f"{URL}alarms", "alarms", topics=["emergency", "publication"])
    with session_scope(engine) as session:
        found = endpoints_for(session, topic, cells)
    assert [each.address.removeprefix(URL) for each in found] == hear


def test_it_waits_once_for_each_recipient_in_words_of_one_line(engine: Engine) -> None:
    to = [Recipient("webhook", URL), Recipient("mail", "a@example.cn"), Recipient("webhook", URL)]
    with session_scope(engine, write=True) as session:
        assert post(session, NOTICE, []) is None
        assert post(session, NOTICE, to) == 1
        told = session.scalars(select(Told)).one()
    assert (told.words_zh, told.about_kind, told.about_id) == ("葵涌社区 编号 7", "incident", 7)
    assert [(each.channel, each.address, each.next_at) for each in kept(engine)] == [
        ("webhook", URL, told.made_at), ("mail", "a@example.cn", told.made_at),
    ]  # fmt: skip
