"""The modules of the viewer and of the page for patrollers one by one, in the browser that runs them."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from playwright.sync_api import Page
from pyproj import Geod

from gisgrid.pages.frame import FOLDER
from gisgrid.pages.language import full_width, sentence
from gisgrid.pages.viewer.shell import modules
from gisgrid.patrols.suggest.candidates import Why
from gisgrid.patrols.tables import Standing


@pytest.fixture
def run(page: Page, town: str) -> Any:
    """Call a function of a module: run("period", "daysBefore", …), or run("patroller/pace", …)."""
    page.goto(f"{town}/healthz")

    def call(module: str, name: str, *arguments: Any) -> Any:
        script = "async ([url, name, given]) => (await import(url))[name](...given)"
        path = module if "/" in module else f"viewer/{module}"
        return page.evaluate(script, [f"{town}/static/{path}.js", name, arguments])

    return call


def test_local_day(run: Any, page: Page, town: str) -> None:
    script = "async ([url, at, zone]) => (await import(url)).localDay(new Date(at), zone)"
    for at, zone, day in [
        ("2026-11-01T15:59:59Z", "Asia/Shanghai", "2026-11-01"),
        ("2026-11-01T16:00:00Z", "Asia/Shanghai", "2026-11-02"),
        ("2026-12-31T16:00:00Z", "Asia/Shanghai", "2027-01-01"),
        ("2026-01-01T04:00:00Z", "America/New_York", "2025-12-31"),
    ]:
        assert page.evaluate(script, [f"{town}/static/viewer/period.js", at, zone]) == day


def test_the_day_that_the_service_tells_needs_no_calendar(run: Any, page: Page, town: str) -> None:
    script = """async ([url, at, today]) => {
      const { localDay, setToday } = await import(url);
      setToday(today);
      return localDay(new Date(at), today.zone);
    }"""
    begins, ends = (datetime.fromisoformat(f"2026-11-0{day}T16:00Z").timestamp() * 1000 for day in (1, 2))
    today = {"day": "told", "zone": "Asia/Shanghai", "from": begins, "to": ends}
    for at, day in [
        ("2026-11-01T15:59:59Z", "2026-11-01"),
        ("2026-11-01T16:00:00Z", "told"),
        ("2026-11-02T15:59:59Z", "told"),
        ("2026-11-02T16:00:00Z", "2026-11-03"),
    ]:
        assert page.evaluate(script, [f"{town}/static/viewer/period.js", at, today]) == day


def test_days_before(run: Any) -> None:
    for day, count, earlier in [
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-23", 29, "2026-10-25"),
        ("2026-03-01", 1, "2026-02-28"),
        ("2028-03-01", 1, "2028-02-29"),
    ]:
        assert run("period", "daysBefore", day, count) == earlier


def test_a_state_written_is_read_back(run: Any) -> None:
    for search in [
        "?level=substation&metric=rounds_missed&period=7d&group=plan:7&cell=1A0&sort=-visits&lang=en",
        "?sort=change&layers=mask,incidents&patterns=1&wall=1",
        "?period=custom&from=2026-11-01&to=2026-11-30",
        "?view=114.40000,22.60000,12.5",
    ]:
        assert run("state", "searchOf", run("state", "readState", search)) == search


def test_days_in_an_address_are_the_period(run: Any) -> None:
    days = "?from=2026-11-01&to=2026-11-30"
    assert run("state", "readState", days)["period"] == "custom"
    assert run("state", "readState", f"{days}&period=7d")["period"] == "7d"
    assert run("state", "readState", "?from=2026-11-01")["period"] == "30d"


def test_what_an_address_may_not_say_is_the_default(run: Any) -> None:
    plain = run("state", "readState", "")
    assert plain["level"] == "community"
    for search in [
        "?level=__proto__",
        "?period=1e9",
        "?from=<b>",
        "?sort=x",
        "?metric=constructor",
        "?group=people:1",
        "?layers=<b>",
        "?wall=2",
        "?lang=fr",
        "?view=1,2",
        "?cell=" + "9" * 65,
    ]:
        assert run("state", "readState", search) == plain


def test_a_period_is_the_days_it_says(run: Any, page: Page, town: str) -> None:
    asked = "periodOf({ period }, new Date('2026-03-01T04:00Z'), 'Asia/Shanghai').text"
    script = f"async ([url, period]) => (await import(url)).{asked}"
    for period, days in [
        ("today", "2026-03-01/2026-03-01"),
        ("yesterday", "2026-02-28/2026-02-28"),
        ("7d", "2026-02-23/2026-03-01"),
        ("30d", "2026-01-31/2026-03-01"),
        ("month", "2026-03-01/2026-03-01"),
        ("lastMonth", "2026-02-01/2026-02-28"),
    ]:
        assert page.evaluate(script, [f"{town}/static/viewer/period.js", period]) == days


RATIOS = [{"css": "c0", "upper": 0.5, "label": "0–50 %"}, {"css": "c1", "upper": 1, "label": "50–100 %"}]


@pytest.mark.parametrize(
    ("metric", "values", "classes"),
    [
        ("coverage_ratio", [0.1], [("c0", "0–50 %"), ("c1", "50–100 %")]),
        ("check_ins", [], []),
        ("response_s", [None, None], []),
        ("check_ins", [0, None], [("c0", "0")]),
        ("check_ins", [2], [("c0", "0"), ("c3", "1"), ("c5", "2")]),
        (
            "check_ins",
            [0, 58],
            [("c0", "0–9"), ("c1", "10–19"), ("c2", "20–29"), ("c3", "30–39"), ("c4", "40–49"), ("c5", "50–60")],
        ),
        ("rounds_missed", [0], [("w0", "0")]),
        ("rounds_missed", [1], [("w0", "0"), ("w5", "1")]),
        ("overdue", [6], [*((f"w{n}", f"{n}") for n in range(5)), ("w5", "5–6")]),
        ("rounds_missed", [0, 72], [("w0", "0"), ("w1", "1–19"), ("w3", "20–39"), ("w4", "40–59"), ("w5", "60–80")]),
        (
            "worst_idle_s",
            [3600 * 20],
            [("w0", "0"), ("w1", "0–5 小时"), ("w3", "5–10 小时"), ("w4", "10–15 小时"), ("w5", "15–20 小时")],
        ),
    ],
)
def test_classes_are_cut_at_round_numbers(
    run: Any, metric: str, values: list[float | None], classes: list[tuple[str, str]]
) -> None:
    found = run("metrics", "classesOf", metric, values, RATIOS)
    assert [(each["css"], each["label"]) for each in found] == classes
    tops = [each["upper"] for each in found]
    assert tops == sorted(set(tops))
    for value in (each for each in values if each is not None):
        assert run("metrics", "classIn", found, value, "na") in {each["css"] for each in found}
    assert run("metrics", "classIn", found, None, "na") == "na"


@pytest.mark.parametrize(
    ("metric", "now", "then", "text", "good"),
    [
        ("coverage_ratio", 0.5, 0.45, "▲ 5.0 个百分点", True),
        ("coverage_ratio", 0.45, 0.5, "▼ 5.0 个百分点", False),
        ("coverage_ratio", 0.5, 0.4999, "±0", None),
        ("rounds_missed", 5, 2, "▲ 3", False),
        ("rounds_missed", 2, 5, "▼ 3", True),
        ("check_ins", 7, 5, "▲ 2", None),
        ("worst_idle_s", 7200, 3600, "▲ 60 分", False),
    ],
)
def test_a_change_says_which_way_and_whether_that_is_good(
    run: Any, metric: str, now: float, then: float, text: str, good: bool | None
) -> None:
    found = run("metrics", "changeOf", metric, {metric: now}, {metric: then})
    assert (found["text"], found["good"]) == (text, good)
    assert run("metrics", "changeOf", metric, {metric: None}, {metric: then}) is None
    assert run("metrics", "changeOf", metric, {metric: now}, None) is None


@pytest.mark.parametrize(("ratio", "text"), [(-1e-9, "0.0 %"), (0, "0.0 %"), (-0.0006, "-0.1 %"), (0.123, "12.3 %")])
def test_nothing_is_never_less_than_nothing(run: Any, ratio: float, text: str) -> None:
    assert run("words", "percent", ratio) == text


def test_texts_of_the_service_are_spelt_as_on_other_pages(run: Any) -> None:
    for zh, en in [
        ("口令不对;请再试", "the password is another one; try again"),
        ("角色有:cadre, liaison", "form_token is missing"),
        ("请先运行 gisgrid load 文件…,再刷新", "gisgrid load reads files"),
    ]:
        assert run("words", "spelt", {"zh": zh, "en": en}) == full_width(zh)
        run("words", "setLanguage", "en")
        assert run("words", "spelt", {"zh": zh, "en": en}) == sentence(en)
        run("words", "setLanguage", "zh-CN")


NAMED = re.compile(r'(?:\bword\(|data-word(?:-label)?=|\bword: )"(\w+)"')


def test_every_word_in_use_is_there_in_both_languages_and_no_other(page: Page, town: str) -> None:
    page.goto(f"{town}/healthz")
    script = """async (url) => {
      const { WORDS } = await import(`${url}/words.js`);
      const atFirst = Object.keys(WORDS.en);
      await import(`${url}/words/later.js`);
      return [atFirst, ...Object.values(WORDS).map((words) => Object.keys(words))];
    }"""
    at_first, chinese, english = page.evaluate(script, f"{town}/static/viewer")
    assert chinese == english
    texts = [
        path.read_text(encoding="utf-8")
        for path in (*FOLDER.glob("static/viewer/**/*.js"), *FOLDER.glob("templates/**/*.html"))
        if path.parent.name != "words"
    ]
    named = {word for text in texts for word in NAMED.findall(text)}
    assert named <= set(chinese)
    first = [FOLDER / path for path in modules()[0]] + [FOLDER / "templates" / "viewer" / "viewer.html"]
    assert {each for path in first for each in NAMED.findall(path.read_text(encoding="utf-8"))} <= set(at_first)
    mentioned = {word for text in texts for word in re.findall(r"[\w-]+", text)}  # others are named by a variable,
    begun = tuple({word for text in texts for word in re.findall(r"`([a-z]+-)\$\{", text)})  # or by a part of it
    assert [word for word in chinese if word not in mentioned and not word.startswith(begun)] == []


# --- the page for patrollers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "after_s", "pause_s"),
    [(0, 0, 15), (1, 0, 15), (2, 0, 30), (3, 0, 60), (9, 0, 300), (1, 5, 5), (1, 900, 900), (2, 5, 30), (6, 900, 900)],
)
def test_the_longer_it_fails_the_more_seldom_it_is_tried(run: Any, failures: int, after_s: int, pause_s: int) -> None:
    assert run("patroller/pace", "pauseS", failures, after_s) == pause_s


def test_metres_between_two_places(run: Any) -> None:
    geod = Geod(ellps="WGS84")
    for a, b in [
        ((114.4, 22.6), (114.401, 22.6)),
        ((114.4, 22.6), (114.4, 22.7)),
        ((0, 0), (0, 0)),
        ((179.9, 1), (-179.9, 1)),
    ]:
        told = run("patroller/position", "metresBetween", *({"longitude": x, "latitude": y} for x, y in (a, b)))
        assert told == pytest.approx(geod.inv(*a, *b)[2], rel=0.006, abs=0.01)


@pytest.mark.parametrize(
    ("seconds", "metres", "is_due"),
    [(0, 500, False), (2.9, 500, False), (3, 19, False), (3, 21, True), (14.9, 0, False), (15, 0, True)],
)
def test_a_track_has_a_fix_every_fifteen_seconds_or_twenty_metres(
    run: Any, seconds: float, metres: float, is_due: bool
) -> None:
    begun = datetime(2026, 11, 1, 8, tzinfo=UTC)
    former = {"at": begun.isoformat(), "longitude": 114.4, "latitude": 22.6}
    found = {**former, "at": (begun + timedelta(seconds=seconds)).isoformat(), "latitude": 22.6 + metres / 111_195}
    assert run("patroller/position", "isDue", former, found) is is_due


def test_an_unknown_browser_makes_an_identifier_of_its_own(run: Any, page: Page) -> None:
    page.evaluate("delete Crypto.prototype.randomUUID")
    made = {run("patroller/making", "randomId") for _ in range(20)}
    assert len(made) == 20
    assert all(uuid.UUID(each).version == 4 for each in made)


ROUND_STATES = ("ahead", "due", "done", "done_late", "unconfirmed", "missed")
OUTSIDE = {"substation": None, "community": None, "street": None}
FAR = {
    "code": "C1",
    "name": "码头",
    "counts": False,
    "zh": "距离 87 米,应在 50 米以内",
    "en": "87 m away",
    "distance_m": 87.2,
    "radius_m": 50,
}
DOUBTS = [{"flag": "TELEPORT", "zh": "不可能走到", "en": "too fast"}, {"flag": "X", "zh": "新的", "en": "new"}]
VERDICTS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"standing": "counted"}, "good", ["已计入", "分站"]),
    ({"standing": "withheld", **OUTSIDE}, "wait", ["补签到后计入", "网格之外"]),
    ({"standing": "quarantined", "doubts": DOUBTS}, "wait", ["待工作人员核查", "不可能走到", "新的"]),
    ({"standing": "counted", "doubts": [], "checkpoint": None}, "good", ["已计入"]),
    ({"standing": "counted", "checkpoint": FAR}, "wait", ["打卡点不算", "打卡点 码头：距离 87 米，应在 50 米以内"]),
    (
        {"standing": "counted", "checkpoint": {**FAR, "counts": True, "zh": "有效"}},
        "good",
        ["已计入", "打卡点 码头：有效"],
    ),
    ({"standing": "quarantined", "checkpoint": FAR}, "wait", ["待工作人员核查", "打卡点 码头"]),
    ({"standing": "something new"}, "good", ["已收到"]),
    ({}, "good", ["已收到"]),
]


@pytest.mark.parametrize(("answer", "css", "said"), VERDICTS)
def test_what_became_of_a_check_in_is_told_whatever_the_service_adds(
    run: Any, answer: dict[str, Any], css: str, said: list[str]
) -> None:
    here = {"substation": {"code": "1A0", "name": "分站"}, **answer}
    verdict = run("patroller/verdicts", "verdictOf", {"kind": "fix", "state": "done", "body": {}, "answer": here})
    assert verdict["css"] == css
    assert [part for part in said if part not in " ".join([verdict["title"], *verdict["lines"]])] == []


def test_places_are_those_of_the_rounds_in_their_order_else_the_nearest_checkpoint_first(run: Any) -> None:
    def a_round(name: str, state: str) -> dict[str, Any]:
        place = {"kind": "checkpoint", "code": name, "name": name, "longitude": 114.4, "latitude": 22.6, "radius_m": 50}
        times = {"start_at": "2026-11-26T00:00:00Z", "end_at": "2026-11-26T01:00:00Z", "done_at": None}
        return {"plan": {"name": "早班"}, "place": place, "state": state, **times}

    def a_checkpoint(code: str, longitude: float) -> dict[str, Any]:
        geometry = {"type": "Point", "coordinates": [longitude, 22.6]}
        return {"geometry": geometry, "properties": {"code": code, "name": code, "radius_m": 50}}

    here = {"longitude": 114.4, "latitude": 22.6}
    planned = run("patroller/round", "placesOf", [a_round(each, each) for each in ("missed", "due")], None, here)
    assert [(each["code"], each["css"], each["away_m"]) for each in planned] == [
        ("missed", "bad", 0),
        ("due", "due", 0),
    ]
    found = {"features": [a_checkpoint("far", 114.5), a_checkpoint("near", 114.401)]}
    for rounds in (None, []):
        near, far = run("patroller/round", "placesOf", rounds, found, here)
        assert (near["code"], far["code"], round(near["away_m"])) == ("near", "far", 103)
    assert [each["code"] for each in run("patroller/round", "placesOf", None, found, None)] == ["far", "near"]
    assert run("patroller/round", "placesOf", None, None, here) == []


def test_every_word_of_the_page_for_patrollers_is_in_use_and_there_in_both_languages(page: Page, town: str) -> None:
    page.goto(f"{town}/healthz")
    script = "async (url) => Object.values((await import(url)).WORDS).map((words) => Object.entries(words))"
    chinese, english = (dict(words) for words in page.evaluate(script, f"{town}/static/patroller/words.js"))
    assert list(chinese) == list(english)
    filled = re.compile(r"\{\d\}")
    assert {key: set(filled.findall(text)) for key, text in chinese.items()} == {
        key: set(filled.findall(text)) for key, text in english.items()
    }
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("static/patroller/*.js")]
    named = {word for text in texts for word in re.findall(r'"(\w+)"', text)}
    told = {*get_args(Standing), "refused", "conflict", *ROUND_STATES, *(f"why_{why}" for why in get_args(Why))}
    assert {key for key in chinese if key not in named | told} == set()
    assert {word for text in texts for word in re.findall(r'\bword\("(\w+)"', text)} <= set(chinese)
