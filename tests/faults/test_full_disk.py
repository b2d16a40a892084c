"""A disk that fills up: the desk stops with a clear error and loses nothing that was durable."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from desk.errors import DataFolderError
from desk.orders import OrderState
from desk.trading.journal import SegmentJournal
from desk.trading.segments import DiskSegment
from tests.desk.trading.desks import open_desk
from tests.desk.trading.test_gateway import buy
from tests.faults.test_crash import check_ledger

pytestmark = pytest.mark.fault


class Small(DiskSegment):
    """A disk with room for 6,000 bytes of journal."""

    def write(self, data: bytes | bytearray) -> None:
        if self.size() + len(data) > 6_000:
            super().write(data[: len(data) // 3])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(data)


def test_a_full_disk_stops_the_desk_and_a_restart_has_everything(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, journal=SegmentJournal(tmp_path / "journal", opener=Small))
    durable = []
    for n in range(100):
        try:
            desk.gate.submit(buy(1, id=f"o-{n}"))
            if not desk.wait_durable(f"o-{n}"):
                break
        except DataFolderError as error:
            assert "No space left" in error.message  # noqa: PT017
            break
        durable.append(f"o-{n}")
    assert 2 < len(durable) < 100
    with pytest.raises(DataFolderError, match="free space"):
        desk.gate.submit(buy(1, id="late"))
    desk.close()
    again = open_desk(tmp_path)
    assert again.journal.wait_durable(again.accounts.seq, 10)
    orders = {status.order.client_id: status for status in again.orders()}
    assert set(durable) <= set(orders)
    assert all(status.state is OrderState.FILLED for status in orders.values())
    assert "late" not in orders
    check_ledger(again)
    assert again.gate.submit(buy(1, id="late")).ok
    again.close()
