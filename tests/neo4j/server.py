"""A real Neo4j server with Graph Data Science on loopback, assembled by Maven outside the checkout.

`python -m tests.neo4j.server` assembles it ahead of the tests; the fixture does it too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

POM = Path(__file__).parent / "pom.xml"
LOGIN = ("neo4j", "test-password")
OPENED = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in ("java.nio", "java.io", "sun.nio.ch")]
JVM = ["-Xms128m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *OPENED]


def missing_tools() -> str:
    """What this machine lacks for it, with the remedy; empty when nothing."""
    lacking = [name for name in ("java", "mvn") if shutil.which(name) is None]
    return f"the Neo4j tests need {' and '.join(lacking)}: install Java 17 and Maven" if lacking else ""


def assemble() -> Path:
    """The server's folder under the user's cache, made once for each content of the pom."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tenor" / "neo4j"
    made = cache / hashlib.sha256(POM.read_bytes()).hexdigest()[:16]
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "complete").exists():
            shutil.rmtree(made, ignore_errors=True)
            command = ["mvn", "-B", "-ntp", "-q", "-f", str(POM), f"-Dneo4j.home={made}", "package"]
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900)
            if done.returncode:
                raise RuntimeError(done.stdout[-2_000:])
            (made / "complete").touch()
    return made


def demand_server() -> Path:
    """The assembled server; skips where it cannot be had, and fails there with TENOR_REQUIRE=all."""
    try:
        why = missing_tools()
        if not why:
            return assemble()
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        why = f"Maven gave no Neo4j server: {error}"
    if os.environ.get("TENOR_REQUIRE") == "all":
        pytest.fail(f"TENOR_REQUIRE=all, but {why}", pytrace=False)
    pytest.skip(why)


class Neo4jProcess:
    """One server with its own folder and port; `plugins` False leaves Graph Data Science out."""

    def __init__(self, folder: Path, *, plugins: bool = True) -> None:
        self._made, self._home, self._plugins, self.login = demand_server(), folder, plugins, LOGIN
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"bolt://127.0.0.1:{self.port}"
        self._write_settings()
        self._set_password()
        self.start()

    def start(self) -> None:
        """Starts it (again) on the same port and folder; RuntimeError with its words when it does not come up."""
        shared = self._made / ("classes.jsa" if self._plugins else "bare.jsa")
        self._shared, self._writing = shared, shared.with_suffix(f".{os.getpid()}")
        archive = f"SharedArchiveFile={shared}" if shared.exists() else f"ArchiveClassesAtExit={self._writing}"
        place = [f"--home-dir={self._home}", f"--config-dir={self._home / 'conf'}"]
        command = [*self._java(f"-XX:{archive}"), "org.neo4j.server.CommunityEntryPoint", *place]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL to its own process; what was committed is on disk."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        """Ends it in order; the first run leaves an archive of classes that halves the next start."""
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
        if self._writing.exists():
            self._writing.replace(self._shared)

    @property
    def _log(self) -> Path:
        return self._home / "console.log"

    def _java(self, *options: str) -> list[str]:
        folders = [self._made / "lib", *([self._made / "plugins"] if self._plugins else [])]
        return ["java", *JVM, *options, "-cp", os.pathsep.join(f"{folder}/*" for folder in folders)]

    def _write_settings(self) -> None:
        plugins = self._made / "plugins" if self._plugins else self._home / "none"
        plugins.mkdir(parents=True, exist_ok=True)
        (self._home / "conf").mkdir(parents=True)
        lines = [
            f"server.bolt.listen_address=127.0.0.1:{self.port}",
            f"server.bolt.advertised_address=127.0.0.1:{self.port}",
            "server.http.enabled=false",
            "server.https.enabled=false",
            f"server.directories.plugins={plugins}",
            "server.memory.pagecache.size=64m",
            "dbms.security.procedures.unrestricted=gds.*",
            "dbms.usage_report.enabled=false",
            "internal.dbms.bolt.netty_server_shutdown_quiet_period=0",
            "server.config.strict_validation.enabled=false",
        ]
        (self._home / "conf" / "neo4j.conf").write_text("\n".join(lines))

    def _admin(self, *words: str) -> None:
        homes = {"NEO4J_HOME": str(self._home), "NEO4J_CONF": str(self._home / "conf")}
        command = [*self._java(), "org.neo4j.server.startup.Neo4jAdminCommand", *words]
        subprocess.run(command, env={**os.environ, **homes}, check=True, capture_output=True, timeout=120)

    def _set_password(self) -> None:
        """What the server's own command writes, kept for the servers after: it is a start of Java each."""
        kept, written = self._made / "auth.ini", self._home / "data" / "dbms" / "auth.ini"
        if kept.exists():
            written.parent.mkdir(parents=True)
            shutil.copyfile(kept, written)
            return
        self._admin("dbms", "set-initial-password", LOGIN[1])
        copied = kept.with_suffix(f".{os.getpid()}")
        shutil.copyfile(written, copied)
        copied.replace(kept)

    def _wait(self) -> None:
        import neo4j

        ends = time.monotonic() + 120
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"Neo4j ended at once: {self._log.read_text()[-2_000:]}")
            try:
                with neo4j.GraphDatabase.driver(self.url, auth=LOGIN) as driver:
                    driver.verify_connectivity()
                return
            except (neo4j.exceptions.DriverError, neo4j.exceptions.TransientError, OSError):
                if time.monotonic() > ends:
                    raise
                time.sleep(0.2)


def main() -> int:
    """The exit code is 1 when it cannot be had and TENOR_REQUIRE=all; else the tests will say so and be skipped."""
    try:
        demand_server()
    except (pytest.skip.Exception, pytest.fail.Exception) as why:
        sys.stderr.write(f"{why}\n")
        return int(isinstance(why, pytest.fail.Exception))
    return 0


if __name__ == "__main__":
    sys.exit(main())
