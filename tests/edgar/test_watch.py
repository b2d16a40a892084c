"""Watching filings: what is new is classified, kept once, told once, across crashes."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from desk.bus.local import LocalBus
from desk.clock import FrozenClock
from desk.compliance.filing_notices import classify, find_overdue
from desk.compliance.filings_watch import TOPIC, FilingsWatch
from desk.errors import BackEndUnreachable, NotFound
from desk.filings.edgar import Company, Submission
from desk.filings.ownership import read_insider
from desk.store.engine import Store
from tests.edgar.server import APPLE, ORACLE, read_form, row

NOW = datetime(2024, 11, 19, 9, 0, tzinfo=UTC)
LARGE = Company("0000000001", "Acme", "ACME", "1231", "Large accelerated filer")


def line(form, filed, reported=None, items=()):
    return Submission("0000000001-24-000001", form, filed, f"{filed}T18:00:00.000Z", reported, tuple(items), "x.htm", 1)


@pytest.fixture
def desk(edgar, tmp_path):
    class Rig:
        def __init__(self):
            self.clock, self.bus, self.records = FrozenClock(NOW), LocalBus(), []
            self.store = Store(f"sqlite:///{tmp_path / 'watch.db'}")
            self.watch = self.again()

        def again(self, bus=None):
            def record(_, kind, subject, body):
                self.records.append((kind, subject, body["cik"]))

            return FilingsWatch(edgar, self.store, bus or self.bus, self.clock, record)

        def told(self):
            return [e.body["notice"] for e in self.bus.since(TOPIC, 0) if e.body["kind"] == "notice"]

    rig = Rig()
    yield rig
    rig.store.close()


@pytest.mark.parametrize(
    ("submission", "kind", "timing", "grave"),
    [
        (line("8-K", date(2024, 11, 18), date(2024, 11, 14), ["5.02"]), "current report", "in time", False),
        (line("8-K", date(2024, 11, 20), date(2024, 11, 14), ["2.02"]), "current report", "in time", False),
        (line("8-K", date(2024, 11, 21), date(2024, 11, 14), ["2.02"]), "current report", "perhaps late", False),
        (line("8-K", date(2024, 11, 25), date(2024, 11, 14), ["2.02"]), "current report", "late", True),
        (line("8-K", date(2024, 11, 15), date(2024, 11, 14), ["4.02", "9.01"]), "current report", "in time", True),
        (line("8-K", date(2024, 11, 25), date(2024, 11, 14), ["8.01", "9.01"]), "current report", "not known", False),
        (line("10-K", date(2025, 2, 28), date(2024, 12, 31)), "periodic report", "in time", False),
        (line("10-K", date(2025, 3, 10), date(2024, 12, 31)), "periodic report", "late", True),
        (line("NT 10-Q", date(2024, 11, 12), date(2024, 9, 30)), "notice of late filing", None, True),
        (line("13F-HR", date(2024, 11, 14), date(2024, 9, 30)), "holdings", "in time", False),
        (line("144", date(2024, 11, 14)), "planned sale", None, False),
        (line("4", date(2024, 11, 14), date(2024, 11, 1)), "insider trade", "not known", False),
        (line("S-8", date(2024, 11, 14)), "other", None, False),
    ],
)
def test_filings_are_classified(submission, kind, timing, grave):
    notice = classify(LARGE, submission)
    found = next((link.timing for link in notice.rules if link.rule.startswith("deadline")), None)
    assert (notice.kind, found, notice.grave) == (kind, timing, grave)
    assert all(link.text and link.source for link in notice.rules)


def test_an_insiders_trade_is_told_in_words_and_judged_by_its_day():
    form = read_insider(read_form("form4.snow.xml"))
    notice = classify(LARGE, line("4", date(2022, 12, 14)), form)
    assert notice.about == date(2022, 12, 13)
    assert (
        "Scarpelli Michael, insider of Snowflake Inc.: exercised or converted 200,000; sold on the market"
        in notice.summary
    )
    assert notice.rules[0].timing == "in time"
    late = classify(LARGE, line("4", date(2022, 12, 20)), form)
    assert (late.rules[0].timing, late.rules[0].due, late.grave) == ("late", date(2022, 12, 15), True)


def test_an_unknown_class_of_filer_is_not_called_late_too_soon():
    unknown = Company("0000000001", "Acme", "ACME", "1231", "")
    assert classify(unknown, line("10-K", date(2025, 3, 10), date(2024, 12, 31))).rules[0].timing == "not known"
    assert classify(unknown, line("10-K", date(2025, 4, 10), date(2024, 12, 31))).rules[0].timing == "late"


def test_a_report_that_does_not_come_is_overdue():
    found = [line("10-Q", date(2024, 11, 1), date(2024, 9, 30))]
    assert find_overdue(LARGE, found, date(2025, 2, 20)) is None
    late = find_overdue(LARGE, found, date(2025, 3, 20))
    assert late is not None
    assert (late.kind, late.form, late.rules[0].due) == ("overdue", "10-K", date(2025, 2, 28))
    assert find_overdue(LARGE, [], date(2030, 1, 1)) is None


def test_the_list_is_kept_and_each_change_recorded(desk):
    assert desk.watch.add("orcl", "cora").name == "ORACLE CORP"
    desk.watch.add("0001341439", "ann")
    desk.watch.add("AAPL", "cora")
    assert [(w.cik, w.added_by) for w in desk.again().watched()] == [(APPLE, "cora"), (ORACLE, "cora")]
    desk.watch.remove("ORCL", "cora")
    with pytest.raises(NotFound):
        desk.watch.remove("ORCL", "cora")
    assert desk.records == [
        ("filings.watch", "cora", ORACLE),
        ("filings.watch", "cora", APPLE),
        ("filings.unwatch", "cora", ORACLE),
    ]


def test_what_is_new_is_told_once(desk, server):
    brought = []
    desk.watch.bring = lambda source, company, line: brought.append((company.name, line.id, source.fetch(line.id)[:5]))
    desk.watch.add("ORCL", "cora")
    assert desk.watch.step() == []
    server.file(ORACLE, row("0001341439-24-000160", "8-K", "2024-11-18", "2024-11-14", "o.htm", items="5.02,9.01"),
                "oracle-8-k-2024-11-14")  # fmt: skip
    (notice,) = desk.watch.step()
    assert (
        notice.summary == "ORACLE CORP filed 8-K: 5.02 directors or officers come or go, 9.01 statements and exhibits."
    )
    assert desk.watch.step() == []
    assert [n["id"] for n in desk.told()] == ["0001341439-24-000160"]
    assert desk.watch.notices() == [notice]
    assert desk.watch.notices(cik=APPLE) == []
    assert desk.watch.notices(since=notice.seen_at) == []
    assert [b[:2] for b in brought] == [("ORACLE CORP", "sec-0001341439-24-000160")]


def test_an_insiders_form_is_read_from_the_archive(desk, server):
    desk.watch.add("AAPL", "cora")
    server.file(APPLE, row("0000320193-24-000200", "4", "2024-11-18", "2024-11-14", "xslF345X05/form4.xml"),
                read_form("form4.snow.xml"))  # fmt: skip
    (notice,) = desk.watch.step()
    assert (notice.kind, notice.rules[0].timing) == ("insider trade", "late")
    server.file(APPLE, row("0000320193-24-000201", "4", "2024-11-19", "2024-11-14", "form4.xml"), b"<?xml?>broken>")
    (unread,) = desk.watch.step()
    assert (unread.kind, unread.rules[0].timing) == ("insider trade", "not known")


def test_a_crash_between_keeping_and_telling_tells_at_the_next_start(desk, server):
    class Crashing(LocalBus):
        def publish(self, topic, body):
            raise RuntimeError("killed here")

    desk.watch.add("ORCL", "cora")
    for number in ("160", "161"):
        line = row(f"0001341439-24-000{number}", "8-K", "2024-11-18", "2024-11-14", f"o{number}.htm", items="8.01")
        server.file(ORACLE, line, "oracle-8-k-2024-11-14")
    with pytest.raises(RuntimeError, match="killed here"):
        desk.again(Crashing()).step()
    assert desk.told() == []
    after = desk.again()
    after.tell_untold()
    assert after.step() == []
    assert sorted(n["id"][-3:] for n in desk.told()) == ["160", "161"]


def test_an_edgar_that_fails_is_named_and_asked_again(desk, server):
    desk.watch.add("ORCL", "cora")
    server.file(ORACLE, row("0001341439-24-000170", "8-K", "2024-11-18", "", "o.htm"), "oracle-8-k-2024-11-14")
    server.faults.script[:] = ["503"] * 5
    assert desk.watch.step() == []
    assert "HTTP 503" in desk.watch.watched()[0].failure
    assert len(desk.watch.step()) == 1
    assert desk.watch.watched()[0].failure == ""


def test_an_overdue_report_is_told_once(desk):
    desk.watch.add("ORCL", "cora")
    desk.clock.advance(timedelta(days=120))
    (notice,) = desk.watch.step()
    assert (notice.kind, notice.form) == ("overdue", "10-Q")
    assert desk.watch.step() == []


def test_rounds_run_on_their_own(desk, server):
    desk.watch.add("ORCL", "cora")
    heard: list[object] = []
    desk.bus.listen(TOPIC, heard.append)
    server.file(ORACLE, row("0001341439-24-000180", "8-K", "2024-11-18", "", "o.htm"), "oracle-8-k-2024-11-14")
    watch = desk.again()
    watch.start()
    for _ in range(500):
        if heard:
            break
        time.sleep(0.02)
    watch.close()
    assert len(heard) == 1


def test_without_edgar_the_setting_is_named(desk):
    watch = FilingsWatch(None, desk.store, desk.bus, desk.clock, lambda *_: None)
    watch.start()
    assert (watch.watched(), watch.notices()) == ([], [])
    with pytest.raises(BackEndUnreachable, match="TENOR_EDGAR_USER_AGENT"):
        watch.add("AAPL", "cora")
