"""Every knob with its help text. Each is read from the environment as GISGRID_<NAME>."""

import re
from functools import cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from gisgrid.errors import Refused
from gisgrid.words import reason, told

WHOLE_WORLD_DEGREES = 180

PasswordProfile = Literal["asvs", "dengbao2"]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?")


class BadSetting(Refused):
    """A setting has a value that cannot be used."""


class Settings(BaseSettings):
    """The settings of one installation. Distances in metres, durations in seconds."""

    model_config = SettingsConfigDict(env_prefix="GISGRID_", frozen=True)

    home: Path = Field(default_factory=Path.cwd, description="folder that holds data/ and maps/")
    database_url: str = Field(
        default="", description="sqlite:///path or postgresql+psycopg://…; default: data/gisgrid.sqlite under home"
    )
    owner_database_url: str = Field(
        default="", description="the same PostgreSQL database as its owner: for init, backup, restore"
    )
    host: str = Field(default="127.0.0.1", description="address to serve on")
    port: int = Field(default=8000, ge=1, le=65535, description="port to serve on")
    workers: int = Field(default=1, ge=1, le=64, description="processes that serve; on SpatiaLite one")
    public_url: str = Field(default="", description="how browsers and phones reach it, https://name; default: loopback")
    tls_cert: Path | None = Field(
        default=None,
        description="certificate (PEM) with which the service speaks https; default: that of `gisgrid tls init`, "
        "where public_url is https and no proxy is trusted",
    )
    tls_key: Path | None = Field(default=None, description="private key (PEM) of the certificate")
    install_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port of a second, unencrypted door, which leads to the page from which phones install the local "
        "authority and to nothing else; default: none",
    )
    trusted_proxies: str = Field(default="", description="addresses of reverse proxies that say who asks, by commas")
    public_viewer: bool = Field(default=False, description="show the map of aggregates to anybody, without sign-in")
    oidc_issuer: str = Field(
        default="", description="https address of the office's OpenID provider, as its tokens give it; default: none"
    )
    oidc_client_id: str = Field(
        default="", validate_default=True, description="what the OpenID provider calls this service"
    )
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="secret of this service at the provider")
    oidc_name_claim: str = Field(
        default="preferred_username", min_length=1, description="claim of the id_token that is a person's sign-in name"
    )
    password_profile: PasswordProfile = Field(
        default="asvs",
        description="asvs: 12 characters, nothing common; dengbao2 (等保二级): 8 of three kinds, new every 90 days",
    )
    timezone: str = Field(default="Asia/Shanghai", description="zone in which a day begins and ends")
    metric_crs: str = Field(default="EPSG:4547", description="projected system in which areas and lengths are measured")
    local_crs: str = Field(default="", description="PROJ string of a local system without EPSG code, named 'local'")
    expected_streets: int = Field(default=1, ge=1, description="streets a grid must have")
    expected_communities: int = Field(default=9, ge=1, description="communities a grid must have")
    expected_substations: int = Field(default=22, ge=1, description="substations a grid must have")
    tolerance_m: float = Field(default=0.5, gt=0, description="gaps and overlaps narrower than this may be repaired")
    reach_m: float = Field(default=50, gt=0, description="how far round a fix the ground counts as seen")
    visit_gap_s: float = Field(default=1800, gt=0, description="a silence longer than this ends a visit")
    band_gap_s: float = Field(default=300, gt=0, description="fixes further apart in time are not joined to a band")
    band_length_m: float = Field(default=1000, gt=0, description="fixes further apart on the ground are not joined")
    ahead_s: float = Field(default=300, gt=0, description="fixes dated further ahead of their arrival are flagged")
    far_ahead_hours: float = Field(default=24, gt=0, description="fixes dated further ahead are quarantined")
    old_days: float = Field(default=7, gt=0, description="fixes that come later than this are flagged")
    coarse_m: float = Field(default=100, gt=0, description="fixes of a worse accuracy are flagged")
    top_kmh: float = Field(default=160, gt=0, description="fixes that no neighbour could reach below this are flagged")
    frozen_s: float = Field(
        default=600, gt=0, le=600, description="fixes at the very same position for so long are flagged"
    )
    silent_minutes: float = Field(default=15, gt=0, description="a phone not heard of for longer is shown as silent")
    fix_days: int = Field(
        default=60, ge=8, le=3660, description="days for which fixes are kept; then their day is sealed, figures remain"
    )
    evidence_days: int = Field(
        default=365, ge=30, le=3660, description="days for which a track is kept that is held as evidence"
    )
    withheld_hours: int = Field(
        default=72, ge=1, le=168, description="hours that fixes outside a shift wait for a late sign-on, then they go"
    )
    audit_days: int = Field(default=400, ge=183, le=3660, description="days for which the audit is kept")
    upload_grace_hours: int = Field(
        default=24, ge=1, le=168, description="hours for which a round not done waits for devices that have not told"
    )
    checkpoint_near_m: float = Field(
        default=200, gt=0, description="how far from a checkpoint a check-in is still told whether it counts there"
    )
    max_body_bytes: int = Field(default=2_000_000, gt=0, description="largest request body taken")

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        if value and not ORIGIN.fullmatch(value):
            raise told(
                "应为 https://主机名,可带端口,不带路径;例如 https://grid.example.cn",
                "must be https://name, with a port perhaps and without a path; for example https://grid.example.cn",
            )
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_issuer(cls, value: str) -> str:
        if value and (not is_private_address(value) or "?" in value or "#" in value):
            raise told(
                "应为统一身份认证(OpenID)的 https:// 地址,不带 ? 和 #;本机可用 http://127.0.0.1",
                "must be the https:// address of a provider, without ? and #; on this machine http://127.0.0.1 will do",
            )
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _is_known_there(cls, value: str, others: ValidationInfo) -> str:
        if others.data.get("oidc_issuer") and not value:
            raise told("缺少;设了 GISGRID_OIDC_ISSUER 就要有它", "is missing; GISGRID_OIDC_ISSUER needs it")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise told("没有这个时区;例如 Asia/Shanghai", "is no time zone; for example Asia/Shanghai") from error
        return value

    @field_validator("metric_crs")
    @classmethod
    def _measures(cls, value: str) -> str:
        system = _system(value)
        if system is None:
            raise told("不是可用的坐标系;例如 EPSG:4547", "is no coordinate system; for example EPSG:4547")
        if not system.is_projected or [axis.unit_conversion_factor for axis in system.axis_info] != [1, 1]:
            raise told(
                "应为以米为单位的平面投影坐标系;例如 EPSG:4547",
                "must be a projected system in metres, such as EPSG:4547",
            )
        if _stretches(system):
            raise told(
                "墨卡托及全球性投影量得的面积和长度有误;请用当地投影,例如 EPSG:4547",
                "Mercator and whole-world projections measure wrongly; use a local one, such as EPSG:4547",
            )
        return value

    @field_validator("local_crs")
    @classmethod
    def _is_system(cls, value: str) -> str:
        system = _system(value) if value else None
        if value and (system is None or not (system.is_geographic or system.is_projected)):
            raise told(
                "应为 PROJ 字符串;例如 +proj=tmerc +lon_0=114 +x_0=500000 +ellps=GRS80",
                "must be a PROJ string, such as +proj=tmerc +lon_0=114 +x_0=500000 +ellps=GRS80",
            )
        return value

    @model_validator(mode="after")
    def _default_database(self) -> Self:
        if not self.database_url:
            path = self.home.resolve() / "data" / "gisgrid.sqlite"
            object.__setattr__(self, "database_url", f"sqlite:///{path}")
        return self

    @model_validator(mode="after")
    def _default_certificate(self) -> Self:
        is_wanted = self.public_url.startswith("https:") and not self.trusted_proxies
        if self.tls_cert is None and is_wanted and self.tls_folder.is_dir():
            object.__setattr__(self, "tls_cert", self.tls_folder / "server.pem")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The local time zone."""
        return ZoneInfo(self.timezone)

    @property
    def expected_counts(self) -> dict[str, int]:
        """How many cells a grid must have, by level."""
        return {
            "street": self.expected_streets,
            "community": self.expected_communities,
            "substation": self.expected_substations,
        }

    @property
    def owner_url(self) -> str:
        """The database as its owner sees it."""
        return self.owner_database_url or self.database_url

    @property
    def origin(self) -> str:
        """Scheme and name under which browsers and phones reach the service, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"{'https' if self.tls_cert else 'http'}://{host}:{self.port}"

    @property
    def tls_folder(self) -> Path:
        """The folder of the local authority, if there is one."""
        return self.home / "data" / "tls"

    @property
    def maps(self) -> Path:
        """The folder for generated maps."""
        return self.home / "maps"


def is_private_address(address: str) -> bool:
    """Tell whether nobody on the way to an address can read along: TLS, or this machine itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


@cache
def _system(name: str) -> CRS | None:
    """Return a coordinate system of this earth, if there is one of that name."""
    try:
        system = CRS.from_user_input(name)
        Transformer.from_crs("EPSG:4326", system)
    except (ProjError, UnicodeEncodeError):
        return None
    return system


def _stretches(system: CRS) -> bool:
    """Tell whether a projection is of the Mercator family, which doubles areas at 45°, or made for the whole world.

    Transverse and oblique Mercator are true along a line of their own choice and may stay.
    """
    projection = (system.source_crs if system.is_bound else system) or system
    method = projection.coordinate_operation.method_name if projection.coordinate_operation else ""
    is_mercator = method.startswith(("Mercator", "Popular Visualisation"))
    area = system.area_of_use
    return is_mercator or (area is not None and area.east - area.west > WHOLE_WORLD_DEGREES)


def read_settings() -> Settings:
    """Return the settings of the environment. Raises BadSetting, which names each knob that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [(f"GISGRID_{fault['loc'][0]}".upper(), *reason(fault)) for fault in error.errors()]
        raise BadSetting(
            "设置有误:" + ";".join(f"{knob} {zh}" for knob, zh, _ in faults),
            "bad settings: " + "; ".join(f"{knob} {en}" for knob, _, en in faults),
        ) from error
