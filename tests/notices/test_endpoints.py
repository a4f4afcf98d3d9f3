"""Endpoints are as they must be, or not taken."""

from typing import Any

import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.notices.endpoints import BadEndpoint, EndpointNameTaken, MailOff, NoSuchEndpoint, retire_endpoint
from gisgrid.notices.tables import Endpoint
from gisgrid.settings import Settings
from tests.notices.builders import an_endpoint
from tests.staff.builders import audited

URL = "https://x.example/hook?key=1"
BODY = '{"to":"{phone}","text":"{words}"}'
SMS: dict[str, Any] = {"template": "sms", "phones": ["13800000001"], "body": BODY}


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize(
    ("address", "wish"),
    [
        *((address, {}) for address in ("", "x", "ftp://x.example", "https://", "https://me:pw@x.example/", "http://x:y/")),
        *((address, {}) for address in ("https://x.example/a b", "https://x.example/\n", "https://汉.example/")),
        *((address, {}) for address in ("a@b@c.example", "Zhang <a@example.cn>", "a@example.cn\nBcc: b@example.cn")),
        ("a@example.cn", {"template": "wecom"}),
        (URL, {"name": " "}),
        (URL, {"name": "x\ny"}),
        (URL, {"topics": ["weather"]}),
        (URL, {"phones": ["13800000001"]}),
        (URL, {**SMS, "phones": []}),
        (URL, {**SMS, "phones": ["138 0000"]}),
        (URL, {**SMS, "body": ""}),
        (URL, {**SMS, "body": '{"to":"{phone}"}'}),
        (URL, {**SMS, "body": '{"to":"{phone}","text":{words}x}'}),
        (URL, {**SMS, "body": "to={phone}&text={words}\n"}),
    ],
)  # fmt: skip
def test_what_is_no_endpoint(engine: Engine, settings: Settings, address: str, wish: dict[str, Any]) -> None:
    with pytest.raises(BadEndpoint):
        an_endpoint(engine, settings, address, **wish)


def test_no_mailbox_where_no_mails_are_sent(engine: Engine, settings: Settings) -> None:
    with pytest.raises(MailOff, match="GISGRID_SMTP_URL"):
        an_endpoint(engine, settings, "a@example.cn")


def test_a_name_is_free_again_once_its_endpoint_is_retired(engine: Engine, settings: Settings) -> None:
    first = an_endpoint(engine, settings, URL, "群", cell_code="1", **SMS)
    with pytest.raises(EndpointNameTaken):
        an_endpoint(engine, settings, URL)
    with session_scope(engine, write=True) as session:
        retire_endpoint(session, "群")
        with pytest.raises(NoSuchEndpoint):
            retire_endpoint(session, "群")
    assert len({first, an_endpoint(engine, settings, URL)} - {""}) == 2
    with session_scope(engine) as session:
        assert len(session.scalars(select(Endpoint)).all()) == 2
    entries = audited(engine, "endpoint")
    assert [(each.action, each.actor) for each in entries] == [
        ("endpoint.added", "operator"), ("endpoint.retired", "operator"), ("endpoint.added", "operator"),
    ]  # fmt: skip
    assert not any(secret in str(entries) for secret in (first, "key=1", "13800000001"))
