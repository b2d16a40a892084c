"""What each back end is right now: embedded, connected or unreachable, and the setting that changes it.

Reads settings and knocks at addresses; opens nothing else, so `doctor` is quick and always runs.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from desk.errors import BackEndUnreachable
from desk.settings import Settings, variable

KNOCK_S = 0.8
DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "redis": 6379,
    "rediss": 6379,
    "bolt": 7687,
    "neo4j": 7687,
    "postgresql": 5432,
}

SIMULATED = "simulated venue on our matching engine"
BINANCE, ALPACA = "https://testnet.binance.vision", "https://paper-api.alpaca.markets"
EDGAR = "https://data.sec.gov"
BINANCE_DATA, YAHOO = "https://data-api.binance.vision", "https://query1.finance.yahoo.com"
ALPHA_VANTAGE, X = "https://www.alphavantage.co", "https://api.x.com"
REPLAY = "replay of bundled history"

State = Literal["embedded", "connected", "unreachable"]


@dataclass(frozen=True)
class BackEnd:
    """One row of `tenor doctor`."""

    role: str
    state: State
    product: str
    setting: str
    detail: str


@dataclass(frozen=True)
class _Role:
    """`setting` is the field that switches to `real`; `must` means set but unreachable refuses to start.

    `served` is false while this version has no adapter for it: then setting it is refused as well,
    unless the setting serves another role already; then this one stays embedded and says so.
    `address` is the field with the address where `setting` is a key, `default` what it is when unset. `source` is
    the name in `Settings.market` of what is switched on there.
    """

    role: str
    setting: str
    embedded: str
    real: str
    must: bool
    served: bool
    address: str = ""
    default: str = ""
    source: str = ""

    def url(self, settings: Settings) -> str:
        """The address to knock at; empty while the role is embedded."""
        if self.source:
            return str(getattr(settings, self.address)) or self.default if self.source in settings.market else ""
        given = str(getattr(settings, self.setting)).split(",")[0]
        if not self.address:
            return given.partition("=")[2] if "=" in given.partition("://")[0] else given
        return (str(getattr(settings, self.address)) or self.default) if given else ""


ROLES = (
    _Role("model", "llm_base_url", "no model: agents run their plans (offline narrator)", "LiteLLM", False, True),
    _Role(
        "market of crypto",
        "market_sources",
        REPLAY,
        "Binance",
        False,
        True,
        "binance_data_url",
        BINANCE_DATA,
        "binance",
    ),
    _Role("market", "market_sources", REPLAY, "Yahoo", False, True, "yahoo_base_url", YAHOO, "yahoo"),
    _Role(
        "market, by key",
        "alpha_vantage_key",
        REPLAY,
        "Alpha Vantage",
        False,
        True,
        "alpha_vantage_base_url",
        ALPHA_VANTAGE,
        "alpha_vantage",
    ),
    _Role("news", "news_feeds", "bundled headlines, written for the demonstration", "RSS", False, True),
    _Role("posts", "x_bearer", "bundled posts, written for the demonstration", "X", False, True, "x_base_url", X),
    _Role("filings", "edgar_user_agent", "filings in the box", "SEC EDGAR", False, True, "edgar_base_url", EDGAR),
    _Role("filing index", "chroma_url", "Chroma in process", "Chroma server", True, True),
    _Role("store", "database_url", "SQLite", "PostgreSQL", True, False),
    _Role("bus", "redis_url", "in process", "Redis or Valkey", True, True),
    _Role("jobs", "redis_url", "Celery over memory:// in process", "Celery over Redis", True, True),
    _Role("checkpoints", "database_url", "SQLite", "PostgreSQL", True, False),
    _Role("transaction graph", "neo4j_url", "numpy and scipy", "Neo4j Graph Data Science", True, True),
    _Role("anchor", "eth_rpc_url", "none yet: signed tree heads only", "Ethereum", True, False),
    _Role("broker", "alpaca_key", SIMULATED, "Alpaca", False, True, "alpaca_base_url", ALPACA),
    _Role("broker of crypto", "binance_key", SIMULATED, "Binance", False, True, "binance_base_url", BINANCE),
    _Role("identity", "oidc_issuer", "built-in accounts", "OpenID Connect", True, False),
    _Role("telemetry", "otlp_endpoint", "structured logs on stderr", "OpenTelemetry collector", False, False),
)


def knock(url: str) -> str | None:
    """None when something accepts a TCP connection at the URL's address, else why not."""
    parts = urlsplit(url)
    port = parts.port or DEFAULT_PORTS.get(parts.scheme.split("+")[0])
    if not parts.hostname or port is None:
        return "the address names no host and port"
    try:
        with socket.create_connection((parts.hostname, port), timeout=KNOCK_S):
            return None
    except OSError as error:
        return str(error.strerror or error)


def read_backends(settings: Settings, at: Callable[[str], str | None] = knock) -> list[BackEnd]:
    """Every role in a fixed order; all configured addresses are knocked at side by side."""
    urls = sorted({role.url(settings) for role in ROLES} - {""})
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = dict(zip(urls, pool.map(at, urls), strict=True))
    rows = [_row(role, role.url(settings), found) for role in ROLES]
    return [_local(row, settings) if row.role == "model" else row for row in rows]


def _local(row: BackEnd, settings: Settings) -> BackEnd:
    """The row of the model where the only one is on this machine."""
    if not settings.llm_gguf or settings.llm_base_url or settings.llm_model:
        return row
    product = f"{settings.llm_gguf} on this machine (llama.cpp in a process of its own)"
    return replace(row, product=product, setting=variable("llm_gguf"), detail="`tenor models list` shows its name")


def check_startable(backends: list[BackEnd]) -> None:
    """Raises BackEndUnreachable for the first role that must answer and does not, naming its setting."""
    roles = {role.role: role for role in ROLES}
    for row in backends:
        if row.state == "unreachable" and (roles[row.role].must or not roles[row.role].served):
            raise BackEndUnreachable(f"{row.setting}: {row.role} ({row.product}) {row.detail}; correct it or unset it")


def _row(role: _Role, url: str, found: dict[str, str | None]) -> BackEnd:
    row = BackEnd(
        role.role, "embedded", role.embedded, variable(role.setting), f"set {variable(role.setting)} for {role.real}"
    )
    if not url:
        return row
    if not role.served and any(other.served for other in ROLES if role.setting in (other.setting, other.address)):
        return replace(row, detail=f"stays in process in this version, {variable(role.setting)} or not")
    if not role.served:
        return replace(row, state="unreachable", product=role.real, detail="is not in this version yet")
    why = found[url]
    shown = urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]).geturl()
    if why is None:
        return replace(row, state="connected", product=role.real, detail=shown)
    return replace(row, state="unreachable", product=role.real, detail=f"{shown} does not answer: {why}")
