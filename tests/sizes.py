"""How much the suite does: little in `make test`, all of it on demand.

`tests/conftest.py` imports this before it takes the settings out of the environment, so that the
long forms can be asked for by name.
"""

from __future__ import annotations

import os

LONG = os.environ.get("TENOR_LONG_TESTS") == "1"
"""The long form of random flows: `TENOR_LONG_TESTS=1 pytest tests/desk/trading tests/native`."""

FULL_FAULTS = os.environ.get("TENOR_FAULTS") == "full"
"""Every fault instead of some: `make test-faults`."""
