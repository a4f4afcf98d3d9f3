"""Which tiles are drawn in a shifted system, so that everything on them would stand in the wrong place. Pure."""

from typing import Final
from urllib.parse import SplitResult, parse_qs

from pydantic_core import PydanticCustomError

from gisgrid.words import told

SHIFT_M: Final = 587
"""How far GCJ-02 lies from WGS 84 at 114.4° E, 22.6° N."""
TRUE: Final = ("wgs84", "epsg4326", "epsg3857", "cgcs2000", "epsg4490")
SHIFTED: Final = {"gcj02": "GCJ-02", "bd09": "BD-09"}
AMAP, GOOGLE, TENCENT, BAIDU, GEOQ = (
    ("高德", "Amap", "GCJ-02"),
    ("谷歌中国", "Google China", "GCJ-02"),
    ("腾讯", "Tencent", "GCJ-02"),
    ("百度", "Baidu", "BD-09"),
    ("智图 GeoQ", "GeoQ", "GCJ-02"),
)
HOSTS: Final = {
    **dict.fromkeys(("amap.com", "autonavi.com", "gaode.com"), AMAP),
    **dict.fromkeys(("google.cn", "googleapis.cn"), GOOGLE),
    **dict.fromkeys(("qq.com", "gtimg.com", "tencent.com"), TENCENT),
    **dict.fromkeys(("baidu.com", "bdimg.com", "bdstatic.com"), BAIDU),
    **dict.fromkeys(("geoq.cn", "geoq.com.cn"), GEOQ),
}
"""Who serves shifted tiles under these names and all below them."""


def require_unshifted_host(url: SplitResult) -> None:
    """Check that nobody is asked for tiles who is known to shift them. Raises a complaint in both languages."""
    host = (url.hostname or "").lower()
    found = next((who for name, who in HOSTS.items() if host == name or host.endswith(f".{name}")), None)
    if found is None and ".google." in f".{host}" and "cn" in parse_qs(url.query.lower()).get("gl", ()):
        found = GOOGLE
    if found is not None:
        zh, en, system = found
        raise _beside(f"{zh}底图是 {system} 偏移坐标", f"names tiles of {en}, which are shifted ({system})")


def unshifted(system: str) -> str:
    """Return the system of a base layer as it was written. Raises a complaint for one that is shifted, or no WGS 84."""
    plain = "".join(letter for letter in system.lower() if letter.isalnum())
    if plain in SHIFTED:
        raise _beside(f"{SHIFTED[plain]} 是偏移坐标", f"is a shifted system ({SHIFTED[plain]})")
    if plain not in TRUE:
        raise told(
            "只能是 wgs84 或 cgcs2000:底图须为 Web 墨卡托(EPSG:3857)切片",
            "must be wgs84 or cgcs2000: a base layer is of Web Mercator tiles (EPSG:3857)",
        )
    return system


def _beside(zh: str, en: str) -> PydanticCustomError:
    return told(
        f"{zh},与本系统的 WGS 84 数据相差约 {SHIFT_M} 米;请改用天地图,或不偏移的本地切片",
        f"{en}: everything would stand {SHIFT_M} m beside it; use Tianditu, or tiles of your own that are not shifted",
    )
