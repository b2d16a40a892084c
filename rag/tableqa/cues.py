"""Words by which a question asks for an operation; searched in the question in lower case."""

from __future__ import annotations

import re

AVERAGE = re.compile(r"\b(?:average|mean)\b")
PERCENT_CHANGE = re.compile(
    r"percent(?:age|ile)?\s+(?:of\s+)?(?:change|increase|decrease|difference|growth|decline|rise|drop|fall|reduction)"
    r"|percent(?:age)? (?:\w+ )?(?:change|increase|decrease)|%\s*(?:change|increase|decrease|growth)"
    r"|\bgrowth rate\b|\brate of (?:increase|growth|change)|(?:change|increase|decrease"
    r"|growth)\s*(?:in|by)?\s*(?:percent|%)"
    r"|what percent(?:age)? (?:did|has|have|was|is|were) .{3,120}\b(?:increase|decrease|change|grow|decline)"
    r"|by (?:what|how many|how much) percent|(?:change|increase|decrease)\b.*\bin (?:terms of )?percentage"
    r"|percentage increase"
)
CHANGE = re.compile(
    r"\b(?:change[ds]?|gr[eo]w|rise|rose|fall|fell|how much (?:higher|lower|more|less) (?:was"
    r"|were|is|are)|increase[ds]?|decrease[ds]?|differences?|growth|decline[ds]?|differ"
    r"|fluctuat\w+)\b"
)
SUM = re.compile(r"\b(?:total|sum|combined|altogether|aggregate|together|add(?:ed|ing)?)\b")
