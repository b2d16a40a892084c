"""`tenor doctor`: always runs, opens nothing, quick."""

from __future__ import annotations

from api.holder import Outcome
from desk.backends import read_backends
from desk.errors import DataFolderError
from desk.fraud.neo4j_server import as_seen
from desk.settings import Settings
from desk.store.folder import DataFolder
from desk.trading.matching import kernel_name

KERNELS = {"native": "matching and risk in C", "twin": "matching and risk in readable Python; no compiler at install"}


def doctor(settings: Settings) -> Outcome:
    """One row per back end, the kernel, and who holds the data folder. Exit 1 when one is unreachable."""
    graph = settings.neo4j_url, settings.neo4j_user, settings.neo4j_password
    rows, kernel = [as_seen(row, *graph) for row in read_backends(settings)], kernel_name()
    try:
        held = DataFolder(settings.data_folder).held_by()
        holder = (
            "free" if held is None else f"held by process {held.get('pid', '?')} {held.get('address', '')}".rstrip()
        )
    except DataFolderError as error:
        holder = error.message
    result: dict[str, object] = {
        "backends": [row.__dict__ for row in rows],
        "kernel": kernel,
        "data_folder": {"path": str(settings.data_folder), "state": holder},
    }
    mark = {"embedded": "▣", "connected": "⇄", "unreachable": "○"}
    lines = [f"{mark[r.state]} {r.role:18} {r.state:12} {r.product}\n{'':21} {r.detail}" for r in rows]
    lines += [f"  kernel             {kernel:<13}{KERNELS[kernel]}", f"  data folder        {holder}"]
    return Outcome(1 if any(r.state == "unreachable" for r in rows) else 0, result, "\n".join(lines))
