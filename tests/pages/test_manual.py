"""The manual: the README on a page of its own, whose links lead somewhere and which asks no other host."""

import re
from importlib.metadata import PackageNotFoundError

import pytest
from playwright.sync_api import Page, expect

from gisgrid.pages import manual
from gisgrid.pages.manual import manual_of, shipped
from tests.pages.browsing import Page as Read
from tests.pages.conftest import Visit

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)


def test_the_program_came_with_its_text() -> None:
    words = [heading.words for heading in manual_of(shipped()).headings]
    assert ("装起来", "Install and run") in words
    assert len(words) > 20


@spatialite
def test_every_heading_is_in_the_contents_and_no_link_leads_elsewhere(visit: Visit) -> None:
    shown = visit().get("/manual")
    markup, elements = shown.answer.text.partition('<section class="manual"'), shown.page.elements
    ranked = [given.get("id") for tag, given in Read(markup[2]).elements if re.fullmatch("h[2-6]", tag)]
    listed = [given["href"] for tag, given in Read(markup[0]).elements if tag == "a" and "#" in given["href"]]
    assert [f"#{name}" for name in ranked] == listed[1:]  # the first leads to the text
    names = {given["id"] for _, given in elements if "id" in given}
    led_to = {given["href"] for tag, given in Read(markup[2]).elements if tag == "a"}
    assert led_to <= {f"#{name}" for name in names}
    assert not [given for tag, given in Read(markup[2]).elements if tag in ("img", "script", "style", "iframe")]


@spatialite
@pytest.mark.parametrize(
    ("language", "title", "first", "other"),
    [("zh-CN", "手册", "装起来", "Install and run"), ("en", "Manual", "Install and run", "装起来")],
)
def test_what_stands_about_the_text_is_in_the_language_of_the_reader(
    visit: Visit, language: str, title: str, first: str, other: str
) -> None:
    shown = visit().get("/manual", **{"Accept-Language": language})
    assert f'<h1 id="title">{title} <small>' in shown.answer.text
    before, _, text = shown.answer.text.partition('<section class="manual"')
    assert first in Read(before).text
    assert other not in Read(before).text
    assert Read(text).text.count("装起来 / Install and run") == 1


@spatialite
@pytest.mark.parametrize(("language", "told"), [("zh-CN", "没有带手册"), ("en", "without its manual")])
def test_a_program_without_the_text_says_so(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(manual, "metadata", missing)
    assert told in visit().get("/manual", **{"Accept-Language": language}).text


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("# gisgrid\n\na", "<p>a</p>\n"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>\n"),
        ("<script>\na\n</script>", "<p>&lt;script&gt;\na\n&lt;/script&gt;</p>\n"),
        ("a ![b](maps/b.png)c", "<p>a c</p>\n"),
        ("![b](maps/b.png)\n\na", "<p>a</p>\n"),
        ("[a](https://gisgrid.example/) <https://b.example>", "<p>a https://b.example</p>\n"),
        ("[a](javascript:b) [c](maps/d.pdf) [e](#f)", "<p>[a](javascript:b) c e</p>\n"),
        ("[a](#乙) b\n## 乙", '<p><a href="#%E4%B9%99">a</a> b</p>\n<h2 id="乙">乙</h2>\n'),
        ("## `a`, B!\n## A B", '<h2 id="a-b"><code>a</code>, B!</h2>\n<h2 id="a-b-1">A B</h2>\n'),
        ("甲,\n乙:\nc\nd `甲:乙`", "<p>甲，乙：\nc\nd <code>甲:乙</code></p>\n"),
        ("```sh\n<a>\n```", '<pre tabindex="0"><code>&lt;a&gt;\n</code></pre>\n'),
        ("    <a>", '<pre tabindex="0"><code>&lt;a&gt;\n</code></pre>\n'),
        ("a\n\n| b | c |\n|---|---|\n| ![d](d.png) | |", "<p>a</p>\n"),
    ],
)
def test_what_becomes_of_a_text(text: str, markup: str) -> None:
    assert manual_of(text).markup == markup


def test_of_a_table_rows_of_pictures_are_left_out_and_an_empty_cell_heads_nothing() -> None:
    markup = manual_of("| a | |\n|---|---:|\n| ![c](c.png) | ![d](d.png) |\n| e | f |").markup
    assert markup.startswith('<div class="scroller" tabindex="0"><table>\n')
    assert re.findall("<t[hd][ >].*", markup) == [
        "<th>a</th>",
        '<td class="right"></td>',
        "<td>e</td>",
        '<td class="right">f</td>',
    ]


@spatialite
def test_contents_lead_to_the_text_and_back(page: Page, served: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{served}/manual")
    page.locator(".contents").get_by_role("link", name="用自己的网格").click()
    expect(page.get_by_role("heading", name="用自己的网格")).to_be_in_viewport()
    expect(page.locator(".contents")).not_to_be_in_viewport()
    page.locator(".manual").get_by_role("link", name="目录").click()
    expect(page.locator(".contents")).to_be_in_viewport()
