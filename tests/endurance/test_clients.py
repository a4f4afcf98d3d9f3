"""Simulated phones do as the real ones: what they send, keep and throw away, and where they get stuck."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.endurance.clients import (
    GPSLOGGER,
    OSMAND,
    OURS,
    OVERLAND,
    OWNTRACKS_ANDROID,
    OWNTRACKS_IOS,
    START,
    STOCK,
    TRACCAR_8,
    TRACCAR_9,
    TRACCAR_10,
    Client,
    Fix,
    a_fix,
)
from tests.endurance.fake import Answering, answering
from tests.endurance.phones import NO_ANSWER, Phone
from tests.endurance.wire import Answer, Line

GOOD = {OWNTRACKS_ANDROID.name: b"[]", OWNTRACKS_IOS.name: b"[]", OVERLAND.name: b'{"result":"ok"}'}
QUEUE_HEADS = (TRACCAR_8, TRACCAR_9, TRACCAR_10, OSMAND, OWNTRACKS_ANDROID, OVERLAND)
NAMED = {"ids": lambda client: client.name}
STUBBORN = 8


def yes(client: Client) -> Answer:
    return Answer(200, {}, GOOD.get(client.name, b""))


def no(status: int) -> Answer:
    return Answer(status, {}, b'{"code": "X"}')


def sent(client: Client, numbers: Iterable[int], answer: Answering) -> Phone:
    """Return a phone that has sent some fixes, or has got stuck: it said the same thing again and again."""
    said: Counter[tuple[str, bytes]] = Counter()

    async def send() -> Phone:
        stuck = asyncio.Event()

        def counted(target: str, body: bytes) -> Answer | None:
            said[target, body] += 1
            if said[target, body] > STUBBORN:
                stuck.set()
            return answer(target, body)

        async with answering(counted) as port:
            phone = Phone(client, Line(port), "words", numbers, wait_s=0)
            run, wait = asyncio.create_task(phone.run()), asyncio.create_task(stuck.wait())
            await asyncio.wait({run, wait}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            assert run.done() or phone.head
            wait.cancel()
            if not run.cancel():
                run.result()
            await asyncio.gather(run, wait, return_exceptions=True)
            return phone

    return asyncio.run(send())


def in_turn(answers: Sequence[Answer | None], last: Answer) -> Answering:
    """Give these answers, one a request, and then the last for ever."""

    def turns() -> Iterator[Answer | None]:
        yield from answers
        while True:
            yield last

    following = turns()
    return lambda *_: next(following)


def but_not(client: Client, number: int, status: int) -> Answering:
    """Take everything but one fix, which is known by its place."""
    poison = repr(a_fix(number, client.step).longitude)
    return lambda target, body: no(status) if poison in target + body.decode() else yes(client)


@pytest.mark.parametrize("client", STOCK, **NAMED)
def test_what_is_answered_well_is_taken(client: Client) -> None:
    phone = sent(client, range(60), lambda *_: yes(client))
    assert (set(phone.taken), phone.thrown_away, set(phone.answers)) == (set(range(60)), [], {200})
    assert phone.answers[200] == -(-60 // client.most)


@pytest.mark.parametrize("client", QUEUE_HEADS, **NAMED)
@pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 500, 503])
def test_a_phone_that_waits_for_its_head_gets_stuck_behind_a_refusal(client: Client, status: int) -> None:
    phone = sent(client, range(200), but_not(client, 150, status))
    assert set(phone.taken) == set(range(150 - 150 % client.most))
    assert (150 in phone.head, phone.thrown_away, phone.answers[status] > 3) == (True, [], True)


@pytest.mark.parametrize("client", QUEUE_HEADS, **NAMED)
def test_it_drains_past_a_poison_point_that_is_taken(client: Client) -> None:
    phone = sent(client, range(200), in_turn([no(503), None, no(500)], yes(client)))
    assert (set(phone.taken), phone.head) == (set(range(200)), [])
    assert (phone.answers[503], phone.answers[NO_ANSWER], phone.answers[500]) == (1, 1, 1)


def test_owntracks_on_ios_loses_nothing_through_overload_and_restart() -> None:
    troubles = [no(503), None, None, no(500), no(503), None]
    phone = sent(OWNTRACKS_IOS, range(20), in_turn(troubles, yes(OWNTRACKS_IOS)))
    assert (set(phone.taken), phone.thrown_away) == (set(range(20)), [])


@pytest.mark.parametrize("status", [400, 401, 404, 413, 422, 429])
def test_owntracks_on_ios_throws_away_what_is_refused(status: int) -> None:
    phone = sent(OWNTRACKS_IOS, range(20), but_not(OWNTRACKS_IOS, 7, status))
    assert (set(phone.taken), phone.thrown_away) == (set(range(20)) - {7}, [7])


def test_gpslogger_gives_up_after_three_tries() -> None:
    phone = sent(GPSLOGGER, range(20), but_not(GPSLOGGER, 7, 503))
    assert (set(phone.taken), phone.thrown_away, phone.answers[503]) == (set(range(20)) - {7}, [7], 3)


@pytest.mark.parametrize(("client", "body"), [(OVERLAND, b"{}"), (OVERLAND, b'{"error":"x"}'), (OWNTRACKS_IOS, b"{}")])
def test_some_read_more_than_the_status(client: Client, body: bytes) -> None:
    phone = sent(client, range(3), lambda *_: Answer(200, {}, body))
    assert (set(phone.taken), phone.thrown_away, phone.answers[200] > 3) == (set(), [], True)


@pytest.mark.parametrize(
    ("told", "taken", "thrown_away"),
    [
        (["stored", "repeated"], {0, 1}, []),
        (["stored", "conflict"], set(), [0, 1]),
        (["refused", "stored"], set(), [0, 1]),
    ],
)
def test_ours_reads_what_became_of_each(told: list[str], taken: set[int], thrown_away: list[int]) -> None:
    body = json.dumps([{"status": status} for status in told]).encode()
    phone = sent(OURS.in_batches(2), range(2), lambda *_: Answer(200, {}, body))
    assert (set(phone.taken), phone.thrown_away) == (taken, thrown_away)


def test_each_says_the_same_fix_in_its_own_words() -> None:
    fix = a_fix(3, OURS.step * 100)
    seconds, (x, y) = int(fix.at.timestamp()), fix[2:]
    said = {client.name: client.say(client.path, "words", [fix]) for client in STOCK}
    queries = {name: parse_qs(urlsplit(request.target).query) for name, request in said.items()}
    for name, unit in ((TRACCAR_8.name, 1), (OSMAND.name, 1000), (GPSLOGGER.name, 1)):
        found = [float(queries[name][field][0]) for field in ("timestamp", "lon", "lat")]
        assert found == [seconds * unit, x, y]
    assert parse_qs(said[TRACCAR_10.name].body.decode())["timestamp"] == [str(seconds)]
    nine = json.loads(said[TRACCAR_9.name].body)["location"]
    assert (nine["coords"]["longitude"], nine["timestamp"][-5:]) == (x, ".000Z")
    assert json.loads(said[OWNTRACKS_IOS.name].body)["tst"] == seconds
    (feature,) = json.loads(said[OVERLAND.name].body)["locations"]
    assert feature["geometry"]["coordinates"] == [x, y]


def test_no_two_fixes_are_alike() -> None:
    fixes = [a_fix(number, OURS.step) for number in range(0, 1_000_000, 997)]
    assert len({fix[1] for fix in fixes}) == len({fix[2:] for fix in fixes}) == len(fixes)
    assert a_fix(0, OURS.step) == Fix(0, START, *a_fix(0, OURS.step)[2:])
