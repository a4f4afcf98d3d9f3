import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
import shapely
from rich.console import Console

from gisgrid.coverage.present import HEADINGS, as_csv, as_geojson, as_table
from gisgrid.coverage.schemas import CellFigures, CoverageReport, Definition, GridInForce, Interval, Note, Rules
from tests.coverage.worlds import NOON

FIGURES = {"check_ins": 3, "patrollers": 1, "patrols": 2, "visits": 1, "dwell_s": 600.5}
AREAS = {"covered_area_m2": 7853.9, "patrollable_area_m2": 1e6, "area_m2": 2e6}
RATIOS = {"coverage_ratio": 0.007854, "coverage_low": 0.0049, "coverage_high": 0.0123}
RULES = Rules(timezone="Asia/Shanghai", metric_crs="m", reach_m=50, visit_gap_s=1, band_gap_s=2, band_length_m=3)
GONE = dict.fromkeys([*AREAS, *RATIOS])


def a_cell(code="001", name="石下", **changes):
    given = {"level": "community", "parent_code": "0", **FIGURES, **AREAS, **RATIOS, **changes}
    return CellFigures(code=code, name=name, **given)


def a_report(*cells):
    return CoverageReport(
        grid=GridInForce(id=1, name="=网格", source="t", first_day=date(2026, 1, 1), note=""),
        period=Interval(start=NOON, end=NOON),
        level="community",
        parent=None,
        cells=list(cells),
        outside={"check_ins": 7, "patrollers": 5, "patrols": 6},
        excluded={"coarse": 4},
        settings=RULES,
        definitions=[Definition(name="visits", zh="到访", en="stays")],
        notes=[Note(zh="备注", en="remark")],
    )


def rows(report):
    content = as_csv(report)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_has_all_figures_then_what_is_outside_then_the_words():
    heading, first, second, outside, blank, *words = rows(a_report(a_cell(), a_cell("002", **GONE)))
    assert [each.split()[-1] for each in heading] == list(HEADINGS)
    assert set(HEADINGS) == set(CellFigures.model_fields)
    told = dict(zip(HEADINGS, first, strict=True))
    assert told == {name: str(value) for name, value in a_cell().model_dump().items()}
    assert {dict(zip(HEADINGS, second, strict=True))[name] for name in GONE} == {"n/a"}
    assert dict(zip(HEADINGS, outside, strict=True))["check_ins"] == "7"
    assert blank == []
    assert ["到访次数 visits", "到访 / stays"] in words
    assert ["时段 period", "2026-11-02 12:00 – 2026-11-02 12:00", f"{NOON.isoformat()}/{NOON.isoformat()}"] in words
    assert ["说明 note", "备注 / remark"] in words
    assert ["精度过低 coarse", "4"] in words


def test_csv_leaves_the_parent_of_a_street_empty():
    _, first, *_ = rows(a_report(a_cell(level="street", parent_code=None)))
    assert dict(zip(HEADINGS, first, strict=True))["parent_code"] == ""


@pytest.mark.parametrize("name", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")'])
def test_no_text_in_csv_is_a_formula(name):
    _, first, *_ = table = rows(a_report(a_cell(code=name, name=name, parent_code=name)))
    assert first[:4] == [f"'{name}", f"'{name}", "community", f"'{name}"]
    assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for row in table for value in row)


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


def test_the_street_stands_below_its_parts():
    text = shown(a_report(a_cell()), [a_cell("000", "葵涌街道", level="street", coverage_ratio=0.42)])
    assert text.index("石下") < text.index("葵涌街道") < text.index("网格之外")
    assert "42.0%" in text


def test_whole_days_are_told_as_the_page_tells_them():
    days = Interval(start=datetime(2026, 10, 24, 16, tzinfo=UTC), end=datetime(2026, 11, 23, 16, tzinfo=UTC))
    report = a_report(a_cell()).model_copy(update={"period": days})
    assert shown(report).splitlines()[0].strip().endswith(")  2026-10-25 – 2026-11-23")
    told = next(row for row in rows(report) if row and row[0] == "时段 period")
    assert told[1:] == ["2026-10-25 – 2026-11-23", "2026-10-24T16:00:00+00:00/2026-11-23T16:00:00+00:00"]
