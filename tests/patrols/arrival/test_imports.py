import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, func, select

from gisgrid.database import session_scope
from gisgrid.errors import GisgridError
from gisgrid.geometry import UnknownCrs, points_to_metric
from gisgrid.intake import imports
from gisgrid.intake.imports import NoSuchColumn, Wishes
from gisgrid.patrols.arrival.imports import import_check_ins
from gisgrid.patrols.fixes import fixes_frame
from gisgrid.patrols.tables import Fix
from gisgrid.settings import Settings
from tests.grid.builders import METRIC
from tests.laid import OUTSIDE, SPOT, SUBSTATION
from tests.service import gisgrid

ZONE = ZoneInfo("Asia/Shanghai")
X, Y = SPOT
HEADER = "patroller,fix_at,longitude,latitude,accuracy_m,client_id,patrol\n"
GOOD = f"P1,2026-11-01T08:00:00+08:00,{X},{Y},5,1,早班\n"

Import = Callable[..., tuple[dict[str, int], list[tuple[int, str]]]]


@pytest.fixture
def hand_in(ground: Engine, tmp_path: Path) -> Import:
    """Import a file of this content: what became of it, and the rows that were refused."""

    def act(content: str, name: str = "a.csv", **wishes: Any) -> tuple[dict[str, int], list[tuple[int, str]]]:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        faults: list[tuple[int, str]] = []

        def fault(_: tuple[str, str], number: int, error: GisgridError) -> None:
            faults.append((number, error.en))

        counts = import_check_ins(
            ground, path, Wishes(**{"zone": ZONE, **wishes}), Settings(), fault, lambda done, total: None
        )
        return counts, faults

    return act


def counts(**changes: int) -> dict[str, int]:
    names = ("stored", "repeated", "conflict", "refused", "outside", "quarantined", "without_zone")
    return {**dict.fromkeys(names, 0), **changes}


def test_a_sound_file_goes_in_once(hand_in: Import, ground: Engine) -> None:
    assert hand_in(HEADER + GOOD) == (counts(stored=1), [])
    assert hand_in(HEADER + GOOD + GOOD) == (counts(repeated=2), [])
    with session_scope(ground) as session:
        (fix,) = fixes_frame(session).to_dict("records")
    assert (fix["accuracy_m"], fix["client_id"], fix["substation_code"]) == (5, "1", SUBSTATION)
    assert fix["fix_at"].isoformat() == "2026-11-01T00:00:00+00:00"


BAD = f"""P1,2026-11-01T08:00:00+08:00,{X},{Y},6,1,早班
P1,2026-11-01T08:01:00Z,{X},{Y},,\x07,
P1,yesterday,{X},{Y},,,
,2026-11-01T08:01:00Z,{X},{Y},,,
P1,2026-11-01T08:01:00Z,east,{Y},,,
P1,2026-11-01T08:01:00Z,nan,{Y},,,
P1,2026-11-01T08:01:00Z,{Y},{X},,,
P1,2026-11-01T08:01:00Z,{X},{Y},-1,,
P1,2026-11-01T08:01:00Z,{X},{Y}
P1,2026-11-01T08:01:00Z,{OUTSIDE[0]},{OUTSIDE[1]},,,
"""
REASONS = [
    (3, "this client_id belongs to a record with other content"),
    (4, "client_id must not be blank or hold control characters"),
    (5, "fix_at must be a time"),
    (6, "patroller is missing"),
    (7, "longitude must be a number"),
    (8, "longitude must be a finite number"),
    (10, "accuracy_m must be at least 0"),
    (11, "its fields do not match the columns (4 ≠ 7)"),
]


def test_bad_rows_are_told_by_their_line_and_the_rest_goes_in(hand_in: Import) -> None:
    told, faults = hand_in(HEADER + GOOD + BAD)
    assert told == counts(stored=3, refused=7, conflict=1, outside=2, quarantined=1)
    assert [
        (line, reason[: len(expected)]) for (line, reason), (_, expected) in zip(faults, REASONS, strict=True)
    ] == REASONS


def test_strict_stores_nothing_and_tells_every_fault(hand_in: Import, ground: Engine) -> None:
    told, faults = hand_in(HEADER + GOOD + BAD, strict=True)
    assert told == counts(refused=7, conflict=1)
    assert [line for line, _ in faults] == [line for line, _ in REASONS]
    with session_scope(ground) as session:
        assert session.scalar(select(func.count()).select_from(Fix)) == 0
    assert hand_in(HEADER + GOOD, strict=True) == (counts(stored=1), [])


@pytest.mark.parametrize(
    ("header", "wishes"),
    [
        ("巡查员,时间,经度,纬度", {}),
        ("Patroller,TIME,Lng,LAT", {}),
        ("p,t,e,n", {"columns": {"longitude": "e", "latitude": "n", "fix_at": "t", "patroller": "p"}}),
        ("lon,when,longitude,latitude", {"columns": {"patroller": "lon", "fix_at": "when"}}),
    ],
)  # fmt: skip
def test_columns_known_by_many_names(hand_in: Import, header: str, wishes: dict[str, Any]) -> None:
    assert hand_in(f"{header}\nP1,2026-11-01T00:00:00Z,{X},{Y}\n", **wishes) == (counts(stored=1), [])


@pytest.mark.parametrize(
    ("header", "wishes", "reason"),
    [
        (
            "a,b,c,d",
            {},
            "no column for longitude, latitude, fix_at, patroller; add --patroller TEXT or --col",
        ),
        (
            "a,time,lon,lat",
            {},
            "no column for patroller; add .* --column patroller=COLUMN. The columns are: a, time",
        ),
        ("lat,time,patroller", {}, "no column for longitude; add --column longitude=COLUMN. The columns are: lat"),
        ("a,time,lon,lat", {"columns": {"patroller": "b"}}, "no field patroller or no column b"),
        ("a,time,lon,lat", {"columns": {"nobody": "a"}}, "no field nobody or no column a. Fields: longitude"),
    ],
)
def test_columns_that_are_missing(hand_in: Import, header: str, wishes: dict[str, Any], reason: str) -> None:
    with pytest.raises(NoSuchColumn, match=reason):
        hand_in(header + "\n1,2,3,4\n", **wishes)


def test_a_patroller_for_rows_that_name_none(hand_in: Import, ground: Engine) -> None:
    text = f"time,lon,lat,patroller\n2026-11-01T00:00:00Z,{X},{Y},\n2026-11-01T00:00:00Z,{X},{Y},P2\n"
    assert hand_in(text, constants={"patroller": "无名"})[0]["stored"] == 2


TIMES = (
    "2026-11-01 08:05, 2026-11-01T08:05:00, 2026/11/1 8:05, 2026/11/01 08:05:00, 2026年11月1日 8时5分, 2026.11.1 8:05"
)


@pytest.mark.parametrize("time", TIMES.split(", "))
def test_times_without_a_zone_are_of_the_zone_that_is_named_and_counted(
    hand_in: Import, ground: Engine, time: str
) -> None:
    text = f"time,lon,lat,patroller\n{time},{X},{Y},P\n2026-11-01T00:06:00Z,{X},{Y},P\n"
    assert hand_in(text, zone=ZONE)[0] == counts(stored=2, without_zone=1)
    with session_scope(ground) as session:
        assert fixes_frame(session)["fix_at"].iloc[0].isoformat() == "2026-11-01T00:05:00+00:00"


def a_feature(*xy: float, **properties: Any) -> dict[str, Any]:
    named = {"patroller": "P1", "time": "2026-11-01T00:00:00Z", **properties}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": xy}, "properties": named}


def test_geojson_tells_the_number_of_the_feature(hand_in: Import) -> None:
    features = [a_feature(X, Y, client_id=7), a_feature(X, Y, time=5), a_feature(X, Y, patroller=["P"]), {}]
    told, faults = hand_in(json.dumps({"type": "FeatureCollection", "features": features}), "a.geojson")
    assert told == counts(stored=1, refused=3)
    assert [number for number, _ in faults] == [2, 3, 4]


def test_the_system_of_the_row_goes_before_the_wish_and_that_before_the_file(hand_in: Import, ground: Engine) -> None:
    x, y = (float(value) for value in points_to_metric(X, Y, METRIC))
    declared = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    collection = {"type": "FeatureCollection", "crs": declared}
    assert hand_in(json.dumps({**collection, "features": [a_feature(x, y)]}), "a.json")[0]["outside"] == 0
    assert hand_in(json.dumps({**collection, "features": [a_feature(X, Y)]}), "b.json", crs="wgs84")[0]["outside"] == 0
    rows = json.dumps({**collection, "features": [a_feature(x, y, crs=METRIC, time="2026-11-01T00:01:00Z")]})
    assert hand_in(rows, "c.json", crs="gcj02")[0] == counts(stored=1)
    with session_scope(ground) as session:
        kept = fixes_frame(session)
    assert kept["substation_code"].tolist() == [SUBSTATION] * 3
    with pytest.raises(UnknownCrs):
        hand_in(HEADER, crs="EPSG:0")


def test_gpx_of_a_patrol(hand_in: Import, ground: Engine) -> None:
    points = "".join(f'<trkpt lat="{Y}" lon="{X}"><time>2026-11-01T00:0{n}:00Z</time></trkpt>\n' for n in range(3))
    text = f'<gpx><trk><name>早班</name><trkseg>\n{points}<trkpt lat="1" lon="1"/>\n</trkseg></trk></gpx>'
    told, faults = hand_in(text, "a.gpx", constants={"patroller": "P1"})
    assert (told, faults) == (counts(stored=3, refused=1), [(5, "time is missing")])
    with session_scope(ground) as session:
        assert fixes_frame(session)["patrol_id"].nunique() == 1


def test_many_rows_go_in_by_slices(hand_in: Import, ground: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "SLICE", 10)
    commits = []
    event.listen(ground, "commit", commits.append)
    rows = [f"P{n % 3},2026-11-01T08:{n:02}:00+08:00,{X},{Y},,{n},\n" for n in range(35)]
    rows[17] = "P1,never,1,1,,,\n"
    told, faults = hand_in(HEADER + "".join(rows))
    assert (told, [line for line, _ in faults]) == (counts(stored=34, refused=1), [19])
    assert len(commits) == 4


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_the_command(ground: Engine, tmp_path: Path, database_url: str) -> None:
    places = f"张三,2026/11/1 8:05,{X},{Y}\n张三,?,{X},{Y}\n张三,2026/11/1 8:06,{OUTSIDE[0]},{OUTSIDE[1]}\n"
    given = f"姓名,时间,lng,纬度\n{places}"
    (tmp_path / "a.csv").write_text(given, encoding="gb18030")
    command = ("check-ins", "import", "a.csv")

    def run(*more: str) -> tuple[int, str, str]:
        ran = gisgrid(*command, *more, home=tmp_path, GISGRID_DATABASE_URL=database_url)
        return ran.returncode, ran.stdout, ran.stderr

    status, out, err = run("--strict")
    assert (status, out.splitlines()[1]) == (1, "stored 0, repeated 0, outside 0, refused 1")
    assert "全部未入库" in out
    assert "第 3 行 时间:应为 ISO 8601 时间" in err
    assert "无时区的时间按 Asia/Shanghai 计 / times without a zone were read as Asia/Shanghai" in out
    status, out, err = run("--longitude", "lng")
    assert (status, out.splitlines()[0]) == (1, "入库 2,重复 0,网格之外 1,未收 1")
    (tmp_path / "a.csv").write_text(given.replace("?", "2026/11/1 8:07"), encoding="utf-8")
    status, out, err = run()
    assert (status, out.splitlines()[1]) == (0, "stored 1, repeated 2, outside 0, refused 0")
    status, out, err = run("--column", "patroller=[/]")
    assert (status, "NoSuchColumn" in err, "Traceback" in err) == (1, True, False)


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_a_gpx_file_without_a_patroller_is_told_the_option(ground: Engine, tmp_path: Path, database_url: str) -> None:
    point = f'<trkpt lat="{Y}" lon="{X}"><time>2026-11-01T08:05:00</time></trkpt>'
    (tmp_path / "walk.gpx").write_text(f"<gpx><trk><trkseg>{point}</trkseg></trk></gpx>")

    def run(*more: str) -> tuple[int, str, str]:
        words = ("check-ins", "import", "walk.gpx", *more)
        ran = gisgrid(*words, home=tmp_path, GISGRID_DATABASE_URL=database_url)
        return ran.returncode, ran.stdout, " ".join(ran.stderr.split())

    status, _, err = run()
    assert (status, "找不到 巡查员(patroller) 的列;请加 --patroller 巡查员" in err) == (1, True)
    status, out, _ = run("--patroller", "p07", "--timezone", "Europe/Berlin")
    assert (status, "read as Europe/Berlin" in out) == (0, True)
    with session_scope(ground) as session:
        assert fixes_frame(session)["fix_at"].iloc[0].isoformat() == "2026-11-01T07:05:00+00:00"


def test_a_refusal_names_the_column_of_the_file_else_the_word_for_the_field(ground: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"谁,时间,lng,纬度,\x1b[31m精\n,2026-11-01 08:00,x,{Y},-1\n", encoding="utf-8")
    told: list[GisgridError] = []

    def fault(_: tuple[str, str], __: int, error: GisgridError) -> None:
        told.append(error)

    wishes = Wishes(ZONE, columns={"patroller": "谁", "accuracy_m": "\x1b[31m精"})
    import_check_ins(ground, tmp_path / "a.csv", wishes, Settings(), fault, lambda *_: None)
    assert told[0].zh == "谁:缺少;lng:应为数字;?[31m精:不能小于 0"
    (tmp_path / "b.csv").write_text(f"时间,lng,纬度\n2026-11-01 08:00,{X},{Y}\n", encoding="utf-8")
    wishes = Wishes(ZONE, constants={"patroller": " "})
    import_check_ins(ground, tmp_path / "b.csv", wishes, Settings(), fault, lambda *_: None)
    assert told[1].zh == "巡查员:不能为空,也不能含换行等控制字符"
