import csv
import io
import json
from datetime import UTC, datetime

import pandas as pd
import pytest
import shapely
from rich.console import Console

from gisgrid.coverage.schemas import CellFigures, Interval, Note
from gisgrid.coverage.told.headings import HEADINGS
from gisgrid.coverage.told.present import as_csv, as_frame, as_geojson, as_table
from tests.coverage.reports import AREAS, GONE, SHAPES, a_cell, a_report, cells


def rows(report):
    content = as_csv(report)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_has_all_figures_then_what_is_outside_then_the_words():
    heading, first, second, outside, *words = rows(a_report(a_cell(), a_cell("002", **GONE)))
    assert [each.split()[-1] for each in heading] == list(HEADINGS)
    assert list(HEADINGS) == list(CellFigures.model_fields)
    told = dict(zip(HEADINGS, first, strict=True))
    assert told == {name: "n/a" if value is None else str(value) for name, value in a_cell().model_dump().items()}
    assert {dict(zip(HEADINGS, second, strict=True))[name] for name in GONE} == {"n/a"}
    its = dict(zip(HEADINGS, outside, strict=True))
    assert (its["check_ins"], its["quarantined"], its["visits"]) == ("7", "9", "")
    assert ["# 到访次数 visits", "到访 / stays"] in words
    assert ["# 时段 period", "2026-11-01 – 2026-11-30", "2026-10-31T16:00:00+00:00/2026-11-30T16:00:00+00:00"] in words
    assert ["# 说明 note", "备注 / remark"] in words
    assert ["# 精度过低 coarse", "4"] in words


def test_programs_that_know_comments_read_the_table_alone():
    notes = [Note(zh='引号"和,逗号\n换行', en="# a sign")]
    report = a_report(a_cell("001", "3#楼", check_ins=30), a_cell("002", **GONE), notes=notes)
    frame = pd.read_csv(io.BytesIO(as_csv(report)), comment="#", dtype={"编码 code": str})
    assert [each.split()[-1] for each in frame.columns] == list(HEADINGS)
    assert frame["编码 code"].tolist()[:2] == ["001", "002"]
    assert frame["名称 name"].tolist() == ["3#楼", "石下", "网格之外 outside"]
    assert frame["打卡数 check_ins"].tolist() == [30, 3, 7]


def test_csv_leaves_the_parent_of_a_street_empty():
    _, first, *_ = rows(a_report(a_cell(level="street", parent_code=None)))
    assert dict(zip(HEADINGS, first, strict=True))["parent_code"] == ""


@pytest.mark.parametrize("name", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("x")'])
def test_no_text_in_csv_is_a_formula(name):
    _, first, *_ = table = rows(a_report(a_cell(code=name, name=name, parent_code=name)))
    assert first[:4] == [f"'{name}", f"'{name}", "community", f"'{name}"]
    assert not any(value.startswith(tuple("=+-@\t\r\n＝＋－＠")) for row in table for value in row)


def test_geojson_holds_the_whole_report():
    report = a_report(a_cell(), a_cell("002", **GONE))
    found = json.loads(as_geojson(report, {"001": shapely.box(114, 22, 115, 23), "999": shapely.Point(0, 0)}))
    assert found["type"] == "FeatureCollection"
    assert [feature["id"] for feature in found["features"]] == ["001", "002"]
    assert found["features"][0]["geometry"]["coordinates"][0][0] == [115, 22]
    assert found["features"][1]["geometry"] is None
    whole = report.model_dump(mode="json")
    assert [feature["properties"] for feature in found["features"]] == whole.pop("cells")
    assert {name: found[name] for name in whole} == whole


def shown(report, whole=()):
    console = Console(width=160, file=io.StringIO(), color_system=None)
    console.print(as_table(report, whole))
    return console.file.getvalue()


def test_the_table_shows_figures_and_words_and_takes_no_markup():
    text = shown(a_report(a_cell(name="[red]石下[/red]"), a_cell("002", **GONE)))
    for part in ("[red]石下[/red]", "0.8%", "0.5%–1.2%", "n/a", "网格之外", "· 到访\n", "stays", "备注 / remark"):
        assert part in text
    (outside,) = [line for line in text.splitlines() if "网格之外" in line and "7" in line]
    assert [each.strip() for each in outside.split("│")[3:8]][:4] == ["7", "5", "6", ""]


def test_the_street_stands_below_its_parts():
    text = shown(a_report(a_cell()), [a_cell("000", "葵涌街道", level="street", coverage_ratio=0.42)])
    assert text.index("石下") < text.index("葵涌街道") < text.index("网格之外")
    assert "42.0%" in text


def test_whole_days_are_told_as_the_page_tells_them():
    days = Interval(start=datetime(2026, 10, 24, 16, tzinfo=UTC), end=datetime(2026, 11, 23, 16, tzinfo=UTC))
    report = a_report(a_cell()).model_copy(update={"period": days})
    assert shown(report).splitlines()[0].strip().endswith(")  2026-10-25 – 2026-11-23")
    told = next(row for row in rows(report) if row[0] == "# 时段 period")
    assert told[1:] == ["2026-10-25 – 2026-11-23", "2026-10-24T16:00:00+00:00/2026-11-23T16:00:00+00:00"]


def test_numbers_below_nought_and_times_are_told_in_csv():
    seen = datetime(2026, 11, 2, 4, 0, 0, 5, tzinfo=UTC)
    _, first, *_ = rows(a_report(a_cell(evenness=-0.5, seen_last_at=seen)))
    told = dict(zip(HEADINGS, first, strict=True))
    assert (told["evenness"], told["seen_last_at"]) == ("-0.5", "2026-11-02T12:00:00+08:00")


def test_the_frame_has_a_column_a_figure():
    seen = datetime(2026, 11, 2, 4, tzinfo=UTC)
    frame = as_frame(a_report(*cells(NW={**dict.fromkeys(AREAS), "open_gaps": 2, "seen_last_at": seen})), SHAPES)
    assert list(frame.columns) == [*HEADINGS, "geometry"]
    assert frame.crs.to_epsg() == 4326
    row = frame.set_index("code").loc["NW"]
    assert (row["open_gaps"], row["check_ins"], row["seen_last_at"]) == (2, 3, seen)
    assert frame["area_m2"].isna().sum() == frame["open_gaps"].notna().sum() == 1
    assert str(frame["reported"].dtype) == "Int64"
    assert as_frame(a_report(a_cell()), {}).geometry.isna().all()
    assert len(as_frame(a_report(cells=[]), {})) == 0
