"""A tool as a small local model is offered it: with examples, and with the desk's instruments as its only choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from desk.llm.chat import ToolExample, ToolSchema
from tools.context import NamedTool

FILE = Path(__file__).parent / "examples.yaml"


class _Example(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    asked: str
    arguments: dict[str, object]


@cache
def load_examples() -> Mapping[str, tuple[ToolExample, ...]]:
    """The shipped examples by tool. Instruments stand by name."""
    raw: dict[str, list[object]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    read = {tool: map(_Example.model_validate, rows) for tool, rows in raw.items()}
    return {tool: tuple(ToolExample(e.asked, e.arguments) for e in rows) for tool, rows in read.items()}


def offer(tool: NamedTool, instruments: Mapping[str, str]) -> ToolSchema:
    """The tool's schema where `instruments` (id -> name) are all that an argument of that name may hold.

    An example's instruments that are not among them are left out with it.
    """
    parameters = dict(tool.schema())
    properties = dict(_mapping(parameters.get("properties")))
    ids = {name: id for id, name in instruments.items()}
    if "instruments" in properties:
        choices = [{"const": id, "title": name} for id, name in instruments.items()]
        properties["instruments"] = {**_mapping(properties["instruments"]), "items": {"oneOf": choices}}
        parameters["properties"] = properties
    shown = [found for e in load_examples().get(tool.name, ()) if (found := _with_ids(e, ids)) is not None]
    return ToolSchema(tool.name, tool.description, parameters, tuple(shown))


def _with_ids(example: ToolExample, ids: Mapping[str, str]) -> ToolExample | None:
    names = example.arguments.get("instruments")
    if not isinstance(names, Iterable):
        return example
    if any(name not in ids for name in names):
        return None
    return ToolExample(example.asked, {**example.arguments, "instruments": [ids[name] for name in names]})


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
