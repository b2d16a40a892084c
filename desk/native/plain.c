/* The short way: limit orders with nothing special about them, in continuous trading, which most orders are.
 * Included by book.c; what it does is what `step_new` does, with fewer questions.
 */

ALWAYS uint64_t eight_bytes(const void *from) {
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* Good till cancelled or immediate or cancel, price and lots within bounds, the rest of the message empty. */
ALWAYS int is_plain(const Kernel *k, const Message *m) {
    uint64_t both = eight_bytes(&m->price), less = both - 0x0000000100000001u; /* price and lots, also less one each */
    return ((m->op | m->type | (m->side & ~SELL) | (m->tif & ~IOC)) == 0) &
               (((both | less) & ~((uint64_t)MOST_PRICE << 32 | MOST_LOTS)) == 0) & (eight_bytes(&m->display) == 0) &&
           LIKELY(m->symbol < k->symbol_count) && LIKELY(PHASE(&k->symbols[m->symbol]) == CONTINUOUS);
}

/* Puts a plain order to wait. */
ALWAYS int rest_plain(Kernel *k, const Message *m, Map *map, int32_t key, const int held) {
    uint32_t number = (uint32_t)(key >> PAGE_BITS), p = map->table[number % TABLE], slot = m->id & k->id_mask;
    uint64_t tag = (uint64_t)(m->symbol * MAPS + m->side) << 32 | number;
    const Page *page = &k->pages[p];
    if (UNLIKELY(k->free_count == 0) || UNLIKELY(tag != ((uint64_t)page->owner << 32 | (uint32_t)page->number)) ||
        UNLIKELY(k->ids[slot] != NONE))
        return rest(k, m, m->side, key, m->qty) ? RESTING : POOL_FULL;
    uint32_t level = p * PAGE + ((uint32_t)key & (PAGE - 1)), r = k->free[k->free_count--];
    Row *row = &k->rows[r];
    row->qty = m->qty;
    row->id = m->id;
    memcpy(&row->symbol, &m->symbol, sizeof row->symbol + sizeof row->account);
    memset(&row->hidden, 0, sizeof row->hidden + sizeof row->tif + sizeof row->rare + sizeof row->unused);
    k->ids[slot] = r;
    link_tail(k, map, r, level, key);
    if (held) held_of(k, m->account, m->symbol)->open[m->side] += m->qty;
    return RESTING;
}

ALWAYS int step_plain(Kernel *k, const Message *m, const int held) {
    uint32_t slot = m->id & k->id_mask;
    if (held && UNLIKELY(m->account >= k->account_count)) return BAD_ACCOUNT;
    if (UNLIKELY(k->ids[slot] != NONE) && id_slot(k, m->id) != NONE) return DUPLICATE;
    if (held) {
        int over = over_limits_at(k, m, m->price);
        if (UNLIKELY(over)) return over;
    }
    Map *maps = k->symbols[m->symbol].maps;
    int own = m->side;
    int32_t key = key_of(own, m->price);
    int crosses = maps[own ^ 1].best >= -key;
    if (UNLIKELY(m->tif == IOC)) { /* asked first: the message tells it sooner than the book whether they cross */
        if (UNLIKELY(!crosses)) return CANCELLED;
        int self = 0;
        k->touched = m->symbol;
        int32_t left = match(k, m, m->qty, -key, &self, held);
        return left == 0 ? FILLED : self ? SELF_TRADE : CANCELLED;
    }
    if (UNLIKELY(crosses)) {
        k->touched = m->symbol;
        return trade(k, m);
    }
    return rest_plain(k, m, &maps[own], key, held);
}

/* A cancellation of an order whose id stands where it should. */
ALWAYS int cancel_plain(Kernel *k, const Message *m, const int held) {
    uint32_t slot = m->id & k->id_mask, r = k->ids[slot];
    if (UNLIKELY(r == NONE) || UNLIKELY(k->rows[r].id != m->id) || UNLIKELY(gap_matters(k, slot)))
        return step_cancel(k, m);
    const Row *row = &k->rows[r];
    if (UNLIKELY(row->account != m->account)) return UNKNOWN;
    if (UNLIKELY(map_number(k, row) >= BUY_STOPS)) k->stops--;
    k->ids[slot] = NONE;
    k->free[++k->free_count] = r;
    count_open(k, row, -((int64_t)row->qty + row->hidden), held); /* first: the page may be given back */
    unlink_row(k, map_of(k, row->level), r, 0);
    return CANCELLED;
}
