"""What filings tell of insiders, as the rules read it: forms, trades, links, and the announcements that moved prices.

Forms 3, 4 and 5 give trades, links and their own lateness; a Form 144 gives a link and the sales of its last three
months that no Form 4 reports. Annual, quarterly and current reports are announcements on the day they were filed: the
rule looks at that day and the next, so one accepted after the close is seen too. Nothing counts before the day it was
filed; where that is not known the signature's day stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from desk.filings.ownership import InsiderForm, SaleNotice
from desk.filings.source import Filing
from desk.fraud.abuse.records import Announcement, PersonTrade
from desk.fraud.abuse.reports import Filed, links_of, trades_of
from desk.instruments import AssetClass, Instruments

OWNERSHIP = frozenset({"3", "3/A", "4", "4/A", "5", "5/A", "144", "144/A"})
ANNOUNCING = frozenset({"8-K", "6-K", "10-Q", "10-K", "20-F", "40-F"})
EDGAR = "SEC EDGAR"
"""How the source of a filing begins whose day of filing the archive itself told."""

Form = InsiderForm | SaleNotice


@dataclass(frozen=True)
class InsiderReports:
    """Instruments are the desk's ids where it lists the company, else tickers. `forms` counts what was judged."""

    filed: tuple[Filed, ...]
    trades: tuple[PersonTrade, ...]
    links: Mapping[str, set[str]]
    news: tuple[Announcement, ...]
    forms: int

    def of(self, wanted: Iterable[str]) -> InsiderReports:
        """Those of the wanted instruments."""
        kept = frozenset(wanted)
        filed = tuple(one for one in self.filed if one.form.ticker in kept)
        sold = {trade.id.partition("/")[0] for trade in self.trades if trade.instrument in kept}
        return InsiderReports(
            filed,
            tuple(trade for trade in self.trades if trade.instrument in kept),
            {name: people for name, people in self.links.items() if name in kept},
            tuple(told for told in self.news if told.instrument in kept),
            len(sold | {one.id for one in filed}),
        )


def gather_reports(
    forms: Iterable[tuple[Filing, Form]], listed: Iterable[Filing], instruments: Instruments, today: date
) -> InsiderReports:
    """What was filed up to `today`. `forms` are ownership forms, read; `listed` all filings at hand.

    A form without a day, dated later, or of a company without ticker and CIK is left out.
    """
    names = _Names(instruments)
    filed, notices = list[Filed](), list[tuple[str, SaleNotice, date]]()
    for filing, form in sorted(forms, key=lambda each: each[0].id):
        day = filing.filed or (form.signed if isinstance(form, InsiderForm) else form.noticed)
        if day is None or day > today:
            continue
        if isinstance(form, InsiderForm):
            told = filing.filed if filing.source.startswith(EDGAR) else None
            filed.append(Filed(filing.id, replace(form, ticker=names.of_form(form, filing)), told))
        else:
            notices.append((filing.id, form, day))
    trades, links = trades_of(_once(filed)), links_of(filed)
    reported = {(trade.instrument, trade.day) for trade in trades if trade.side == "sell"}
    for id, notice, day in notices:
        name = names.by_cik(notice.issuer_cik, notice.issuer)
        links.setdefault(name, set()).add(notice.seller)
        trades += [sale for sale in _sales(id, notice, name, day) if (name, sale.day) not in reported]
    news = [
        Announcement(f.id, names.by_cik(f.cik, f.company, f.ticker), f.filed)
        for f in listed
        if f.form in ANNOUNCING and not f.exhibit and f.filed is not None and f.filed <= today
    ]
    return InsiderReports(tuple(filed), tuple(trades), links, tuple(news), len(filed) + len(notices))


class _Names:
    """What a company's paper is called at this desk; a CIK whose ticker a form told is remembered."""

    def __init__(self, instruments: Instruments) -> None:
        self._instruments, self._tickers = instruments, dict[str, str]()

    def of_form(self, form: InsiderForm, filing: Filing) -> str:
        ticker = form.ticker.strip().upper() or filing.ticker
        if ticker:
            self._tickers[form.issuer_cik] = ticker
        return self.by_cik(form.issuer_cik, form.issuer, ticker)

    def by_cik(self, cik: str, company: str, ticker: str = "") -> str:
        ticker = ticker or self._tickers.get(cik.zfill(10), "")
        found = self._instruments.find(ticker or company)
        if found is not None and found.asset_class is AssetClass.STOCK and ticker in ("", found.symbol):
            return found.id
        return ticker or company


def _once(filed: Iterable[Filed]) -> list[Filed]:
    """Amendments only where they report days that no form of the same person does: they repeat the rest."""
    rows = list(filed)
    told = {
        (one.form.ticker, owner.name, line.on)
        for one in rows
        if not one.form.form.endswith("/A")
        for owner in one.form.owners[:1]
        for line in one.form.lines
    }
    kept = []
    for one in rows:
        if one.form.form.endswith("/A") and one.form.owners:
            about = one.form.ticker, one.form.owners[0].name
            lines = tuple(line for line in one.form.lines if (*about, line.on) not in told)
            one = one._replace(form=replace(one.form, lines=lines))
        kept.append(one)
    return kept


def _sales(id: str, notice: SaleNotice, instrument: str, on: date) -> list[PersonTrade]:
    """The sales of the three months before a Form 144; what lacks a number is left out."""
    return [
        PersonTrade(
            f"{id}/sold[{n}]", notice.seller, instrument, "sell", day, float(units), float(worth / units), known=on
        )
        for n, (day, units, worth) in enumerate(notice.sold, start=1)
        if day is not None and units and worth
    ]
