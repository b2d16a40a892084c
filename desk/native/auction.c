/* The call auction's end; included by book.c.
 *
 * The price is the one at which most lots trade; among several those with the smallest surplus; among these
 * the highest when all leave buyers over, the lowest when all leave sellers over, else the one nearest the
 * reference, then the lowest (maximum volume, minimum surplus, market pressure, reference price: London Stock
 * Exchange, Guide to the Trading System, "uncrossing algorithm"). Prices are the limits of orders and, between the
 * best ask and the best bid, the reference itself. Both sides trade in price-time priority; self-trade prevention
 * rests, because nobody is the taker.
 */

typedef struct { int32_t price; int64_t lots; } Step;

static size_t collect(const Kernel *k, Map *map, int side, int32_t worst_key, Step *into) {
    size_t n = 0;
    for (uint32_t s = map->best_row; s != NONE;) {
        int32_t key = key_at(k, s);
        if (key < worst_key) break;
        int64_t lots = 0;
        for (uint32_t r = k->rows[s].next; r != s; r = k->rows[r].next) lots += (int64_t)k->rows[r].qty + k->rows[r].hidden;
        if (into) into[n] = (Step){price_of(side, key), lots};
        n++;
        s = worse_level(k, s);
    }
    return n;
}

typedef struct {
    int64_t volume, surplus, away; /* of the best so far; `away` from the reference of `nearest` */
    int32_t lowest, highest, nearest;
    int buyers, sellers; /* whether a price as good leaves buyers, sellers or nobody over */
} Choice;

static void consider(Choice *c, int32_t price, int64_t demand, int64_t supply, int64_t reference) {
    int64_t volume = demand < supply ? demand : supply, over = demand - supply, surplus = over < 0 ? -over : over;
    int64_t away = !reference ? 0 : reference > price ? reference - price : price - reference;
    if (volume < c->volume || (volume == c->volume && surplus > c->surplus)) return;
    if (volume > c->volume || surplus < c->surplus)
        *c = (Choice){volume, surplus, away, price, price, price, 0, 0};
    if (price < c->lowest) c->lowest = price;
    if (price > c->highest) c->highest = price;
    if (away < c->away) {
        c->away = away;
        c->nearest = price;
    }
    c->buyers |= over >= 0;
    c->sellers |= over <= 0;
}

/* Bids fall, asks rise, both inside the crossed region. */
static Choice choose(const Step *bids, size_t nb, const Step *asks, size_t na, int64_t reference) {
    Choice best = {.volume = -1};
    int64_t demand = 0, supply = 0;
    for (size_t i = 0; i < nb; i++) demand += bids[i].lots;
    size_t i = nb, j = 0; /* bids[i-1] is the lowest bid not passed */
    int32_t before = INT32_MAX;
    while (i > 0 || j < na) {
        int32_t price = i == 0 ? asks[j].price : j == na ? bids[i - 1].price
                        : bids[i - 1].price < asks[j].price ? bids[i - 1].price : asks[j].price;
        if (before < reference && reference < price) consider(&best, (int32_t)reference, demand, supply, reference);
        before = price;
        if (j < na && asks[j].price == price) supply += asks[j++].lots;
        consider(&best, price, demand, supply, reference);
        if (i > 0 && bids[i - 1].price == price) demand -= bids[--i].lots;
    }
    return best;
}

/* Trades at one price what can trade. 0 when memory is short; then nothing changed. m->price is the reference, 0: the last. */
static int uncross(Kernel *k, const Message *m) {
    Symbol *symbol = &k->symbols[m->symbol];
    const int held = k->held != NULL;
    Map *bids = &symbol->maps[BIDS], *asks = &symbol->maps[ASKS];
    if (bids->best == NO_KEY || asks->best == NO_KEY || bids->best < -asks->best) return 1;
    size_t nb = collect(k, bids, BIDS, -asks->best, NULL), na = collect(k, asks, ASKS, -bids->best, NULL);
    Step *steps = malloc((nb + na) * sizeof(Step));
    if (!steps) return 0;
    collect(k, bids, BIDS, -asks->best, steps);
    collect(k, asks, ASKS, -bids->best, steps + nb);
    Choice at = choose(steps, nb, steps + nb, na, m->price > 0 ? m->price : LAST(symbol));
    free(steps);
    int32_t price = at.buyers && at.sellers ? at.nearest : at.buyers ? at.highest : at.lowest;
    for (int64_t left = at.volume; left > 0;) {
        uint32_t b = k->rows[bids->best_row].next, a = k->rows[asks->best_row].next;
        const Row *bid = &k->rows[b], *ask = &k->rows[a];
        int32_t lots = bid->qty < ask->qty ? bid->qty : ask->qty;
        if (lots > left) lots = (int32_t)left;
        emit(k, EV_TRADE, BUY, m->symbol, bid->id, ask->id, price, lots);
        settle(k, m->symbol, BUY, bid->account, ask->account, lots, held);
        fill_row(k, b, lots, held);
        fill_row(k, a, lots, held);
        left -= lots;
    }
    LAST(symbol) = price;
    return 1;
}
