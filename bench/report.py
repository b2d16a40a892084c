"""What a bench answers."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.calibration import calibrate


@dataclass
class Report:
    """One bench's figures. `correct` is false when the correctness gate failed; figures then mean nothing."""

    name: str
    correct: bool
    metrics: dict[str, float | None]
    ratios: dict[str, float] = field(default_factory=dict)
    overheads: dict[str, float] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, object]:
        """The object of `tenor bench run --json`."""
        return {
            "name": self.name,
            "correct": self.correct,
            "metrics": self.metrics,
            "ratios": self.ratios,
            "overheads": self.overheads,
            "missing": self.missing,
            "notes": self.notes,
            "calibration": calibrate(),
            "machine": describe_machine(),
        }


def describe_machine() -> dict[str, str | int | float]:
    """Processor, cores, load and interpreter."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def _processor() -> str:
    """The processor's name where the system tells it, else its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def median(values: list[float]) -> float:
    """The middle value; of an even count the upper middle one."""
    return sorted(values)[len(values) // 2]


def wait_until(found: Callable[[], bool], seconds: float) -> bool:
    """Whether it came true within the time; asked every 20 ms."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found():
            return True
        time.sleep(0.02)
    return False
