"""TENOR_LLM_GGUF: what it makes, and the sentence when it cannot."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from desk.backends import read_backends
from desk.errors import DataError, SettingError
from desk.llm.local.building import build_local
from desk.llm.local.gguf import read_gguf
from desk.llm.models import ModelSettings
from desk.settings import Settings, load_settings
from tests.llm.local.wheels import gguf, missing, text

ARCHITECTURE = ("general.architecture", 8, text("llama"))
NAME = ("general.name", 8, text("My model"))
CONTEXT = ("llama.context_length", 4, struct.pack("<I", 32768))
TOKENS = ("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 2) + text("a") + text("b"))
SCORES = ("tokenizer.ggml.scores", 9, struct.pack("<IQ", 6, 2) + struct.pack("<2f", 0, 1))
TEMPLATE = ("tokenizer.chat_template", 8, text("{{ messages }}"))


@pytest.fixture
def runtime_here():
    import importlib.util

    if importlib.util.find_spec("xllamacpp") is None:
        missing("xllamacpp is not installed; `make setup` installs it")


def test_a_file_says_what_it_is(tmp_path):
    file = tmp_path / "my.gguf"
    file.write_bytes(gguf(ARCHITECTURE, TOKENS, NAME, SCORES, CONTEXT, TEMPLATE))
    assert read_gguf(file) == ("My model", "llama", 32768, True)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "first bytes are not GGUF"),
        (gguf(ARCHITECTURE, CONTEXT, magic=b"GGML"), "first bytes are not GGUF"),
        (gguf(ARCHITECTURE, CONTEXT, version=9), "version 9"),
        (gguf(ARCHITECTURE, CONTEXT)[:-6], "ends too early|requires a buffer"),
        (gguf(NAME), "holds no language model"),
        (gguf(ARCHITECTURE), "holds no language model"),
        (gguf(("x", 99, b"")), "unknown type 99"),
        (gguf(("x", 8, struct.pack("<Q", 1 << 40))), "a text of"),
        (gguf(("x", 9, struct.pack("<IQ", 4, 1 << 50))), "an array of"),
        (gguf(("x", 9, struct.pack("<IQ", 9, 1))), "an array of"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "claims"),
    ],
)
def test_what_is_no_model_is_told_apart(tmp_path, raw, why):
    file = tmp_path / "my.gguf"
    file.write_bytes(raw)
    with pytest.raises(DataError, match=why):
        read_gguf(file)


def test_a_file_of_ones_own_is_asked_everything(tmp_path, runtime_here):
    file = tmp_path / "my.gguf"
    file.write_bytes(gguf(ARCHITECTURE, NAME, CONTEXT))
    (model,) = build_local(ModelSettings(gguf=str(file)), tmp_path)
    spec = model.spec
    assert (spec.id, spec.family, spec.provider, spec.residency) == ("local-my", "My model", "local", "local")
    assert (spec.nanos(1000, 1000), list(spec.tasks), spec.json_mode, spec.context) == (0, [], "schema", 5120)
    model.close()
    model.close()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"gguf": "tiny"}, "run `tenor models fetch tiny`"),
        ({"gguf": "huge"}, "neither tiny, small, base nor a file here"),
        ({"gguf": "./none.gguf"}, "cannot be read"),
        ({"gguf": "FILE", "residency": "eu"}, "does not allow local"),
        ({"gguf": "FILE", "gguf_threads": -1}, "TENOR_LLM_GGUF_THREADS=-1"),
        ({"gguf": "FILE", "gguf_threads": 100_000}, "cores of this machine"),
        ({"gguf": "FILE", "gguf_tasks": "poetry"}, "TENOR_LLM_GGUF_TASKS=poetry"),
        ({"gguf": "FILE", "gguf_tasks": "risk"}, "never done by a model"),
    ],
)
def test_each_wrong_setting_says_what_to_do(tmp_path, runtime_here, given, why):
    file = tmp_path / "my.gguf"
    file.write_bytes(gguf(ARCHITECTURE, NAME, CONTEXT))
    given = {name: str(file) if value == "FILE" else value for name, value in given.items()}
    with pytest.raises(SettingError, match=why):
        build_local(ModelSettings(**given), tmp_path)


def test_unset_means_none(tmp_path):
    assert build_local(ModelSettings(), tmp_path) == []


def test_the_page_sets_it_in_three_settings():
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")
    block = page.partition("## A model on this machine")[2].partition("```sh\n")[2].partition("```")[0]
    given = load_settings(dict(re.findall(r"^export (TENOR_\w+)=(\S+)", block, re.MULTILINE)))
    assert (given.llm_gguf, given.llm_gguf_threads, given.llm_gguf_tasks) == ("small", 1, "tool_call")


def test_doctor_names_the_local_model():
    row = next(row for row in read_backends(Settings(llm_gguf="small")) if row.role == "model")
    assert (row.state, row.setting) == ("embedded", "TENOR_LLM_GGUF")
    assert row.product.startswith("small on this machine")
