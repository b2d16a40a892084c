"""The C kernels under address and undefined-behaviour sanitisers.

The book is fed with random and mutated messages by a driver of its own (`fuzz_book.c`); the extension
as Python sees it, all kernels and all doors, runs the suites that the shipped one runs, and the fraud kernels' hostile
buffers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from desk.trading.messages import Status
from tests.sizes import LONG

HERE = Path(__file__).parent
TOP = HERE.parent.parent
MESSAGES = 20_000_000 if LONG else 2_000_000
FLAGS = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
SUITES = [
    "tests/desk/trading/test_matching.py",
    "tests/desk/risk/test_whatif.py",
    "tests/desk/fraud/test_scorer.py",
    "tests/desk/fraud/test_kernels_hostile.py",
    "tests/desk/fraud/test_measures.py",
    "tests/desk/backtest/test_bars.py",
]


def lacking(what: str) -> None:
    """Skips with a sentence, or fails where everything must be there."""
    if os.environ.get("TENOR_REQUIRE") == "all":
        pytest.fail(f"TENOR_REQUIRE=all, but {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="module")
def compiler() -> str:
    found = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if found is None:
        lacking("there is no C compiler; install gcc")
    assert found
    return found


@pytest.fixture(scope="module")
def driver(compiler: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fuzz driver, built once; the kernel is the one that ships, in the same translation unit."""
    made = tmp_path_factory.mktemp("native") / "fuzz_book"
    subprocess.run([compiler, *FLAGS, str(HERE / "fuzz_book.c"), "-o", str(made)], check=True, timeout=120)
    return made


@pytest.mark.parametrize("seed", [1, 2])
def test_random_and_hostile_messages_break_nothing(driver: Path, seed: int):
    done = subprocess.run(
        [str(driver), str(seed), str(MESSAGES // 2)], capture_output=True, text=True, timeout=1_200, check=False
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    seen = {Status(int(status)): int(count) for status, count in map(str.split, done.stdout.splitlines())}
    assert sum(seen.values()) >= MESSAGES // 2
    assert all(count > 0 for count in seen.values()), seen


@pytest.fixture(scope="module")
def extension(compiler: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`desk._core` built with the sanitisers, outside the tree."""
    made = tmp_path_factory.mktemp("native") / f"_core{sysconfig.get_config_var('SHLIB_SUFFIX')}"
    include = sysconfig.get_path("include")
    if not (Path(include) / "Python.h").exists():
        lacking("Python.h is missing; install the Python development files")
    argv = [compiler, *FLAGS, "-shared", "-fPIC", f"-I{include}", str(TOP / "desk/native/module.c"), "-o", str(made)]
    subprocess.run(argv, check=True, timeout=120)
    return made


@pytest.fixture(scope="module")
def runtimes(compiler: str) -> str:
    """The sanitisers' libraries, which must be loaded before Python."""
    named = [[compiler, f"-print-file-name={library}"] for library in ("libasan.so", "libubsan.so")]
    paths = [subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip() for argv in named]
    if not all(map(os.path.isabs, paths)):
        lacking("the sanitisers' shared libraries are missing; install gcc with libasan and libubsan")
    return ":".join(paths)


def test_the_extension_runs_its_suites_under_the_sanitisers(extension: Path, runtimes: str):
    code = (
        "import sys, importlib.util, desk\n"
        f"spec = importlib.util.spec_from_file_location('desk._core', {str(extension)!r})\n"
        "desk._core = sys.modules['desk._core'] = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(desk._core)\n"
        "import pytest\n"
        f"sys.exit(pytest.main(['-q', '-k', 'not twin and not False', *{SUITES}]))\n"
    )
    environment = {**os.environ, "LD_PRELOAD": runtimes, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONPATH": str(TOP)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False, cwd=TOP, env=environment
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]
