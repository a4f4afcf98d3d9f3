"""The protocols that are understood, by the name that ends their address."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gisgrid.patrols.trackers import files, osmand, overland, own, owntracks
from gisgrid.patrols.trackers.reading import Protocol

JSON: Final = "application/json"
OK: Final = b'{"result":"ok"}'

PROTOCOLS: Final[Mapping[str, Protocol]] = MappingProxyType(
    {
        "traccar": Protocol(osmand.read_traccar, b"", None),
        "osmand": Protocol(osmand.read_osmand, b"", None),
        "gpslogger": Protocol(osmand.read_gpslogger, b"", None),
        "owntracks": Protocol(owntracks.read, b"[]", JSON),  # an array of messages to the phone: none
        "overland": Protocol(overland.read, OK, JSON),  # anything else, and the batch comes again
        "json": Protocol(own.read, OK, JSON),
        "file": Protocol(files.read, OK, JSON),
    }
)
