"""The C kernel under address and undefined-behaviour sanitisers, fed with random and mutated messages."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from desk.trading.messages import Status
from tests.sizes import LONG

HERE = Path(__file__).parent
MESSAGES = 20_000_000 if LONG else 1_500_000


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fuzz driver, built once; the kernel is the one that ships, in the same translation unit."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        if os.environ.get("TENOR_REQUIRE") == "all":
            pytest.fail("TENOR_REQUIRE=all, but there is no C compiler; install gcc", pytrace=False)
        pytest.skip("there is no C compiler; install gcc")
    made = tmp_path_factory.mktemp("native") / "fuzz_book"
    flags = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run([compiler, *flags, str(HERE / "fuzz_book.c"), "-o", str(made)], check=True, timeout=120)
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
