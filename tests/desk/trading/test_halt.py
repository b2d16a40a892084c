from __future__ import annotations

from pathlib import Path

import pytest

from desk.bus.local import LocalBus
from desk.clock import FrozenClock
from desk.errors import Conflict
from desk.trading.halt import HaltState, HaltSwitch
from tests.desk.trading.fake_feed import START


def make(folder: Path, bus: LocalBus | None = None) -> HaltSwitch:
    return HaltSwitch(folder, bus or LocalBus(), FrozenClock(START))


def test_one_halts_two_resume(tmp_path: Path) -> None:
    bus = LocalBus()
    switch = make(tmp_path, bus)
    assert switch.state() == HaltState()
    assert switch.reason() == ""
    state = switch.halt("tess", "runaway bot")
    assert (state.halted, state.reason, state.by, state.needed) == (True, "runaway bot", "tess", 2)
    assert switch.resume("tess").halted
    with pytest.raises(Conflict, match="another person"):
        switch.resume("tess")
    assert not switch.resume("carl").halted
    with pytest.raises(Conflict, match="not halted"):
        switch.resume("carl")
    assert [event.body["halted"] for event in bus.since("halt", 0)] == [True, True, False]


def test_it_survives_a_restart_and_other_writers(tmp_path: Path) -> None:
    one, other = make(tmp_path), make(tmp_path)
    one.halt("tess", "why")
    assert other.reason() == "why"
    assert make(tmp_path).resume("carl").resume == ("carl",)
    one.halt("tess", "again")
    assert other.state().resume == ()
    assert other.reason() == "why"


def test_a_damaged_file_is_a_halt(tmp_path: Path) -> None:
    (tmp_path / "halt.json").write_text('{"halted": fal')
    assert "cannot be read" in make(tmp_path).reason()


def test_the_byte_alone_halts_and_is_seen_by_every_process(tmp_path: Path) -> None:
    switch = make(tmp_path)
    assert switch.reason() == ""
    flag = tmp_path / "halt.flag"
    with flag.open("r+b") as file:
        file.write(b"x")
    assert "no reason was written" in switch.reason()
    assert "no reason was written" in make(tmp_path).reason()
    assert switch.resume("tess").halted
    assert not switch.resume("carl").halted
    assert (flag.read_bytes(), switch.reason(), make(tmp_path).reason()) == (b"\0", "", "")


def test_words_that_say_halt_set_the_byte(tmp_path: Path) -> None:
    make(tmp_path).halt("tess", "why")
    words = (tmp_path / "halt.json").read_bytes()
    (tmp_path / "halt.flag").unlink()
    assert make(tmp_path).reason() == "why"
    assert (tmp_path / "halt.flag").read_bytes() == b"\1"
    for person in ("a", "b"):
        make(tmp_path).resume(person)
    switch = make(tmp_path)
    (tmp_path / "halt.json").write_bytes(words)
    assert switch.state().by == "tess"
    assert switch.reason() == "why"


def test_a_halt_does_not_wait_for_who_holds_the_switch(tmp_path: Path) -> None:
    stuck, switch = make(tmp_path), make(tmp_path)
    with stuck._turning():
        assert switch.halt("tess", "now").halted
        assert stuck.reason() == "now"
