"""`tenor backtest`: a strategy over history, through a private copy of the same gate."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from datetime import date
from pathlib import Path

from api.backtest_sheet import build_sheet, study_body, study_text
from api.commands.arm_backtest import backtest_arm
from api.commands.seat import Seat
from api.holder import Outcome
from desk.backtest.market import read_raw
from desk.backtest.strategies import find_strategy
from desk.backtest.tearsheet import print_html, print_pdf
from desk.errors import InputError
from desk.experiments.arms import ARMS, Arm
from desk.experiments.portfolios import PortfolioStudy, Window, all_strategies, study_portfolio
from desk.identity.roles import Action, check_may
from desk.instruments import AssetClass
from desk.market.feed import MarketFeed

USUAL = "XNAS:AAPL"


async def backtest(seat: Seat) -> Outcome:
    """The exit code is 1 when the strategy was caught looking ahead or raised in mid-run."""
    check_may(seat.person(), Action.READ_MARKET)
    arm = learned_arm(seat.args.strategy)
    if arm is not None:
        return await backtest_arm(seat, arm, only_instrument(seat))
    study = await asyncio.to_thread(run_study, seat.runtime.desk.feed, seat.args)
    body = study_body(study)
    body["files"] = await asyncio.to_thread(_write, seat, study)
    return Outcome(1 if study.leak or study.run.stopped else 0, body, study_text(study))


def learned_arm(name: str) -> Arm | None:
    """The arm of this name when it is no strategy of portfolios: it learns, or reads more than closes.

    InputError names all there are.
    """
    key, known = name.strip().casefold().replace("-", "_").replace(" ", "_"), all_strategies()
    if key not in known and key not in ARMS:
        raise InputError(f"strategy {name!r} is not known; there are: {', '.join(dict.fromkeys((*known, *ARMS)))}")
    return None if key in known else ARMS[key]


def only_instrument(seat: Seat) -> str:
    """The one instrument; InputError for several, or for words that such an arm does not take."""
    args, ids = seat.args, find_instruments(seat.runtime.desk.feed, seat.args.instrument or [USUAL])
    given = ("start", "end", "optimise", "knob", "free", "html", "pdf")
    odd = [word for word in given if getattr(args, word)]
    if len(ids) != 1 or odd:
        what = f"--{odd[0]}" if odd else f"{len(ids)} instruments"
        raise InputError(f"{args.strategy} runs on one instrument over the last --years; it takes no {what}")
    if not 1 <= args.years <= 40:
        raise InputError(f"{args.years} years is not between 1 and 40; give --years 10")
    return ids[0]


def run_study(feed: MarketFeed, args: Namespace) -> PortfolioStudy:
    """The study that the words ask for; what makes no sense is refused before anything is read."""
    find_strategy(args.strategy, all_strategies())
    window, ids = read_window(args), find_instruments(feed, args.instrument or [USUAL])
    return study_portfolio(read_raw(feed, ids, args.base), args.strategy, window)


def find_instruments(feed: MarketFeed, names: list[str]) -> list[str]:
    """Ids by id, symbol or name, several with commas, or a kind such as `stock` for all of it; each once."""
    found: dict[str, None] = {}
    for name in (part.strip() for given in names for part in given.split(",") if part.strip()):
        kind = next((one for one in AssetClass if name.casefold() in (one.value, one.value + "s")), None)
        if kind is not None:
            found |= dict.fromkeys(one.id for one in feed.instruments if one.asset_class is kind)
        else:
            found[(feed.instruments.find(name) or feed.instruments.get(name)).id] = None
    return list(found)


def read_window(args: Namespace) -> Window:
    """What is judged; InputError for what is no day, or years that are not 1 to 40."""
    if not 1 <= args.years <= 40:
        raise InputError(f"{args.years} years is not between 1 and 40; give --years 10")
    return Window(_day(args.start), _day(args.end), args.years, args.free, args.optimise, _knobs(args.knob or []))


def _knobs(given: list[str]) -> tuple[tuple[str, int], ...]:
    found = []
    for text in given:
        name, _, value = text.partition("=")
        if not value.isdecimal():
            raise InputError(f"--knob {text} is not a name and a whole number; give one such as every=21")
        found.append((name.strip(), int(value)))
    return tuple(found)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"{text!r} is no day; give one such as 2018-01-31") from None


def _write(seat: Seat, study: PortfolioStudy) -> list[str]:
    """The files asked for; InputError when one cannot be written."""
    sheet = build_sheet(study)
    made = [
        _saved(seat.path(seat.args.html), print_html(sheet).encode()) if seat.args.html else "",
        _saved(seat.path(seat.args.pdf), print_pdf(sheet)) if seat.args.pdf else "",
    ]
    return [path for path in made if path]


def _saved(path: Path, content: bytes) -> str:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); give another file") from None
    return str(path)
