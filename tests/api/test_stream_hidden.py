"""What frames leave out: with whom an order traded is for the rules over markets, not for those who hear the stream."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from api.stream import Hub, _Reader
from desk.bus.local import LocalBus
from desk.identity.roles import Person, Role
from tests.desk.trading.fake_feed import FakeFeed


@dataclass
class Wire:
    """Keeps what was written; frames are short, so their text begins after at most four bytes of head."""

    seen: list[dict[str, object]] = field(default_factory=list)

    def write(self, frame: bytes) -> bool:
        self.seen.append(json.loads(frame[frame.index(b"{") :]))
        return True

    def end(self, code: int, reason: str) -> None:
        raise AssertionError((code, reason))


async def test_an_order_frame_names_no_counterparty():
    bus, wire = LocalBus(), Wire()
    hub = Hub(FakeFeed(), bus)
    pump = asyncio.create_task(hub.run())
    await asyncio.sleep(0)
    hub._readers.add(_Reader(Person("tom", "Tom", Role.TRADER, ("desk-1",)), wire, "", lambda: True))
    trades = [{"trade": "b~1", "other": "customer-1", "quantity": "7", "price": "1"}]
    bus.publish("orders", {"client_id": "b", "account": "desk-1", "limit": "1", "trades": trades})
    bus.publish("orders", {"client_id": "c", "account": "customer-1", "limit": "1"})
    await asyncio.sleep(0.05)
    pump.cancel()
    (frame,) = [frame for frame in wire.seen if frame["type"] == "order"]
    assert (frame["client_id"], frame["limit"]) == ("b", "1")
    assert "customer-1" not in json.dumps(frame)
