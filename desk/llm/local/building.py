"""TENOR_LLM_GGUF -> a model on this machine, or the sentence that says what is missing."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

from desk.errors import DataError, InputError, SettingError
from desk.llm.chat import ChatModel
from desk.llm.local.driver import LocalChat
from desk.llm.local.gguf import read_gguf
from desk.llm.local.process import LlamaProcess
from desk.llm.local.weights import MODELS, check_file, load_weights, place
from desk.llm.models import ModelSettings, ModelSpec
from desk.llm.tasks import TASKS, task_class

RUNTIME = "xllamacpp"
OWN_CONTEXT = 8192
EXAMPLES = 3072
"""Tokens of context beside a request's own, for the examples of its tools."""


def build_local(given: ModelSettings, data_folder: Path) -> list[ChatModel]:
    """The one local model, or none when none is set. Quick: it is loaded by `warm` or the first question.

    SettingError when the runtime or file is missing, the file is not what it should be, or a setting makes no sense.
    """
    if not given.gguf:
        return []
    if importlib.util.find_spec(RUNTIME) is None:
        raise SettingError(
            f"TENOR_LLM_GGUF={given.gguf} needs the package {RUNTIME}, which is not installed; install Tenor's extra "
            "local-llm, or unset it"
        )
    allowed = {tag.strip() for tag in given.residency.split(",") if tag.strip()}
    if allowed and "local" not in allowed:
        raise SettingError(
            f"TENOR_LLM_GGUF={given.gguf} works on this machine, TENOR_LLM_RESIDENCY={given.residency} does not allow "
            "local; add it or unset one"
        )
    try:
        spec, path, context, check = _find(given, data_folder / MODELS)
    except DataError as error:
        raise SettingError(f"TENOR_LLM_GGUF={given.gguf}: {error.message}") from None
    return [LocalChat(spec, LlamaProcess(path, _threads(given.gguf_threads), context, check))]


def _find(given: ModelSettings, folder: Path) -> tuple[ModelSpec, Path, int, Callable[[], None]]:
    """What it is, its file, the context it is run with, and the check before each load."""
    known = load_weights().get(given.gguf)
    if known is not None:
        path, context = place(folder, known), known.context
        check_file(path, known)
        spec = _spec(given.gguf, known.family, known.context, _tasks(given.gguf_tasks) or known.tasks)
        return spec, path, known.context + EXAMPLES, partial(check_file, path, known)
    path = Path(given.gguf).expanduser()
    if "/" not in given.gguf and not path.exists():
        raise DataError(f"that is neither {', '.join(load_weights())} nor a file here; give one of them or a path")
    facts = read_gguf(path)
    context = min(facts.context, OWN_CONTEXT)
    family = facts.name[:64] or facts.architecture
    spec = _spec(path.stem[:64], family, max(256, context - min(EXAMPLES, context // 2)), _tasks(given.gguf_tasks))
    return spec, path.resolve(), context, lambda: None


def _spec(name: str, family: str, context: int, tasks: tuple[str, ...]) -> ModelSpec:
    return ModelSpec(
        id=f"local-{name}",
        family=family,
        price_in=Decimal(0),
        price_out=Decimal(0),
        context=context,
        tools=True,
        json_mode="schema",
        residency="local",
        tasks=tasks,
    )


def _tasks(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        try:
            usable = task_class(name).model
        except InputError as error:
            raise SettingError(f"TENOR_LLM_GGUF_TASKS={text}: {error.message}") from None
        if not usable:
            fit = ", ".join(task.name for task in TASKS.values() if task.model)
            raise SettingError(f"TENOR_LLM_GGUF_TASKS={text}: {name} is never done by a model; choose from {fit}")
    return names


def _threads(asked: int) -> int:
    cores = os.cpu_count() or 1
    if not 0 <= asked <= cores:
        raise SettingError(f"TENOR_LLM_GGUF_THREADS={asked} is not 0 to {cores}, the cores of this machine")
    return asked or max(1, cores - 1)
