"""The process that holds the weights: `python -m desk.llm.local.child`.

It reads one JSON line (`path`, `threads`, `context`, `key`), loads the model, and answers with one line: `address`,
a loopback address of llama.cpp's server that takes only that key, or `error`. It ends when its input ends. It stands
apart because native code may crash or take all memory, must not slow orders (it is nicer than the desk), and can be
ended.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

NICENESS = 10
"""It yields to the desk and to its solver."""
BATCH = 128
"""Prompt tokens between two looks at whether anybody still waits for the answer."""
SLOTS = 2
KEPT_MB = 256
"""Memory for the states of prompts that were read before."""


def load(asked: Mapping[str, Any]) -> Any:  # noqa: ANN401 - xllamacpp has no types
    """A server of the model; raises what xllamacpp raises when the file cannot be loaded."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = asked["path"]
    params.n_ctx = asked["context"]
    params.n_parallel, params.kv_unified = SLOTS, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = asked["threads"]
    params.n_batch = params.n_ubatch = BATCH
    params.n_gpu_layers = 0
    params.cache_ram_mib = KEPT_MB
    params.api_keys = [asked["key"]]
    params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
    params.use_jinja = True
    params.warmup, params.verbosity = False, 0
    return xllamacpp.Server(params)


def main() -> None:
    """Serves until its input ends."""
    with suppress(OSError):
        os.nice(NICENESS)
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # native code that prints must not write into the answer
    try:
        server = load(json.loads(sys.stdin.readline()))
        said = {"address": server.listening_address}
    except Exception as error:  # noqa: BLE001 - whatever it is, the desk must hear of it
        said = {"error": str(error)[:300] or type(error).__name__}
    os.write(out, json.dumps(said).encode() + b"\n")
    sys.stdin.read()
    os._exit(0)  # the native server's own end may wait for a generation


if __name__ == "__main__":
    main()
