"""The peer of `bench/backtest.py`, run in vectorbt's own environment and asked line by line.

Started with a file of int64 closes (n, T) and the two windows, cash and fee. Each line on stdin asks for one run; each
answer is a line of JSON: CPU seconds of the run and each instrument's wealth at the end.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Answers until stdin ends."""
    import numpy as np
    import pandas as pd
    import vectorbt as vbt

    path, fast, slow, cash, fee = sys.argv[1:]
    ticks = np.load(path, allow_pickle=False)
    closes = pd.DataFrame(ticks.T.astype(np.float64))  # whole ticks: sums are exact, so ties are ties

    def run() -> list[float]:
        quick = vbt.MA.run(closes, int(fast)).ma.to_numpy()
        long = vbt.MA.run(closes, int(slow)).ma.to_numpy()
        above = np.zeros(closes.shape, dtype=bool)
        known = ~np.isnan(long[:-1])
        above[1:] = known & (quick[:-1] > long[:-1])
        below = np.ones(closes.shape, dtype=bool)
        below[1:] = ~above[1:]
        book = vbt.Portfolio.from_signals(closes, above, below, init_cash=float(cash), fees=float(fee), freq="1D")
        return [float(value) for value in book.final_value()]

    for _ in sys.stdin:
        before = time.process_time()
        final = run()
        sys.stdout.write(json.dumps({"cpu_s": time.process_time() - before, "final": final}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
