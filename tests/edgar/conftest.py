import pytest

from desk.filings.edgar import Edgar
from desk.filings.edgar_wire import EdgarWire
from tests.edgar.server import AGENT, EdgarServer


class Waiting:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.at = 0.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += seconds

    def now(self):
        return self.at


@pytest.fixture
def server():
    made = EdgarServer()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def waiting():
    return Waiting()


@pytest.fixture
def edgar(server, waiting, tmp_path):
    made = Edgar(EdgarWire(AGENT, tmp_path / "edgar", server.url, sleep=waiting.sleep, clock=waiting.now))
    yield made
    made.close()
