"""TENOR_REDIS_URL: it builds the bus, and a server that is not there is refused by name."""

from __future__ import annotations

import socket
import threading

import pytest

from desk.backends import check_startable, read_backends
from desk.errors import BackEndUnreachable
from desk.factory import build_bus
from desk.settings import load_settings
from tests.valkey import Valkey


def settings(url: str):
    return load_settings({"TENOR_REDIS_URL": url})


def test_a_server_that_is_not_there_is_refused_by_name():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"redis://someone:hidden@127.0.0.1:{free.getsockname()[1]}/0"
    with pytest.raises(BackEndUnreachable, match="TENOR_REDIS_URL") as told:
        build_bus(settings(address))
    assert "hidden" not in told.value.message
    with pytest.raises(BackEndUnreachable, match="TENOR_REDIS_URL"):
        check_startable(read_backends(settings(address)))


def test_what_answers_but_is_no_redis_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            connection.sendall(b"SSH-2.0-nothing\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(BackEndUnreachable, match="TENOR_REDIS_URL"):
            build_bus(settings(f"redis://127.0.0.1:{listener.getsockname()[1]}/0"))
        thread.join()


@pytest.mark.service
def test_doctor_names_bus_and_jobs_of_the_one_server(tmp_path):
    server = Valkey(tmp_path / "valkey")
    try:
        rows = {row.role: row for row in read_backends(settings(server.url))}
        check_startable(list(rows.values()))
        assert (rows["bus"].state, rows["bus"].product) == ("connected", "Redis or Valkey")
        assert (rows["jobs"].state, rows["jobs"].setting) == ("connected", "TENOR_REDIS_URL")
    finally:
        server.kill()
