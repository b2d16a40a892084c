"""Every bench by name."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from bench import (
    backtest,
    bots,
    desk,
    durable,
    fallback,
    fanout,
    filing_watch,
    fraud_alert,
    fraud_scan,
    fraud_stream,
    ingest,
    kernel,
    optimise,
    order_http,
    pagerank,
    plan,
    ppo,
    risk_http,
    simulate,
    supervisor,
    whatif,
)
from bench.crash import run as crash
from bench.report import Report
from desk.errors import InputError


@dataclass(frozen=True)
class Bench:
    """A bench and what its figures are."""

    name: str
    about: str
    run: Callable[[], Report]


def benches() -> dict[str, Bench]:
    """All benches."""
    found = (
        Bench("desk", "a turn, doctor, memory at rest, second start, installed size", desk.run),
        Bench("match", "the matching engine on the mixed flow, beside the fastest native peer", kernel.run_match),
        Bench("match_fused", "with limits, positions and journal records", kernel.run_match_fused),
        Bench("match_symbols", "1,024 symbols interleaved, beside one", kernel.run_match_symbols),
        Bench("match_scaling", "two engines on two cores", kernel.run_match_scaling),
        Bench("simulate", "trades a second through limits, book, positions and journal, in process", simulate.run),
        Bench("whatif", "VaR and CVaR after an order, from cached scenarios, against numpy in full", whatif.run),
        Bench("optimise", "minimum variance and maximum Sharpe of 100 and 500, beside PyPortfolioOpt", optimise.run),
        Bench("plan", "a retirement plan of 10,000 paths over 40 years", plan.run),
        Bench("order_http", "signed orders over HTTP to a whole desk, beside the FastAPI route", order_http.run),
        Bench("durable", "group commit of the journal beside a bare write and fdatasync", durable.run),
        Bench("fanout", "order books to 1,000 WebSocket clients of a whole running desk", fanout.run),
        Bench("fallback", "the next driver's answer after a 10 ms deadline, and the router's own cost", fallback.run),
        Bench("supervisor", "six agents' run beside its tools, no model, checkpoints in memory", supervisor.run),
        Bench(
            "pagerank", "ranks of 200,000 accounts over a million transfers, beside igraph and rustworkx", pagerank.run
        ),
        Bench(
            "fraud_stream", "payments scored as they happen, in a batch and one by one, beside river", fraud_stream.run
        ),
        Bench("fraud_alert", "from a transfer or order to the officer's frame, in a running desk", fraud_alert.run),
        Bench("filing_watch", "from a filing's listing at EDGAR to the frame, 150 companies watched", filing_watch.run),
        Bench("fraud_scan", "every detector over a million transfers: seconds and memory", fraud_scan.run),
        Bench("backtest", "a crossover over 20 stocks and 33 years, beside vectorbt", backtest.run),
        Bench("ppo", "steps a second of our learner on two tasks, beside stable-baselines3 through FinRL", ppo.run),
        Bench("ingest", "stream messages of the market to events, told apart and queued; and to Parquet", ingest.run),
        Bench("bots", "ten bots over fifty symbols for an hour of the replayed market", bots.run),
        Bench(
            "crash", "kill -9 at every boundary between a proposal and its fill, over a real Redis server", crash.run
        ),
        Bench("risk_http", "risk queries to a desk in a process of its own", risk_http.run),
    )
    return {bench.name: bench for bench in found}


def find_benches(name: str) -> list[Bench]:
    """The named bench, or all; InputError names those there are."""
    known = benches()
    if name == "all":
        return list(known.values())
    if name not in known:
        raise InputError(f"bench {name!r} is not known; there are: {', '.join(known)}")
    return [known[name]]


def attempt(bench: Bench) -> Report:
    """A bench's report; of one that breaks off an incorrect report that says where, so that others still run."""
    sys.stderr.write(f"{bench.name} …\n")
    try:
        return bench.run()
    except Exception as error:  # noqa: BLE001 - the border between benches
        traceback.print_exc()
        return Report(bench.name, False, {}, notes=[f"broke off: {type(error).__name__}: {error}"])


def measure(found: Sequence[Bench]) -> list[dict[str, object]]:
    """The benches' reports as they are printed, one after the other; several run in a fresh process each, so that none
    pays for what another left behind.
    """
    if len(found) == 1:
        return [attempt(found[0]).to_dict()]
    return [_apart(bench.name) for bench in found]


def _apart(name: str) -> dict[str, object]:
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        try:
            return process.submit(_named, name).result()
        except BrokenProcessPool:
            return Report(name, False, {}, notes=["broke off: its process was killed"]).to_dict()


def _named(name: str) -> dict[str, object]:
    return attempt(benches()[name]).to_dict()
