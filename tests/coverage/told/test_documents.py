import io
import json

import geopandas as gpd
import pytest

from gisgrid.coverage.told.documents import document, paper_of
from gisgrid.coverage.told.headings import HEADINGS
from gisgrid.coverage.told.present import as_csv
from tests.coverage.papers import extras
from tests.coverage.reports import a_report, cells
from tests.documents.sheets_of_paper import reader, words


@pytest.fixture(scope="module")
def report():
    return a_report(*cells(SW={"check_ins": 0}), level="all")


def test_the_pdf_says_what_the_report_says_in_the_order_of_an_office(report):
    made = document(report, extras(), "pdf")
    said = words(made)
    parts = (
        *("葵涌街道巡查报告", "2026年11月", "一、总体情况", "到达率50.0%（50米估算，区间49.0%–51.0%）"),
        *("二、分布图", "90.0%", "三、排名表", "四、存在问题", "五、下步工作", "附件：1.问题清单"),
        *("网格管理中心", "2026年12月1日", "附件1", "附件2", "附件3", "指标口径", "附件4", "Summary"),
    )
    for part in parts:
        assert part in said, part
    order = [said.index(part) for part in parts if part not in ("90.0%", "Summary", "指标口径")]
    assert order == sorted(order)
    assert reader(made).metadata.title == "葵涌街道巡查报告"


def test_the_page_is_the_same_paper(report):
    page = document(report, extras(), "html", is_plain=True).decode()
    for part in ("<svg", "葵涌街道巡查报告", "Report on patrols", "东北站", "存在问题"):
        assert part in page
    assert page == document(report, extras(), "html", is_plain=True).decode()


def test_sections_and_annexes_are_chosen(report):
    paper = paper_of(report, extras(sections=("summary", "problems"), annexes=()))
    assert [each.title[0] for each in paper.sections] == ["总体情况", "存在问题"]
    assert paper.annexes == []


def test_tables_and_shapes_say_the_same(report, tmp_path):
    assert document(report, extras(), "csv") == as_csv(report)
    features = json.loads(document(report, extras(), "geojson"))["features"]
    assert [each["properties"]["code"] for each in features] == [cell.code for cell in report.cells]
    (tmp_path / "a.gpkg").write_bytes(document(report, extras(), "gpkg"))
    for frame in (
        gpd.read_parquet(io.BytesIO(document(report, extras(), "parquet"))),
        gpd.read_file(tmp_path / "a.gpkg", engine="pyogrio"),
    ):
        assert list(frame.columns) == [*HEADINGS, "geometry"]
        assert list(frame["coverage_ratio"]) == [cell.coverage_ratio for cell in report.cells]
        assert list(frame["check_ins"]) == [cell.check_ins for cell in report.cells]
    assert "东北站" in document(report, extras(), "kml").decode()
    assert document(report, extras(), "xlsx").startswith(b"PK")
