import csv
import io
from datetime import UTC, date, datetime

import geopandas as gpd
import pytest
from sqlalchemy import select

from gisgrid.coverage.occasions.define import OCCASIONS
from gisgrid.coverage.occasions.make import (
    MEDIA_TYPES,
    Asked,
    NoSuchOccasion,
    NotBegun,
    NothingSeen,
    PlanNeeded,
    hand_out,
    made,
    occasion_of,
    paper_told,
)
from gisgrid.coverage.tables import IssuedReport
from gisgrid.database import session_scope
from gisgrid.documents.sheets import read_rows
from gisgrid.patrols.plans.read_plans import NoSuchPlan
from tests.coverage.occasions.worlds import DAY, a_caller, lay_out, told
from tests.documents.sheets_of_paper import reader, words

spatialite = pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
HOSTILE = '=HYPERLINK("http://evil","x")'


def texts(book):
    """Return all that stands in the cells of a workbook."""
    return [cell for rows in read_rows(book, "a.xlsx").values() for row in rows for cell in row]


def test_the_morning_is_told_page_by_page(engine, settings):
    lay_out(engine)
    found = told(engine, settings, "morning")
    assert found.period.text == "2026-11-02T08:00:00+08:00/2026-11-03T08:00:00+08:00"
    file = made(found, "pdf")
    assert (file.name, file.media_type) == ("gisgrid-morning-2026-11-03.pdf", "application/pdf")
    said = words(file.content)
    for part in ("X站网格巡查晨会简报", "打卡4次", "今日任务", "今日安排巡查任务4次", "未关闭漏巡1处", "2026年11月3日"):
        assert part in said, part
    pages = ["".join(page.extract_text().split()) for page in reader(file.content).pages]
    own = {name: [page for page in pages if page.startswith(name)] for name in ("S站", "S站SW站", "N站NE站", "N站")}
    assert [len(its) for its in own.values()] == [3, 1, 1, 3], pages  # a community and its stations begin alike
    assert "09:00–10:00、15:00–16:00" in own["S站SW站"][0]
    assert "今日没有安排巡查任务" in own["N站NE站"][0]
    assert "打卡数2n/a" in own["S站SW站"][0]


@pytest.mark.parametrize(
    ("name", "day", "check_ins", "name_of_file"),
    [
        ("weekly", date(2026, 11, 9), 4, "gisgrid-weekly-2026-11-02_2026-11-08"),
        ("weekly", date(2026, 11, 8), 0, "gisgrid-weekly-2026-10-26_2026-11-01"),
        ("monthly", date(2026, 12, 1), 4, "gisgrid-monthly-2026-11"),
        ("operation", date(2026, 11, 9), 4, "gisgrid-operation-{}-2026-11-01_2026-11-05"),
    ],
)
def test_the_others_in_all_forms_say_the_same(engine, settings, tmp_path, name, day, check_ins, name_of_file):
    plan = lay_out(engine)
    found = told(engine, settings, name, day, plan if name == "operation" else None)
    street = found.report.cells[0]
    assert (street.code, street.check_ins) == ("X", check_ins)
    files = {form: made(found, form) for form in MEDIA_TYPES if form not in ("pdf", "html")}
    assert {file.name for file in files.values()} == {f"{name_of_file.format(plan)}.{form}" for form in files}
    table = list(csv.reader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    assert table[1][4] == f"{check_ins}"
    frame = gpd.read_parquet(io.BytesIO(files["parquet"].content))
    assert frame["check_ins"].tolist()[0] == check_ins
    (tmp_path / "a.gpkg").write_bytes(files["gpkg"].content)
    assert gpd.read_file(tmp_path / "a.gpkg", engine="pyogrio")["check_ins"].tolist()[0] == check_ins
    page = made(found, "html", is_plain=True).content.decode()
    assert found.extras.title[0] in page


@spatialite
@pytest.mark.parametrize("hostile", [HOSTILE, "@SUM(A1)", "-2+3|cmd"])
def test_names_are_never_formulas(engine, settings, hostile):
    plan = lay_out(engine, cell=hostile, plan=hostile)
    found = told(engine, settings, "operation", date(2026, 11, 9), plan)
    book = made(found, "xlsx").content
    assert {hostile, f"{hostile}整治"} <= set(texts(book))
    assert b"<f>" not in b"".join(_parts(book))
    rows = list(csv.reader(io.StringIO(made(found, "csv").content.decode("utf-8-sig"))))
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert any(hostile in cell for row in rows for cell in row)


def _parts(book):
    from zipfile import ZipFile

    with ZipFile(io.BytesIO(book)) as archive:
        return [archive.read(name) for name in archive.namelist() if "worksheets" in name]


def test_a_community_leader_gets_no_other_community(engine, settings, tmp_path):
    lay_out(engine, plan="暗号")
    leader = a_caller("community_leader", "N")
    for name, day in (("morning", DAY), ("monthly", date(2026, 12, 1))):
        found = told(engine, settings, name, day, caller=leader)
        assert {cell.code for cell in found.report.cells} == {"N", "NE", "NW"}
        told_others = ("S站", "SW", "SE", "暗号")
        files = {form: made(found, form).content for form in ("pdf", "xlsx", "gpkg", "csv", "geojson", "kml")}
        (tmp_path / "a.gpkg").write_bytes(files["gpkg"])
        frame = gpd.read_file(tmp_path / "a.gpkg", engine="pyogrio").drop(columns="geometry")
        said = {
            "pdf": words(files["pdf"]),
            "xlsx": " ".join(texts(files["xlsx"])),
            "gpkg": frame.to_csv(),
            **{form: files[form].decode() for form in ("csv", "geojson", "kml")},
        }
        for form, text in said.items():
            assert "NE站" in text, form
            assert [each for each in told_others if each in text] == [], (name, form)


@spatialite
def test_who_sees_no_tracks_is_told_of_no_rounds_and_no_gaps(engine, settings):
    lay_out(engine)
    volunteer = told(engine, settings, "morning", caller=a_caller("volunteer_patroller", "S"))
    assert volunteer.extras.handed == ([], [], [])
    assert "岸线" not in str(paper_told(volunteer))
    staff = told(engine, settings, "morning", caller=a_caller("station_staff", "SW"))
    assert [gap.cell for gap in staff.extras.handed.gaps] == ["SW站"]
    assert "岸线" in str(paper_told(staff))


@spatialite
def test_what_cannot_be_told_is_refused_in_words(engine, settings):
    plan = lay_out(engine)
    for error, name, day, of, caller in (
        (PlanNeeded, "operation", DAY, None, None),
        (NoSuchPlan, "operation", DAY, plan - 1, None),
        (NoSuchPlan, "operation", DAY, plan, a_caller("community_leader", "N")),
        (NoSuchPlan, "operation", DAY, plan, a_caller("volunteer_patroller", "SW")),
        (NotBegun, "weekly", date(2027, 3, 1), None, None),
        (NothingSeen, "monthly", date(2026, 12, 1), None, a_caller("auditor", None)),
    ):
        with pytest.raises(error):
            told(engine, settings, name, day, of, caller)
    with pytest.raises(NoSuchOccasion):
        occasion_of("yearly")


def test_a_report_is_noted_once_it_is_over_and_whole(engine, settings):
    lay_out(engine)
    early = datetime(2026, 11, 30, tzinfo=UTC)
    december = Asked(OCCASIONS["monthly"], date(2026, 12, 1)).day
    for now, caller, count in (
        (early, None, 0),
        (datetime(2026, 12, 1, tzinfo=UTC), a_caller("community_leader", "N"), 0),
        (datetime(2026, 12, 1, tzinfo=UTC), None, 1),
        (datetime(2026, 12, 2, tzinfo=UTC), a_caller("street_leader", "X"), 1),
    ):
        found = told(engine, settings, "monthly", december, caller=caller, now=now)
        with session_scope(engine, write=True) as session:
            hand_out(session, found, now)
            rows = session.scalars(select(IssuedReport)).all()
        assert [row.revision for row in rows] == [0] * count
