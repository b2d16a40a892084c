"""Small C programs of the benches, compiled at first use into `.bench/`.

None of them is part of the product. Without a compiler what they measure is left out.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(".bench")


def compile_c(source: Path, *flags: str) -> Path:
    """What `cc -O3` makes of a source, kept until source or flags change.

    OSError when there is no compiler, subprocess.SubprocessError when it refuses the source.
    """
    key = hashlib.sha256(source.read_bytes() + repr(flags).encode()).hexdigest()[:16]
    built = FOLDER / f"{source.stem}-{key}"
    if not built.exists():
        compiler = next((found for found in map(shutil.which, ("cc", "gcc", "clang")) if found), "cc")
        FOLDER.mkdir(exist_ok=True)
        draft = built.with_suffix(".draft")
        subprocess.run(
            [compiler, "-O3", *flags, str(source), "-o", str(draft)], check=True, capture_output=True, timeout=120
        )
        draft.replace(built)
    return built.resolve()
