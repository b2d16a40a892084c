"""Daily history of the bundled instruments, read lazily from `data/history.npz`.

Every reader takes `before`: nothing of that day or later comes back, so research cannot look
ahead. Days are numpy `datetime64[D]`, prices float64 in the instrument's currency.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter

from desk.errors import DataError, InputError, NotFound
from desk.instruments import AssetClass, Instrument, Instruments
from desk.market.feed import Bar
from desk.yaml_text import read_yaml

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "data"


class Origin(BaseModel):
    """Where a series comes from, under which licence, and what is said of it on screen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str
    licence: str
    label: str
    note: str = ""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    name: str
    asset_class: AssetClass
    currency: str
    tick: Decimal
    series: str
    places: int
    lot: Decimal = Decimal(1)
    sector: str = ""
    aliases: tuple[str, ...] = ()
    tradable: bool = True
    simulated: bool = False


@dataclass(frozen=True)
class Series:
    """One instrument's days: `days` int32 since 1970-01-01, prices as integers of `places` decimals.

    `open`, `high` and `low` are None where the source has closes only.
    """

    places: int
    days: NDArray[np.int32]
    close: NDArray[np.int64]
    open: NDArray[np.int64] | None = None
    high: NDArray[np.int64] | None = None
    low: NDArray[np.int64] | None = None


class Panel(NamedTuple):
    """Closes of several instruments on their common days: shapes (days,) and (days, instruments)."""

    days: NDArray[np.datetime64]
    closes: NDArray[np.float64]


class History:
    """The bundled history. Each instrument is unpacked at its first use; safe for several threads."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._series: dict[str, Series] = {}
        self._entries = {entry.id: entry for entry in _load_entries(folder / "instruments.yaml")}
        self._origins = _load_origins(folder / "origins.yaml")
        self.instruments = Instruments(self._instrument(entry) for entry in self._entries.values())

    def series(self, instrument: str) -> Series:
        """The whole series. NotFound for an unknown instrument, DataError when the file is damaged."""
        known = self._series.get(instrument)
        if known is not None:
            return known
        if instrument not in self._entries:
            raise NotFound(f"instrument {instrument!r} has no bundled history; 'XNAS:AAPL' is the form")
        with self._lock:
            if instrument not in self._series:
                self._series[instrument] = _load_series(self._folder / "history.npz", self._entries[instrument])
        return self._series[instrument]

    def origin(self, instrument: str) -> Origin | None:
        """Where the series comes from; None for an instrument that is not bundled."""
        entry = self._entries.get(instrument)
        return None if entry is None else self._origins[entry.series]

    def _instrument(self, entry: _Entry) -> Instrument:
        fields = entry.model_dump(exclude={"series", "places"})
        return Instrument(**fields, label=self._origins[entry.series].label)

    def last_day(self, instrument: str) -> date:
        """The last day with a close."""
        return _to_date(int(self.series(instrument).days[-1]))

    def bars(
        self, instrument: str, start: date | None = None, end: date | None = None, before: date | None = None
    ) -> list[Bar]:
        """Daily bars in `[start, end]`, oldest first, all earlier than `before`; empty when none."""
        series = self.series(instrument)
        low, high = _window(series, start, end, before)
        return [_bar(series, i) for i in range(low, high)]

    def closes(
        self, instruments: Sequence[str], start: date | None = None, end: date | None = None, before: date | None = None
    ) -> Panel:
        """Closes on the days that all instruments have; the panel may be empty.

        InputError when no instrument is given.
        """
        import numpy as np

        if not instruments:
            raise InputError("closes of no instruments were asked for; name at least one")
        parts = [self.series(instrument) for instrument in instruments]
        windows = [_window(series, start, end, before) for series in parts]
        days = parts[0].days[slice(*windows[0])]
        for series, window in zip(parts[1:], windows[1:], strict=True):
            days = np.intersect1d(days, series.days[slice(*window)], assume_unique=True)
        matrix = np.empty((len(days), len(parts)), dtype=np.float64)
        for column, series in enumerate(parts):
            matrix[:, column] = series.close[np.searchsorted(series.days, days)] / 10**series.places
        return Panel(days.astype("datetime64[D]"), matrix)


def _load_entries(path: Path) -> list[_Entry]:
    import yaml

    try:
        return TypeAdapter(list[_Entry]).validate_python(read_yaml(path.read_text()))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataError(f"the list of instruments {path.name} cannot be read: {error}") from None


def _load_origins(path: Path) -> dict[str, Origin]:
    import yaml

    try:
        return TypeAdapter(dict[str, Origin]).validate_python(read_yaml(path.read_text()))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataError(f"the list of origins {path.name} cannot be read: {error}") from None


def _load_series(path: Path, entry: _Entry) -> Series:
    import zipfile

    import numpy as np

    key = entry.id.replace(":", ".")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            parts = {part: arrays[f"{key}.{part}"] for part in ("open", "high", "low") if f"{key}.{part}" in arrays}
            return Series(entry.places, arrays[f"{key}.day"], arrays[f"{key}.close"], **parts)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"bundled history {path.name} has no readable {entry.id} ({error}); install again") from None


def _window(series: Series, start: date | None, end: date | None, before: date | None) -> tuple[int, int]:
    import numpy as np

    low = int(np.searchsorted(series.days, _to_day(start))) if start else 0
    high = int(np.searchsorted(series.days, _to_day(end), side="right")) if end else len(series.days)
    if before:
        high = min(high, int(np.searchsorted(series.days, _to_day(before))))
    return low, max(low, high)


def _bar(series: Series, i: int) -> Bar:
    def price(values: NDArray[np.int64] | None) -> Decimal | None:
        return None if values is None else Decimal(int(values[i])).scaleb(-series.places)

    close = Decimal(int(series.close[i])).scaleb(-series.places)
    return Bar(_to_date(int(series.days[i])), price(series.open), price(series.high), price(series.low), close)


def _to_day(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _to_date(day: int) -> date:
    return date.fromordinal(day + date(1970, 1, 1).toordinal())
