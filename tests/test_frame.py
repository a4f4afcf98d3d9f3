"""Rules of the whole repository, which no single module could hold."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from sqlalchemy import Engine

from gisgrid.backup.fingerprint import fingerprint
from gisgrid.database import session_scope
from tests.rows import fill
from tests.service import gisgrid

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "gisgrid"
MODULES = sorted(PACKAGE.rglob("*.py"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


def tracked(*paths: str) -> list[Path]:
    """Return the files of the repository, as git knows them."""
    listed = subprocess.run(["git", "ls-files", "-z", *paths], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def trees() -> list[tuple[str, ast.Module]]:
    return [(name_of(path), ast.parse(path.read_text())) for path in MODULES]


# --- one SQLite library per process --------------------------------------------------------------
# A second one that opens the live file drops the first one's locks, and acknowledged rows with them.

SQLITE_LIBRARIES = {"sqlite3", "_sqlite3", "pysqlite3", "pysqlite2", "apsw", "sqlcipher3", "duckdb", "fiona", "osgeo"}
GDAL = {"pyogrio"}
MAY_USE_SQLITE = {"gisgrid/database.py"}
GDAL_CALLS = {"read_file", "read_dataframe", "read_info", "read_arrow", "open_arrow", "list_layers", "read_bounds"}


def imports_of(tree: ast.AST) -> set[str]:
    """Return the top names that a module imports, by statement or by name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            found |= {arg.value.partition(".")[0] for arg in node.args if isinstance(arg, ast.Constant)}
    return found


def test_one_module_alone_opens_sqlite() -> None:
    assert {name for name, tree in trees() if imports_of(tree) & SQLITE_LIBRARIES} == MAY_USE_SQLITE


@pytest.mark.parametrize(
    "line",
    [
        "import sqlite3",
        "from sqlite3 import connect",
        "import sqlite3.dbapi2",
        "__import__('sqlite3')",
        "import importlib\nimportlib.import_module('sqlite3')",
    ],
)
def test_another_sqlite_would_be_seen(line: str) -> None:
    assert "sqlite3" in imports_of(ast.parse(line))


def test_the_linter_refuses_another_sqlite_too() -> None:
    command = [sys.executable, "-m", "ruff", "check", "--select=TID251", "--stdin-filename=gisgrid/x.py", "-"]
    found = subprocess.run(command, input="import sqlite3\n", cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "one SQLite library per process" in found.stdout


def test_files_are_read_by_gdal_only_where_they_are_checked_first() -> None:
    """GDAL holds a SQLite of its own. Whoever calls it must refuse the live database first."""
    callers = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in GDAL_CALLS
    }
    assert callers <= {"gisgrid/grid/layers/read.py", "gisgrid/grid/points.py"}


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
@pytest.mark.parametrize(
    "words",
    [
        ["check", "data/gisgrid.sqlite"],
        ["load", "alias.gpkg"],
        ["join", "data/gisgrid.sqlite", "out.csv"],
        ["join", "points.csv", "data/gisgrid.sqlite"],
        ["check-ins", "import", "data/gisgrid.sqlite"],
    ],
)
def test_the_live_database_is_never_taken_for_a_file_of_data(
    database_url: str, engine: Engine, tmp_path: Path, words: list[str]
) -> None:
    with session_scope(engine, write=True) as session:
        fill(session)
    live = tmp_path / "data" / "gisgrid.sqlite"
    (tmp_path / "alias.gpkg").symlink_to(live)
    (tmp_path / "points.csv").write_text("longitude,latitude\n114.5,22.5\n")
    with engine.connect() as connection:
        before = fingerprint(connection)
    engine.dispose()
    done = gisgrid(*words, home=tmp_path, GISGRID_DATABASE_URL=database_url)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search("[一-鿿]", done.stdout + done.stderr)
    with engine.connect() as connection:
        assert fingerprint(connection) == before


# --- the tree ------------------------------------------------------------------------------------


def test_the_top_of_the_repository_stays_small() -> None:
    folders = {"gisgrid", "data", "maps", "tests", ".ci"}
    files = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "Makefile", ".gitignore", "constraints.txt"}
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= folders | files


def test_no_file_is_a_drawer_for_odds_and_ends() -> None:
    odd = {"service", "services", "util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"}
    assert [name_of(path) for path in MODULES if odd & {path.stem, path.parent.name}] == []


def test_files_stay_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_functions_stay_short() -> None:
    long = {
        f"{name}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    }
    assert long == {}


# what no single module answers for
APART = {"benchmarks", "endurance"}
"""Folders of tests that are about the whole."""
ACROSS = {
    *("frame", "browser", "libraries", "agreement", "nasty", "damage", "crossing", "contract"),
    *("coverage/sample", "coverage/against_brute", "coverage/brute/brute"),
    *("incidents/confidence", "privacy/kill", "staff/oidc_refused", "tls/closed_network"),
    *("incidents/emergencies/rescue", "incidents/emergencies/emergencies", "incidents/orders/orders"),
    *("incidents/loop/walks", "incidents/surveys/surveys", "sample/stories/stories"),
}
IN_THE_BROWSER = {
    *("pages/viewer/viewer", "pages/viewer/tools", "pages/viewer/live", "pages/viewer/patrols", "pages/viewer/work"),
    *("pages/viewer/own_layers", "pages/viewer/search", "pages/viewer/modules"),
    *("pages/pictures", "pages/journeys", "pages/accessible"),
    *("pages/phone/patrol_queue", "pages/phone/patrol_acts"),
}


def test_tests_mirror_the_package() -> None:
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if not APART & set(path.parts)]
    apart = {ROOT / "tests" / Path(name).parent / f"test_{Path(name).name}.py" for name in ACROSS | IN_THE_BROWSER}
    assert [name_of(path) for path in tests if path not in apart and not _mirrored(path)] == []


def _mirrored(test: Path) -> bool:
    place = PACKAGE / test.parent.relative_to(ROOT / "tests") / test.stem.removeprefix("test_")
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def test_nobodys_machine_is_named() -> None:
    personal = re.compile("|".join(("/" + "work/", "/" + r"home/\w", "/" + "root/", r"C:\\" + "Users")))
    texts = (
        path for path in tracked() if path.suffix not in {".png", ".gpkg", ".parquet", ".zip", ".shp", ".dbf", ".shx"}
    )
    found = [name_of(path) for path in texts if personal.search(path.read_text(encoding="utf-8", errors="replace"))]
    assert found == []


def test_pages_name_no_other_host() -> None:
    """Outside the vendored files, which list where they came from, and the table that turns folium's links to them."""
    asked = re.compile(
        r"(src|href|action)\s*=\s*['\"](https?:)?//|@import\s|url\(\s*['\"]?(https?:)?//|fetch\(\s*['\"`]https?:"
        r"|\b(unpkg|jsdelivr|cdnjs|cloudflare|googleapis|gstatic|bootstrapcdn|jquery)\.(com|net|org)"
    )
    kinds = {".py", ".html", ".js", ".css", ".svg", ".json"}
    apart = PACKAGE / "maps" / "offline.py"
    own = (path for path in tracked("gisgrid") if path.suffix in kinds and "vendor" not in path.parts and path != apart)
    assert [name_of(path) for path in own if asked.search(path.read_text())] == []


# --- what is installed ---------------------------------------------------------------------------

FLOORS = {
    "starlette": "1.3",
    "python-multipart": "0.0.30",
    "PyJWT": "2.12",
    "Authlib": "1.6.9",
    "Pillow": "12.2",
    "pysqlite3": "0.6.1",
}
REQUIREMENTS = [
    Requirement(text)
    for text in [*PYPROJECT["project"]["dependencies"], *PYPROJECT["project"]["optional-dependencies"]["dev"]]
]
PINS = dict(
    line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")
)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", FLOORS)
def test_versions_with_known_holes_are_never_used(name: str) -> None:
    floor = Version(FLOORS[name])
    lowest = [
        Version(bound.version)
        for requirement in REQUIREMENTS
        if normal(requirement.name) == normal(name)
        for bound in requirement.specifier
        if bound.operator == ">="
    ]
    assert all(bound >= floor for bound in lowest)
    pinned = {normal(pin): Version(number) for pin, number in PINS.items()}
    assert pinned.get(normal(name), floor) >= floor
    try:
        assert Version(version(name)) >= floor
    except PackageNotFoundError:
        assert normal(name) not in pinned


def test_exact_versions_name_no_address_and_keep_to_the_ranges() -> None:
    form = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*")
    assert all(form.fullmatch(f"{name}=={number}") for name, number in PINS.items())
    pinned = {normal(pin): number for pin, number in PINS.items()}
    missing = [str(need) for need in REQUIREMENTS if not need.specifier.contains(pinned.get(normal(need.name), "0"))]
    assert missing == []


def test_every_data_file_is_installed_with_the_package() -> None:
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["gisgrid"]
    installed = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    assert [name_of(path) for path in tracked("gisgrid") if path.suffix != ".py" and path not in installed] == []
