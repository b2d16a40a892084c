"""Reads contexts in the form of TAT-QA: a table, paragraphs and questions with answer, type and scale."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from desk.errors import InputError
from rag.tableqa.amounts import Scale

AnswerType = Literal["arithmetic", "span", "multi-span", "count"]


class TableText(BaseModel):
    """The printed cells, row by row; `uid` names the context."""

    model_config = ConfigDict(frozen=True)

    uid: str
    table: tuple[tuple[str, ...], ...]


class Paragraph(BaseModel):
    """A paragraph beside the table."""

    model_config = ConfigDict(frozen=True)

    order: int
    text: str


class Asked(BaseModel):
    """A question and its gold answer: one number, or spans."""

    model_config = ConfigDict(frozen=True)

    uid: str
    question: str
    answer: tuple[str, ...] | float | str
    answer_type: AnswerType
    scale: Scale = ""

    @property
    def gold(self) -> tuple[str, ...]:
        """The answer as spans."""
        return self.answer if isinstance(self.answer, tuple) else (_number(self.answer),)


class TableCase(BaseModel):
    """One table, its paragraphs and the questions on them."""

    model_config = ConfigDict(frozen=True)

    table: TableText
    paragraphs: tuple[Paragraph, ...]
    questions: tuple[Asked, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The paragraphs in their order."""
        return tuple(p.text for p in sorted(self.paragraphs, key=lambda p: p.order))

    @property
    def unread(self) -> bool:
        """Whether it is of the half that no rule was written on: the SHA-256 of its uid begins with an odd byte."""
        return hashlib.sha256(self.table.uid.encode()).digest()[0] % 2 == 1


def load_tables(path: Path) -> tuple[TableCase, ...]:
    """Reads a JSON file, gzipped or not. InputError for a file that cannot be read, has another form or no question."""
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if path.suffix == ".gz" else raw
        cases = TypeAdapter(tuple[TableCase, ...]).validate_python(json.loads(text))
    except OSError as error:
        raise InputError(f"cannot read tables from {path}: {error.strerror or error}") from None
    except (ValidationError, ValueError, EOFError) as error:
        raise InputError(f"{path.name} holds no tables with questions: {str(error).splitlines()[0]}") from None
    if not any(case.questions for case in cases):
        raise InputError(f"{path} holds no questions")
    return cases


def _number(value: float | str) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
