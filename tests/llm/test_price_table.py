"""Our price table against the one LiteLLM ships: the same routes cost the same."""

import json
from decimal import Decimal
from importlib.resources import files

import pytest

from desk.llm.models import load_table

THEIRS = json.loads((files("litellm") / "model_prices_and_context_window_backup.json").read_text(encoding="utf-8"))
OURS = load_table()


def per_million(price):
    return (Decimal(str(price)) * 1_000_000).quantize(Decimal("0.001"))


@pytest.mark.parametrize("spec", OURS.values(), ids=list(OURS))
def test_price_context_and_end_are_those_of_the_locked_litellm(spec):
    theirs = THEIRS.get(spec.route) or THEIRS[spec.route.partition("/")[2]]
    assert spec.price_in == per_million(theirs["input_cost_per_token"])
    assert spec.price_out == per_million(theirs["output_cost_per_token"])
    assert spec.context == theirs["max_input_tokens"]
    assert (None if spec.ends is None else spec.ends.isoformat()) == theirs.get("deprecation_date")
    assert not spec.tools or theirs["supports_function_calling"]
