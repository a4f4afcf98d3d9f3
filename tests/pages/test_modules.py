"""The viewer's modules one by one, in the browser that runs them."""

import re
from typing import Any, get_args

import pytest
import shapely
from playwright.sync_api import Page

from gisgrid.grid.schemas import Level
from gisgrid.pages.frame import FOLDER
from gisgrid.pages.language import full_width, sentence

HEADINGS = ("name", "coverage", "check_ins", "patrollers", "visits")  # of the table, named by a variable
LEVELS = get_args(Level)


@pytest.fixture
def run(page: Page, town: str) -> Any:
    """Call a function of a module: run("period", "daysBefore", …)."""
    page.goto(f"{town}/healthz")

    def call(module: str, name: str, *arguments: Any) -> Any:
        script = "async ([url, name, given]) => (await import(url))[name](...given)"
        return page.evaluate(script, [f"{town}/static/viewer/{module}.js", name, arguments])

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
        "?level=substation&period=7d&cell=1A0&sort=-visits&lang=en",
        "?period=custom&from=2026-11-01&to=2026-11-30",
        "?view=114.40000,22.60000,12.5",
    ]:
        assert run("state", "searchOf", run("state", "readState", search)) == search


def test_what_an_address_may_not_say_is_the_default(run: Any) -> None:
    plain = run("state", "readState", "")
    assert plain["level"] == "community"
    for search in [
        "?level=__proto__",
        "?period=1e9",
        "?from=<b>",
        "?sort=x",
        "?lang=fr",
        "?view=1,2",
        "?cell=" + "9" * 65,
    ]:
        assert run("state", "readState", search) == plain


def test_labels_stand_inside_their_cell(run: Any) -> None:
    shapes = [
        shapely.box(0, 0, 1, 1),
        shapely.box(0, 0, 9, 9) - shapely.box(1, 1, 8, 8),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 9, 9)]),
        shapely.Point(3, 3).buffer(2, 500) - shapely.box(2, 1, 9, 4),
    ]
    for shape in shapes:
        found = run("labels", "labelPlace", shapely.geometry.mapping(shape))
        best = max(shapely.maximum_inscribed_circle(part).length for part in shapely.get_parts(shape))
        assert shape.contains(shapely.Point(found["place"]))
        assert 0.85 * best <= found["room"] <= 1.01 * best


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


def test_every_word_in_use_is_there_in_both_languages_and_no_other(page: Page, town: str) -> None:
    page.goto(f"{town}/healthz")
    script = "async (url) => Object.values((await import(url)).WORDS).map((words) => Object.keys(words))"
    chinese, english = page.evaluate(script, f"{town}/static/viewer/words.js")
    assert chinese == english
    texts = [
        path.read_text(encoding="utf-8") for path in (*FOLDER.glob("static/viewer/*.js"), *FOLDER.glob("templates/*"))
    ]
    named = {word for text in texts for word in re.findall(r'(?:\bword\(|data-word(?:-label)?=)"(\w+)"', text)}
    looked_up = {*HEADINGS, *LEVELS}
    assert named | looked_up == set(chinese)
