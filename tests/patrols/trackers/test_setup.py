"""Links that set apps up, read back as the apps read them."""

import json
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import segno

from gisgrid.patrols.trackers import setup
from gisgrid.patrols.trackers.osmand import read_gpslogger, read_osmand
from gisgrid.patrols.trackers.protocols import PROTOCOLS
from tests.patrols.trackers.phones import TOKEN, fix, only, sent, utc

ORIGIN = "https://grid.example:8443"
NAMES = ["P001", "东门岗 1+1/2 号", "a&b=c", ">>>>>", "警" * 60]


def told(link: str) -> dict[str, str]:
    """Return the fields of a link, read without turning + into a space, as iOS does."""
    return {
        field: unquote(value) for field, _, value in (part.partition("=") for part in urlsplit(link).query.split("&"))
    }


@pytest.mark.parametrize("name", NAMES)
def test_traccar_keeps_the_origin_and_path_and_takes_the_query_for_its_settings(name: str) -> None:
    link = urlsplit(setup.traccar(ORIGIN, TOKEN, name))
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{ORIGIN}/ingest/traccar/{TOKEN}"
    settings = {field: values[0] for field, values in parse_qs(link.query).items()}
    assert settings["id"] == told(link.geturl())["id"] == name
    assert (int(settings["interval"]), int(settings["heartbeat"]), settings["distance"]) == (30, 120, "0")
    assert (settings["stop_detection"], settings["buffer"]) == ("false", "true")


@pytest.mark.parametrize("name", NAMES)
def test_owntracks_takes_a_configuration_in_base64(name: str) -> None:
    link = setup.owntracks(ORIGIN, TOKEN, name)
    assert link.startswith("owntracks:///config?inline=")
    for inline in (told(link)["inline"], parse_qs(urlsplit(link).query)["inline"][0]):
        configuration = json.loads(b64decode(inline, validate=True))
        assert configuration["_type"] == "configuration"
        assert (configuration["mode"], configuration["url"]) == (3, f"{ORIGIN}/ingest/owntracks")
        assert (configuration["auth"], configuration["password"]) == (True, TOKEN)
        assert name.endswith(configuration["tid"])


@pytest.mark.parametrize("name", NAMES)
def test_overland_takes_an_address_and_a_token(name: str) -> None:
    link = setup.overland(ORIGIN, TOKEN, name)
    assert link.startswith("overland://setup?")
    assert told(link) == {"url": f"{ORIGIN}/ingest/overland", "token": TOKEN, "device_id": name}


def test_gpslogger_fills_in_its_address() -> None:
    address = setup.gpslogger(ORIGIN, TOKEN)
    given = {
        "LAT": "22.5", "LON": "114.5", "SAT": "7", "DESC": "", "ALT": "3.0", "ACC": "4.5", "DIR": "90.0",
        "SPD": "1.5", "TIMESTAMP": "1793491200", "BATT": "50",
    }  # fmt: skip
    for variable, value in given.items():
        address = address.replace(f"%{variable}", value)
    assert "%" not in address
    link = urlsplit(address)
    assert link.path == f"/ingest/gpslogger/{TOKEN}"
    assert only(read_gpslogger(sent(query=link.query))) == fix(
        utc(2026, 11, 1), 114.5, 22.5, accuracy_m=4.5, altitude_m=3.0, speed_mps=1.5, bearing_deg=90.0, satellites=7.0,
        battery=0.5,
    )  # fmt: skip


def test_osmand_fills_in_its_address() -> None:
    link = urlsplit(setup.osmand(ORIGIN, TOKEN).format(22.5, 114.5, 1793491200862, 4.5, 3.0, 1.5, 90.0))
    assert link.path == f"/ingest/osmand/{TOKEN}"
    assert only(read_osmand(sent(query=link.query))) == fix(
        utc(2026, 11, 1, 0, 0, 0, 862000), 114.5, 22.5, accuracy_m=4.5, altitude_m=3.0, speed_mps=1.5, bearing_deg=90.0
    )


@pytest.mark.parametrize("made", setup.LINKS.items(), ids=lambda made: made[0])
@pytest.mark.parametrize("name", NAMES)
def test_links_fit_a_code_that_a_phone_reads_off_a_screen(made: Any, name: str) -> None:
    protocol, link = made
    code = segno.make_qr(link(ORIGIN, TOKEN, name), error="m")
    assert int(code.version) <= 30
    assert protocol in PROTOCOLS


def test_every_app_has_one_way() -> None:
    assert {*setup.LINKS} | {*setup.TEMPLATES} | {"json", "file"} == {*PROTOCOLS}
    assert not {*setup.LINKS} & {*setup.TEMPLATES}
