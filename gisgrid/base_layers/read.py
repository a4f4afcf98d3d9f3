"""From the text of a setting to a base layer: what kind, from where, and why not. Pure."""

import re
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from gisgrid.base_layers.shifted import require_unshifted_host
from gisgrid.words import told

Kind = Literal["land", "none", "xyz", "wmts", "pmtiles", "mbtiles", "folder"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PLAIN: Final = ("land", "none")
REMOTE: Final = ("xyz", "wmts")
HOST: Final = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(?=/)")
"""Scheme, name and port, which also stand in the policy that browsers keep to: nothing else may get in there."""
LETTERS: Final = re.compile(r"[!#$%&()*+,\-./0-9:;=?@A-Z\[\]_a-z{|}~]+")
PLACES: Final = re.compile(r"\{(-?\w+)\}")
TIANDITU: Final = re.compile(r"/([a-z]+)_([cw])/wmts", re.IGNORECASE)
OF_WMTS: Final = {"tilematrix": "z", "tilerow": "y", "tilecol": "x"}
DEGREES: Final = ("c", "4326", "4490", "crs84", "degrees")


class BaseLayer(NamedTuple):
    """What lies under the cells. `url` is a template with {z}, {x}, {y} of another host; `path` is of this machine."""

    kind: Kind
    url: str = ""
    path: Path | None = None

    @property
    def origin(self) -> str:
        """Scheme, name and port of the host whose tiles browsers load, "" for none."""
        found = HOST.match(self.url)
        return found[0].lower() if found else ""


def read_base_layer(text: str) -> BaseLayer:
    """Read `land`, `none` or `KIND:ADDRESS`. Raises a complaint in both languages."""
    name, colon, rest = text.strip().partition(":")
    kind = next((each for each in KINDS if each == name.lower()), None)
    if kind is None or bool(colon) == (kind in PLAIN) or (kind not in PLAIN and not rest.strip()):
        raise told(
            "应为 land、none、xyz:网址、wmts:网址、pmtiles:文件、mbtiles:文件 或 folder:目录",
            "must be land, none, xyz:URL, wmts:URL, pmtiles:FILE, mbtiles:FILE or folder:DIR",
        )
    if kind in PLAIN:
        return BaseLayer(kind)
    if kind in REMOTE:
        return BaseLayer(kind, _template(kind, rest.strip()))
    return BaseLayer(kind, path=Path(rest.strip()).expanduser())


def _template(kind: Kind, url: str) -> str:
    if not LETTERS.fullmatch(url) or not HOST.match(url):
        raise told(
            "的网址应为 https://主机/…,不含空格、引号、用户名;子域 {s} 请写成其中一个",
            "needs an address https://host/… without blanks, quotes or a user; of subdomains {s} name one",
        )
    require_unshifted_host(_split(url))
    template = _of_wmts(url) if kind == "wmts" else url
    places = set(PLACES.findall(template))
    if places - {"-y"} != {"z", "x", "y"} - ({"y"} if "-y" in places else set()):
        raise told(
            "的网址应恰好含有 {z}、{x}、{y}(行号自下而上时写 {-y}),例如 xyz:https://tiles.example.cn/{z}/{x}/{y}.png",
            "needs an address with {z}, {x} and {y} ({-y} where rows count upwards) and no other place to fill in, "
            "such as xyz:https://tiles.example.cn/{z}/{x}/{y}.png",
        )
    return template


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise told("的网址无法识别", "has an address that cannot be read") from error


def _of_wmts(url: str) -> str:
    """Return the template of a WMTS, given as one, or as a service with the query of its layer."""
    if PLACES.search(url):
        filled = PLACES.sub(lambda place: "{" + OF_WMTS.get(place[1].lower(), place[1]) + "}", url)
        _require_metres(dict(_asked(filled)).get("tilematrixset", ""))
        return filled
    asked = {**_usual(urlsplit(url)), **dict(_asked(url))}
    if not asked.get("layer") or not asked.get("tilematrixset"):
        raise told(
            "的 WMTS 网址应指明图层和切片矩阵集:…?layer=…&tilematrixset=…",
            "needs a WMTS address that names layer and matrix set: …?layer=…&tilematrixset=…",
        )
    _require_metres(asked["tilematrixset"])
    query = urlencode(asked, safe="/:")
    return f"{url.partition('?')[0]}?{query}&tilematrix={{z}}&tilerow={{y}}&tilecol={{x}}"


def _asked(url: str) -> list[tuple[str, str]]:
    """Return the query of an address, its names in small letters, without what is asked for a single tile."""
    every = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return [(name.lower(), value) for name, value in every if name.lower() not in OF_WMTS]


def _usual(url: SplitResult) -> dict[str, str]:
    """Return what a WMTS is asked for besides; Tianditu (天地图) says layer and matrix set in its path."""
    usual = {"service": "WMTS", "request": "GetTile", "version": "1.0.0", "style": "default", "format": "image/png"}
    named = TIANDITU.fullmatch(url.path) if (url.hostname or "").endswith("tianditu.gov.cn") else None
    if named is None:
        return usual
    if not dict(parse_qsl(url.query)).get("tk"):
        raise told("的天地图网址缺少密钥 tk=…", "needs the key of Tianditu: tk=…")
    return {**usual, "layer": named[1].lower(), "tilematrixset": named[2].lower(), "format": "tiles"}


def _require_metres(matrix_set: str) -> None:
    if matrix_set.lower() in DEGREES or any(each in matrix_set.lower() for each in DEGREES[1:]):
        raise told(
            "的切片是经纬度投影;请用 Web 墨卡托(EPSG:3857),天地图为 _w",
            "names tiles in degrees; use Web Mercator (EPSG:3857), of Tianditu those called _w",
        )
