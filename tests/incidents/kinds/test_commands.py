"""`gisgrid incidents kinds…`: out to a spreadsheet, edited there, and back."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from gisgrid.incidents.kinds.stored import starter
from tests.incidents.kinds.editions import ZONE
from tests.service import Done, gisgrid

pytestmark = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)

SOON = f"{datetime.now(ZONE).date() + timedelta(days=10)}"
Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """Return what runs `gisgrid incidents …` in an installation of its own."""
    return lambda *words: gisgrid("incidents", *words, home=tmp_path, GISGRID_DATABASE_URL=database_url)


def test_the_kinds_are_printed_with_their_limits(run: Run) -> None:
    printed = run("kinds")
    assert printed.returncode == 0
    lines = printed.stdout.splitlines()
    kinds = [line.split("\t") for line in lines if not line.startswith("\t")]
    assert [code for code, *_ in kinds] == list(starter().kinds)
    kept = {code: rest for code, _, _, *rest in kinds}
    assert (kept["E0102"], kept["L0801"]) == ([], ["保密,仅经办人可见 confidential, for its handlers alone"])
    assert kept["L1201"] == ["回避被投诉单位 kept from the unit complained of"]
    at = lines.index("E0102\t市容环境 city appearance\t暴露垃圾 exposed rubbish")
    assert lines[at + 1 : at + 3] == [
        "\t1\t生活垃圾 household rubbish\t4 小时(工作时间) 4 hours (normal)",
        "\t2\t大件或建筑垃圾 bulky items or building waste\t1 天(工作时间) 1 days (normal)",
    ]


def test_a_workbook_goes_out_is_edited_and_comes_back(run: Run, tmp_path: Path) -> None:
    assert run("kinds-export", "a.xlsx").stdout == "a.xlsx\n"
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["类别"]["D2"] = "给水井盖"
    book["条件"]["E2"] = 3
    book.save(tmp_path / "a.xlsx")
    came = run("kinds-import", "a.xlsx", "--first-day", SOON)
    assert (came.returncode, came.stdout) == (
        0,
        f"88 个类别,自 {SOON} 起生效\n88 kinds, in force from {SOON} on\n",
    ), came.stderr
    assert "给水井盖" not in run("kinds").stdout
    after = run("kinds", "--day", SOON).stdout.splitlines()
    assert after[0].split("\t")[2] == "给水井盖 water supply manhole cover"
    assert after[1].endswith("3 小时(紧急) 3 hours (urgent)")
    again = run("kinds-import", "a.xlsx", "--first-day", SOON)
    assert "替换了原定的一版" in again.stdout


def test_two_csv_files_go_out_and_come_back(run: Run, tmp_path: Path) -> None:
    assert run("kinds-export", "甲.csv").stdout.split() == ["甲.csv", "甲-conditions.csv"]
    assert (tmp_path / "甲.csv").read_bytes().startswith(b"\xef\xbb\xbf" + "编码,大类".encode())
    for name in ("甲.csv", "甲-conditions.csv"):  # as an office's spreadsheet saves them
        text = (tmp_path / name).read_text(encoding="utf-8-sig")
        (tmp_path / name).write_text(text, encoding="gb18030")
    assert run("kinds-import", "甲.csv", "甲-conditions.csv", "--first-day", SOON).returncode == 0
    assert run("kinds", "--day", SOON).stdout == run("kinds").stdout


def test_all_that_is_wrong_is_told_each_on_a_line(run: Run, tmp_path: Path) -> None:
    run("kinds-export", "a.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8-sig"))))
    for number in range(1, 9):
        rows[number][6] = "火星"
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    told = run("kinds-import", "a.csv", "a-conditions.csv", "--first-day", SOON)
    assert (told.returncode, told.stdout) == (1, "")
    lines = told.stderr.splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("类别表第 2 行“默认部门”:没有这个部门编码")
    assert "table kinds, row 2, “默认部门”: there is no department of that code" in lines[0]
    assert run("kinds", "--day", SOON).stdout == run("kinds").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("kinds-import", "a.csv", "--first-day", SOON), "请同时给出立案条件表"),
        (("kinds-import", "none.xlsx", "--first-day", SOON), "none.xlsx:打不开"),
        (("kinds-import", "a.csv", "a.xlsx", "--first-day", SOON), "每个文件只应有一张表"),
        (("kinds-export", "a.pdf"), "请写 .xlsx 或 .csv 文件名"),
        (("kinds-export", "nowhere/a.csv"), "没有这个目录"),
    ],
)
def test_what_cannot_be_is_told_in_words(run: Run, words: tuple[str, ...], told: str) -> None:
    run("kinds-export", "a.csv")
    run("kinds-export", "a.xlsx")
    ran = run(*words)
    assert ran.returncode == 1
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
