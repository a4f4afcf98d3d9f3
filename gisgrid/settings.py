"""Every knob with its help text. Each is read from the environment as GISGRID_<NAME>."""

from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gisgrid.errors import Refused


class BadSetting(Refused):
    """A setting has a value that cannot be used."""


class Settings(BaseSettings):
    """The settings of one installation. Distances in metres, durations in seconds."""

    model_config = SettingsConfigDict(env_prefix="GISGRID_", frozen=True)

    home: Path = Field(default_factory=Path.cwd, description="folder that holds data/ and maps/")
    database_url: str = Field(
        default="", description="sqlite:///path or postgresql+psycopg://…; default: data/gisgrid.sqlite under home"
    )
    host: str = Field(default="127.0.0.1", description="address to serve on; loopback only until there are accounts")
    port: int = Field(default=8000, ge=1, le=65535, description="port to serve on")
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
    max_body_bytes: int = Field(default=2_000_000, gt=0, description="largest request body taken")

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no such time zone") from error
        return value

    @model_validator(mode="after")
    def _default_database(self) -> Self:
        if not self.database_url:
            path = self.home.resolve() / "data" / "gisgrid.sqlite"
            object.__setattr__(self, "database_url", f"sqlite:///{path}")
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
    def maps(self) -> Path:
        """The folder for generated maps."""
        return self.home / "maps"


def read_settings() -> Settings:
    """Return the settings of the environment. Raises BadSetting, which names each knob that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        knobs = ", ".join(
            f"GISGRID_{'_'.join(map(str, fault['loc'])).upper()} ({fault['msg']})" for fault in error.errors()
        )
        raise BadSetting(f"设置有误:{knobs}", f"bad settings: {knobs}") from error
