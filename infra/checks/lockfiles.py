"""Lock files name no host and no path; `openai-agents` (which would shadow `agents`) stays out."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ADDRESS = re.compile(r"https?://|--index-url|--find-links|file:/|/home/|/root/")
REGISTRY = re.compile(r'"resolved"\s*:|registry\s*=|file:/|/home/|/root/')
FILES = {
    **dict.fromkeys(sorted(Path("requirements").rglob("*.txt")), ADDRESS),
    Path("pyproject.toml"): ADDRESS,
    Path("webapp/package-lock.json"): REGISTRY,  # its funding links name no place that packages come from
    Path("webapp/.npmrc"): REGISTRY,
    Path("requirements/peers/promptfoo/package-lock.json"): REGISTRY,
    Path("requirements/peers/promptfoo/.npmrc"): REGISTRY,
}


def main() -> int:
    """Prints every breach; the exit code is 1 when there is one."""
    faults = []
    for path, forbidden in FILES.items():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if forbidden.search(line):
                faults.append(f"{path}:{number} names a host or a path: {line.strip()[:80]}")
            if line.startswith("openai-agents"):
                faults.append(f"{path}:{number} openai-agents shadows our package `agents`")
    print("\n".join(faults) or "lock files clean")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
