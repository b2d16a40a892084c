/* Fetching ahead what messages will read, for books beyond the cache; included by book.c.
 *
 * Each stage reads only what the one before it has fetched: far ahead the symbol, the id and the account, then
 * the order or its level and the best of the other side, then the neighbours. Both kinds of message are looked
 * at alike, because a branch on the kind costs more than a fetch in vain.
 */
enum { FAR = 24, MIDDLE = 14, NEAR = 6 };

ALWAYS void fetch(const void *base, size_t bytes) { __builtin_prefetch((const char *)base + bytes, 1); }

ALWAYS uint32_t some(uint32_t row) { return row == NONE ? 0 : row; }

ALWAYS const Symbol *symbol_at(const Kernel *k, uint32_t s) { return &k->symbols[s < k->symbol_count ? s : 0]; }

ALWAYS void fetch_held(const Kernel *k, uint32_t account, uint32_t s) {
    fetch(k->held, ((size_t)s * k->account_count + account) * sizeof(Held));
}

ALWAYS void fetch_far(const Kernel *k, const Message *m, const int held) {
    fetch(k->ids, (m->id & k->id_mask) * sizeof(uint32_t));
    fetch(symbol_at(k, m->symbol), 0);
    if (held) fetch_held(k, m->account, m->symbol);
}

ALWAYS uint32_t sentinel_of(const Map *map, int32_t key) {
    return map->table[(uint32_t)(key >> PAGE_BITS) % TABLE] * PAGE + (uint32_t)(key & (PAGE - 1));
}

ALWAYS void fetch_middle(const Kernel *k, const Message *m) {
    const Symbol *symbol = symbol_at(k, m->symbol);
    int own = m->side & 1;
    int32_t key = key_of(own, m->price);
    uint32_t s = sentinel_of(&symbol->maps[own], key);
    fetch(k->rows, (size_t)some(k->ids[m->id & k->id_mask]) * sizeof(Row));
    fetch(k->rows, (size_t)s * sizeof(Row));
    fetch(k->rows, (size_t)some(symbol->maps[own ^ 1].best_row) * sizeof(Row));
    fetch(k->pages, (size_t)(s >> PAGE_BITS) * sizeof(Page));
    fetch(k->pages, (size_t)(s >> PAGE_BITS) * sizeof(Page) + offsetof(Page, bits));
}

ALWAYS void fetch_near(const Kernel *k, const Message *m, const int held) {
    const Symbol *symbol = symbol_at(k, m->symbol);
    int own = m->side & 1;
    const Row *rows = k->rows, *row = &rows[some(k->ids[m->id & k->id_mask])];
    fetch(rows, (size_t)some(row->next) * sizeof(Row));
    fetch(rows, (size_t)some(row->prev) * sizeof(Row));
    fetch(rows, (size_t)some(rows[sentinel_of(&symbol->maps[own], key_of(own, m->price))].prev) * sizeof(Row));
    fetch(rows, (size_t)some(rows[some(symbol->maps[own ^ 1].best_row)].next) * sizeof(Row));
    fetch(k->pages, (size_t)(row->level >> PAGE_BITS) * sizeof(Page)); /* row 0 stands for none and may hold anything */
    fetch(k->pages, (size_t)(row->level >> PAGE_BITS) * sizeof(Page) + offsetof(Page, bits));
    if (held) fetch_held(k, row->account, row->symbol);
}
