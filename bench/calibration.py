"""The calibration line that every bench prints: what this machine does right now, to judge figures by.

Absolute figures hold for the machine and the minute; two runs compare where their calibrations do.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from bench.compiled import compile_c

PROBE = Path(__file__).parent / "calibration.c"
SPIN_S, GAP_S = 0.2, 0.0002


def calibrate() -> dict[str, float]:
    """A fixed sum in Python (`cpu_ms`, `wall_ms`), time lost while spinning (`spin_gap_percent`, `spin_gap_ms`) and,
    where there is a C compiler, nanoseconds of a dependent load at three sizes and of a mispredicted branch.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    total = 0
    for number in range(2_000_000):
        total += number & 7
    spent = {"cpu_ms": (time.process_time() - cpu) * 1000, "wall_ms": (time.perf_counter() - wall) * 1000}
    return {name: round(value, 1) for name, value in spent.items()} | _spin() | _probe()


def _spin() -> dict[str, float]:
    """How much of a fifth of a second somebody else had this core, and the longest time at a stretch."""
    began = last = time.perf_counter()
    lost = longest = 0.0
    while last - began < SPIN_S:
        now = time.perf_counter()
        if now - last > GAP_S:
            lost += now - last
            longest = max(longest, now - last)
        last = now
    return {"spin_gap_percent": round(100 * lost / (last - began), 1), "spin_gap_ms": round(1000 * longest, 2)}


def _probe() -> dict[str, float]:
    try:
        done = subprocess.run([str(compile_c(PROBE))], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return {}
    found: dict[str, float] = json.loads(done.stdout)
    return found
