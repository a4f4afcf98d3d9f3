"""The pictures under maps/, made anew from the sample: `python -m tests.pages.pictures [FOLDER]`."""

import sys
import tempfile
from pathlib import Path
from typing import Final, Literal, get_args

import shapely.affinity
from playwright.sync_api import BrowserContext, sync_playwright
from sqlalchemy import func, select

from gisgrid.initialise import initialise
from gisgrid.migrations import open_session
from gisgrid.patrols.tables import Fix, Patroller
from gisgrid.sample.cells import sample_cells
from gisgrid.settings import Settings
from tests.browser import LAUNCH, chromium
from tests.service import process, running
from tests.staff.callers import key

OFFICE, PHONE = {"width": 1366, "height": 768}, {"width": 360, "height": 640}
Scheme = Literal["light", "dark"]
LIGHT: Final = "light"
DARK: Final = "dark"
VIEWS: Final[dict[str, tuple[str, dict[str, int], Scheme]]] = {
    "viewer": ("?period=7d&cell=440307009007&layers=incidents", OFFICE, LIGHT),
    "viewer-substations-en": ("?level=substation&metric=rounds_missed&period=7d&lang=en&layers=gaps", OFFICE, LIGHT),
    "viewer-dark": ("?period=7d&level=substation&layers=incidents,checkpoints", OFFICE, DARK),
    "viewer-heat": ("?layers=heat,mask", OFFICE, LIGHT),
    "viewer-wall": ("?period=7d&wall=1&layers=incidents", OFFICE, LIGHT),
    "viewer-phone": ("?period=7d&layers=incidents", PHONE, LIGHT),
    "viewer-phone-dark": ("?period=7d&level=substation&layers=incidents", PHONE, DARK),
}
"""What is looked at, on which screen, and how the reader has it."""
ON_PHONES = ("coverage", "comparison")
AT = {"coverage": "4", "track": "3990"}
"""Which part of the period, or which second, a map through time is shown at."""


def make_pictures(folder: Path) -> list[Path]:
    """Install the sample in a temporary home, draw everything, and write a picture of each; return the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        settings = Settings(home=Path(home))
        initialise(settings, with_sample=True)
        drawn = _draw_maps(settings)
        browser = playwright.chromium.launch(executable_path=chromium(), args=LAUNCH)
        contexts = {
            scheme: browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme=scheme)
            for scheme in get_args(Scheme)
        }
        with running(settings.home) as service:
            cookie = {"name": "gisgrid", "value": _leader(settings), "url": service.url}
            for context in contexts.values():
                context.add_cookies([cookie])  # type: ignore[list-item]
            viewed = [
                _picture(contexts[scheme], f"{service.url}/{query}", folder / f"{name}.png", size, "#incidents h3")
                for name, (query, size, scheme) in VIEWS.items()
            ]
        context = contexts[LIGHT]
        maps = [
            _picture(context, path.as_uri(), folder / f"{path.stem}.png", OFFICE, ".label", AT.get(path.stem))
            for path in drawn
        ]
        maps += [
            _picture(context, path.as_uri(), folder / f"{path.stem}-phone.png", PHONE, ".label", AT.get(path.stem))
            for path in drawn
            if path.stem in ON_PHONES
        ]
        browser.close()
    return [*viewed, *maps]


def _leader(settings: Settings) -> str:
    """Return a session of somebody who sees all and is no part of the demonstration."""
    with open_session(settings.database_url, write=True) as session:
        return key(session, ("street_leader", None), name="liling", full_name="李玲", kind="session").words


def _draw_maps(settings: Settings) -> list[Path]:
    commands = {
        "grid": ["draw", "grid"],
        "coverage": ["draw", "coverage", "--days", "7", "--level", "substation"],
        "comparison": ["draw", "comparison", "--days", "10", "--level", "substation"],
        "heat": ["draw", "heat"],
        "incidents": ["draw", "incidents"],
        "track": ["draw", "track", "--days", "9", "--patroller", _busiest(settings), "--purpose", "a picture"],
    }
    for arguments in commands.values():
        answer = process(*arguments, home=settings.home)
        assert answer.returncode == 0, answer.stderr
    faults = settings.maps / "faults.html"
    assert process("check", str(_faulty(settings.home)), "--map", str(faults), home=settings.home).returncode == 1
    return [*(settings.maps / f"{name}.html" for name in commands), faults]


def _busiest(settings: Settings) -> str:
    with open_session(settings.database_url) as session:
        walked = select(Patroller.ref).join(Fix, Fix.patroller_id == Patroller.id).group_by(Patroller.ref)
        query = walked.order_by(func.count().desc(), Patroller.ref)
        return str(session.scalar(query.limit(1)))


def _faulty(home: Path) -> Path:
    """The sample with one substation missing, one moved by 60 m or so and one turned into a bow-tie."""
    cells = sample_cells()
    stations = cells.index[cells["level"] == "substation"]
    cells.loc[stations[3], "geometry"] = shapely.affinity.translate(cells.geometry[stations[3]], 0.0006)
    west, south, east, north = cells.geometry[stations[-1]].bounds
    bow_tie = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    cells.loc[stations[-1], "geometry"] = bow_tie
    path = home / "bad.geojson"
    cells.drop(index=stations[10]).to_file(path, driver="GeoJSON")
    return path


def _picture(
    context: BrowserContext, address: str, path: Path, size: dict[str, int], awaited: str, at: str | None = None
) -> Path:
    page = context.new_page()
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(address)
    page.locator(awaited).first.wait_for(state="attached", timeout=60_000)
    if at is not None:
        page.get_by_role("slider").fill(at)
    page.wait_for_timeout(800)  # for labels to settle
    page.screenshot(path=path)
    page.close()
    return path


if __name__ == "__main__":
    for made in make_pictures(Path(sys.argv[1] if len(sys.argv) > 1 else "maps")):
        print(made)  # noqa: T201
