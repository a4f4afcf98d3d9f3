"""Deliver a simulation to a running service as phones do: many at once, and again until each is answered."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from http import HTTPStatus
from itertools import groupby
from threading import Event
from typing import Any, Final, NamedTuple

import httpx
import pandas as pd

from gisgrid.errors import Refused, Unavailable
from gisgrid.intake.arrivals import plain
from gisgrid.sample.simulate import Simulation

CONNECTIONS: Final = 32
AT_ONCE: Final = 100
"""Items in a request at most."""
TOGETHER: Final = "min"
"""What a phone delivers within a minute comes in one request."""
TRIES: Final = 30
PAUSE_S: Final = 2.0
PATIENCE_S: Final = 60
FIXES: Final = {
    "client_id": "client_id",
    "patroller_ref": "patroller",
    "patrol_ref": "patrol",
    "fix_at": "fix_at",
    "longitude": "longitude",
    "latitude": "latitude",
    "accuracy_m": "accuracy_m",
}
INCIDENTS: Final = {name: name for name in ("client_id", "kind", "description", "reported_at", "longitude", "latitude")}
"""What phones tell, of the columns of a simulation, and how it is called on the wire."""

Item = dict[str, Any]
Progress = Callable[[int], None]


class Posted(NamedTuple):
    """What became of fixes and of incidents, counted as `store_fixes` does, and how often why one was not taken."""

    fixes: Counter[str]
    incidents: Counter[str]
    reasons: Counter[str]


class NoAnswer(Unavailable):
    """The service does not answer, or only that it is busy."""


class NotTaken(Refused):
    """The service answers that it takes nothing from whoever asks."""


def post_simulation(url: str, key: str, simulation: Simulation, progress: Progress = lambda rows: None) -> Posted:
    """Send fixes and incidents to the service at `url`, each phone its own in the order in which they arrived.

    `key` is one of a program that acts for staff who may bring in what others recorded. Raises NoAnswer, NotTaken.
    """
    phones = [_deliveries(its) for _, its in simulation.fixes.groupby("patroller_ref", sort=False)]
    reports = _parts(_items(simulation.incidents, INCIDENTS))
    is_over = Event()
    with (
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S) as client,
        ThreadPoolExecutor(CONNECTIONS) as pool,
    ):

        def send(path: str, deliveries: Iterable[Sequence[Item]]) -> list[Item]:
            answers: list[Item] = []
            for items in deliveries:
                if is_over.is_set():
                    break
                answers += _deliver(client, path, items)
                progress(len(items))
            return answers

        sending = [pool.submit(send, "/api/check-ins", phone) for phone in phones]
        reporting = pool.submit(send, "/api/incidents", reports)
        try:
            for done in as_completed((*sending, reporting)):
                done.result()
        finally:
            is_over.set()  # what fails for one fails for all
        answers = [answer for each in sending for answer in each.result()]
    reports_answered = reporting.result()
    reasons = Counter(each["description"] for each in (*answers, *reports_answered) if "description" in each)
    return Posted(Counter(_counted(answers)), Counter(_counted(reports_answered)), reasons)


def _deliveries(fixes: pd.DataFrame) -> Iterator[Sequence[Item]]:
    """Yield what a phone sends in one request after another."""
    minutes = fixes["received_at"].dt.floor(TOGETHER).tolist()
    timed = zip(minutes, _items(fixes, FIXES), strict=True)
    for _, group in groupby(timed, key=lambda pair: pair[0]):
        yield from _parts([item for _, item in group])


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))


def _items(frame: pd.DataFrame, names: Mapping[str, str]) -> list[Item]:
    """Return the rows as what is sent, by the names on the wire; what is missing is left out."""
    columns = [plain(frame[column]) for column in names]
    rows = (zip(names.values(), values, strict=True) for values in zip(*columns, strict=True))
    return [{name: _told(value) for name, value in row if value is not None} for row in rows]


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _deliver(client: httpx.Client, path: str, items: Sequence[Item]) -> list[Item]:
    """Send until there is an answer. Raises NoAnswer, NotTaken."""
    said = ""
    for _ in range(TRIES):
        try:
            answer = client.post(path, json=items)
        except httpx.TransportError as error:
            said, pause_s = type(error).__name__, PAUSE_S
        else:
            if answer.is_success:
                found: list[Item] = answer.json()
                return found
            said, pause_s = _said(answer), float(answer.headers.get("Retry-After", PAUSE_S))
            if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise NotTaken(f"服务不收:{said}", f"the service does not take it: {said}")
        time.sleep(pause_s)
    raise NoAnswer(f"服务没有答复:{said}", f"the service does not answer: {said}")


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["description"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"


def _counted(answers: list[Item]) -> Iterator[str]:
    for answer in answers:
        yield answer["status"]
        if answer["status"] == "stored" and answer["street"] is None:
            yield "outside"
