"""A Neo4j server with Graph Data Science: one driver, bounded patience, its errors in the desk's words.

What a lost connection cuts off is tried again, with growing pauses, for `patience_s`; then
BackEndUnreachable. So every step given to it must be safe to repeat. Nothing of the vendor leaves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, LiteralString, TypeVar
from urllib.parse import urlsplit

from desk.backends import BackEnd
from desk.errors import BackEndUnreachable, DataError, TenorError

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience
    from neo4j import Driver

PATIENCE_S = 20.0
"""For so long is a lost server waited for in the middle of work; one of this size is up again in six to ten."""
FIRST_PAUSE_S, LONGEST_PAUSE_S, CONNECT_S = 0.1, 2.0, 5.0
DOCTOR_S = 1.5

URL, USER, PASSWORD = "TENOR_NEO4J_URL", "TENOR_NEO4J_USER", "TENOR_NEO4J_PASSWORD"
NO_PLUGIN = "has no Graph Data Science; install that plug-in and allow its procedures (docs/neo4j.md)"
LOST = ("ServiceUnavailable", "SessionExpired", "IncompleteCommit", "UnableToConnectError")
Row = list[object]
T = TypeVar("T")


class Neo4jServer:
    """A server that answered and has the plug-in; BackEndUnreachable, naming the setting, otherwise."""

    def __init__(
        self, url: str, user: str, password: str, *, patience_s: float = PATIENCE_S, connect_s: float = CONNECT_S
    ) -> None:
        """An empty password means that the server asks for none. It must answer at once."""
        self.url, self._user, self._patience_s = _shown(url), user, patience_s
        self._driver = _connect(url, user, password, connect_s)
        self._client: GraphDataScience | None = None
        try:
            self.gds_version = str(self._repeat(self._version, 0.0))
        except TenorError:
            self._driver.close()
            raise

    def ask(self, text: LiteralString, **values: object) -> list[Row]:
        """The rows that one statement gives, in a transaction of its own."""
        return self._repeat(lambda: self._ask(text, values), self._patience_s)

    def measure(self, step: Callable[[GraphDataScience], T]) -> T:
        """What a step with the Graph Data Science client gives; a projection it made is not there the next time."""
        return self._repeat(lambda: step(self._gds()), self._patience_s)

    def close(self) -> None:
        """Ends the connections; safe to call twice."""
        self._driver.close()

    def _ask(self, text: LiteralString, values: dict[str, object]) -> list[Row]:
        records, _, _ = self._driver.execute_query(text, values)
        return [list(record.values()) for record in records]

    def _version(self) -> object:
        return self._ask("RETURN gds.version()", {})[0][0]

    def _gds(self) -> GraphDataScience:
        if self._client is None:
            self._client = _client(self._driver)
        return self._client

    def _repeat(self, step: Callable[[], T], patience_s: float) -> T:
        ends, pause = time.monotonic() + patience_s, FIRST_PAUSE_S
        while True:
            try:
                return step()
            except TenorError:
                raise
            except Exception as error:  # noqa: BLE001 - the two clients' errors have no base in common
                told, again = self._told(error)
                if not again or time.monotonic() + pause > ends:
                    raise told from None
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _told(self, error: Exception) -> tuple[TenorError, bool]:
        """A vendor's error in the desk's words, and whether the same step may succeed soon."""
        from neo4j.exceptions import DriverError, Neo4jError

        code = error.code or "" if isinstance(error, Neo4jError) else ""
        if code.startswith("Neo.ClientError.Security."):
            return BackEndUnreachable(
                f"{URL}: {self.url} refuses the user {self._user!r}; set {USER}, {PASSWORD}"
            ), False
        if code == "Neo.ClientError.Procedure.ProcedureNotFound" or "Unknown function 'gds." in str(error):
            return BackEndUnreachable(f"{URL}: {self.url} {NO_PLUGIN}"), False
        name = type(error).__name__
        if isinstance(error, OSError) or name in LOST or (isinstance(error, Neo4jError) and error.is_retryable()):
            return BackEndUnreachable(f"{URL}: {self.url} does not answer ({code or name}); nothing was kept"), True
        if isinstance(error, DriverError):
            return BackEndUnreachable(f"{URL}: {self.url} does not answer as a Neo4j server does ({name})"), False
        if isinstance(error, Neo4jError):
            return DataError(f"{URL}: {self.url} refused a statement ({code or name})"), False
        return DataError(f"{URL}: {self.url} gave what could not be read ({name})"), False


def as_seen(row: BackEnd, url: str, user: str, password: str) -> BackEnd:
    """The row of the transaction graph as the server itself answers: its port may be open and the plug-in missing."""
    if row.setting != URL or row.state != "connected":
        return row
    try:
        server = Neo4jServer(url, user, password, connect_s=DOCTOR_S)
    except TenorError as error:
        return replace(row, state="unreachable", detail=error.message.removeprefix(f"{URL}: "))
    server.close()
    return replace(row, detail=f"{server.url}, Graph Data Science {server.gds_version}")


def _connect(url: str, user: str, password: str, timeout_s: float) -> Driver:
    from neo4j import GraphDatabase
    from neo4j.exceptions import ConfigurationError

    try:
        if urlsplit(url).scheme.partition("+")[0] not in ("bolt", "neo4j"):
            raise ValueError(url)
        return GraphDatabase.driver(
            url,
            auth=(user, password) if password else None,
            connection_timeout=timeout_s,
            connection_acquisition_timeout=2 * timeout_s,
            max_transaction_retry_time=0,  # `_repeat` is the only one that waits
            notifications_min_severity="OFF",
        )
    except (ConfigurationError, ValueError):  # their text repeats the address with its password
        raise BackEndUnreachable(
            f"{URL}: {_shown(url)} is not the address of a Neo4j server; write bolt://HOST:7687 or neo4j://HOST:7687, "
            f"the person and the password in {USER} and {PASSWORD}"
        ) from None


def _client(driver: Driver) -> GraphDataScience:
    from graphdatascience import GraphDataScience
    from graphdatascience.query_runner.neo4j_query_runner import Neo4jQueryRunner

    class OneTry(Neo4jQueryRunner):
        """Asks once: the client's own would wait for a lost server for minutes."""

        def _verify_connectivity(
            self, database: str | None, retry_config: Neo4jQueryRunner.ConnectivityRetriesConfig
        ) -> None:
            driver.verify_connectivity()

    runner = OneTry(driver, "neo4j+s" if driver.encrypted else "bolt", show_progress=False)
    return GraphDataScience(runner, arrow=False, show_progress=False)


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
