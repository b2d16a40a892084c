"""What makes an answer right: deterministic checks on the answer of `tenor ask`."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import JsonValue

from desk.errors import InputError
from evals.numeric import gives_number

Answer = dict[str, object]
Grader = Callable[[Answer, JsonValue], str]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _agents(answer: Answer, wanted: JsonValue) -> str:
    return "" if answer["agents"] == wanted else f"agents were {answer['agents']}, not {wanted}"


def _fact(answer: Answer, wanted: JsonValue) -> str:
    values = [fact["value"] for fact in _list(answer["facts"]) if isinstance(fact, dict)]
    missing = [want for want in _list(wanted) if want not in values]
    return f"no fact has the value {missing[0]}" if missing else ""


def _cites(answer: Answer, wanted: JsonValue) -> str:
    found = [str(c["document"]) for c in _list(answer["citations"]) if isinstance(c, dict) and c["quote"]]
    return "" if str(wanted) in found else f"does not cite {wanted} with a quote"


def _abstains(answer: Answer, wanted: JsonValue) -> str:
    if answer["abstained"] is wanted and not (wanted and answer["facts"]):
        return ""
    return "answered instead of abstaining" if wanted else "abstained instead of answering"


def _refuses(answer: Answer, wanted: JsonValue) -> str:
    refusal = answer["refusal"]
    rule = refusal["rule"] if isinstance(refusal, dict) else None
    return "" if rule == wanted else f"refused by {rule}, not {wanted}"


def _approval(answer: Answer, wanted: JsonValue) -> str:
    approval = answer["approval"]
    if wanted is None:
        return "" if approval is None else "asked for an approval"
    found = _list(approval["orders"]) if isinstance(approval, dict) else []
    orders = [f"{o['side']} {o['quantity']} {o['instrument']}" for o in found if isinstance(o, dict)]
    return "" if wanted in orders else f"proposes {orders}, not {wanted}"


def _says(answer: Answer, wanted: JsonValue) -> str:
    text = str(answer["answer"]).casefold()
    missing = [str(want) for want in _list(wanted) if str(want).casefold() not in text]
    return f"does not say {missing[0]!r}" if missing else ""


def _number(answer: Answer, wanted: JsonValue) -> str:
    return "" if gives_number(str(answer["answer"]), str(wanted)) else f"does not give {wanted}"


GRADERS: dict[str, Grader] = {
    "agents": _agents,
    "facts": _fact,
    "cites": _cites,
    "abstains": _abstains,
    "refuses": _refuses,
    "approval": _approval,
    "says": _says,
    "number": _number,
}


LISTS = frozenset({"agents", "facts", "says"})
FORMS: dict[str, tuple[type, ...]] = {
    "cites": (str,),
    "abstains": (bool,),
    "refuses": (str, type(None)),
    "approval": (str, type(None)),
    "number": (str, int, float),
}


def check_target(target: dict[str, JsonValue]) -> None:
    """InputError that names the field of a target that no grader can check."""
    for name, wanted in target.items():
        if name not in GRADERS:
            raise InputError(f"target.{name}: not known; targets are {', '.join(GRADERS)}")
        if name in LISTS and not isinstance(wanted, list):
            raise InputError(f"target.{name}: wants a list, not {wanted!r}")
        if name in FORMS and not isinstance(wanted, FORMS[name]):
            words = " or ".join("null" if form is type(None) else form.__name__ for form in FORMS[name])
            raise InputError(f"target.{name}: wants {words}, not {wanted!r}")


def grade(answer: Answer, target: dict[str, JsonValue]) -> str:
    """The first thing that is wrong, empty when nothing is. InputError for a target nobody can check."""
    for name, wanted in target.items():
        if name not in GRADERS:
            raise InputError(f"target {name!r} is not known; targets are {', '.join(GRADERS)}")
        fault = GRADERS[name](answer, wanted)
        if fault:
            return fault
    return ""
