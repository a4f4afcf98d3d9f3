import re
from datetime import UTC, datetime, timedelta

import pytest
import shapely

from gisgrid.documents.case_sheet import Picture, Step, case_page, case_sheet
from gisgrid.documents.small_map import small_map
from tests.documents.sheets_of_paper import AT, a_case, photo, reader, words


def test_a_sheet_says_everything_it_is_handed() -> None:
    cell = ("石下工作分站图", shapely.box(114.40, 22.62, 114.43, 22.65))
    drawn = small_map([cell], [("事发点", 114.4157, 22.6379)])
    made = case_sheet(a_case(map_image=drawn.encode(), mark="保密"))
    said = words(made)
    for what in (
        "葵涌街道指挥中心案卷单", "Casesheet", "20261101-440307009001001-0007", "保密", "暴露垃圾", "疑为夜间倾倒",
        "巡查员上报", "2026-11-0108:05", "海滨步道3号入口", "东经114.415700°", "北纬22.637900°", "面积1m²以上", "4小时",
        "葵涌街道›坝光社区›石下工作分站", "已结案", "2026-11-0112:05", "城市管理办公室", "张三", "退回", "仍有残留",
        "钱七", "满意", "处置及时", "处置前", "处置后", "2026-11-0208:05", "李雷", "石下工作分站图", "事发点",
        "示意图illustrative", "经办人", "Handledby",
    ):  # fmt: skip
        assert what in said, what
    pages = len(reader(made).pages)
    assert [f"第{number}页共{pages}页" in said for number in range(1, pages + 1)] == [True] * pages
    assert len({image.name for page in reader(made).pages for image in page.images}) == 2
    box = reader(made).pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (210, 297)
    assert reader(made).trailer["/Root"]["/Lang"] == "zh-CN"


def test_nothing_is_cut_off_however_long_it_is() -> None:
    letters = [chr(0x4E00 + number) for number in range(200)] * 6
    steps = [Step(AT + timedelta(hours=number), "甲" * 40, "派遣", f"理由{number}号") for number in range(12)]
    steps.append(Step(AT, "乙", "退回", "x" * 1500 + "末尾"))
    made = case_sheet(
        a_case(description="".join(letters), kind="w" * 300, office="街" * 40, steps=steps, place="地" * 200)
    )
    said = words(made)
    assert "".join(letters) in re.sub(r"20261101-[-0-9]*0007|第\d+页共\d+页|情况描述|Description", "", said)
    assert all(f"理由{number}号" in said for number in range(12))
    assert said.count("x") >= 1500
    assert (said.count("w") >= 300, said.count("街") >= 40, "末尾" in said) == (True, True, True)
    pages = reader(made).pages
    assert f"第{len(pages)}页共{len(pages)}页" in said
    assert said.count("意见或理由") > 2  # the heads of a table stand on each of its pages
    for page in pages:
        assert _inside(page)


def _inside(page) -> bool:
    """Tell whether all text begins inside the paper's margins."""
    places = []

    def note(text: str, all_of_it: list[float], line: list[float], *_: object) -> None:
        a, b, c, d, e, f = all_of_it
        if text.strip():
            places.append((a * line[4] + c * line[5] + e, b * line[4] + d * line[5] + f))

    page.extract_text(visitor_text=note)
    width, height = float(page.mediabox.width), float(page.mediabox.height)
    return len(places) > 0 and all(50 <= x <= width - 50 and 20 <= y <= height - 20 for x, y in places)


def test_what_is_empty_is_a_dash_and_what_is_not_there_has_no_heading() -> None:
    page = case_page(a_case(description="", due_at=None, cells=(), steps=(), visits=(), pictures=()))
    assert page.count("—") == 3
    assert "尚无记录" in page
    assert "案件回访" not in page
    assert "现场照片" not in page
    assert "document:map" not in page
    assert "四、现场照片" in case_page(a_case(visits=()))
    assert "五、现场照片" in case_page(a_case())


HOSTILE = '<img src="file:///etc/passwd"><script>{{ 7 * 7 }}'


def test_whatever_people_write_is_text() -> None:
    texts = ("office", "number", "kind", "description", "source", "place", "condition", "limit", "state", "mark")
    page = case_page(
        a_case(
            **dict.fromkeys((*texts, "lead_department", "printed_by"), HOSTILE),
            cells=[HOSTILE],
            steps=[Step(AT, HOSTILE, HOSTILE, HOSTILE)],
            pictures=[Picture(photo(), HOSTILE)],
        )
    )
    assert "<script" not in page
    assert 'src="file' not in page
    assert page.count("&lt;script&gt;{{ 7 * 7 }}") >= 17


@pytest.mark.parametrize(
    ("longitude", "latitude", "words"),
    [
        (114.4157, 22.6379, "东经 114.415700°，北纬 22.637900°（WGS 84）"),
        (-0.5, -33.25, "西经 0.500000°，南纬 33.250000°（WGS 84）"),
    ],
)
def test_positions_are_told_as_on_paper(longitude: float, latitude: float, words: str) -> None:
    assert words in case_page(a_case(longitude=longitude, latitude=latitude))


def test_times_are_those_of_the_office() -> None:
    assert "2026-11-02 00:30" in case_page(a_case(reported_at=datetime(2026, 11, 1, 16, 30, tzinfo=UTC)))
