"""The only reader of the environment.

Every setting is `TENOR_*`. Unset means embedded; a misspelt name is refused with the nearest
right one. Nothing is read at import: `load_settings` takes the environment as an argument.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from desk.errors import SettingError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
VERSION = "0.1.0"
"""Of the whole product."""

MARKET_SOURCES = ("binance", "yahoo", "alpha_vantage")
LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True)
class Settings:
    """All settings; field `x_y` is read from `TENOR_X_Y`. Empty text means unset."""

    data: str = ""
    env: str = "demo"
    require: str = ""
    test_data: str = "../shared/data"
    host: str = "127.0.0.1"
    port: int = 8400
    log_level: str = "info"
    llm_base_url: str = ""
    llm_api_key: str = ""
    llm_model: str = ""
    llm_models: str = ""
    llm_prices: str = ""
    llm_keys: str = ""
    llm_model_file: str = ""
    llm_residency: str = ""
    llm_budget_run: str = ""
    llm_budget_user: str = ""
    llm_budget_day: str = ""
    llm_cache: str = "off"
    llm_fallback_ms: int = 0
    llm_gguf: str = ""
    llm_gguf_threads: int = 0
    llm_gguf_tasks: str = ""
    database_url: str = ""
    redis_url: str = ""
    chroma_url: str = ""
    neo4j_url: str = ""
    neo4j_user: str = "neo4j"
    neo4j_password: str = ""
    binance_key: str = ""
    binance_secret: str = ""
    binance_base_url: str = ""
    alpaca_key: str = ""
    alpaca_secret: str = ""
    alpaca_base_url: str = ""
    sim_latency_ms: int = 0
    sim_jitter_ms: int = 0
    sim_maker_bps: str = ""
    sim_taker_bps: str = ""
    sim_take_pct: int = 100
    sim_reject_pct: str = ""
    sim_seed: int = 0
    sim_borrow: str = ""
    sim_borrow_pct: str = ""
    market_sources: str = ""
    binance_data_url: str = ""
    alpha_vantage_key: str = ""
    alpha_vantage_base_url: str = ""
    alpha_vantage_per_day: int = 25
    alpha_vantage_per_minute: int = 5
    yahoo_base_url: str = ""
    news_feeds: str = ""
    x_bearer: str = ""
    x_base_url: str = ""
    fraud_look_s: int = 900
    edgar_user_agent: str = ""
    edgar_base_url: str = ""
    eth_rpc_url: str = ""
    eth_contract: str = ""
    eth_key: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    otlp_endpoint: str = ""

    @property
    def data_folder(self) -> Path:
        """Where everything is kept: TENOR_DATA, else the platform's user data folder."""
        return Path(self.data).expanduser() if self.data else default_data_folder()

    @property
    def loopback(self) -> bool:
        """Whether the web address is reachable from this machine only."""
        return self.host in LOOPBACK

    @property
    def market(self) -> tuple[str, ...]:
        """Live sources of prices, best first: those of TENOR_MARKET_SOURCES, else those whose own setting is set."""
        if self.market_sources:
            return tuple(name.strip() for name in self.market_sources.split(",") if name.strip())
        own = (("binance", self.binance_data_url), ("yahoo", self.yahoo_base_url))
        return tuple(name for name, value in (*own, ("alpha_vantage", self.alpha_vantage_key)) if value)

    @property
    def feeds(self) -> tuple[tuple[str, str], ...]:
        """Name and address of each feed of TENOR_NEWS_FEEDS; one without a name has that of its host."""
        found = []
        for part in filter(None, (part.strip() for part in self.news_feeds.split(","))):
            named = "=" in part.partition("://")[0]
            name, url = (part.partition("=")[0].strip(), part.partition("=")[2].strip()) if named else ("", part)
            found.append((name or urlsplit(url).hostname or url, url))
        return tuple(found)

    def secrets(self) -> frozenset[str]:
        """The values that must never be logged or shown."""
        names = [f.name for f in fields(self) if f.name.endswith(("_key", "_secret", "_password", "_bearer"))]
        keys = [pair.partition("=")[2].strip() for pair in self.llm_keys.split(",")]
        return frozenset(filter(None, (*(str(getattr(self, name)) for name in names), *keys)))


def variable(field_name: str) -> str:
    """The environment variable of a field: `neo4j_url` -> `TENOR_NEO4J_URL`."""
    return f"TENOR_{field_name.upper()}"


def default_data_folder() -> Path:
    """The platform's user data folder for this product."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "tenor"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tenor"


def load_settings(environment: Mapping[str, str], **overrides: str | int | None) -> Settings:
    """Reads the settings; `overrides` (from the command line) win over the environment.

    Raises SettingError for an unknown `TENOR_*` name (naming the nearest known one), a number
    that is none, a URL without a scheme, or an unknown log level.
    """
    known = {variable(f.name): f for f in fields(Settings)}
    values: dict[str, str | int] = {}
    for name, text in environment.items():
        if not name.startswith("TENOR_"):
            continue
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else "; see .env.example for the names"
            raise SettingError(f"setting {name} is not known{hint}")
        values[known[name].name] = _parse(name, text.strip(), known[name].type == "int")
    values.update({name: value for name, value in overrides.items() if value is not None})
    settings = TypeAdapter(Settings).validate_python(values)
    _check(settings)
    return settings


def _parse(name: str, text: str, number: bool) -> str | int:
    if not number:
        return text
    try:
        return int(text or 0)
    except ValueError:
        raise SettingError(f"setting {name}={text!r} is not a whole number") from None


def _check(settings: Settings) -> None:
    for f in fields(Settings):
        value = str(getattr(settings, f.name))
        if f.name.endswith(("_url", "_issuer", "_endpoint")) and value and "://" not in value:
            raise SettingError(
                f"setting {variable(f.name)}={value!r} is not a URL; begin it with a scheme such as http://"
            )
    for venue in ("binance", "alpaca"):
        key, secret = (str(getattr(settings, f"{venue}_{part}")) for part in ("key", "secret"))
        if bool(key) != bool(secret):
            there, missing = ("key", "secret") if key else ("secret", "key")
            raise SettingError(
                f"setting {variable(f'{venue}_{there}')} is set and {variable(f'{venue}_{missing}')} is not; set both"
            )
    if settings.edgar_base_url and not settings.edgar_user_agent:
        raise SettingError("setting TENOR_EDGAR_BASE_URL is set and TENOR_EDGAR_USER_AGENT is not; set both")
    if settings.edgar_user_agent and "@" not in settings.edgar_user_agent:
        raise SettingError(
            f"setting TENOR_EDGAR_USER_AGENT={settings.edgar_user_agent!r} names no contact; the SEC asks for a name "
            "and an e-mail address"
        )
    _check_market(settings)
    _check_ranges(settings)
    if settings.llm_cache not in ("on", "off"):
        raise SettingError(f"setting TENOR_LLM_CACHE={settings.llm_cache!r} is neither on nor off")
    if settings.log_level not in LEVELS:
        raise SettingError(f"setting TENOR_LOG_LEVEL={settings.log_level!r} is not one of {', '.join(LEVELS)}")


def _check_market(settings: Settings) -> None:
    names = settings.market
    unknown = [name for name in names if name not in MARKET_SOURCES]
    if unknown or len(set(names)) < len(names):
        word = unknown[0] if unknown else f"{names[0]} twice"
        raise SettingError(
            f"setting TENOR_MARKET_SOURCES names {word!r}; give each once of {', '.join(MARKET_SOURCES)}"
        )
    if "alpha_vantage" in names and not settings.alpha_vantage_key:
        raise SettingError("TENOR_MARKET_SOURCES names alpha_vantage and TENOR_ALPHA_VANTAGE_KEY is not set; set both")
    for name, url in settings.feeds:
        if not url.startswith(("http://", "https://")):
            raise SettingError(f"setting TENOR_NEWS_FEEDS has {url!r}; give addresses as NAME=https://… or bare")
        if [other for other, _ in settings.feeds].count(name) > 1:
            raise SettingError(f"setting TENOR_NEWS_FEEDS has two feeds called {name!r}; name them NAME=https://…")
    for name in ("news_feeds", "x_bearer"):
        if getattr(settings, name) and not names:
            raise SettingError(
                f"setting {variable(name)} is set and the market is the replay's, in whose future today's news lie; "
                "set TENOR_MARKET_SOURCES too"
            )


def _check_ranges(settings: Settings) -> None:
    for name, most, what in (("port", 65_535, "a port; give 1"), ("fraud_look_s", 86_400, "seconds; give 0 (never)")):
        if not 0 <= int(getattr(settings, name)) <= most:
            value = getattr(settings, name)
            raise SettingError(f"setting {variable(name)}={value!r} is not {what} to {most}")
