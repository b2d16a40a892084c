"""Replays bundle files in a process that may do nothing else: no connection, not to this machine either, no file
written, no database opened, no process begun. Prints one JSON line a file.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from graphs.replay.bundle import answer_text, read_file
from graphs.replay.replaying import check_code, replay
from tests.graphs.offline_hook import forbid


async def main(files: list[str]) -> None:
    sys.addaudithook(forbid)
    for name in files:
        sealed = read_file(Path(name).read_bytes())
        check_code(sealed.bundle)
        found = await replay(sealed.bundle)
        line = {"file": name, "identical": found.identical, "fields": found.fields, "agents": len(sealed.bundle.parts)}
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    assert answer_text({}) == "{}"
    asyncio.run(main(sys.argv[1:]))
