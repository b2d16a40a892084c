"""Sentiment: whether the rules hear a headline or post as a person labelled it, and know when they do not.

The shipped cases were written and labelled before the rules were run on them. `--data FILE` takes cases of the same
form, or a CSV file of `label,sentence` in the form of Financial PhraseBank, which stays outside: it is split by a
hash of each sentence into a half that the rules' author has read and one that is unread, and the cases are the
unread half. `sure_half_accuracy`: over the half with the highest confidence. `names_accuracy`: over the names of
headlines that tell different things of several. `opposite_rate`: good heard as
bad or bad as good, names too. `always_neutral`: what the most common answer would score.
"""

from __future__ import annotations

import csv
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from desk.errors import InputError
from desk.news.entities import score_names
from desk.news.sentiment import Label, score_text
from evals.dataset import CASES, Case, CaseResult, SuiteResult, load_cases, percentile, share, summarise, wilson
from graphs.runtime import Runtime

DESCRIPTION = "Headlines and posts: label, macro F1, the surer half, several names in one headline."
LABELS: tuple[Label, ...] = get_args(Label)
METRICS = (
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "macro_f1",
    "opposite_rate",
    "always_neutral",
    "sure_half_accuracy",
    "sure_half_low",
    "sure_half_high",
    "names_accuracy",
    "calibration_error",
    "read_accuracy",
    "read_macro_f1",
    "p50_cpu_ms",
    "p99_cpu_ms",
    *(f"{a}_as_{b}" for a in LABELS for b in LABELS),
)
FILE = CASES / "sentiment.jsonl"


@dataclass(frozen=True)
class Heard:
    """One label that was asked for, and what the rules said."""

    id: str
    wanted: str
    said: str
    confidence: float
    cpu_ms: float
    about: str = ""

    @property
    def right(self) -> bool:
        """The label is the person's."""
        return self.wanted == self.said

    @property
    def opposite(self) -> bool:
        """Good heard as bad, or bad as good."""
        return {self.wanted, self.said} == {"positive", "negative"}


async def run(_: Runtime, data: Path | None, progress: Callable[[int], None]) -> SuiteResult:
    """Scores every case. InputError names a case or line whose label is not known."""
    score_text("")  # reads the words, which no case's time should hold
    if data is not None and data.suffix == ".csv":
        rows = load_labelled(data)
        heard = [_hear(f"s{_digest(text)[:10]}", text, label) for label, text in rows if is_unread(text)]
        read = [_hear("", text, label) for label, text in rows if not is_unread(text)]
    else:
        heard, read = [each for case in load_cases(data or FILE) for each in _of_case(case)], []
    progress(len(heard))
    return summarise("sentiment", [_detail(each) for each in heard], measure(heard, read))


def is_unread(sentence: str) -> bool:
    """Whether a sentence is of the half that no rule was written on: its SHA-256 begins with an odd byte."""
    return bytes.fromhex(_digest(sentence))[0] % 2 == 1


def load_labelled(path: Path) -> list[tuple[str, str]]:
    """Labels and sentences of a CSV file. InputError names the line that is wrong."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {path.name}: {error}") from None
    if not lines or lines[0] != ["label", "sentence"]:
        raise InputError(f"{path.name} does not begin with the line label,sentence")
    for number, line in enumerate(lines[1:], 2):
        if len(line) != 2 or line[0] not in LABELS:
            raise InputError(f"{path.name} row {number}: wants a label ({', '.join(LABELS)}) and a sentence")
    return [(label, text) for label, text in lines[1:]]


def measure(heard: Sequence[Heard], read: Sequence[Heard] = ()) -> dict[str, float | None]:
    """The metrics; None where there is nothing to measure."""
    whole = [each for each in heard if not each.about]
    names = [each for each in heard if each.about]
    right = sum(each.right for each in whole)
    low, high = wilson(right, len(whole))
    sure = sorted(whole, key=lambda each: -each.confidence)[: (len(whole) + 1) // 2]
    sure_right = sum(each.right for each in sure)
    sure_low, sure_high = wilson(sure_right, len(sure))
    confusion = Counter((each.wanted, each.said) for each in whole)
    cpu = [each.cpu_ms for each in whole]
    return {
        "accuracy": share(right, len(whole)),
        "accuracy_low": round(low, 4),
        "accuracy_high": round(high, 4),
        "macro_f1": macro_f1(whole),
        "opposite_rate": share(sum(each.opposite for each in heard), len(heard)),
        "always_neutral": share(sum(each.wanted == "neutral" for each in whole), len(whole)),
        "sure_half_accuracy": share(sure_right, len(sure)),
        "sure_half_low": round(sure_low, 4),
        "sure_half_high": round(sure_high, 4),
        "names_accuracy": share(sum(each.right for each in names), len(names)),
        "calibration_error": calibration_error(whole),
        "read_accuracy": share(sum(each.right for each in read), len(read)),
        "read_macro_f1": macro_f1(read),
        "p50_cpu_ms": percentile(cpu, 0.5),
        "p99_cpu_ms": percentile(cpu, 0.99),
        **{f"{a}_as_{b}": float(confusion[a, b]) for a in LABELS for b in LABELS},
    }


def macro_f1(heard: Sequence[Heard]) -> float | None:
    """The mean over the three labels of the harmonic mean of precision and recall; None without cases."""
    if not heard:
        return None
    shares = []
    for label in LABELS:
        both = sum(each.right and each.said == label for each in heard)
        either = sum(each.said == label for each in heard) + sum(each.wanted == label for each in heard)
        shares.append(2 * both / either if either else 0.0)
    return round(sum(shares) / len(shares), 4)


def calibration_error(heard: Sequence[Heard], bins: int = 10) -> float | None:
    """How far confidence and share of right answers lie apart, over equal bins of confidence; None without cases."""
    if not heard:
        return None
    groups: dict[int, list[Heard]] = {}
    for each in heard:
        groups.setdefault(min(bins - 1, int(each.confidence * bins)), []).append(each)
    apart = sum(abs(sum(e.confidence for e in g) - sum(e.right for e in g)) for g in groups.values())
    return round(apart / len(heard), 4)


def _of_case(case: Case) -> list[Heard]:
    label, names = case.target.get("label"), case.target.get("entities")
    if label in LABELS and names is None:
        return [_hear(case.id, case.input, str(label))]
    if label is None and isinstance(names, dict) and names and all(wanted in LABELS for wanted in names.values()):
        said = score_names(case.input, {name: (name,) for name in names})
        return [
            Heard(f"{case.id} {name}", str(wanted), said[name].label, said[name].confidence, 0.0, about=name)
            for name, wanted in names.items()
        ]
    raise InputError(f"case {case.id}: target wants a label ({', '.join(LABELS)}), or entities with one each")


def _hear(id: str, text: str, wanted: str) -> Heard:
    began = time.process_time()
    said = score_text(text)
    return Heard(id, wanted, said.label, said.confidence, round((time.process_time() - began) * 1000, 4))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _detail(each: Heard) -> CaseResult:
    reason = "" if each.right else f"heard as {each.said}, not {each.wanted} (confidence {each.confidence:.2f})"
    return CaseResult(
        id=each.id,
        passed=each.right,
        score=float(each.right),
        reason=reason,
        ms=each.cpu_ms,
        cost_usd=0.0,
        costly=each.opposite,
    )
