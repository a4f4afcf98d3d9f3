import re
import socket
from datetime import date

import pytest

from gisgrid.documents.paper import Drawing, Paper, Prose, Section, Table, paper_page, paper_pdf
from tests.documents.sheets_of_paper import fonts, reader, words

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><text y="15">图中文字</text></svg>'
MM = 72 / 25.4


def a_table(rows):
    heads = [("网格", "Cell"), ("停留(h)", "Dwell (h)")]
    return Table("排名", heads, [[f"第{n}站", f"{n}.0"] for n in range(rows)], [2, 1], {0})


def a_paper(*, rows=3, **changes):
    given = {
        "title": "葵涌街道报告",
        "title_en": "Report",
        "subtitle": "2026年11月(30 天)",
        "sections": [
            Section(("总体情况", "Summary"), [Prose(["打卡 1,500 次,到达率 42.1%。"])]),
            Section(("分布图", "Map"), [Drawing(SVG, "到达率(50 米估算)")]),
            Section(("排名表", "Ranking"), [a_table(rows)]),
            Section(("存在问题", "Problems"), [Prose(["漏巡", "静默"], is_numbered=True)]),
        ],
        "annexes": [Section(("英文摘要", "English"), [Prose(["Two, three: four"], is_english=True, is_small=True)])],
        "signed": "网格管理中心",
        "dated": date(2026, 11, 6),
        **changes,
    }
    return Paper(**given)


@pytest.fixture
def _no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("something was asked of the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("_no_network")
def test_the_official_style_keeps_to_the_type_area_and_numbers_its_pages():
    made = paper_pdf(a_paper(rows=80))
    said = words(made)
    for part in (
        "葵涌街道报告", "2026年11月（30天）", "一、总体情况", "打卡1,500次，到达率42.1%。", "二、分布图", "图中文字",
        "到达率（50米估算）", "三、排名表", "第79站", "四、存在问题", "（一）漏巡", "（二）静默", "附件：1.英文摘要",
        "网格管理中心", "2026年11月6日", "附件1", "Two,three:four", "—1—",
    ):  # fmt: skip
        assert part in said, part
    assert "Summary" not in said
    order = [
        said.index(part) for part in ("一、总", "二、分", "三、排", "四、存", "附件：", "网格管理中心2026年", "附件1")
    ]
    assert order == sorted(order)
    pages = reader(made).pages
    with_rows = [page for page in pages if "站" in page.extract_text()]
    assert len(with_rows) > 1
    assert all("停留" in page.extract_text() for page in with_rows)
    assert fonts(made)
    assert all(fonts(made).values())
    width, height = (float(side) / MM for side in pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297)
    assert_inside(pages, left=28, right=210 - 26, top=37, bottom=35)


def assert_inside(pages, left, right, top, bottom):
    """Check that every text begins within the type area, given in mm; page numbers stand below it."""
    for page in pages:
        for text, x, y in places(page):
            assert left - 0.1 <= x <= right, text
            assert y <= 297 - top, text
            assert y >= bottom or re.fullmatch(r"[—\s\d]+", text), text


def places(page):
    """Return the texts of a page, each with where it begins, in mm from the lower left corner."""
    found = []

    def note(text, cm, tm, *_):
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((text, x / MM, y / MM))

    page.extract_text(visitor_text=note)
    return found


@pytest.mark.usefixtures("_no_network")
def test_the_plain_style_is_in_two_languages():
    said = words(paper_pdf(a_paper(is_plain=True)))
    for part in ("Report", "一、总体情况Summary", "网格Cell", "停留（h）Dwell(h)", "第1页共"):
        assert part in said, part
    assert "附件：" not in said


def test_the_page_holds_all_it_needs_and_takes_no_markup():
    nasty = "<script>alert(1)</script>"
    table = Table(nasty, [(nasty, nasty)], [[nasty]], [1])
    page = paper_page(a_paper(title=nasty, signed=nasty, sections=[Section((nasty, nasty), [Prose([nasty]), table])]))
    assert "<script" not in page
    assert not re.search(r"""(src|href)\s*=|url\(|@import""", page)
    assert "size: A4" in page


def test_a_long_list_is_numbered_to_its_end():
    prose = Prose([f"第{n}" for n in range(12)], is_numbered=True)
    page = paper_page(a_paper(sections=[Section(("甲", "A"), [prose])]))
    assert "（十）第9<" in page
    assert "（12）第11<" in page


def test_an_empty_table_says_so():
    assert "无" in paper_page(a_paper(rows=0))
