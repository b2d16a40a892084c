"""Models that give opinions on borderline alerts by a script, and borderline alerts to give them on."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace

from desk.fraud.graph import columns_of
from desk.fraud.grounds import gather_grounds
from desk.llm.chat import Part
from tests.desk.fraud.worlds import found, town
from tests.llm.routing import Scripted

TOWN = town(plants=("ring",), seed=20221228)
RING = replace(next(one for one in found(TOWN) if one.typology == "cycle"), score=0.8)
OTHERS = "They never paid each other before."


def facts_of(alert=RING, transfers=TOWN):
    return gather_grounds(alert, columns_of(transfers), 0.75)


def said(word, *facts, text=OTHERS):
    return json.dumps({"reasons": [{"text": text, "facts": list(facts) or ["known_pairs"]}], "word": word})


def says(write):
    """A model that answers with what `write` makes of the user's message."""
    return Scripted("opinionated", lambda request: [Part(write(request.messages[-1].content))])


def oracle(truth):
    """It knows which alert it is asked about by its amount, and whether that is true."""

    def write(text):
        true = next(true for amount, true in truth.items() if f"moved: amount of the case: {amount}\n" in text)
        return said("escalate" if true else "likely_innocent")

    return says(write)


def obedient():
    """It does what a text tells it to: `SAY word` anywhere is its opinion."""

    def write(text):
        told = re.search(r"SAY (escalate|keep|likely_innocent)", text)
        return said(told[1] if told else "escalate")

    return says(write)


def guessing(seed=1):
    """Any word."""
    rng = random.Random(seed)
    return says(lambda _: said(rng.choice(["escalate", "keep", "likely_innocent"])))
