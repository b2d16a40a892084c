"""The transaction graph at a real Neo4j server: what is lost, refused, missing or changed meanwhile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from api.commands.doctor import doctor
from desk.backends import check_startable, read_backends
from desk.clock import FrozenClock
from desk.errors import BackEndUnreachable, Conflict
from desk.factory import build_graphs, open_desk
from desk.fraud.cases import CaseBook
from desk.fraud.graph import columns_of
from desk.fraud.local import LocalGraph
from desk.fraud.neo4j import Neo4jGraph, Neo4jGraphs
from desk.fraud.neo4j_book import Neo4jBook
from desk.fraud.neo4j_server import Neo4jServer
from desk.fraud.patterns import scan
from desk.fraud.world import seed_transfers
from desk.settings import Settings, load_settings
from desk.store.engine import Store
from desk.store.folder import DataFolder
from tests.desk.fraud.worlds import END, town
from tests.neo4j.server import Neo4jProcess

pytestmark = pytest.mark.service
SLOW_START_S = 120.0
"""A killed server may take this long to be back on a busy machine."""


class Cut(Neo4jBook):
    """A book whose server gets trouble right before the nth statement."""

    def __init__(self, server: Neo4jServer, name: str, nth: int, trouble: Callable[[], object]) -> None:
        super().__init__(server, name)
        self._left, self._trouble = nth, trouble

    def ask(self, text, **values):
        self._left -= 1
        if not self._left:
            self._trouble()
        return super().ask(text, **values)


@pytest.fixture(scope="module")
def process(neo4j):
    return neo4j()


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A server without the plug-in."""
    started = Neo4jProcess(tmp_path_factory.mktemp("bare"), plugins=False)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def columns():
    return columns_of(town(plants=("ring", "structuring")))


def settings_of(process: Neo4jProcess, password: str | None = None, **more: str) -> Settings:
    user, right = process.login
    named = {"TENOR_NEO4J_URL": process.url, "TENOR_NEO4J_USER": user, "TENOR_NEO4J_PASSWORD": password or right}
    return load_settings({**named, **more})


def test_a_server_lost_while_it_is_loaded_is_waited_for_and_gets_every_transfer_once(process, columns):
    server = Neo4jServer(process.url, *process.login, patience_s=SLOW_START_S)
    again = threading.Thread(target=process.start)

    def kill_and_start() -> None:
        process.kill()
        again.start()

    Cut(server, "cut", 3, kill_and_start).hold(columns)
    again.join()
    book = Neo4jBook(server, "cut")
    assert book.read().ids == columns.ids
    graph = Neo4jGraph(book)
    assert scan(graph) == scan(LocalGraph(columns))
    assert graph.pagerank().sum() == pytest.approx(1)
    server.close()


def test_a_server_killed_in_mid_scan_is_refused_in_time_and_gives_the_same_cases_once_it_is_back(process, tmp_path):
    store = Store.in_folder(tmp_path)
    seed_transfers(store, 20221228, 240, 120, END)
    server = Neo4jServer(process.url, *process.login, patience_s=1.0)
    Neo4jGraphs(server, "unused")
    troubles = [process.kill]

    def build(found):
        book = Cut(server, "cases", 6, troubles.pop()) if troubles else Neo4jBook(server, "cases")
        book.hold(found)
        return Neo4jGraph(book, found)

    records: list[object] = []
    cases = CaseBook(store, lambda: END, FrozenClock(END), lambda *record: records.append(record), build)
    try:
        for _ in range(2):
            with pytest.raises(BackEndUnreachable, match=r"TENOR_NEO4J_URL: bolt://.* does not answer") as told:
                cases.cases()
            assert told.value.__cause__ is None
            assert "neo4j.exceptions" not in told.value.message
    finally:
        process.start()
    assert records == []
    assert [case.alert.typology for case in cases.cases()] == ["cycle", "structuring"]
    server.close()
    store.close()


def test_a_wrong_password_is_told_and_never_shown(process):
    settings = settings_of(process, "not-the-password")
    with pytest.raises(BackEndUnreachable, match="set TENOR_NEO4J_USER, TENOR_NEO4J_PASSWORD") as told:
        build_graphs(settings, "d")
    assert "not-the-password" not in told.value.message
    told_by_doctor = doctor(settings)
    assert told_by_doctor.exit == 1
    assert "refuses the user 'neo4j'" in told_by_doctor.text
    assert "not-the-password" not in told_by_doctor.text


def test_a_server_without_the_plug_in_is_told_at_start_and_by_doctor(bare):
    settings = settings_of(bare)
    with pytest.raises(BackEndUnreachable, match=r"TENOR_NEO4J_URL: .*Graph Data Science"):
        build_graphs(settings, "d")
    outcome = doctor(settings)
    assert outcome.exit == 1
    assert "has no Graph Data Science" in outcome.text


def test_an_address_where_no_neo4j_answers_is_refused_by_name():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"bolt://someone:hidden@127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(BackEndUnreachable, match="TENOR_NEO4J_URL") as told:
        build_graphs(load_settings({"TENOR_NEO4J_URL": url}), "d")
    assert "hidden" not in told.value.message
    with pytest.raises(BackEndUnreachable, match="TENOR_NEO4J_URL"):
        check_startable(read_backends(load_settings({"TENOR_NEO4J_URL": url})))
    with pytest.raises(BackEndUnreachable, match="not the address of a Neo4j server"):
        build_graphs(load_settings({"TENOR_NEO4J_URL": "http://127.0.0.1:1"}), "d")


def test_what_answers_but_is_no_neo4j_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            connection.sendall(b"SSH-2.0-nothing\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"bolt://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(BackEndUnreachable, match="TENOR_NEO4J_URL"):
            build_graphs(load_settings({"TENOR_NEO4J_URL": url}), "d")
        thread.join()


def test_a_book_that_somebody_else_changes_in_mid_scan_is_a_conflict(process, columns):
    server = Neo4jServer(process.url, *process.login)
    graph = Neo4jGraphs(server, "shared").hold(columns)
    graph.book.ask("MATCH ()-[t:TRANSFER {book: $book}]->() SET t.id = 'x' + t.id")
    with pytest.raises(Conflict, match="scan again"):
        graph.new_edges(0)
    assert Neo4jGraphs(server, "shared").hold(columns).new_edges(0).shape == (len(columns),)
    server.close()


def test_a_file_leaves_nothing_behind(process, columns):
    server = Neo4jServer(process.url, *process.login)
    graphs = Neo4jGraphs(server, "unused")
    with graphs.visit(columns) as graph:
        name = graph.book.name
        assert graph.book.ask("MATCH (a:Account {book: $book}) RETURN count(a)")[0] == [len(columns.accounts)]
    assert server.ask("MATCH (a {book: $book}) RETURN count(a)", book=name) == [[0]]
    graphs.close()


def test_the_settings_switch_the_desk_over(process, tmp_path):
    folder = DataFolder(tmp_path / "home")
    assert folder.hold({"command": "test"})
    desk = open_desk(settings_of(process, TENOR_DATA=str(tmp_path / "home")), folder)
    try:
        found = [case.alert for case in desk.fraud.cases()]
        assert [alert.typology for alert in found] == ["cycle", "structuring"]
        assert isinstance(desk.graphs, Neo4jGraphs)
        (row,) = (row for row in desk.backends() if row.role == "transaction graph")
        assert (row.state, row.product) == ("connected", "Neo4j Graph Data Science")
        assert row.detail == f"{process.url}, Graph Data Science 2.13.9"
        check_startable(desk.backends())
    finally:
        desk.close()
        folder.release()
