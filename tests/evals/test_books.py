"""The suite `books`: real tick files where they are, planted faults in every format where they are not."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from desk.errors import InputError
from desk.settings import Settings
from evals.books.readers import tally_file, tally_text
from evals.dataset import load_cases
from evals.run import run_suite
from evals.suites import books

WITHOUT_PACKAGE = """
import sys
sys.modules["databento_dbn"] = None
from pathlib import Path
from desk.errors import InputError
from evals.books.readers import tally_file
try:
    tally_file(Path(sys.argv[1]))
except InputError as error:
    print(error.message)
"""

dbn = importlib.import_module("databento_dbn")  # its own types call its enumerations texts
TICKS = Path(os.environ.get("TENOR_TEST_DATA", "../shared/data")) / "ticks"


@pytest.mark.parametrize("case", load_cases(books.FILE), ids=lambda case: case.id)
def test_planted_faults_are_found_and_no_others(case):
    tallies = tally_text(case.input.splitlines(keepends=True)).values()
    for name in books.METRICS:
        assert sum(getattr(tally, name) for tally in tallies) == case.target.get(name, 0)


async def test_the_suite_runs_on_shipped_cases_and_on_a_file(tmp_path):
    shipped = await run_suite("books", Settings())
    assert shipped.failed == 0
    assert shipped.metrics == {"crossed": 0, "crossed_auction": 0, "mismatches": 0}
    bad = tmp_path / "ticks.csv"
    bad.write_text(next(case.input for case in load_cases(books.FILE) if case.target == {"crossed": 1}))
    found = await run_suite("books", Settings(), bad)
    assert (found.cases, found.failed, found.metrics["crossed"]) == (1, 1, 1)
    assert "1 crossed in 3 events" in found.cases_detail[0].reason


def bybit(path: Path, *messages: tuple[str, int, list, list]) -> Path:
    lines = [
        json.dumps({"type": kind, "data": {"s": "X", "b": bids, "a": asks, "u": number}})
        for kind, number, bids, asks in messages
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_ob500.data", "\n".join(lines))
    return path


def test_a_bybit_zip_with_a_gap_a_crossing_and_an_unknown_level(tmp_path):
    start = ("snapshot", 5, [["10", "1"], ["9", "1"]], [["11", "2"]])
    clean = bybit(tmp_path / "a.zip", start, ("delta", 6, [["10", "0"]], []), ("delta", 7, [["10.5", "1"]], []))
    tally = tally_file(clean)["X"]
    assert (tally.events, tally.crossed, tally.mismatches) == (3, 0, 0)
    bad = bybit(tmp_path / "b.zip", start, ("delta", 8, [["11", "1"]], []), ("delta", 9, [["7", "0"], ["11", "0"]], []))
    tally = tally_file(bad)["X"]
    assert (tally.crossed, tally.mismatches) == (1, 2)


@pytest.mark.parametrize(
    ("name", "instrument", "events"),
    [
        ("bybit_xrpusdt-ob500.data.zip", "XRPUSDT", 50),
        ("binance_btcusdt-depth-snap.csv", "BTCUSDT", 1),
        ("binance_btcusdt-depth-update.csv", "BTCUSDT", 1),
        ("tardis_binance-futures_book_snapshot_25_BTCUSDT.csv", "binance-futures:BTCUSDT", None),
        ("tardis_deribit_incremental_book_L2_BTC-PERPETUAL.csv", "deribit:BTC-PERPETUAL", 1),
    ],
)
def test_real_ticks_never_cross_and_sizes_match(name, instrument, events):
    path = TICKS / name
    if not path.exists():
        pytest.skip(f"not run: {path} is not here; name the folder in TENOR_TEST_DATA")
    found = tally_file(path)
    assert list(found) == [instrument]
    tally = found[instrument]
    assert tally.events == (events or tally.events) > 0
    assert (tally.crossed, tally.crossed_auction, tally.mismatches) == (0, 0, 0)


def test_what_is_no_tick_file_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="other columns"):
        tally_file(path)
    with pytest.raises(InputError, match="cannot read"):
        tally_file(tmp_path / "absent.csv")


def write_dbn(path: Path, rows: list[tuple]) -> Path:
    """Rows are (second, action, side, order, price, size, last)."""
    kind = dbn.SType
    meta = dbn.Metadata("XNAS.ITCH", 0, kind.RAW_SYMBOL, kind.INSTRUMENT_ID, dbn.Schema.MBO)
    body = [
        bytes(
            dbn.MBOMsg(
                2, 7, int(second * 1e9), order, price * 10**9, size, dbn.Action(action), dbn.Side(side), 0,
                flags=dbn.F_LAST if last else 0,
            )
        )
        for second, action, side, order, price, size, last in rows
    ]  # fmt: skip
    path.write_bytes(bytes(meta) + b"".join(body))
    return path


OPENING = [
    (0, "R", "N", 0, 0, 0, True),
    (1, "A", "B", 1, 101, 5, True),
    (2, "A", "A", 2, 100, 5, True),  # crossed before the opening
    (3, "T", "A", 0, 100, 5, False),
    (3, "C", "B", 1, 101, 5, False),
    (3, "C", "A", 2, 100, 5, True),
    (4, "A", "B", 3, 99, 5, True),
    (4, "A", "A", 4, 100, 5, True),
]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ([], (0, 1, 0)),
        ([(5, "A", "B", 5, 100, 1, False), (5, "C", "A", 4, 100, 5, True)], (0, 1, 0)),
        ([(5, "A", "B", 5, 100, 1, True), (5.1, "C", "B", 5, 100, 1, True)], (1, 1, 0)),
        ([(5, "C", "B", 77, 99, 5, True), (6, "C", "B", 3, 99, 9, True), (7, "A", "A", 4, 100, 5, True)], (0, 1, 3)),
        ([(5, "M", "A", 4, 102, 2, True), (6, "C", "A", 4, 102, 2, True)], (0, 1, 0)),
        ([(5, "A", "B", 5, 100, 1, True), (7, "N", "N", 0, 0, 0, True), (8, "N", "N", 0, 0, 0, True)], (1, 3, 0)),
    ],
    ids=["auction", "inside an event", "continuous", "mismatches", "modified", "closing auction"],
)
def test_a_dbn_file_by_order(tmp_path, more, found):
    tally = tally_file(write_dbn(tmp_path / "x.dbn", OPENING + more))["7"]
    assert (tally.crossed, tally.crossed_auction, tally.mismatches) == found


def test_a_dbn_file_without_the_package_says_what_to_install(tmp_path):
    path = tmp_path / "x.dbn"
    path.write_bytes(b"DBN\x03")
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_PACKAGE, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout.strip() == "x.dbn is a DBN file; install the package databento-dbn to read it"
