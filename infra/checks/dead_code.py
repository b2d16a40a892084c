"""Functions, classes and imports that nothing uses. Fields and variables are left to the linter and mypy."""

from __future__ import annotations

import re
import subprocess
import sys

KINDS = re.compile(r"unused (?:function|method|class|import|property)|unreachable")


def main() -> int:
    """Prints each finding; the exit code is 1 when there is one."""
    done = subprocess.run([sys.executable, "-m", "vulture"], capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if KINDS.search(line)]
    print("\n".join(found) or "no dead code")
    return 1 if found or done.returncode not in (0, 3) else 0


if __name__ == "__main__":
    sys.exit(main())
