"""The entries of the knowledge base: YAML files by topic, in our own words, checked whole at loading.

An answer holds no typed figure about this desk: it names figures in `figures` (slot -> name, see
`tools/knowledge_figures.py`) and writes `{{f:SLOT}}`. Digits that are part of a name ("10-K") stand in
`names` and nowhere else.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from desk.errors import DataError, NotFound
from desk.facts import SLOT, stray_numerals
from desk.yaml_text import read_yaml

FOLDER = Path(__file__).parent / "data"
ASKED = "asked.yaml"
"""Beside the folder: entry id -> further phrasings, `|` between them; searched and never shown."""

SHORTEST, LONGEST = 60, 120
"""Words of an answer."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Entry(BaseModel):
    """One answer. `as_of` is the month (YYYY-MM) in which it was last read against the code and the world."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: int = Field(default=1, ge=1)
    title: str
    questions: tuple[str, ...] = Field(min_length=2, max_length=8)
    answer: str
    asked: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    figures: dict[str, str] = {}
    names: tuple[str, ...] = ()
    topic: str = ""
    as_of: str = ""

    @property
    def label(self) -> str:
        """What is cited: `stop-order@1`."""
        return f"{self.id}@{self.version}"

    @property
    def phrasings(self) -> tuple[str, ...]:
        """The title, the questions, and how people put it: what is compared with a person's words."""
        return (self.title, *self.questions, *self.asked)


class _Topic(BaseModel):
    """One file; `sources` serve every entry that names none of its own."""

    model_config = ConfigDict(extra="forbid")

    topic: str
    as_of: str = Field(pattern=r"^20\d\d-\d\d$")
    sources: tuple[str, ...] = Field(min_length=1)
    entries: list[Entry]


class Entries:
    """All entries by id, in the order of files and lines. `hash` names exactly the words that are searched."""

    def __init__(self, found: list[Entry]) -> None:
        self.by_id = {entry.id: entry for entry in found}
        said = "\n".join(f"{entry.id}\t" + "\t".join((*entry.phrasings, entry.answer)) for entry in found)
        self.hash = hashlib.sha256(said.encode()).hexdigest()

    @property
    def all(self) -> tuple[Entry, ...]:
        """Every entry."""
        return tuple(self.by_id.values())

    def get(self, id: str) -> Entry:
        """The entry, by `id` or `id@version`; NotFound when there is none, or none of that version."""
        name, _, version = id.partition("@")
        entry = self.by_id.get(name)
        if entry is None or (version and version != str(entry.version)):
            raise NotFound(f"the knowledge base has no entry {id!r}")
        return entry


@cache
def load_entries(folder: Path = FOLDER) -> Entries:
    """Reads and checks every file once. DataError names the file and what is wrong with which entry."""
    found: list[Entry] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            read = _Topic.model_validate(read_yaml(path.read_text(encoding="utf-8")))
        except (ValidationError, yaml.YAMLError) as error:
            raise DataError(f"knowledge file {path.name} is malformed: {' '.join(str(error).split())[:300]}") from None
        found += [_filled(entry, read) for entry in read.entries]
    asked = _read_asked(folder.parent / ASKED)
    entries = Entries([entry.model_copy(update={"asked": asked.pop(entry.id, ())}) for entry in found])
    if asked:
        raise DataError(f"knowledge base: {ASKED} has questions for {min(asked)!r}, which is no entry")
    faults = [fault for entry in found for fault in entry_faults(entry, entries)]
    if len(entries.by_id) < len(found):
        faults.append("two entries have one id")
    if faults:
        raise DataError(f"knowledge base: {faults[0]}")
    return entries


def _read_asked(path: Path) -> dict[str, tuple[str, ...]]:
    """Further phrasings by entry id; none without the file."""
    try:
        read = TypeAdapter(dict[str, str]).validate_python(read_yaml(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (ValidationError, yaml.YAMLError) as error:
        raise DataError(f"knowledge file {path.name} is malformed: {' '.join(str(error).split())[:300]}") from None
    return {id: tuple(said.strip() for said in line.split("|")) for id, line in read.items()}


def _filled(entry: Entry, file: _Topic) -> Entry:
    same = {"topic": file.topic, "as_of": file.as_of, "sources": entry.sources or file.sources}
    return entry.model_copy(update=same)


def entry_faults(entry: Entry, entries: Entries) -> list[str]:
    """What is wrong with an entry, as sentences; empty means it may serve."""
    faults = []
    words = len(entry.answer.split())
    if not _ID.fullmatch(entry.id):
        faults.append(f"{entry.id!r} is no id; use lower-case words joined by hyphens")
    if not SHORTEST <= words <= LONGEST:
        faults.append(f"{entry.id}: the answer has {words} words, not {SHORTEST} to {LONGEST}")
    if missing := [id for id in entry.related if id not in entries.by_id or id == entry.id]:
        faults.append(f"{entry.id}: related entry {missing[0]!r} does not exist or is itself")
    if set(SLOT.findall(entry.answer)) != set(entry.figures):
        faults.append(f"{entry.id}: the slots of the answer and its figures are not the same")
    if stray := stray_numerals(entry.answer, entry.names):
        faults.append(f"{entry.id}: the numeral {stray[0]!r} is typed; name a figure, or the name it is part of")
    if bare := [name for name in entry.names if not re.search("[A-Za-z]", name) or name not in entry.answer]:
        faults.append(f"{entry.id}: {bare[0]!r} is no name that stands in the answer")
    return faults
