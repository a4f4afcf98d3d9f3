"""How each app is told where to send: a link to open or scan on the phone, or an address to paste. Pure.

Each holds the device's token; who can read it can send in the device's name. `origin` is the service's, without a
slash at its end; `name` is what the app calls the phone, for people to read.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlencode

INTERVAL_S: Final = 30
HEARTBEAT_S: Final = 120
DISPLACEMENT_M: Final = 25


def traccar(origin: str, token: str, name: str) -> str:
    """Return the address that Traccar Client scans as a QR code, in its settings.

    As Traccar Client 9 reads it (configuration_service.dart): the origin and the path become the server's address, so
    that is where the token goes; the query is its settings, and is not sent. At `highest` accuracy version 10 takes no
    interval and measures without a pause, and with a distance it takes no interval either; its detection of stops
    silences a phone after a minute at rest, which is what a checkpoint asks for.
    """
    settings = {
        "id": name,
        "accuracy": "high",
        "distance": 0,
        "interval": INTERVAL_S,
        "fastest_interval": INTERVAL_S // 3,  # at the interval itself, every other fix would come a moment too early
        "angle": 0,
        "heartbeat": HEARTBEAT_S,
        "stop_detection": "false",
        "buffer": "true",
        "wakelock": "true",
    }
    return f"{origin}/ingest/traccar/{token}?{_query(settings)}"


def owntracks(origin: str, token: str, name: str) -> str:
    """Return the link that sets OwnTracks up, on both systems: a configuration in Base64.

    As its booklet (remote configuration) and both apps' sources read it: mode 3 is HTTP, monitoring 2 is moving. The
    name of the user is for Basic authentication alone, where the token is the password.
    """
    configuration = {
        "_type": "configuration",
        "mode": 3,
        "url": f"{origin}/ingest/owntracks",
        "auth": True,
        "usePassword": True,  # iOS
        "username": "gisgrid",
        "password": token,
        "deviceId": name,
        "tid": name[-2:],
        "monitoring": 2,
        "moveModeLocatorInterval": INTERVAL_S,  # Android
        "locatorInterval": INTERVAL_S,
        "locatorDisplacement": DISPLACEMENT_M,
        "ignoreInaccurateLocations": 0,  # coarse ones are judged here, openly
        "extendedData": True,
        "cmd": False,
        "allowRemoteLocation": False,
    }
    written = b64encode(json.dumps(configuration, separators=(",", ":")).encode()).decode()
    return f"owntracks:///config?inline={quote(written, safe='')}"  # Android takes a bare + for a space


def overland(origin: str, token: str, name: str) -> str:
    """Return the link that sets Overland up: the token goes out as Bearer (README and SceneDelegate.m of the app)."""
    return f"overland://setup?{_query({'url': f'{origin}/ingest/overland', 'token': token, 'device_id': name})}"


def gpslogger(origin: str, token: str) -> str:
    """Return the address to paste into GPSLogger's custom URL; it fills in what begins with % (CustomUrlLogger.java).

    %SPD is in metres a second, %TIMESTAMP in seconds, %BATT in per cent; %DESC is a note that somebody wrote. There is
    no name in it: an escaped one could hold what the app takes for its own, as %AC and a C.
    """
    template = (
        "lat=%LAT&lon=%LON&timestamp=%TIMESTAMP&acc=%ACC&alt=%ALT&spd=%SPD&dir=%DIR&sat=%SAT&batt=%BATT&desc=%DESC"
    )
    return f"{origin}/ingest/gpslogger/{token}?{template}"


def osmand(origin: str, token: str) -> str:
    """Return the address to paste into OsmAnd's online tracking; it fills in the numbers (LiveMonitoringHelper.java).

    What OsmAnd calls HDOP, {3}, is the accuracy in metres; {2} is in milliseconds, {5} in metres a second.
    """
    template = "lat={0}&lon={1}&timestamp={2}&accuracy={3}&altitude={4}&speed={5}&bearing={6}"
    return f"{origin}/ingest/osmand/{token}?{template}"


def _query(fields: Mapping[str, object]) -> str:
    return urlencode(fields, quote_via=quote)  # iOS takes a + for a +


LINKS: Final[Mapping[str, Callable[[str, str, str], str]]] = MappingProxyType(
    {"traccar": traccar, "owntracks": owntracks, "overland": overland}
)
"""By protocol, what a phone scans or opens."""
TEMPLATES: Final[Mapping[str, Callable[[str, str], str]]] = MappingProxyType({"gpslogger": gpslogger, "osmand": osmand})
"""By protocol, what somebody pastes."""
