"""The trading desk: journal, accounts, gate, venue, broker, recorder and halt switch, wired.

One process holds one `TradingDesk` of a data folder. `recover()` must be called once before
orders are taken; after it every durable accepted order has its outcome exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from desk.errors import BrokerError, Conflict
from desk.money import Money
from desk.orders import FINAL_STATES, Order, OrderState, OrderStatus, Position
from desk.risk.cache import Held
from desk.risk.limits import LimitTable
from desk.risk.marks import Marks
from desk.store.keys import load_key
from desk.trading.account_var import AccountVar
from desk.trading.accounts import AccountBook
from desk.trading.borrow import Borrow
from desk.trading.broker import Broker, Placement
from desk.trading.brokers import Brokers
from desk.trading.courier import Forbids
from desk.trading.decisions import ComplianceRule
from desk.trading.execution import Execution
from desk.trading.gateway import Gate
from desk.trading.halt import HaltState, HaltSwitch
from desk.trading.halting import Halting
from desk.trading.holdings import Accepted
from desk.trading.journal import SegmentJournal
from desk.trading.judging import GateRules
from desk.trading.order_list import OrderPage, list_orders
from desk.trading.outside import OutsideBroker
from desk.trading.realistic import build_venue
from desk.trading.recorder import Recorder
from desk.trading.seeds import Seed
from desk.trading.services import Services
from desk.trading.settlement import Settlement
from desk.trading.snapshots import Snapshots
from desk.trading.tokens import TokenSigner
from desk.trading.unfinished import Unfinished
from desk.trading.valuation import Valuation

HALTED = "the desk was halted"


class TradingDesk:
    """See the module. `build_outside` makes the outside brokers; where none serves, the simulated venue does.

    `build_broker` makes one broker for every order that goes by the outbox, whatever its instrument.

    `dispatch` passes a client id to a worker, which calls `execute`; None leaves it to
    `execute_waiting`; `forbids` is asked again right before the venue. The gate is `gate`; the switch `switch`.
    """

    def __init__(
        self,
        folder: Path,
        services: Services,
        *,
        limits: LimitTable | None = None,
        compliance: Sequence[ComplianceRule] = (),
        build_broker: Callable[[TokenSigner], Broker] | None = None,
        build_outside: Callable[[TokenSigner], Sequence[OutsideBroker]] = lambda _: (),
        dispatch: Callable[[str], None] | None = None,
        journal: SegmentJournal | None = None,
        forbids: Forbids = lambda _: None,
    ) -> None:
        feed, wall, limits = services.feed, services.wall, limits or LimitTable()
        self._dispatch, self._folder, self._feed = dispatch or (lambda _: None), folder, feed
        signer, marks = TokenSigner(load_key(folder / "keys" / "gate.key")), Marks(feed, limits.base)
        self.journal = journal or SegmentJournal(folder / "journal")
        self.accounts = AccountBook(feed.instruments)
        self.settlement = Settlement(self.accounts, self.journal, services.bus, market=feed, wall=wall)
        self.switch = HaltSwitch(folder, services.bus, wall)
        self.valuation = Valuation(self.accounts, marks, self.settlement.lock)
        self.venue = build_venue(feed, signer, wall, services.terms)
        self.brokers = Brokers(self.venue, build_outside(signer), lambda id: feed.quote(id).simulated)
        self.borrow = Borrow(self.settlement, feed, services.terms, self.brokers.leaves)
        rules = (*compliance, *self.brokers.rules, *self.borrow.rules)
        inside = self.brokers if self.brokers.outside else self.venue
        self.broker: Broker = build_broker(signer) if build_broker else inside
        self.execution = Execution(
            services, self.settlement, self.broker, self.switch.reason, forbids, self.brokers.expect_earlier
        )
        self.gate = Gate(
            settlement=self.settlement,
            marks=marks,
            venue=self.venue,
            signer=signer,
            rules=GateRules(limits, rules, self.switch.reason, risk_after=AccountVar(marks)),
            wall=wall,
            leaves=self.brokers.leaves,
        )
        self._follow(services)

    def _follow(self, services: Services) -> None:
        """What happens behind the orders: the ledger, snapshots, the hold of a halt."""
        self.recorder = Recorder(
            store=services.store,
            ledger=services.ledger,
            journal=self.journal,
            wall=services.wall,
            dispatch=self._dispatch,
            subjects=services.subjects,
        )
        self.snapshots = Snapshots(
            self._folder / "snapshots", journal=self.journal, book=self.accounts, lock=self.settlement.lock
        )
        self.halting = Halting(self.switch, record=self._record_halt, cancel_open=self._cancel_open)
        self.journal.on_durable(self.recorder.record)
        self.journal.on_durable(lambda group: self.snapshots.notice(group[-1].seq))

    def recover(self) -> int:
        """Rebuilds the state (newest snapshot, then the journal) and takes up what a crash interrupted.

        Returns the number of records taken in. A second call replays nothing and repeats no order.
        """
        with self.settlement.lock:
            before = self.accounts.seq
            if not before:
                self.snapshots.restore()
            for record in self.journal.replay(self.accounts.seq):
                self.accounts.apply(record)
            self.recorder.catch_up()
            self.execution.reset()
            halted, unfinished = bool(self.switch.reason()), self._unfinished()
            for accepted in self.accounts.open_orders():
                unfinished.give_up(accepted, HALTED) if halted else unfinished.take_up(accepted)
            taken = self.accounts.seq - before
        self.snapshots.start()
        self.halting.take_hold()
        self.halting.start()
        return taken

    def seed(self, seeds: Iterable[Seed]) -> None:
        """Opens accounts with what they hold; an account that exists is left as it is."""
        with self.settlement.lock:
            for seed in seeds:
                if seed.account not in self.accounts.accounts:
                    self.settlement.write("account.seeded", seed.account, seed.to_dict())

    def execute(self, client_id: str) -> str:
        """The worker's job for one order; see `Execution.execute`."""
        return self.execution.execute(client_id)

    def execute_waiting(self) -> int:
        """Executes every order that waits, once each; returns how many."""
        waiting = self.execution.waiting()
        for client_id in waiting:
            self.execution.execute(client_id)
        return len(waiting)

    def poll(self) -> int:
        """Books what happened at the venues since the last call; to be called at every market tick."""
        with self.settlement.lock:
            booked = max(self.settlement.book_all(self.venue.poll()), self.borrow.accrue())
        if self.broker is not self.venue:
            with self.settlement.lock:
                out = self.accounts.open_orders() if self.brokers.outside else []
            self.brokers.follow(out)
            booked = max(booked, self.settlement.book_all(self.broker.poll()))
        self.accounts.pack(self.settlement.lock)
        return booked

    def cancel(self, client_id: str, why: str = "") -> OrderStatus:
        """Cancels what is left of an order, because of `why`; a final order is returned as it is.

        Conflict while the order is on its way to the broker; NotFound for an unknown id.
        """
        accepted = self.accounts.order(client_id)
        if accepted.status.state in FINAL_STATES:
            return self.status(client_id)
        placement = self._broker_of(accepted).cancel(client_id)
        if placement is None and self.execution.withdraw(client_id, untried=why == HALTED):
            placement = Placement(client_id, (), OrderState.CANCELLED, "cancelled before it was sent")
        if placement is None:
            raise Conflict(f"order {client_id} is on its way to the broker; try again in a moment")
        if why and placement.state is OrderState.CANCELLED:
            placement = placement._replace(reason=why)
        self.settlement.book(placement)
        return self.status(client_id)

    def halt(self, person: str, reason: str) -> HaltState:
        """Refuses every new order and cancels every open one; recorded with the person's name."""
        state = self.switch.halt(person, reason)
        self.halting.take_hold(person, reason)
        return state

    def resume(self, person: str) -> HaltState:
        """Counts towards resuming; see `HaltSwitch.resume`. Waiting orders are dispatched again."""
        state = self.switch.resume(person)
        self.settlement.write("desk.resumed", "desk", {"by": person, "halted": state.halted})
        if not state.halted:
            for client_id in self.execution.waiting():
                self._dispatch(client_id)
        return state

    def wait_durable(self, client_id: str, timeout: float = 10.0) -> bool:
        """Whether, within `timeout` seconds, the accepted order is on disk and in the ledger."""
        seq = self.accounts.order(client_id).seq
        return self.journal.wait_durable(seq, timeout) and self.recorder.recorded >= seq

    def status(self, client_id: str) -> OrderStatus:
        """Where an order stands now; NotFound for an unknown id."""
        with self.settlement.lock:
            return self.accounts.order(client_id).status.snapshot()

    def orders(self) -> list[OrderStatus]:
        """Every order, oldest first."""
        with self.settlement.lock:
            return [accepted.status.snapshot() for accepted in self.accounts.orders.values()]

    def page(self, wanted: Callable[[Order], bool], limit: int, before: str = "") -> OrderPage:
        """The newest orders, or those older than `before`; NotFound when it is no order."""
        return list_orders(self.accounts, self.settlement.lock, wanted, limit, before)

    def open_ids(self, accounts: Iterable[str], instrument: str = "") -> list[str]:
        """Client ids of what is open on the accounts (and of one instrument), oldest first."""
        wanted = frozenset(accounts)
        with self.settlement.lock:
            orders = [accepted.order for accepted in self.accounts.open_orders()]
        return [o.client_id for o in orders if o.account in wanted and instrument in ("", o.instrument)]

    def positions(self) -> list[Position]:
        """Every holding of every account that is not zero."""
        with self.settlement.lock:
            return self.accounts.positions()

    def cash(self) -> dict[str, list[Money]]:
        """Cash per account, one amount per currency."""
        with self.settlement.lock:
            return {
                account.id: [Money(minor, currency) for currency, minor in account.cash.items()]
                for account in self.accounts.accounts.values()
            }

    def holdings(self, account: str) -> Held:
        """What an account holds of listed instruments, for the risk of it; NotFound for an unknown account."""
        known = self._feed.instruments.known
        with self.settlement.lock:
            found = self.accounts.account(account)
            return Held({id: one.quantity for id, one in found.holdings.items() if known(id)}, dict(found.cash))

    def is_customer_account(self, account: str) -> bool:
        """Whether a customer's money is in it; NotFound for an unknown account."""
        return self.accounts.account(account).kind == "customer"

    def close(self) -> None:
        """Writes what waits, takes a snapshot and stops; safe to call twice."""
        self.brokers.close()
        self.halting.close()
        self.snapshots.close()
        self.journal.close()

    def _record_halt(self, person: str, reason: str) -> None:
        self.settlement.write("desk.halted", "desk", {"by": person, "reason": reason})

    def _cancel_open(self) -> int:
        """Cancels every open order because of the halt; how many could not be yet."""
        with self.settlement.lock:
            open_orders, left = self.accounts.open_orders(), 0
        open_orders.sort(key=lambda one: self.brokers.leaves(one.order.instrument))  # a mute venue holds up no other
        for accepted in open_orders:
            try:
                self.cancel(accepted.order.client_id, HALTED)
            except (Conflict, BrokerError):  # on its way, or the broker does not answer: asked again
                left += 1
        return left

    def _unfinished(self) -> Unfinished:
        return Unfinished(self._feed, self.settlement, self.execution, self.venue, self._broker_of, self._dispatch)

    def _broker_of(self, accepted: Accepted) -> Broker:
        if accepted.route == "venue":
            return self.venue
        return self.brokers.of(accepted.order.instrument) if self.broker is self.brokers else self.broker
