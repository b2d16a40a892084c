"""A real limit on file size and a real read-only folder: orders are refused, none acknowledged is lost."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk.clock import FrozenClock
from desk.errors import DataFolderError
from desk.trading.journal import SegmentJournal
from desk.trading.lines import segments
from desk.trading.private import PrivateDesk, build_private_desk
from tests.desk.trading.desks import SEEDS
from tests.desk.trading.fake_feed import START, FakeFeed
from tests.desk.trading.test_gateway import buy

pytestmark = pytest.mark.fault
NOBODY = 65_534


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that another user may reach (root may write anywhere, so the child is somebody else)."""
    folder = Path(tempfile.mkdtemp(prefix="tenor-room-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


def open_gate(folder: Path) -> tuple[PrivateDesk, SegmentJournal]:
    journal = SegmentJournal(folder / "journal", segment_bytes=8_000)
    seeds = SEEDS if journal.last_seq == 0 else []
    return build_private_desk(FakeFeed(), FrozenClock(START), seeds, journal=journal), journal


def trade_until_refused(folder: Path, starve: Callable[[], None]) -> None:
    """Notes what is durable, starves the disk half way; ends when every further order is refused."""
    desk, journal = open_gate(folder)
    with (folder / "durable").open("w") as notes:
        for n in range(400):
            try:
                decision = desk.gate.submit(buy(1, id=f"o-{n}"))
                assert decision.seq
                if journal.wait_durable(decision.seq, 20):
                    notes.write(f"o-{n}\n")
                    notes.flush()
            except DataFolderError as error:
                assert "free space" in error.message  # noqa: PT017
                break
            if n == 20:
                starve()
    for n in range(3):
        with pytest.raises(DataFolderError, match="records up to"):
            desk.gate.submit(buy(1, id=f"late-{n}"))
    assert n < 399
    journal.close()


def in_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        code = 3
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def check_nothing_lost(folder: Path) -> None:
    durable = (folder / "durable").read_text().split()
    assert 20 < len(durable) < 399
    desk, journal = open_gate(folder)
    accepted = [
        record.body["order"]["client_id"]  # type: ignore[index]
        for record in journal.replay()
        if record.kind == "order.accepted"
    ]
    assert accepted[: len(durable)] == durable
    assert not any(id.startswith("late") for id in accepted)
    for record in journal.replay():
        desk.accounts.apply(record)
    decision = desk.gate.submit(buy(1, id="after"))
    assert decision.seq
    assert journal.wait_durable(decision.seq, 20)
    journal.close()


def test_a_file_that_may_not_grow_refuses_and_a_restart_goes_on(home: Path) -> None:
    def starve() -> None:
        size = segments(home / "journal")[-1].stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1_500, resource.RLIM_INFINITY))

    assert in_child(lambda: trade_until_refused(home, starve)) == 0
    check_nothing_lost(home)


def test_a_folder_that_turns_read_only_refuses_and_a_restart_goes_on(home: Path) -> None:
    def work() -> None:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        trade_until_refused(home, lambda: (home / "journal").chmod(0o555))

    assert in_child(work) == 0
    (home / "journal").chmod(0o777)
    check_nothing_lost(home)
