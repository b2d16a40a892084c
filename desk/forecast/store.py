"""What was known of a series and when: values by day, each with the instant from which this desk could know it.

Nothing is ever overwritten. A day whose value is corrected gets a second version, known from the correction on; who
asks as of an earlier instant still sees the first. The hash of what an instant shows stands in the record of every run.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from desk.errors import DataError, InputError
from desk.forecast.features import Vector

Days = NDArray[np.int64]


class Snapshot(NamedTuple):
    """Days (n,) as ordinals, ascending, and their values (n,) as an instant shows them; `sha256` is of both."""

    days: Days
    values: Vector
    sha256: str


class FeatureStore:
    """Versions of one instrument's series in one file. One writer at a time; readers see it whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def learn(self, name: str, days: Days, values: Vector, known: Vector, now: float) -> int:
        """Adds what is new, known from `known` (n,) on, and what differs from before, known from `now` on; how many.

        Instants are seconds since 1970, days ordinals. A value that is not a number says that there is none. InputError
        for days that do not ascend, or something known only after `now`.
        """
        if days.shape != values.shape or days.shape != known.shape or (np.diff(days) <= 0).any():
            raise InputError(f"days of {name} do not ascend one by one with their values")
        if known.size and float(known.max()) > now:
            raise InputError(f"{name} holds a value that becomes known only after now; it cannot be learned yet")
        kept = self._read()
        old = [kept.get(f"{name}.{part}", np.empty(0)) for part in ("day", "value", "known")]
        newest, latest = _newest(old[0], old[1], old[2], np.inf)
        place = np.searchsorted(newest, days)
        seen = np.zeros(days.size, dtype=np.bool_)
        inside = place < newest.size
        seen[inside] = newest[place[inside]] == days[inside]
        same = np.zeros_like(seen)
        same[seen] = _alike(latest[place[seen]], values[seen])
        added = ~same
        parts = (days[added].astype(np.float64), values[added], np.where(seen, now, known)[added])
        if added.any():
            joined = (np.concatenate(pair) for pair in zip(old, parts, strict=True))
            kept.update(
                {f"{name}.{part}": column for part, column in zip(("day", "value", "known"), joined, strict=True)}
            )
            self._write(kept)
        return int(added.sum())

    def as_of(self, name: str, moment: float) -> Snapshot:
        """What could be known at an instant; empty when nothing was. DataError when the file is damaged."""
        kept = self._read()
        day, value, known = (kept.get(f"{name}.{part}", np.empty(0)) for part in ("day", "value", "known"))
        days, values = _newest(day, value, known, moment)
        told = np.isfinite(values)
        shown, numbers = days[told].astype(np.int64), values[told]
        return Snapshot(shown, numbers, hashlib.sha256(shown.tobytes() + numbers.tobytes()).hexdigest())

    def _read(self) -> dict[str, NDArray[np.float64]]:
        if not self._path.exists():
            return {}
        try:
            with np.load(self._path, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError) as error:
            raise DataError(f"the features {self._path.name} cannot be read ({error}); delete the file") from None

    def _write(self, parts: dict[str, NDArray[np.float64]]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.stem}.{os.getpid()}.tmp.npz")
        np.savez(draft, allow_pickle=False, **parts)
        draft.replace(self._path)


def _newest(day: Vector, value: Vector, known: Vector, moment: float) -> tuple[Vector, Vector]:
    """Per day the version that was known last by the moment."""
    rows = np.flatnonzero(known <= moment)
    order = rows[np.lexsort((rows, known[rows], day[rows]))]
    last = np.append(day[order][1:] != day[order][:-1], True) if order.size else np.zeros(0, dtype=np.bool_)
    return day[order][last], value[order][last]


def _alike(one: Vector, other: Vector) -> NDArray[np.bool_]:
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)), dtype=np.bool_)
