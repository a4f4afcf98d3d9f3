"""Every knob with its help text. Each is read from the environment as GISGRID_<NAME>."""

from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from gisgrid.base_layers.read import REMOTE, BaseLayer, read_base_layer
from gisgrid.base_layers.shifted import unshifted
from gisgrid.checks import hours_of_work, issuer, line, mail_url, own_address, time_of_day, zone_name
from gisgrid.errors import Refused
from gisgrid.mailboxes import MailServer, is_mailbox, read_mail_server
from gisgrid.parse import Hours, listed, read_hours
from gisgrid.systems import measuring_system, own_system
from gisgrid.words import reason, told

PasswordProfile = Literal["asvs", "dengbao2"]
REPORTS = {
    "report_occasions": ("morning", "weekly", "monthly"),
    "report_forms": ("pdf", "html", "xlsx", "csv", "gpkg", "geojson", "parquet", "kml"),
}


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
    public_url: Annotated[str, AfterValidator(own_address)] = Field(
        default="", description="how browsers and phones reach it, https://name; default: loopback"
    )
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
    oidc_issuer: Annotated[str, AfterValidator(issuer)] = Field(
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
    timezone: Annotated[str, AfterValidator(zone_name)] = Field(
        default="Asia/Shanghai", description="zone in which a day begins and ends"
    )
    metric_crs: Annotated[str, AfterValidator(measuring_system)] = Field(
        default="EPSG:4547", description="projected system in which areas and lengths are measured"
    )
    local_crs: Annotated[str, AfterValidator(own_system)] = Field(
        default="", description="PROJ string of a local system without EPSG code, named 'local'"
    )
    base_layer: str = Field(
        default="land",
        description="what lies under the cells: land, none, xyz:URL, wmts:URL, pmtiles:FILE, mbtiles:FILE, folder:DIR",
    )
    base_layer_crs: Annotated[str, AfterValidator(unshifted)] = Field(
        default="wgs84", description="system of its tiles, wgs84 or cgcs2000; what is shifted (gcj02, bd09) is refused"
    )
    base_layer_attribution: Annotated[str, AfterValidator(line)] = Field(
        default="", max_length=200, validate_default=True, description="whose map it is, shown below it"
    )
    map_approval: Annotated[str, AfterValidator(line)] = Field(
        default="", max_length=60, description="approval number of the map (审图号), shown below it"
    )
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
    keep_raw_days: bool = Field(
        default=False,
        description="keep the fixes of each day that is over as GeoParquet too, in data/days/ under home, for as long "
        "as the database does",
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
    gap_hours: float = Field(
        default=24, gt=0, le=720, description="after so many hours an open gap goes up a level, and after as many again"
    )
    walking_kmh: float = Field(default=4.5, gt=0, le=20, description="how fast a suggested round is walked")
    detour_factor: float = Field(
        default=1.3, ge=1, le=5, description="by how much a walk is longer than straight, where no ways are loaded"
    )
    unseen_days: int = Field(
        default=7, ge=1, le=60, description="ground not seen for so many days gains most for a suggested round"
    )
    checkpoint_near_m: float = Field(
        default=200, gt=0, description="how far from a checkpoint a check-in is still told whether it counts there"
    )
    alert_next_s: float = Field(
        default=60, ge=10, le=3600, description="after so long without a receipt the next in line is alerted"
    )
    working_hours: Annotated[str, AfterValidator(hours_of_work)] = Field(
        default="08:00-12:00,14:00-18:00", description="local hours of a working day, in which limits of days run"
    )
    smtp_url: Annotated[SecretStr, AfterValidator(mail_url)] = Field(
        default=SecretStr(""),
        description="server that sends mails: smtps://user:password@host:port, smtp+starttls://… or, unencrypted, "
        "smtp://host:port; default: none, and no mails",
    )
    mail_from: str = Field(default="", validate_default=True, description="mailbox from which mails come")
    office: str = Field(default="", max_length=60, description="who hands reports in; default: the street's name")
    morning_until: Annotated[str, AfterValidator(time_of_day)] = Field(
        default="08:00", description="local time of day up to which the morning briefing tells of 24 hours"
    )
    report_occasions: str = Field(
        default="morning,weekly,monthly", description="what `gisgrid report --schedule` makes when it is due, by commas"
    )
    report_forms: str = Field(
        default="pdf,xlsx",
        description="in which forms: pdf, html, xlsx, csv, gpkg, geojson, parquet, kml, by commas",
    )
    report_to: str = Field(
        default="", validate_default=True, description="mailboxes to which these reports are mailed, by commas"
    )
    max_body_bytes: int = Field(default=2_000_000, gt=0, description="largest request body taken")
    max_upload_bytes: int = Field(default=60_000_000, gt=0, description="largest form with photos or documents taken")
    max_photo_bytes: int = Field(default=15_000_000, gt=0, description="largest photo taken; about 1 MB of it is kept")
    max_document_bytes: int = Field(default=5_000_000, gt=0, description="largest document (PDF) taken; kept as it is")

    @field_validator("base_layer")
    @classmethod
    def _is_base_layer(cls, value: str, others: ValidationInfo) -> str:
        layer = read_base_layer(value)
        if layer.origin.startswith("http:") and str(others.data.get("public_url", "")).startswith("https:"):
            raise told(
                "的网址须为 https://:本系统用 https,浏览器不载入 http 的图片",
                "needs an https:// address: this service speaks https, and browsers then load no pictures over http",
            )
        return value

    @field_validator("base_layer_attribution")
    @classmethod
    def _is_attributed(cls, value: str, others: ValidationInfo) -> str:
        if not value and str(others.data.get("base_layer", "")).lower().startswith(tuple(REMOTE)):
            raise told(
                "缺少;设了 xyz 或 wmts 底图就要写明来源,例如 天地图",
                "is missing; a base layer of another host needs the name of whose map it is, such as 天地图 Tianditu",
            )
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _is_known_there(cls, value: str, others: ValidationInfo) -> str:
        if others.data.get("oidc_issuer") and not value:
            raise told("缺少;设了 GISGRID_OIDC_ISSUER 就要有它", "is missing; GISGRID_OIDC_ISSUER needs it")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_mailbox(cls, value: str, others: ValidationInfo) -> str:
        server = others.data.get("smtp_url")
        if not value and server is not None and server.get_secret_value():
            raise told("缺少;设了 GISGRID_SMTP_URL 就要有它", "is missing; GISGRID_SMTP_URL needs it")
        if value and not is_mailbox(value):
            raise told("应为邮箱地址,例如 grid@example.cn", "must be a mailbox, such as grid@example.cn")
        return value

    @field_validator("report_occasions", "report_forms")
    @classmethod
    def _are_known(cls, value: str, field: ValidationInfo) -> str:
        known, parts = REPORTS[str(field.field_name)], listed(value)
        if not set(parts) <= set(known) or (field.field_name == "report_forms" and not parts):
            raise told(f"应为其中若干个,用逗号隔开:{','.join(known)}", f"must be some of {','.join(known)}")
        return value

    @field_validator("report_to")
    @classmethod
    def _are_mailboxes(cls, value: str, others: ValidationInfo) -> str:
        if not all(map(is_mailbox, listed(value))):
            raise told("应为邮箱地址,用逗号隔开", "must be mailboxes, by commas")
        server = others.data.get("smtp_url")
        if value and server is not None and not server.get_secret_value():
            raise told("需要先设 GISGRID_SMTP_URL", "needs GISGRID_SMTP_URL")
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
    def hours(self) -> Hours:
        """The hours of a working day."""
        return read_hours(self.working_hours)

    @property
    def expected_counts(self) -> dict[str, int]:
        """How many cells a grid must have, by level."""
        return {
            "street": self.expected_streets,
            "community": self.expected_communities,
            "substation": self.expected_substations,
        }

    @property
    def base(self) -> BaseLayer:
        """What lies under the cells."""
        return read_base_layer(self.base_layer)

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
    def mail_server(self) -> MailServer | None:
        """Whom mails are handed to, if there is one."""
        return read_mail_server(self.smtp_url.get_secret_value())

    @property
    def tls_folder(self) -> Path:
        """The folder of the local authority, if there is one."""
        return self.home / "data" / "tls"

    @property
    def raw_days(self) -> Path:
        """The folder of raw days, a file each, if any are kept."""
        return self.home / "data" / "days"

    @property
    def maps(self) -> Path:
        """The folder for generated maps."""
        return self.home / "maps"


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
