"""What a setting says of the base layer."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from gisgrid.base_layers.read import HOST, read_base_layer

TEMPLATE = "https://tiles.example.cn/{z}/{x}/{y}.png"
OF_TIANDITU = (
    "https://t0.tianditu.gov.cn/vec_w/wmts?service=WMTS&request=GetTile&version=1.0.0&style=default&format=tiles"
    "&layer=vec&tilematrixset=w&tk=abc&tilematrix={z}&tilerow={y}&tilecol={x}"
)


@pytest.mark.parametrize(
    ("text", "kind", "url", "origin"),
    [
        ("land", "land", "", ""),
        (" None ", "none", "", ""),
        (f"xyz:{TEMPLATE}", "xyz", TEMPLATE, "https://tiles.example.cn"),
        (
            "xyz:http://10.0.0.8:8080/{z}/{x}/{-y}.png",
            "xyz",
            "http://10.0.0.8:8080/{z}/{x}/{-y}.png",
            "http://10.0.0.8:8080",
        ),
        ("xyz:https://[::1]/{z}/{y}/{x}", "xyz", "https://[::1]/{z}/{y}/{x}", "https://[::1]"),
        ("wmts:https://t0.tianditu.gov.cn/vec_w/wmts?tk=abc", "wmts", OF_TIANDITU, "https://t0.tianditu.gov.cn"),
        (
            "WMTS:https://maps.example.cn/default/w/{TileMatrix}/{TileRow}/{TileCol}.png",
            "wmts",
            "https://maps.example.cn/default/w/{z}/{y}/{x}.png",
            "https://maps.example.cn",
        ),
        (
            "wmts:https://Maps.example.cn/wmts?LAYER=a%20b&TileMatrixSet=EPSG:3857&TILEROW=1&key=k",
            "wmts",
            "https://Maps.example.cn/wmts?service=WMTS&request=GetTile&version=1.0.0&style=default&format=image/png"
            "&layer=a+b&tilematrixset=EPSG:3857&key=k&tilematrix={z}&tilerow={y}&tilecol={x}",
            "https://maps.example.cn",
        ),
    ],
)
def test_what_is_understood(text: str, kind: str, url: str, origin: str) -> None:
    layer = read_base_layer(text)
    assert (layer.kind, layer.url, layer.origin, layer.path) == (kind, url, origin, None)


@pytest.mark.parametrize("kind", ["pmtiles", "mbtiles", "folder"])
def test_what_is_of_this_machine(kind: str) -> None:
    layer = read_base_layer(f"{kind}:data/底图")
    assert (layer.kind, layer.path, layer.origin) == (kind, Path("data/底图"), "")


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("", "应为 land、none", "must be land, none"),
        ("osm", "应为 land、none", "must be land, none"),
        ("land:", "应为 land、none", "must be land, none"),
        ("pmtiles: ", "应为 land、none", "must be land, none"),
        ("xyz:ftp://a.cn/{z}/{x}/{y}", "https://主机", "https://host"),
        ("xyz:https://{s}.a.cn/{z}/{x}/{y}", "{s}", "{s}"),
        ("xyz:https://me:pw@a.cn/{z}/{x}/{y}", "用户名", "a user"),
        ("xyz:https://*.a.cn/{z}/{x}/{y}", "https://主机", "https://host"),
        ("xyz:https://a.cn; script-src */{z}/{x}/{y}", "不含空格", "without blanks"),
        ("xyz:https://a.cn/{z}/{x}/{y}'", "引号", "quotes"),
        ("xyz:https://a.cn/{z}/{x}", "恰好含有", "no other place"),
        ("xyz:https://a.cn/{z}/{x}/{y}/{r}", "恰好含有", "no other place"),
        ("xyz:https://a.cn/{z}/{x}/{y}/{-y}", "恰好含有", "no other place"),
        ("wmts:https://a.cn/wmts?layer=a", "切片矩阵集", "matrix set"),
        ("wmts:https://a.cn/wmts?layer=a&tilematrixset=EPSG:4326", "经纬度", "degrees"),
        ("wmts:https://a.cn/wmts?layer=a&tilematrixset=EPSG:4490", "经纬度", "degrees"),
        ("wmts:https://a.cn/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}", "恰好含有", "no other place"),
        ("wmts:https://t0.tianditu.gov.cn/vec_w/wmts", "密钥 tk", "the key of Tianditu"),
        ("wmts:https://t0.tianditu.gov.cn/vec_c/wmts?tk=abc", "经纬度", "degrees"),
        ("xyz:https://wprd01.is.autonavi.com/a?x={x}&y={y}&z={z}", "587 米", "587 m"),
    ],
)
def test_what_is_refused(text: str, zh: str, en: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        read_base_layer(text)
    assert zh in (refused.value.context or {})["zh"]
    assert en in (refused.value.context or {})["en"]


@given(st.text(max_size=30), st.text(alphabet="/?&={}xyz;' \"\n-", max_size=12))
def test_nothing_else_gets_into_the_policy(host: str, more: str) -> None:
    try:
        layer = read_base_layer(f"xyz:https://{host}{more}/{{z}}/{{x}}/{{y}}")
    except PydanticCustomError:
        return
    assert HOST.fullmatch(f"{layer.origin}/", 0) or HOST.match(f"{layer.origin}/")
    assert not set(layer.origin) & set(" ;'\"*\n")
