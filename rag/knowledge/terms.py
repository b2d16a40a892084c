"""A term's name in another language, asked for plainly: which entry explains it.

Only the form "what is (a) TERM" of seven languages with exactly one known term; anything more is for the search. The
answer is the entry's, in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from desk.errors import DataError

TERMS = Path(__file__).parent / "terms.yaml"
_ASKS = re.compile(
    r"^\W*(?:und |et |y |e |en )?(?:was (?:ist|sind|bedeutet|bedeuten|heißt)|erkläre mir|qu'est[ -]ce qu(?:e |')|"
    r"qu'est[ -]ce que c'est que |c'est quoi|que signifie|qué (?:es|son|significan?)|que es|(?:che )?cos'(?:è|e)|"
    r"(?:che )?cosa (?:è|sono|significa)|wat (?:is|zijn|betekent)|(?:o )?que (?:é|são|significa))"
    r"\s*(?P<term>[^?!.]{2,60}?)\W*$"
)
_ARTICLE = re.compile(
    r"^(?:eine?[nm]?|der|die|das|den|une?|les?|la|l'|du|des|d'|de l'|de la|el|los|las|un[ao]?s?|il|lo|gli|i|un'|een|"
    r"het|de|os?|as?|uma?s?|an)(?:\s+|(?<='))"
)


@cache
def load_terms(path: Path = TERMS) -> Mapping[str, str]:
    """Term to entry id. DataError when the file is malformed or one term stands for two entries."""
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        pairs = [(str(term), str(id)) for id, terms in table.items() for term in terms]
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise DataError(f"{path.name} is malformed: {' '.join(str(error).split())[:200]}") from None
    found = dict(pairs)
    twice = next((term for term, id in pairs if found[term] != id), "")
    if twice:
        raise DataError(f"{path.name}: {twice!r} stands for two entries")
    return found


def find_term(question: str) -> str:
    """The id of the entry whose term the question asks for; empty when it asks for none, or for more than that."""
    asked = _ASKS.match(" ".join(question.casefold().replace("’", "'").split()))
    if asked is None:
        return ""
    terms, term = load_terms(), asked["term"].strip(" \"'«»“”")
    return terms.get(term) or terms.get(_ARTICLE.sub("", term), "")
