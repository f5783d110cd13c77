"""Settings: one TOML file and `CAMREACH_SECTION__KEY` variables; a wrong key is named."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from registry.vocabulary import CameraKind

Network = IPv4Network | IPv6Network
Seconds = Annotated[float, Field(gt=0)]
Hours = Annotated[float, Field(gt=0)]
Kbit = Annotated[int, Field(ge=0)]  # what looks may take of a line; 0: all there is


class ConfigError(Exception):
    """The settings cannot be used; the message names each key at fault and what was expected."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Service(Section):
    """Where the page, the API and the metrics listen."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    tls_certificate: Path | None = None  # PEM chain; needs tls_key beside it
    tls_key: Path | None = None
    behind_proxy: bool = False  # a declared proxy ends TLS
    session_hours: Annotated[float, Field(gt=0, le=24 * 31)] = 12.0
    map_tiles: Annotated[str, Field(pattern=r"^$|^https?://[^\s;,'\"]+$")] = ""

    @property
    def is_loopback(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @model_validator(mode="after")
    def _exposed_only_behind_tls(self) -> Self:
        if not (self.is_loopback or self.behind_proxy or self.tls_certificate):
            raise ValueError(
                f"host {self.host!r} is not a loopback address: name tls_certificate and tls_key, "
                "or put a proxy that ends TLS in front and say so with behind_proxy = true, "
                "or listen on 127.0.0.1"
            )
        return self

    @model_validator(mode="after")
    def _certificate_with_its_key(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self


class DatabaseSettings(Section):
    url: str = "sqlite+aiosqlite:///var/camreach.sqlite"


class Security(Section):
    key_file: Path = Path("var/camreach.key")  # encrypts camera credentials


class Probe(Section):
    """What is looked at, from where, how often."""

    vantage: str = "main"
    center: str = ""  # the center inside whose network the vantage is
    allow_networks: tuple[Network, ...] = ()
    liveness_every_s: Seconds = 60.0
    liveness_every_high_s: Seconds = 30.0
    picture_every_s: Seconds = 600.0
    picture_every_high_s: Seconds = 300.0
    measure_every_s: Seconds = 6 * 3600.0
    tls_ca_file: FilePath | None = None  # PEM: authorities beside those of the system
    beacons: tuple[str, ...] = ()  # host:port of the own gateway, the center's video system, DNS
    site_kbit: Kbit | None = None  # 10 Mbit/s, or 64 kbit/s a feed where that is more
    center_kbit: Kbit = 200_000
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 500
    login_back_off_s: Seconds = 1800.0
    connect_s: Seconds = 3.0
    reply_s: Seconds = 5.0
    first_packet_s: Seconds = 5.0
    keyframe_s: Seconds = 10.0
    liveness_s: Seconds = 10.0
    teardown_s: Seconds = 2.0
    shutdown_s: Seconds = 5.0

    @field_validator("beacons")
    @classmethod
    def _host_and_port(cls, beacons: tuple[str, ...]) -> tuple[str, ...]:
        for beacon in beacons:
            host, _, port = beacon.rpartition(":")
            if not host or not port.isdecimal() or not 0 < int(port) < 65536:
                raise ValueError(f"expected host:port, not {beacon!r}")
        return beacons


class Picture(Section):
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    kept_mb: Annotated[int, Field(ge=0)] = 96  # last pictures of all feeds, in memory
    off_for: frozenset[CameraKind] = frozenset()  # kinds whose pictures are not even decoded


class Metrics(Section):
    per_camera: Literal["all", "not_live", "none"] = "all"
    allow_networks: tuple[Network, ...] = ()  # may scrape without a token, beside loopback


class Contacts(Section):
    """Devices that push, such as body cameras: after how long without a word which one is said."""

    silent_hours: Hours = 24.0
    long_silent_hours: Hours = 24.0 * 7
    lost_hours: Hours = 24.0 * 30

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.silent_hours < self.long_silent_hours < self.lost_hours:
            raise ValueError("expected silent_hours < long_silent_hours < lost_hours")
        return self


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Settings(BaseSettings):
    """Everything that can be set, frozen."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="CAMREACH_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    service: Service = Service()
    database: DatabaseSettings = DatabaseSettings()
    security: Security = Security()
    probe: Probe = Probe()
    picture: Picture = Picture()
    metrics: Metrics = Metrics()
    contacts: Contacts = Contacts()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file over defaults. The file comes in through `init_settings`."""
        return (env_settings, init_settings)


def load(path: Path | None) -> Settings:
    """Read the file, if one is named, and the environment. Raises ConfigError."""
    try:
        return Settings(**(_read(path) if path else {}))
    except ValidationError as error:
        raise ConfigError(_explain(error, path)) from error
    except SettingsError as error:
        raise ConfigError(
            f'environment: {error}: lists are JSON, such as ["10.0.0.0/8"]'
        ) from error


def build(**sections: dict[str, Any]) -> Settings:
    """Settings from values alone, as the demo and the tests make them."""
    try:
        return Settings(**sections)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigError(_explain(error, None)) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        source: InitSettingsSource = TomlConfigSettingsSource(Settings, toml_file=path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not path.is_file():
        raise ConfigError(f"{path}: no such file")
    return source()


def _explain(error: ValidationError, path: Path | None) -> str:
    where = f"{path}: " if path else ""
    lines = [f"{where}{_key(problem)}: {_expected(problem)}" for problem in error.errors()]
    return "\n".join(dict.fromkeys(lines))


def _key(problem: ErrorDetails) -> str:
    """The key as it stands in the file: pydantic adds the names of its own alternatives."""
    parts = [str(part) for part in problem["loc"]]
    return ".".join(part for part in parts if part.isidentifier() or part.isdecimal()) or "settings"


def _expected(problem: ErrorDetails) -> str:
    seen = problem.get("input")
    if problem["type"] == "extra_forbidden":
        return "there is no such key"
    if problem["type"] == "tuple_type":
        return f"expected a list in square brackets, not {seen!r}"
    if problem["type"].startswith("ip_v"):
        return f"expected a network such as 198.18.0.0/15 without host bits, not {seen!r}"
    return problem["msg"].removeprefix("Value error, ")
