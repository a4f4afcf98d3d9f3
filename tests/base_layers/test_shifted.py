from urllib.parse import urlsplit

import pytest
from prcoords import wgs_gcj
from pydantic_core import PydanticCustomError
from pyproj import Geod

from gisgrid.base_layers.shifted import SHIFT_M, require_unshifted_host, unshifted


def test_the_shift_is_as_told() -> None:
    there = wgs_gcj((22.6, 114.4))
    assert Geod(ellps="WGS84").inv(114.4, 22.6, there.lon, there.lat)[2] == pytest.approx(SHIFT_M, abs=5)


@pytest.mark.parametrize(
    ("host", "who"),
    [
        ("webrd01.is.autonavi.com", "高德"),
        ("wprd04.is.AUTONAVI.com", "高德"),
        ("amap.com", "高德"),
        ("mt0.google.cn", "谷歌中国"),
        ("rt0.map.gtimg.com", "腾讯"),
        ("apis.map.qq.com", "腾讯"),
        ("maponline0.bdimg.com", "百度"),
        ("map.geoq.cn", "GeoQ"),
    ],
)
def test_who_shifts_is_refused_by_name(host: str, who: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        require_unshifted_host(urlsplit(f"https://{host}/x"))
    assert who in (refused.value.context or {})["zh"]


def test_google_shifts_for_china_alone() -> None:
    with pytest.raises(PydanticCustomError):
        require_unshifted_host(urlsplit("https://mt1.google.com/vt?lyrs=m&gl=CN"))
    for url in ("https://mt1.google.com/vt?lyrs=s", "https://notamap.com.example/", "https://t0.tianditu.gov.cn/"):
        require_unshifted_host(urlsplit(url))


@pytest.mark.parametrize("system", ["wgs84", "WGS 84", "EPSG:3857", "CGCS2000", "EPSG:4490"])
def test_systems_that_agree(system: str) -> None:
    assert unshifted(system) == system


@pytest.mark.parametrize(
    ("system", "zh"),
    [("gcj02", "偏移坐标"), ("GCJ-02", "587 米"), ("bd09", "BD-09"), ("EPSG:4547", "EPSG:3857"), ("", "wgs84")],
)
def test_systems_that_do_not(system: str, zh: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        unshifted(system)
    assert zh in (refused.value.context or {})["zh"]
