/* Moving averages that cross, over the closes of many instruments: long while the fast one is above, else in cash.
 *
 * Twin: `cross_twin` in desk/backtest/bars.py. Sums are of whole ticks, so equal averages are equal. A signal of one
 * close trades at the next one, all in, a fee on each side. Wealth is stored for every bar.
 */

typedef struct {
    const int64_t *ticks; /* one instrument's closes after the other's */
    double *wealth;
    size_t bars;
    int64_t fast, slow;
    double fee;
} Cross;

/* One instrument; returns the number of trades. Counting held units as zero when flat keeps the loop free of branches
 * but the one that trades. */
static size_t cross_one(const Cross *c, const int64_t *ticks, double *wealth) {
    int64_t fast = 0, slow = 0;
    double cash = wealth[0], units = 0.0;
    size_t trades = 0, warm = (size_t)c->slow - 1;
    int held = 0, wanted = 0;
    if (warm >= c->bars) warm = c->bars;
    for (size_t t = 0; t < warm; t++) {
        slow += ticks[t];
        if (t + (size_t)c->fast > warm) fast += ticks[t];
        wealth[t] = cash;
    }
    for (size_t t = warm; t < c->bars; t++) {
        double price = (double)ticks[t];
        if (UNLIKELY(wanted != held)) {
            if (wanted) {
                units = cash / (price * (1.0 + c->fee));
                cash = 0.0;
            } else {
                cash = units * price * (1.0 - c->fee);
                units = 0.0;
            }
            held = wanted;
            trades++;
        }
        wealth[t] = cash + units * price;
        fast += ticks[t];
        slow += ticks[t];
        wanted = fast * c->slow > slow * c->fast;
        fast -= ticks[t + 1 - (size_t)c->fast];
        slow -= ticks[t + 1 - (size_t)c->slow];
    }
    return trades;
}

/* Whether a sum times a window cannot overflow: every tick positive and below 2**40. Without branches, so that it is
 * done several at a time. */
static int sound_ticks(const int64_t *ticks, size_t count) {
    uint64_t wrong = 0;
    for (size_t i = 0; i < count; i++) wrong |= ((uint64_t)ticks[i] - 1) | (uint64_t)ticks[i];
    return wrong >> 40 == 0;
}

/* cross(ticks, wealth, instruments, fast, slow, cash, fee) -> trades: fills wealth. */
static PyObject *bars_cross(PyObject *Py_UNUSED(module), PyObject *args) {
    Py_buffer ticks, wealth;
    Py_ssize_t instruments;
    long long fast, slow;
    double cash, fee;
    if (!PyArg_ParseTuple(args, "y*w*nLLdd", &ticks, &wealth, &instruments, &fast, &slow, &cash, &fee)) return NULL;
    size_t count = (size_t)ticks.len / 8, trades = 0;
    int fits = instruments > 0 && ticks.len % 8 == 0 && ticks.len == wealth.len && count > 0 &&
               count % (size_t)instruments == 0 && ((uintptr_t)ticks.buf | (uintptr_t)wealth.buf) % 8 == 0 && fast >= 1 &&
               slow > fast && slow <= 2048 && cash > 0.0 && fee >= 0.0 && fee < 1.0 && sound_ticks(ticks.buf, count);
    if (fits) {
        Cross c = {ticks.buf, wealth.buf, count / (size_t)instruments, fast, slow, fee};
        Py_BEGIN_ALLOW_THREADS
        for (size_t at = 0; at < count; at += c.bars) {
            c.wealth[at] = cash;
            trades += cross_one(&c, c.ticks + at, c.wealth + at);
        }
        Py_END_ALLOW_THREADS
    } else {
        PyErr_SetString(PyExc_ValueError, "a cross takes whole columns of positive int64 ticks below 2**40, float64 wealth "
                                          "of the same size, 1 <= fast < slow <= 2048, cash above 0 and a fee in [0, 1)");
    }
    PyBuffer_Release(&ticks);
    PyBuffer_Release(&wealth);
    return fits ? PyLong_FromSize_t(trades) : NULL;
}
