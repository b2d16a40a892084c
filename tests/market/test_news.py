"""RSS, Atom and X against a server: formats, dates, attacks, the same story twice, limits, a clock set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from desk.clock import FrozenClock
from desk.errors import BackEndUnreachable, DataError, Limited, NotAdmitted, SettingError
from desk.market.history import History
from desk.news.live import LiveNews
from desk.news.rss import RssFeed, read_date, read_feed
from desk.news.story import plain_text, web_address
from desk.news.x import XSearch, queries_of
from desk.settings import load_settings
from desk.store.engine import Store
from desk.wire import SourceWire
from tests.market.vendors import BEARER, Vendors

NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
KNOWN = History().instruments


def rss(*items: str) -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'.encode()


def item(title: str, guid: str = "g1", date: str = "Fri, 27 Nov 2026 09:30:00 -0500", more: str = "") -> str:
    return f"<item><title>{title}</title><guid>{guid}</guid><pubDate>{date}</pubDate>{more}</item>"


@pytest.fixture
def vendors():
    server = Vendors()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def store(tmp_path):
    made = Store.in_folder(tmp_path)
    yield made
    made.close()


def feed(server: Vendors, name: str, path: str) -> RssFeed:
    server.feeds.setdefault(path, rss())
    wire = SourceWire(name, server.url, "TENOR_NEWS_FEEDS", timeout_s=0.5, sleep=lambda _: None)
    return RssFeed(name, f"{server.url}{path}", wire)


def search(server: Vendors, bearer: str = BEARER) -> XSearch:
    wire = SourceWire("X", server.url, "TENOR_X_BASE_URL", headers={"Authorization": f"Bearer {bearer}"},
                      key_setting="TENOR_X_BEARER", timeout_s=0.5, sleep=lambda _: None)  # fmt: skip
    return XSearch(wire, queries_of(KNOWN))


def test_rss_rdf_and_atom_are_read():
    (story,) = read_feed(rss(item("Apple &amp; <b>Pfizer</b> rise", more="<link>https://a.example/1</link>")), "A")
    assert (story.title, story.url) == ("Apple & Pfizer rise", "https://a.example/1")
    assert story.published == datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title><id>urn:1</id>
      <link rel="edit" href="https://a.example/e"/><link href="https://a.example/2"/>
      <updated>2026-11-27T10:00:00+01:00</updated><summary type="html">&lt;p&gt;S&lt;/p&gt;</summary></entry></feed>"""
    (story,) = read_feed(atom, "A")
    assert (story.guid, story.url, story.body) == ("urn:1", "https://a.example/2", "S")
    assert story.published == datetime(2026, 11, 27, 9, tzinfo=UTC)
    rdf = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><item><title>R</title><link>https://a.example/3</link>
      <dc:date>2026-11-27T09:00:00Z</dc:date></item></rdf:RDF>"""
    assert [s.guid for s in read_feed(rdf, "A")] == ["https://a.example/3"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [("Fri, 27 Nov 2026 09:30:00 EST", 14), ("Mon, 09 Mar 2026 09:30:00 EDT", 13), ("2026-11-27T09:30:00Z", 9),
     ("27 Nov 2026 09:30:00 GMT", 9), ("2026-11-27 09:30", None), ("yesterday", None), ("", None)],
)  # fmt: skip
def test_dates_keep_their_zone(text, hour):
    found = read_date(text)
    assert (found.hour if found else None) == hour


BOMB = (b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        b"<rss><channel><item><title>&b;</title></item></channel></rss>")  # fmt: skip
FILE = (b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        b"<rss><channel><item><title>&x;</title></item></channel></rss>")  # fmt: skip


WIDE = BOMB.decode().replace('<?xml version="1.0"?>', "").encode("utf-16")


@pytest.mark.parametrize("body", [BOMB, FILE, WIDE, b"<html><p>no</p></html>", b"not xml", b"<rss><channel><item>"])
def test_attacks_and_what_is_no_feed_are_refused(body):
    with pytest.raises(DataError):
        read_feed(body, "A")


def test_text_is_made_plain_and_addresses_are_of_the_web():
    assert plain_text("a<script>x</script>\u202eb &lt;img src=x&gt;\x00c", 100) == "a x b c"
    assert len(plain_text("x" * 10_000, 400)) == 400
    assert web_address(" https://a.example/x ") == "https://a.example/x"
    assert {web_address(bad) for bad in ("javascript:alert(1)", "data:x", "https://a b", "ftp://a")} == {""}


def test_each_story_is_kept_once_with_both_times(vendors, store):
    wall = FrozenClock(NOW)
    news = LiveNews([feed(vendors, "Reuters", "/r"), feed(vendors, "Bloomberg", "/b")], store, wall, KNOWN)
    vendors.feeds["/r"] = rss(item("Apple sues Pfizer"), item("Apple sues Pfizer"), item("Oil falls", "g2"))
    vendors.feeds["/b"] = rss(item("APPLE SUES PFIZER!", "other"))
    new = news.step()
    assert [(h.source, h.title) for h in new] == [("Reuters", "Apple sues Pfizer"), ("Reuters", "Oil falls")]
    assert news.counts["twice"] == 2
    assert (new[0].published, new[0].known) == (NOW - timedelta(minutes=30), NOW)
    assert new[0].instruments == ("XNAS:AAPL", "XNYS:PFE")
    wall.advance(timedelta(minutes=2))
    assert news.step() == []
    assert vendors.not_modified == 2
    vendors.feeds["/r"] = rss(item("Apple sues Pfizer, corrected"))
    wall.advance(timedelta(minutes=2))
    assert len(news.step()) == 1
    assert sorted(h.title for h in news.headlines(NOW)) == ["Apple sues Pfizer", "Oil falls"]
    assert len(news.headlines(wall.now(), ["XNYS:PFE"])) == 2
    assert news.headlines(NOW - timedelta(seconds=1)) == []
    again = LiveNews([feed(vendors, "Reuters", "/r")], store, wall, KNOWN)
    assert again.step() == []


def test_dates_of_the_future_and_a_clock_set_back(vendors, store):
    wall = FrozenClock(NOW)
    news = LiveNews([feed(vendors, "Reuters", "/r")], store, wall, KNOWN)
    vendors.feeds["/r"] = rss(item("Tomorrow", date="Sat, 28 Nov 2026 15:00:00 GMT"), item("Undated", "g2", ""))
    assert [h.published for h in news.step()] == [NOW, NOW]
    wall.at = NOW - timedelta(hours=1)
    vendors.feeds["/r"] = rss(item("Later", "g3"))
    (later,) = news.step()
    assert later.known == NOW


def test_a_paper_that_fails_does_not_keep_the_others_from_being_read(vendors, store):
    wall = FrozenClock(NOW)
    news = LiveNews([feed(vendors, "Reuters", "/r"), feed(vendors, "Bloomberg", "/b")], store, wall, KNOWN)
    vendors.feeds["/b"] = rss(item("Gold rises"))
    vendors.faults.where, vendors.faults.script = "/r", ["500", "cut_before", "hang_before"]
    assert [h.source for h in news.step()] == ["Bloomberg"]
    states = {state.name: state.word for state in news.states.all()}
    assert states == {"Reuters": "unreachable", "Bloomberg": "connected"}
    vendors.feeds["/r"] = rss(item("Silver rises", "g9"))
    wall.advance(timedelta(minutes=2))
    assert [h.source for h in news.step()] == ["Reuters"]


def test_half_a_feed_is_tried_again_and_never_kept(vendors):
    paper = feed(vendors, "Reuters", "/r")
    vendors.feeds["/r"] = rss(*(item(f"Story {n}", f"g{n}") for n in range(20)))
    vendors.half = 3
    with pytest.raises(BackEndUnreachable, match="half an answer"):
        paper.fetch()
    assert len(paper.fetch()) == 20


def test_posts_are_paged_and_go_on_after_the_newest(vendors, store):
    vendors.posts = [{"id": str(n), "text": f"$AAPL number {n}", "created_at": "2026-11-27T14:00:00.000Z"}
                     for n in range(1, 251)]  # fmt: skip
    source = search(vendors)
    assert len(source.fetch()) == 250
    assert source.fetch() == []
    vendors.posts.append({"id": "251", "text": "$TSLA is not ours, BTC is", "created_at": "2026-11-27T14:01:00.000Z"})
    (post,) = source.fetch()
    assert (post.guid, post.label) == ("251", "post on X, unverified")
    news = LiveNews([source], store, FrozenClock(NOW), KNOWN)
    vendors.posts.append({"id": "252", "text": "$AAPL and BTC up", "created_at": "2026-11-27T14:02:00.000Z"})
    (headline,) = news.step()
    assert headline.instruments == ("XNAS:AAPL", "CRYPTO:BTCUSD")
    assert all(len(query) <= 512 for query in queries_of(KNOWN))


def test_a_wrong_bearer_and_a_used_up_limit(vendors):
    with pytest.raises(NotAdmitted, match="TENOR_X_BEARER") as refused:
        search(vendors, "wrongbearer").fetch()
    assert "wrongbearer" not in str(refused.value)
    source = search(vendors)
    vendors.faults.script, vendors.faults.pause_s = ["429"], 900
    with pytest.raises(Limited) as limited:
        source.fetch()
    assert limited.value.wait_s == 900


@pytest.mark.parametrize(
    ("given", "says"),
    [({"TENOR_NEWS_FEEDS": "https://a.example/rss"}, "TENOR_MARKET_SOURCES"),
     ({"TENOR_X_BEARER": "b"}, "in whose future"),
     ({"TENOR_NEWS_FEEDS": "ftp://a.example", "TENOR_MARKET_SOURCES": "yahoo"}, "give addresses"),
     ({"TENOR_NEWS_FEEDS": "A=https://a.example,A=https://b.example", "TENOR_MARKET_SOURCES": "yahoo"}, "two feeds"),
     ({"TENOR_MARKET_SOURCES": "binance,reuters"}, "names 'reuters'"),
     ({"TENOR_MARKET_SOURCES": "binance,binance"}, "twice"),
     ({"TENOR_MARKET_SOURCES": "alpha_vantage"}, "TENOR_ALPHA_VANTAGE_KEY is not set")],
)  # fmt: skip
def test_settings_that_contradict_are_refused(given, says):
    with pytest.raises(SettingError, match=says):
        load_settings(given)


def test_feeds_are_named_or_called_by_their_host():
    settings = load_settings({"TENOR_NEWS_FEEDS": "Reuters=https://r.example/x?a=1, https://b.example/rss",
                              "TENOR_ALPHA_VANTAGE_KEY": "k", "TENOR_YAHOO_BASE_URL": "http://y.example"})  # fmt: skip
    assert settings.feeds == (("Reuters", "https://r.example/x?a=1"), ("b.example", "https://b.example/rss"))
    assert settings.market == ("yahoo", "alpha_vantage")
