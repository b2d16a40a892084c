"""Size budgets: Python files of at most 300 lines and functions of at most 40, TypeScript files of at most 250."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PYTHON_FILE, PYTHON_FUNCTION, TYPESCRIPT_FILE = 300, 40, 250
GENERATED = ("webapp/src/client/openapi.ts",)


def main() -> int:
    """Prints every breach; the exit code is 1 when there is one."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True
    )
    paths = [Path(line) for line in listed.stdout.splitlines() if line not in GENERATED]
    faults = [fault for path in paths if path.exists() for fault in _faults(path)]
    print("\n".join(faults) or "budgets kept")
    return 1 if faults else 0


def _faults(path: Path) -> list[str]:
    if path.suffix in {".ts", ".tsx"} and not path.name.endswith(".d.ts"):
        return _too_long(path, TYPESCRIPT_FILE)
    if path.suffix != ".py":
        return []
    if path.parts[0] == "tests":
        return _too_long(path, 2 * PYTHON_FILE)
    functions = [
        f"{path}:{node.lineno} {node.name} has {(node.end_lineno or node.lineno) - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > PYTHON_FUNCTION + _docstring_lines(node)
    ]
    return _too_long(path, PYTHON_FILE) + functions


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return (first.end_lineno or first.lineno) - first.lineno + 1 if is_text else 0


def _too_long(path: Path, most: int) -> list[str]:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    return [f"{path} has {lines} lines, more than {most}"] if lines > most else []


if __name__ == "__main__":
    sys.exit(main())
