from pathlib import Path

import pytest

from gisgrid.settings import BadSetting, Settings, read_settings


def test_the_database_stands_under_home_unless_named(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).database_url == f"sqlite:///{tmp_path}/data/gisgrid.sqlite"
    assert Settings(home=tmp_path, database_url="sqlite:///x").database_url == "sqlite:///x"


def test_every_knob_is_read_from_the_environment_and_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISGRID_EXPECTED_SUBSTATIONS", "7")
    monkeypatch.setenv("GISGRID_REACH_M", "25")
    settings = read_settings()
    assert settings.expected_counts == {"street": 1, "community": 9, "substation": 7}
    assert settings.reach_m == 25
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("PORT", "99999", "不能大于 65535", "must be at most 65535"),
        ("INSTALL_PORT", "0", "不能小于 1", "must be at least 1"),
        ("PORT", "web", "应为整数", "must be a whole number"),
        ("TIMEZONE", "Mars/Olympus", "没有这个时区", "is no time zone"),
        ("PUBLIC_URL", "grid.example.cn", "https://主机名", "https://name"),
        ("PUBLIC_URL", "https://grid.example.cn/map", "不带路径", "without a path"),
        ("PUBLIC_URL", "https://grid.example.cn#x", "不带路径", "without a path"),
        ("PUBLIC_URL", "https://me@grid.example.cn", "https://主机名", "https://name"),
        ("PASSWORD_PROFILE", "none", "'asvs'", "'dengbao2'"),
        ("REACH_M", "-1", "应大于 0", "must be above 0"),
        ("WORKING_HOURS", "", "08:00-12:00,14:00-18:00", "hours one after another"),
        ("WORKING_HOURS", "8-12", "先后相接", "hours one after another"),
        ("WORKING_HOURS", "08:00-12:00,25:00-26:00", "先后相接", "hours one after another"),
        ("WORKING_HOURS", "14:00-18:00,08:00-12:00", "互不重叠", "hours one after another"),
        ("METRIC_CRS", "nonsense", "不是可用的坐标系", "is no coordinate system"),
        ("METRIC_CRS", "", "不是可用的坐标系", "EPSG:4547"),
        ("METRIC_CRS", "gcj02", "不是可用的坐标系", "EPSG:4547"),
        ("METRIC_CRS", "EPSG:4326", "以米为单位的平面投影", "projected system in metres"),
        ("METRIC_CRS", "EPSG:2263", "以米为单位的平面投影", "projected system in metres"),
        ("METRIC_CRS", "EPSG:5773", "以米为单位的平面投影", "projected system in metres"),
        ("METRIC_CRS", "EPSG:3857", "墨卡托", "Mercator"),
        ("METRIC_CRS", "EPSG:3395", "墨卡托", "Mercator"),
        ("METRIC_CRS", "EPSG:900913", "墨卡托", "Mercator"),
        ("METRIC_CRS", "+proj=merc +towgs84=1,1,1", "墨卡托", "EPSG:4547"),
        ("METRIC_CRS", "EPSG:4087", "全球性投影", "whole-world"),
        ("OIDC_ISSUER", "http://provider.example", "https:// 地址", "must be the https:// address"),
        ("OIDC_ISSUER", "https://", "https:// 地址", "must be the https:// address"),
        ("OIDC_ISSUER", "https://[::1", "https:// 地址", "must be the https:// address"),
        ("OIDC_ISSUER", "https://provider.example/?tenant=1", "不带 ? 和 #", "without ? and #"),
        ("OIDC_ISSUER", "provider.example", "https:// 地址", "must be the https:// address"),
        ("SMTP_URL", "mail.example.cn", "smtps://", "smtp+starttls://"),
        ("SMTP_URL", "http://mail.example.cn", "smtps://", "smtp+starttls://"),
        ("SMTP_URL", "smtps://", "smtps://", "smtp+starttls://"),
        ("SMTP_URL", "smtps://mail.example.cn:x", "smtps://", "smtp+starttls://"),
        ("SMTP_URL", "smtps://mail.example.cn/box", "smtps://", "smtp+starttls://"),
        ("SMTP_URL", "smtp://me:pw@mail.example.cn", "不加密", "unencrypted"),
        ("MAIL_FROM", "网格 <grid@example.cn>", "邮箱地址", "a mailbox"),
        ("MORNING_UNTIL", "8 Uhr", "应为钟点", "a time of the clock"),
        ("REPORT_OCCASIONS", "morning,yearly", "morning,weekly,monthly", "some of morning"),
        ("REPORT_FORMS", "pdf,docx", "应为其中若干个", "some of pdf"),
        ("REPORT_FORMS", " , ", "应为其中若干个", "some of pdf"),
        ("REPORT_TO", "网格 <grid@example.cn>", "应为邮箱地址", "must be mailboxes"),
        ("REPORT_TO", "grid@example.cn", "GISGRID_SMTP_URL", "needs GISGRID_SMTP_URL"),
        ("BASE_LAYER", "osm", "应为 land、none", "must be land, none"),
        ("BASE_LAYER", "xyz:https://wprd01.is.autonavi.com/{z}/{x}/{y}", "587 米", "587 m"),
        ("BASE_LAYER_CRS", "gcj02", "GCJ-02 是偏移坐标", "is a shifted system"),
        ("BASE_LAYER_CRS", "EPSG:4547", "EPSG:3857", "EPSG:3857"),
        ("BASE_LAYER_ATTRIBUTION", "天地图\n", "应为一行文字", "must be one line"),
        ("MAP_APPROVAL", "\u2028", "应为一行文字", "must be one line"),
        ("LOCAL_CRS", "+proj=nonsense", "应为 PROJ 字符串", "must be a PROJ string"),
        ("LOCAL_CRS", "EPSG:5773", "应为 PROJ 字符串", "must be a PROJ string"),
    ],
)
def test_a_bad_setting_is_named_with_the_reason_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, zh: str, en: str
) -> None:
    monkeypatch.setenv(f"GISGRID_{name}", value)
    with pytest.raises(BadSetting) as refused:
        read_settings()
    assert all(f"GISGRID_{name} " in words for words in (refused.value.zh, refused.value.en))
    assert zh in refused.value.zh
    assert en in refused.value.en


@pytest.mark.parametrize(
    ("public_url", "origin"),
    [
        ("", "http://127.0.0.1:8000"),
        ("https://grid.example.cn", "https://grid.example.cn"),
        ("https://grid.example.cn:8443/", "https://grid.example.cn:8443"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_the_address_under_which_others_reach_it(public_url: str, origin: str) -> None:
    assert Settings(public_url=public_url).origin == origin


@pytest.mark.parametrize("system", ["EPSG:4547", "EPSG:32650", "+proj=tmerc +lon_0=114.3 +x_0=500000 +ellps=GRS80"])
def test_local_projections_in_metres_are_taken(system: str) -> None:
    settings = Settings(metric_crs=system, local_crs=system)
    assert (settings.metric_crs, settings.local_crs) == (system, system)


@pytest.mark.parametrize("issuer", ["https://provider.example/realms/street", "http://127.0.0.1:8080", "http://[::1]/"])
def test_an_openid_provider_needs_to_know_the_service(monkeypatch: pytest.MonkeyPatch, issuer: str) -> None:
    monkeypatch.setenv("GISGRID_OIDC_ISSUER", issuer)
    with pytest.raises(BadSetting, match="GISGRID_OIDC_CLIENT_ID 缺少"):
        read_settings()
    monkeypatch.setenv("GISGRID_OIDC_CLIENT_ID", "gisgrid")
    monkeypatch.setenv("GISGRID_OIDC_CLIENT_SECRET", "a-secret")
    settings = read_settings()
    assert (settings.oidc_issuer, settings.oidc_client_secret.get_secret_value()) == (issuer, "a-secret")
    assert "a-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://grid:p%40s%2Fs@mail.example.cn", ("smtps", "mail.example.cn", 465, "grid", "p@s/s")),
        ("smtp+starttls://grid:pw@mail.example.cn:25/", ("smtp+starttls", "mail.example.cn", 25, "grid", "pw")),
        ("smtp://mail.example.cn", ("smtp", "mail.example.cn", 25, "", "")),
        ("smtp://me:pw@localhost", ("smtp", "localhost", 25, "me", "pw")),
    ],
)
def test_a_mail_server_needs_a_mailbox_to_send_from(monkeypatch: pytest.MonkeyPatch, url: str, server: object) -> None:
    assert Settings().mail_server is None
    monkeypatch.setenv("GISGRID_SMTP_URL", url)
    with pytest.raises(BadSetting, match="GISGRID_MAIL_FROM 缺少"):
        read_settings()
    monkeypatch.setenv("GISGRID_MAIL_FROM", "grid@example.cn")
    assert read_settings().mail_server == server
    assert url not in repr(read_settings())


def test_tiles_of_another_host_need_the_name_of_whose_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().base.kind == "land"
    monkeypatch.setenv("GISGRID_BASE_LAYER", "wmts:http://t0.tianditu.gov.cn/vec_w/wmts?tk=abc")
    with pytest.raises(BadSetting, match="GISGRID_BASE_LAYER_ATTRIBUTION 缺少"):
        read_settings()
    monkeypatch.setenv("GISGRID_BASE_LAYER_ATTRIBUTION", " 天地图 ")
    assert read_settings().base.origin == "http://t0.tianditu.gov.cn"
    assert read_settings().base_layer_attribution == "天地图"
    monkeypatch.setenv("GISGRID_PUBLIC_URL", "https://grid.example.cn")
    with pytest.raises(BadSetting, match="GISGRID_BASE_LAYER 的网址须为 https"):
        read_settings()
