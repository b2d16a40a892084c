"""A bench in a process of its own with one BLAS thread: numpy reads how many it may use when it is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from bench.report import Report

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
LONGEST_S = 900


def measure_alone(name: str) -> Report:
    """What `bench.<name>.measure()` reports there."""
    child = (
        f"import json; from bench import {name}; r = {name}.measure(); "
        "print(json.dumps([r.correct, r.metrics, r.ratios, r.missing, r.notes]))"
    )
    single = {**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", child], stdout=subprocess.PIPE, check=True, env=single, timeout=LONGEST_S
    )
    correct, metrics, ratios, missing, notes = json.loads(done.stdout.splitlines()[-1])
    return Report(name, correct, metrics, ratios, missing=missing, notes=notes)
