"""Answers in words: the clause of the best sentence that says why, when, by whom or what something is."""

from __future__ import annotations

import re

from rag.tableqa.problem import Draft, Problem
from rag.tableqa.prose import Found
from rag.tableqa.question import IDLE, Question

WHY = re.compile(
    r"^why\b|\bwhat (?:caused|led|drove|impacted|resulted|contributed|are the reasons"
    r"|is the reason|were the reasons|was the reason)"
    r"|\breasons?\b|\bcaused by\b|\bdriven by\b|\battributed to\b|\bdue to\b"
    r"|\bfactors? (?:drove|led|contribut|that)|\binfluenced by\b"
)
_CAUSE = re.compile(
    r"\b(?:(?:primarily|mainly|largely|principally|partly) )?(?:(?:was|were|is"
    r"|are) )?(?:(?:primarily|mainly|largely|principally) )?"
    r"(?:due (?:primarily |mainly |largely )?to|driven (?:primarily |mainly )?by"
    r"|because(?: of)?|attribut(?:able|ed) (?:primarily |mainly )?to"
    r"|(?:as )?(?:a |the )?results? of|resulting from|resulted (?:primarily )?from|caused by"
    r"|reflecting|(?<=was )primarily from)\s+",
    re.IGNORECASE,
)
_PURPOSE = re.compile(r"\b(?:in order )?to [a-z]+ .*")
_METHOD = re.compile(
    r"\b(?:by [a-z]+ing|using|based (?:up)?on|on the basis of|on an? [a-z-]+ basis|in accordance with)\b.*"
)
_WHEN = re.compile(r"^when\b|\bwhat date\b|\bon which date\b|\bwhich date\b")
_DATE = re.compile(
    r"\b(?:(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December)(?: \d{1,2},?)? \d{4}"
    r"|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4})\b"
)
_SUPPOSED = re.compile(
    r"\b(?:when|if|upon|once|where|as (?:of|soon as)|at the time|during|after|before|until|in the period)\b.*",
    re.IGNORECASE,
)
_WHO = re.compile(r"^(?:who|by whom)\b")
_VERBS = re.compile(
    
    r"\b(?:represents?|represented|includes?|included|including|consists?(?: primarily)? of"
    r"|consisted of|comprises?|comprised of|relates? (?:primarily |mainly )?to"
    
    r"|related (?:primarily |mainly )?to|refers? to|means?|is defined as|are defined as"
    r"|exclude[sd]?|reflects?|indicates?|allows?|based (?:up)?on|arises? from"
    
    r"|results? from|depends? on|limited to|applied to|engaged in|measured (?:at|using|by)"
    r"|recorded (?:at|as|in)|recogni[sz]ed (?:as|in|at|when|over|on|upon)|classified as"
    r"|calculated (?:as|by|using|based on)"
    
    r"|determined (?:by|using|based on)|estimated (?:using|by|based on)|presented|disclosed"
    r"|accounted for (?:as|using|under)|is|are|was|were)\b\s*"
)  # fmt: skip
_HOW = re.compile(r"^how (?:is|are|was|were|does|do|did|has|have)\b")
_NUMBERING = re.compile(r"^\s*(?:\(?\d{1,2}\)|\(?[a-z]\)|\d{1,2}\.(?!\d)|[*•†]+)\s*")
_PREPOSITIONS = (
    "by",
    "using",
    "based",
    "as",
    "through",
    "on",
    "over",
    "at",
    "in",
    "when",
    "to",
    "with",
    "annually",
    "under",
    "into",
)


def clause(problem: Problem) -> Draft | None:
    """The clause of the best sentence; the whole sentence when no clause can be told."""
    ranked = problem.sentences
    if not ranked or ranked[0].share < 0.15:
        return None
    question = problem.question
    if problem.top is not None and problem.top.score > 0.6 and problem.top.row.note:
        noted = [f for f in ranked if f.sentence.text.startswith(f"({problem.top.row.note})")]
        if noted and _holds_label(problem):
            ranked = [noted[0], *ranked]
    if question.asks(WHY):
        because = _because(problem)
        if because is not None:
            return because
    found = ranked[0]
    text = _NUMBERING.sub("", found.sentence.text)
    if question.asks(_WHEN):
        return _draft("when", _when(text), found)
    if question.asks(_WHO):
        return _draft("who", _who(text), found)
    tail = _method(text) if question.asks(_HOW) else ""
    tail = tail or _tail(question, text)
    return _draft("clause" if tail else "sentence", tail or text, found)


def _draft(operation: str, text: str, found: Found) -> Draft:
    return Draft(operation, (text.strip(),), "", "", (), found.share, found.sentence.text)


_WHAT_IS = re.compile(r"^what (?:is|are) (?:meant by )?(?:the |an? )?(?P<term>[^?]+?)\s*\?*$")
_IS = re.compile(r"^\W*(?:\([^)]*\)\W*)*(?P<verb>is|are|represents?|refers? to|means|comprises?|consists? of)\b\s*")


def _holds_label(problem: Problem) -> bool:
    return problem.top is not None and problem.top.row.words - IDLE <= problem.question.words


def definition(problem: Problem) -> Draft | None:
    """What a sentence that begins with the term says of it, for "What is X?" without a year."""
    match = _WHAT_IS.match(problem.question.low)
    if match is None or problem.question.years or len(match["term"].split()) > 7:
        return None
    term = match["term"]
    for found in problem.sentences[:6]:
        text = _NUMBERING.sub("", found.sentence.text)
        bare = re.sub(r"^(?:the|an?|our) ", "", text, flags=re.IGNORECASE)
        if bare.lower().startswith(term):
            verb = _IS.match(bare[len(term) :].lstrip("s"))
            if verb and not re.match(r"[$€£\d]", bare[len(term) :].lstrip("s")[verb.end() :]):
                rest = bare[len(term) :].lstrip("s")[verb.end() :]
                return _draft("definition", rest, found)
    return None


def _because(problem: Problem) -> Draft | None:
    """What stands behind "due to" and the like, in a sentence nearly as good as the best or the one after it."""
    ranked = problem.sentences
    near = [found for found in ranked[:4] if found.share >= 0.75 * ranked[0].share]
    for found in near:
        for sentence in (found.sentence, problem.context.prose.after(found.sentence)):
            match = _CAUSE.search(sentence.text) if sentence else None
            if match and sentence:
                led = match[0].split()[0].lower() in {"was", "were", "is", "are"}
                text = sentence.text[match.end() if led else match.start() :]
                return Draft("why", (text.strip(),), "", "", (), found.share, sentence.text)
    if problem.question.low.startswith("why"):
        match = _PURPOSE.search(ranked[0].sentence.text)
        return _draft("why", match[0], ranked[0]) if match else None
    return None


def _method(text: str) -> str:
    match = _METHOD.search(text)
    return match[0] if match else ""


def _when(text: str) -> str:
    match = _DATE.search(text) or _SUPPOSED.search(text)
    return match[0] if match else text


def _who(text: str) -> str:
    match = re.search(r"\bby (the [A-Z][\w ]+?|[A-Z][\w. ]+?)(?: on| in| at| and|[,.]|$)", text)
    return match[1] if match else text


def _tail(question: Question, text: str) -> str:
    """What stands behind the verb that the question names, or behind "is" when all its subject stands before."""
    for match in _VERBS.finditer(text):
        verb = match[0].split()[0].lower()
        if verb in {"is", "are", "was", "were"}:
            continue
        if verb[:5] in question.low:
            rest = text[match.end() :]
            if question.asks(_HOW) and match[0].split()[-1] in _PREPOSITIONS:
                rest = match[0].split()[-1] + " " + rest
            return rest if len(rest.split()) >= 2 else ""
    return ""
