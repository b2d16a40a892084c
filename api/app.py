"""The FastAPI application over a running system, and the web app it serves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.types import Lifespan

from api import entry, errors
from api.feed import door
from api.feed.hub import Hub as MarketHub
from api.feed.publisher import Publisher
from api.guard import Guard
from api.hot import HotOrders
from api.openai.keys import Turnstile
from api.risk_hot import HotRisk
from api.routes import (
    agents,
    approvals,
    audit,
    auth,
    bots,
    brokers,
    chat,
    evals,
    filing_study,
    filing_watch,
    filings,
    fraud,
    fraud_learning,
    fraud_looks,
    fraud_thresholds,
    fraud_triage,
    knowledge,
    mandates,
    market,
    models,
    openai,
    orders,
    portfolio,
    progress,
    prompts,
    research,
    risk,
    runs,
    schedules,
    stress,
    studies,
    system,
    transfers,
)
from api.stream import Hub
from api.stream import router as stream
from desk.settings import LOOPBACK, VERSION
from graphs.runtime import Runtime

WEB = Path(__file__).parent.parent / "webapp" / "out"
ROUTERS = (
    auth,
    chat,
    runs,
    approvals,
    orders,
    portfolio,
    progress,
    schedules,
    bots,
    brokers,
    knowledge,
    mandates,
    risk,
    stress,
    market,
    filing_study,
    filings,
    filing_watch,
    fraud,
    fraud_learning,
    fraud_thresholds,
    fraud_looks,
    fraud_triage,
    audit,
    evals,
    studies,
    research,
    prompts,
    agents,
    models,
    openai,
    system,
    transfers,
)
_NO_WEB = (
    "<!doctype html><html lang=en><title>Tenor</title><h1>Tenor is running</h1>"
    "<p>The web app was not built here. Run <code>make web</code> and reload; "
    "the HTTP API answers under /v1.</p></html>"
)


def _operation_id(route: APIRoute) -> str:
    return route.name


def build_app(runtime: Runtime, web: Path = WEB) -> HotOrders:
    """The whole HTTP door. `web` is the built web app; without it a page says how to build it."""
    desk = runtime.desk

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.hub = Hub(desk.feed, desk.bus)
        app.state.market = MarketHub(desk.bus)
        publisher = Publisher(desk.feed, desk.books, desk.bus, desk.wall)
        tasks = [asyncio.create_task(part.run()) for part in (app.state.hub, app.state.market, publisher)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            if hasattr(app.state, "studies"):
                app.state.studies.close()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)

    app = build_api(lifespan)
    app.state.runtime = runtime
    app.state.entry = entry.build_verifier(runtime)
    app.state.turnstile = Turnstile()
    hashes: list[str] = []
    if (web / "index.html").exists():
        if (web / "csp.json").exists():
            hashes = json.loads((web / "csp.json").read_text())["script-src"]
        app.mount("/", StaticFiles(directory=web, html=True), name="web")
    else:
        app.add_api_route("/", lambda: HTMLResponse(_NO_WEB), include_in_schema=False)
    settings = desk.settings
    hosts = frozenset(LOOPBACK if settings.loopback else LOOPBACK | {settings.host.lower()})
    return HotOrders(HotRisk(Guard(app, hosts, hashes), runtime, hosts), runtime, hosts)


def build_api(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The API alone, without a running system: what the OpenAPI document is made from."""
    app = FastAPI(
        title="Tenor",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    errors.install(app)
    for module in ROUTERS:
        app.include_router(module.router)
    app.include_router(stream)
    app.include_router(entry.router)
    app.include_router(door.router)
    app.add_api_route("/healthz", lambda: PlainTextResponse("ok\n"), include_in_schema=False)
    return app
