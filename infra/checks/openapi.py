"""Writes webapp/openapi.json from the API, or with --check says that it is stale."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.app import build_api

TARGET = Path("webapp/openapi.json")


def main() -> int:
    """The exit code is 1 when --check finds the file stale."""
    document = build_api().openapi()
    if "--check" not in sys.argv:
        TARGET.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    if not TARGET.exists() or json.loads(TARGET.read_text(encoding="utf-8")) != json.loads(json.dumps(document)):
        print("webapp/openapi.json is stale: run `make client`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
