"""What is in the outbox arrives at least once, whatever happens on the way, and what does not arrive is shown."""

import hmac
import json
from datetime import timedelta
from threading import Thread

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from gisgrid.database import session_scope
from gisgrid.notices import deliver as module
from gisgrid.notices.deliver import FIRST_WAIT, GIVEN_UP_AFTER, LEASE, LONGEST_WAIT, deliver_due, wait_after
from gisgrid.notices.deliveries import NothingToRetry, counted, deliveries, retry
from gisgrid.notices.endpoints import retire_endpoint
from gisgrid.notices.outbox import Recipient, post
from gisgrid.settings import Settings
from tests.notices.builders import NOTICE, an_endpoint, kept, soon, tell
from tests.notices.receiver import Post, Receiver


class Killed(BaseException):
    """The process is gone."""


def test_it_arrives_once_signed_and_named(engine: Engine, settings: Settings, receiver: Receiver) -> None:
    secret = an_endpoint(engine, settings, receiver.url)
    tell(engine)
    assert [deliver_due(engine, settings, soon()) for _ in range(2)] == [1, 0]
    (got,) = receiver.got
    (delivery,) = kept(engine)
    assert got.path == "/hook?key=secret"
    assert got.headers["x-gisgrid-delivery"] == delivery.ref == json.loads(got.body)["id"]
    assert json.loads(got.body)["link"] == f"{settings.origin}/incidents/7"
    signed = got.headers["x-gisgrid-timestamp"].encode() + b"." + got.body
    assert got.headers["x-gisgrid-signature"] == f"sha256={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"
    assert (delivery.attempts, delivery.next_at, delivery.last_error) == (1, None, "")
    assert delivery.delivered_at is not None


def test_a_notice_is_lost_with_the_transaction_of_what_it_tells_of(
    engine: Engine, settings: Settings, receiver: Receiver
) -> None:
    an_endpoint(engine, settings, receiver.url)
    with pytest.raises(ZeroDivisionError), session_scope(engine, write=True) as session:  # noqa: PT012
        post(session, NOTICE, [Recipient("webhook", receiver.url)])
        session.flush()
        _ = 1 // 0
    assert (kept(engine), deliver_due(engine, settings, soon()), receiver.got) == ([], 0, [])


def test_killed_between_sending_and_noting_it_is_sent_again_under_the_same_name(
    engine: Engine, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_endpoint(engine, settings, receiver.url)
    tell(engine)

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, "_note", kill)
        with pytest.raises(Killed):
            deliver_due(engine, settings, soon())
    assert deliver_due(engine, settings, soon()) == 0, "somebody else may still be at it"
    assert deliver_due(engine, settings, soon() + LEASE) == 1
    assert len({got.headers["x-gisgrid-delivery"] for got in receiver.got}) == 1
    assert (len(receiver.got), kept(engine)[0].attempts) == (2, 2)


def test_two_workers_do_not_send_it_at_the_same_time(engine: Engine, settings: Settings, receiver: Receiver) -> None:
    an_endpoint(engine, settings, receiver.url)
    tell(engine)
    others: list[int] = []
    receiver.meanwhile = lambda: others.append(deliver_due(engine, settings, soon()))
    thread = Thread(target=deliver_due, args=(engine, settings, soon()))
    thread.start()
    thread.join(20)
    assert (others, len(receiver.got)) == ([0], 1)


def test_a_receiver_that_fails_is_asked_again_later_and_at_last_takes_it(
    engine: Engine, settings: Settings, receiver: Receiver
) -> None:
    an_endpoint(engine, settings, receiver.url)
    tell(engine)
    receiver.answers = [(500, b""), (302, b"")]
    now = soon()
    for wait, why in ((FIRST_WAIT, "HTTP 500"), (2 * FIRST_WAIT, "HTTP 302")):
        assert deliver_due(engine, settings, now) == 0
        (delivery,) = kept(engine)
        assert (delivery.next_at, why in delivery.last_error) == (now + wait, True)
        assert deliver_due(engine, settings, now + wait - timedelta(seconds=1)) == 0
        now += wait
    assert len(receiver.got) == 2, "no redirect is followed"
    assert deliver_due(engine, settings, now) == 1
    assert kept(engine)[0].last_error == ""


def test_one_that_fails_keeps_nobody_waiting(engine: Engine, settings: Settings, receiver: Receiver) -> None:
    an_endpoint(engine, settings, "http://127.0.0.1:1/", "死")
    an_endpoint(engine, settings, receiver.url)
    for _ in range(3):
        tell(engine)
    assert deliver_due(engine, settings, soon()) == 3
    tried = [each.attempts for each in kept(engine) if each.delivered_at is None]
    assert (sorted(tried), len(receiver.got)) == ([0, 0, 1], 3)


def test_after_three_days_it_is_given_up_shown_and_sent_again_when_told_to(
    engine: Engine, settings: Settings, receiver: Receiver
) -> None:
    an_endpoint(engine, settings, receiver.url)
    tell(engine)
    receiver.answers = [(503, b"")] * 99
    now, last = soon(), soon() + GIVEN_UP_AFTER
    while (delivery := kept(engine)[0]).next_at is not None:
        assert delivery.next_at < last + LONGEST_WAIT
        now = max(now, delivery.next_at)
        deliver_due(engine, settings, now)
    assert last - LONGEST_WAIT < now <= last
    assert len(receiver.got) == delivery.attempts > 15
    with session_scope(engine, write=True) as session:
        (listed,) = deliveries(session, 10, is_failed=True)
        assert (listed.state, listed.endpoint, "HTTP 503" in listed.last_error) == ("given_up", "群", True)
        assert counted(session) == {"waiting": 0, "delivered": 0, "given_up": 1}
        with pytest.raises(NothingToRetry):
            retry(session, [listed.id + 1])
        assert retry(session, [listed.id]) == 1
    receiver.answers = []
    assert deliver_due(engine, settings, soon()) == 1
    with session_scope(engine, write=True) as session:
        assert deliveries(session, 10, is_failed=True) == []
        assert [each.state for each in deliveries(session, 10)] == ["delivered"]
        with pytest.raises(NothingToRetry):
            retry(session)


def test_what_waits_for_an_endpoint_that_is_retired_is_given_up(
    engine: Engine, settings: Settings, receiver: Receiver
) -> None:
    an_endpoint(engine, settings, receiver.url)
    tell(engine)
    with session_scope(engine, write=True) as session:
        retire_endpoint(session, "群")
    tell(engine)
    assert deliver_due(engine, settings, soon()) == 0
    (delivery,) = kept(engine)
    assert (receiver.got, delivery.given_up_at is not None, "retired" in delivery.last_error) == ([], True, True)


def test_it_leaves_off_when_the_service_stops(engine: Engine, settings: Settings, receiver: Receiver) -> None:
    an_endpoint(engine, settings, receiver.url)
    for _ in range(3):
        tell(engine)
    assert deliver_due(engine, settings, soon(), lambda: len(receiver.got) > 0) == 1


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize("said", [b'{"errcode":93000}', b"<html>", b"[]", b"{}"])
def test_a_group_robot_that_takes_nothing_says_so_in_its_answer(
    engine: Engine, settings: Settings, receiver: Receiver, said: bytes
) -> None:
    an_endpoint(engine, settings, receiver.url, template="wecom")
    tell(engine)
    receiver.answers = [(200, said)]
    assert deliver_due(engine, settings, soon()) == 0
    assert deliver_due(engine, settings, soon() + FIRST_WAIT) == 1
    assert json.loads(receiver.got[0].body)["msgtype"] == "markdown"


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_gateway_is_asked_for_each_telephone(engine: Engine, settings: Settings, receiver: Receiver) -> None:
    phones = ("13800000001", "13800000002")
    an_endpoint(engine, settings, receiver.url, template="sms", phones=phones, body='{"to":"{phone}","text":"{words}"}')
    tell(engine)
    receiver.answers = [(500, b"")]
    assert deliver_due(engine, settings, soon()) == 0, "the gateway is left alone"
    assert deliver_due(engine, settings, soon() + FIRST_WAIT) == 2
    assert {json.loads(got.body)["to"] for got in receiver.got} == set(phones)
    assert len({got.headers["x-gisgrid-delivery"] for got in receiver.got}) == 2


# --- mails -----------------------------------------------------------------------------------------


def by_mail(settings: Settings, post: Post, scheme: str = "smtp", who: str = "") -> Settings:
    url = SecretStr(f"{scheme}://{who}127.0.0.1:{post.port}")
    return settings.model_copy(update={"smtp_url": url, "mail_from": "grid@example.cn"})


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_mail_arrives(engine: Engine, settings: Settings, mails: Post) -> None:
    settings = by_mail(settings, mails, who="grid:p%40ss@")
    an_endpoint(engine, settings, "duty@example.cn")
    tell(engine)
    assert deliver_due(engine, settings, soon()) == 1
    (mail,) = mails.mails
    assert (mail["Subject"], mail["To"]) == ("紧急:E0401 / Emergency: E0401", "duty@example.cn")
    assert mail["Message-ID"] == f"<{kept(engine)[0].ref}@example.cn>"
    assert f"{settings.origin}/incidents/7" in str(mail.get_payload(decode=True), "utf-8")
    assert any(command.startswith("AUTH PLAIN ") for command in mails.commands)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_mail_that_is_refused_or_would_go_unencrypted_waits(engine: Engine, settings: Settings, mails: Post) -> None:
    sending = by_mail(settings, mails)
    an_endpoint(engine, sending, "gone@example.cn")
    tell(engine)
    mails.refuses = {"gone@example.cn"}
    now = soon()
    ways = [(sending, "SMTP 550"), (by_mail(settings, mails, "smtp+starttls"), "SMTPNotSupportedError")]
    for how, why in [*ways, (by_mail(settings, mails, "smtps"), "SSLError"), (settings, "GISGRID_SMTP_URL")]:
        assert deliver_due(engine, how, now) == 0
        assert why in kept(engine)[0].last_error
        now += LONGEST_WAIT
    assert mails.mails == []


def test_the_waits_grow() -> None:
    minutes = [wait_after(attempts) / timedelta(minutes=1) for attempts in (1, 2, 3, 9, 10, 10**9)]
    assert minutes == [1, 2, 4, 256, 360, 360]
