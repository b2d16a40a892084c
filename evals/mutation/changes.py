"""The changes: one value each, and the name by which facts say that they read it (`tools.reads`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from desk.demo import DemoPlan
from desk.factory import Desk
from desk.filings.bundled import BundledFilings
from desk.market.history import History
from desk.settings import Settings
from desk.store.tables import transfers
from evals.mutation.world import World
from rag.figures import cell
from rag.parse import parse_filing

REPLAYED = 61
"""Closes that the day replayed is drawn from: its own, the one before, and those that say how much it moves."""
EPOCH = date(1970, 1, 1).toordinal()
Hits = Callable[[str], bool]


@dataclass(frozen=True)
class Change:
    """A change by name. `hits`: whether a name of something read is that of the changed value.

    `cells`: the filing whose changed cells are found by reading both documents; `hits` then only adds to them.
    """

    name: str
    world: World
    hits: Hits
    cells: str = ""


def _is(*names: str) -> Hits:
    return lambda read: read in names


def _close(instrument: str, at: int | str, factor: float) -> Change:
    """A close by its place from the end of the history, or by its day."""
    days = [date.fromordinal(EPOCH + int(each)).isoformat() for each in History().series(instrument).days]
    place = at if isinstance(at, int) else days.index(at) - len(days)
    day = days[place]

    def hits(read: str) -> bool:
        kind, _, rest = read.partition(":")
        if kind == "quote":
            return rest == instrument and place >= -REPLAYED
        if kind != "closes" or not rest.startswith(f"{instrument}:"):
            return False
        first, _, last = rest.removeprefix(f"{instrument}:").partition("..")
        return place < -1 and first <= day <= (last or "9999")  # the day replayed is no bar yet

    return Change(f"close of {instrument} on {day}", World(closes={(instrument, place): factor}), hits)


def _account(id: str, **changed: object) -> Callable[[DemoPlan], DemoPlan]:
    def edit(plan: DemoPlan) -> DemoPlan:
        rows = tuple(one.model_copy(update=changed) if one.id == id else one for one in plan.accounts)
        return plan.model_copy(update={"accounts": rows})

    return edit


def _held(account: str, instrument: str, units: int) -> Change:
    def edit(plan: DemoPlan) -> DemoPlan:
        now = next(one.positions for one in plan.accounts if one.id == account)
        return _account(account, positions={**now, instrument: type(now[instrument])(units)})(plan)

    return Change(f"{instrument} held by {account}", World(plan=edit), _is(f"held:{account}:{instrument}"))


def _profile(person: str, field: str, value: int) -> Change:
    def edit(plan: DemoPlan) -> DemoPlan:
        rows = tuple(
            one.model_copy(update={"profile": {**one.profile, field: value}}) if one.name == person else one
            for one in plan.people
        )
        return plan.model_copy(update={"people": rows})

    return Change(f"{field} of {person}", World(plan=edit), _is(f"profile:{person}:{field}"))


def _threshold(kind: str, value: int) -> Change:
    def edit(plan: DemoPlan) -> DemoPlan:
        return plan.model_copy(update={"thresholds": plan.thresholds.model_copy(update={kind: value})})

    name = f"desk:desk.identity.roles.Thresholds.{kind}"
    return Change(f"approval threshold of a {kind}", World(plan=edit), _is(name))


def _headline(id: str, old: str, new: str, name: str) -> Change:
    return Change(name, World(headlines=(old, new)), _is(f"news:{id}"))


def _transfer() -> Change:
    """The largest transfer of the ring, by a tenth more."""

    def edit(desk: Desk) -> None:
        with desk.store.begin() as connection:
            minor = connection.execute(select(transfers.c.minor).where(transfers.c.id == TRANSFER)).scalar_one()
            made = update(transfers).where(transfers.c.id == TRANSFER).values(minor=minor + minor // 10)
            connection.execute(made)

    return Change(f"amount of transfer {TRANSFER}", World(opened=edit), _is(f"transfer:{TRANSFER}", "transfers"))


TRANSFER = "tr-010346"


def changes() -> Iterable[Change]:
    """All of them."""
    fees = Settings(sim_taker_bps="7", sim_maker_bps="7")
    return (
        _close("XNAS:AAPL", -1, 1.03),
        _close("XNAS:MSFT", -120, 1.06),
        _close("XNYS:KO", -2, 0.98),
        _close("CRYPTO:BTCUSD", -1, 1.02),
        _close("FX:EURUSD", -1, 1.01),
        _close("INDEX:SPX", "2018-12-31", 0.9),
        _held("desk-1", "XNAS:AAPL", 410),
        _held("customer-1", "XNYS:KO", 560),
        Change("cash of desk-1", World(plan=_account("desk-1", cash=1_100_000)), _is("cash:desk-1")),
        _profile("customer", "monthly_saving", 2_300),
        _profile("customer", "age", 43),
        _profile("customer", "income", 90_000),
        _threshold("trader", 150_000),
        _threshold("customer", 12_000),
        Change("fee of the venue", World(settings=fees), _is("desk:desk.trading.venue_order.commission_on")),
        Change(
            "Apple's net sales of fiscal 2023",
            World(documents=("Apple.10-K.html.gz", 'id="f-67">383,285<', 'id="f-67">383,385<')),
            _is(),
            cells="apple-10-k-2024",
        ),
        _headline(
            "demo-2efab3176a",
            "$AAPL at a 52-week low. Value or trap?",
            "$AAPL soars. What a quarter!",
            "a post on Apple",
        ),
        _transfer(),
    )


def hits_for(change: Change) -> Hits:
    """The change's own hits; of a document, the cells that read differently in it."""
    if change.world.documents is None:
        return change.hits
    source, (_, old, new) = BundledFilings(), change.world.documents
    filing = next(one for one in source.filings() if one.id == change.cells)
    raw = source.fetch(filing.id)
    was, now = (
        {cell(filing, figure): figure.value for figure in parse_filing(filing, text).figures}
        for text in (raw, raw.replace(old.encode(), new.encode(), 1))
    )
    return _is(*(name for name, value in was.items() if now.get(name) != value))
