"""An outside broker: exactly one order at a venue that may be slow, silent, or say everything twice.

Before an order is sent the venue is asked for it by its client id, and when an answer fails to come
it is asked again, once nothing of the earlier request can arrive any more. So a repeat, in this
process or another, finds the first order instead of making a second. A stream brings the news; a
second thread reads what the stream may have missed, at each new line and regularly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import structlog

from desk.clock import Clock, to_iso
from desk.errors import BrokerError
from desk.orders import FINAL_STATES, Fill, Order, OrderState
from desk.stream import Event, VenueStream
from desk.trading.broker import Placement
from desk.trading.followed import Followed, FollowedOrder, Report
from desk.trading.reach import Reach, ReachState
from desk.trading.tokens import TokenSigner
from desk.trading.venue_door import VenueDoor, Working

CATCH_UP_S = 15.0
"""How often the venue is asked for what the stream may have missed."""

_SPACING_S, _FIRST_WAIT_S, _LANES, _PATIENCE = 0.3, 0.5, 16, 3


class OutsideBroker:
    """See `Broker` and the module. Usable at once for `place`; `start` begins the stream and the catching up."""

    def __init__(self, door: VenueDoor, signer: TokenSigner, wall: Clock, *, catch_up_s: float = CATCH_UP_S) -> None:
        self.door, self._signer, self._wall, self._catch_up_s = door, signer, wall, catch_up_s
        self.followed = Followed()
        self._names: dict[str, str] = {}
        self._lanes = [threading.Lock() for _ in range(_LANES)]
        self._placing: set[str] = set()
        self._settled: dict[str, float] = {}
        self._born = time.monotonic()
        self._reach = Reach("starting", "not asked yet")
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._all, self._asked = threading.Event(), threading.Event()
        self._stream: VenueStream | None = None
        self._keeper: threading.Thread | None = None

    @property
    def name(self) -> str:
        """The venue's name as people know it."""
        return self.door.name

    @property
    def reach(self) -> Reach:
        """Whether the venue can be reached, as last seen."""
        now = self._reach
        return Reach(now.state, now.detail, now.at, self._stream is not None and self._stream.live)

    def start(self) -> None:
        """Begins to listen and to catch up, in threads of its own; a second call does nothing."""
        if self._keeper is None:
            self._stream = self.door.stream(self._hear, self.wake)
            self._keeper = threading.Thread(target=self._keep, name=f"tenor-{self.name.lower()}", daemon=True)
            self._keeper.start()
            self._stream.start()

    def await_first(self, seconds: float) -> None:
        """Waits until the venue was asked for the first time, at most so long."""
        self._asked.wait(max(0.0, seconds))

    def close(self) -> None:
        """Ends the threads and the session; safe to call twice."""
        self._stopping.set()
        self._wake.set()
        if self._stream is not None:
            self._stream.stop()
        if self._keeper is not None:
            self._keeper.join(timeout=10)
        self.door.close()

    def wake(self) -> None:
        """Lets the catching up happen now."""
        self._all.set()
        self._wake.set()

    def place(self, order: Order, token: str) -> Placement:
        """See `Broker.place`. What the venue would not take is REJECTED with the rule's name and both numbers."""
        self._signer.check(order, token, None)
        with self._lanes[hash(order.client_id) % _LANES]:
            known = self.followed.answer(order.client_id)
            if known is not None:
                return known
            self._reach.check(self.name)
            self._follow(order)
            self._placing.add(order.client_id)
            try:
                return self._take(self._place(order, token))
            finally:
                self._placing.discard(order.client_id)

    def expect_earlier(self, order: Order) -> None:
        """Says that another process has just tried this order: its request may still be on the way."""
        self._settled[order.client_id] = time.monotonic() + self.door.window_s

    def restore(self, order: Order, token: str, fills: Sequence[Fill], triggered: bool = False) -> Placement:
        """See `Broker.restore`: asks nothing now, so that a start never waits for a venue; `poll` brings the news."""
        self._signer.check(order, token, None)
        self._follow(order, fills, triggered)
        self.wake()
        return self.followed.answer(order.client_id) or Placement(
            order.client_id, tuple(fills), OrderState.WORKING, "", triggered
        )

    def cancel(self, client_id: str) -> Placement | None:
        """See `Broker.cancel`. A venue that only notes the wish answers WORKING; the end comes by `poll`."""
        order = self.followed.order(client_id)
        answer = self.followed.answer(client_id)
        if order is None or (answer is not None and answer.state is not OrderState.WORKING):
            return None
        self._reach.check(self.name)
        try:
            self.door.cancel(order)
            found = self.door.find(order)
        except BrokerError as error:  # whoever cancels many must not wait for each
            self._note(self._reach.after(error), error.message)
            self.wake()
            raise
        return None if found is None else self._take(found)

    def open_orders(self) -> list[str]:
        """See `Broker.open_orders`; one that this desk does not know stands with the name it has at the venue."""
        return [self._names.get(working.name, working.name) for working in self.door.working()]

    def poll(self) -> list[Placement]:
        """See `Broker.poll`; never waits."""
        return self.followed.drain()

    def commission(self, notional: int, currency: str) -> int:
        """See `Broker.commission`."""
        return self.door.commission(notional)

    def knows(self, working: Working) -> str | None:
        """The client id of an order at the venue; None for one that is not this desk's."""
        return self._names.get(working.name)

    def catch_up(self) -> None:
        """Asks the venue about all that goes on and takes in the answers. Raises BrokerError.

        One question that fails leaves the others; three in a row end it until the next time.
        """
        self.door.check()
        there = {working.name: working for working in self.door.working()}
        failed: list[BrokerError] = []
        for one in self.followed.pick():
            if one.order.client_id in self._placing or len(failed) == _PATIENCE:
                continue
            try:
                self._look_at(one, there.get(self.door.label(one.order)))
                failed.clear()
            except BrokerError as error:
                failed.append(error)
                self.wake()
        self.fetch_fills()
        if failed:
            raise failed[-1]

    def fetch_fills(self) -> None:
        """Asks for the trades that the venue spoke of and did not tell. Raises BrokerError."""
        torn = [one for one in self.followed.pick() if not one.whole]
        for report in self.door.fills(torn) if torn else ():
            self.followed.take(report, tell=True)

    def _look_at(self, one: FollowedOrder, there: Working | None) -> None:
        if one.state in FINAL_STATES:
            return  # only its trades are wanted
        if there is not None:
            self.followed.take(self.door.report(there, one.order), tell=True)
            return
        found = self.door.find(one.order)
        if found is None:
            self.followed.lose(one.order.client_id)
        else:
            self.followed.take(found, tell=True)

    def _follow(self, order: Order, fills: Sequence[Fill] = (), triggered: bool = False) -> None:
        self._names[self.door.label(order)] = order.client_id
        self.followed.follow(order, fills, triggered)

    def _take(self, report: Report) -> Placement:
        """Takes in an answer that the caller is about to book; the trades it lacks are asked for at once."""
        placement = self.followed.take(report, tell=False)
        assert placement is not None, "only what is followed is asked for"
        torn = [one for one in self.followed.pick() if one.order.client_id == report.client_id and not one.whole]
        try:
            for more in self.door.fills(torn) if torn else ():
                placement = self.followed.take(more, tell=False) or placement
        except BrokerError:
            self._wake.set()
        return placement

    def _place(self, order: Order, token: str) -> Report:
        found = self._find(order)
        if found is None and self._wait_settled(order.client_id):
            found = self._find(order)
        if found is not None:
            return found
        self._signer.check(order, token, self._wall.now())
        try:
            return self.door.place(order)
        except BrokerError as error:
            if not (error.retry and error.sent):
                raise
            self.expect_earlier(order)
            return self._ask_what_became(order, error)

    def _ask_what_became(self, order: Order, error: BrokerError) -> Report:
        """After a silence: what the venue has. Raises BrokerError, with `sent` as far as it is known."""
        structlog.get_logger("broker").warning("no answer to an order", client_id=order.client_id, why=error.message)
        try:
            found = self.door.find(order)
            if found is None:
                self._wait_settled(order.client_id)
                found = self.door.find(order)
        except BrokerError as silent:
            message = f"{silent.message}; whether order {order.client_id} arrived is asked before it is sent again"
            raise BrokerError(message, retry=True) from None
        if found is None:
            raise BrokerError(f"{error.message}; order {order.client_id} did not arrive", retry=True, sent=False)
        return found

    def _find(self, order: Order) -> Report | None:
        try:
            return self.door.find(order)
        except BrokerError as error:
            if not error.retry:
                raise
            raise BrokerError(error.message, retry=True, sent=False) from None

    def _wait_settled(self, client_id: str) -> bool:
        """Waits until no earlier request of this order, by this process or one before it, can arrive any more.

        Whether there was anything to wait for.
        """
        until = max(self._settled.pop(client_id, 0.0), self._born + self.door.window_s)
        left = until - time.monotonic()
        if left > 0:
            self._stopping.wait(left)
        return left > 0

    def _hear(self, event: Event) -> None:
        """Takes in one event of the stream; a malformed one is logged and left to the catching up."""
        try:
            report = self.door.read(event, self._by_name)
        except (KeyError, ValueError, TypeError, ArithmeticError) as error:
            structlog.get_logger("broker").warning("cannot read an event", broker=self.name, why=repr(error)[:200])
            self.wake()
            return
        if report is None:
            return
        placement = self.followed.take(report, tell=True)
        if placement is not None and sum(fill.quantity for fill in placement.fills) < report.executed:
            self._wake.set()

    def _by_name(self, name: str) -> Order | None:
        client_id = self._names.get(name)
        return None if client_id is None else self.followed.order(client_id)

    def _keep(self) -> None:
        failures, due = 0, 0.0
        while not self._stopping.is_set():
            self._wake.clear()
            everything = self._all.is_set() or bool(failures) or time.monotonic() >= due
            try:
                if everything:
                    self._all.clear()
                    self.catch_up()
                    due = time.monotonic() + self._catch_up_s
                else:
                    self.fetch_fills()
                failures = 0
                self._note("connected", "")
            except BrokerError as error:
                failures += 1
                self._note(self._reach.after(error), error.message)
            except Exception:  # noqa: BLE001 - an answer nobody foresaw must not end the keeping
                failures += 1
                structlog.get_logger("broker").exception("catching up failed", broker=self.name)
            wait = self._catch_up_s if not failures else min(self._catch_up_s, _FIRST_WAIT_S * 2 ** min(failures, 8))
            self._stopping.wait(_SPACING_S if not failures else min(wait, _FIRST_WAIT_S))
            self._wake.wait(wait)

    def _note(self, state: ReachState, detail: str) -> None:
        if (state, detail) != (self._reach.state, self._reach.detail):
            structlog.get_logger("broker").info("reach", broker=self.name, state=state, why=detail)
        self._reach = Reach(state, detail, to_iso(self._wall.now()))
        self._asked.set()
