/* See book.h. */
#include "book.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <string.h>

#include "crc32c.h"

#define ALWAYS static inline __attribute__((always_inline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

enum { RARE_COLD = 1, RARE_EXPIRES = 2 }; /* Row.rare: has a cold part; ends with a session */

/* ---- pages and levels ------------------------------------------------------------------- */

ALWAYS int32_t key_of(int map, int32_t price) {
    uint32_t turned = (uint32_t)(map ^ (map >> 1)) & 1; /* asks and buy stops: larger is worse */
    return (int32_t)(((uint32_t)price ^ -turned) + turned);
}
static inline int32_t price_of(int map, int32_t key) { return key_of(map, key); }

static __attribute__((noinline)) uint32_t page_walk(const Kernel *k, Map *m, int32_t number) {
    for (uint32_t p = m->first; p != NONE; p = k->pages[p].worse) {
        if (k->pages[p].number == number) {
            m->table[(uint32_t)number % TABLE] = p;
            return p;
        }
        if (k->pages[p].number < number) break;
    }
    return NONE;
}

ALWAYS uint32_t page_find(const Kernel *k, Map *m, int32_t number) {
    uint32_t p = m->table[(uint32_t)number % TABLE];
    if (LIKELY(p != NONE && k->pages[p].number == number)) return p;
    return page_walk(k, m, number);
}

static inline int no_page(const Kernel *k) { return k->free_page == NONE && k->fresh_page == k->page_count; }

/* The page of these keys, one given back or else a fresh one; NONE when the pool is empty. */
static __attribute__((noinline)) uint32_t page_take(Kernel *k, Map *m, int32_t number) {
    uint32_t p = k->free_page;
    if (no_page(k)) return NONE;
    if (p == NONE) {
        p = k->fresh_page++;
        uint32_t base = k->pages[p].base = p * PAGE;
        for (uint32_t i = base; i < base + PAGE; i++) k->rows[i].next = k->rows[i].prev = i;
    } else {
        k->free_page = k->pages[p].worse;
    }
    Page *page = &k->pages[p];
    uint32_t better = NONE, worse = m->first;
    while (worse != NONE && k->pages[worse].number > number) {
        better = worse;
        worse = k->pages[worse].worse;
    }
    page->number = number;
    page->better = better;
    page->worse = worse;
    if (better == NONE) m->first = p;
    else k->pages[better].worse = p;
    if (worse != NONE) k->pages[worse].better = p;
    m->table[(uint32_t)number % TABLE] = p;
    return p;
}

/* An empty page goes back as it is: its sentinels point at themselves and its bits are clear. */
static __attribute__((noinline)) void page_give(Kernel *k, Map *m, uint32_t p) {
    Page *page = &k->pages[p];
    if (page->better == NONE) m->first = page->worse;
    else k->pages[page->better].worse = page->worse;
    if (page->worse != NONE) k->pages[page->worse].better = page->better;
    uint32_t *slot = &m->table[(uint32_t)page->number % TABLE];
    if (*slot == p) *slot = NONE;
    page->worse = k->free_page;
    k->free_page = p;
}

static inline void set_best(Map *m, const Page *page, int word) {
    int bit = 63 - __builtin_clzll(page->bits[word]);
    int slot = word * 64 + bit;
    m->best = (int32_t)((uint32_t)page->number << PAGE_BITS) + slot;
    m->best_row = page->base + (uint32_t)slot;
}

/* Finds the best level at or below `word` of page p, or on a worse page. */
static __attribute__((noinline)) void search_best(const Kernel *k, Map *m, uint32_t p, int word) {
    for (;; word = WORDS - 1) {
        const Page *page = &k->pages[p];
        for (; word >= 0; word--)
            if (page->bits[word]) {
                set_best(m, page, word);
                return;
            }
        p = page->worse;
        if (p == NONE) break;
    }
    m->best = NO_KEY;
    m->best_row = NONE;
}

/* The next level after the best one of this word emptied: mostly in the same word. */
ALWAYS void find_best(const Kernel *k, Map *m, uint32_t p, int word) {
    const Page *page = &k->pages[p];
    if (LIKELY(page->bits[word] != 0)) set_best(m, page, word);
    else search_best(k, m, p, word);
}

/* Notes that a level lost an order; `empty` that it was the last. No branch on that: it cannot be foretold. */
ALWAYS void level_left(Kernel *k, Map *m, int32_t key, int empty) {
    uint32_t p = page_find(k, m, key >> PAGE_BITS);
    Page *page = &k->pages[p];
    int slot = key & (PAGE - 1);
    page->bits[slot >> 6] &= ~((uint64_t)empty << (slot & 63));
    page->levels -= (uint32_t)empty;
    if (UNLIKELY(empty & (key == m->best))) find_best(k, m, p, slot >> 6);
    if (UNLIKELY(page->levels == 0)) page_give(k, m, p);
}

ALWAYS int link_tail(Kernel *k, Map *m, uint32_t r, int32_t key) {
    uint32_t p = page_find(k, m, key >> PAGE_BITS);
    if (UNLIKELY(p == NONE)) {
        p = page_take(k, m, key >> PAGE_BITS);
        if (p == NONE) return 0;
    }
    Page *page = &k->pages[p];
    int slot = key & (PAGE - 1);
    uint32_t s = page->base + (uint32_t)slot;
    Row *rows = k->rows;
    uint32_t last = rows[s].prev;
    rows[r].next = s;
    rows[r].prev = last;
    rows[r].key = key;
    rows[last].next = r;
    rows[s].prev = r;
    page->bits[slot >> 6] |= 1ull << (slot & 63); /* no branch: whether a level is new cannot be foretold */
    page->levels += last == s;
    uint32_t better = -(uint32_t)(key > m->best);
    m->best_row ^= (m->best_row ^ s) & better;
    m->best = (int32_t)((uint32_t)m->best ^ (((uint32_t)m->best ^ (uint32_t)key) & better));
    return 1;
}

ALWAYS void unlink_row(Kernel *k, Map *m, uint32_t r) {
    Row *rows = k->rows;
    uint32_t next = rows[r].next, prev = rows[r].prev;
    rows[next].prev = prev;
    rows[prev].next = next;
    level_left(k, m, rows[r].key, next == prev);
}

/* ---- ids -------------------------------------------------------------------------------- */

ALWAYS uint32_t id_slot(const Kernel *k, uint32_t id) {
    uint32_t i = id & k->id_mask;
    uint32_t r = k->ids[i];
    if (LIKELY(r != NONE && k->rows[r].id == id)) return i;
    if (LIKELY(k->displaced == 0)) return NONE;
    while (k->ids[i] != NONE) {
        if (k->rows[k->ids[i]].id == id) return i;
        i = (i + 1) & k->id_mask;
    }
    return NONE;
}

ALWAYS void id_put(Kernel *k, uint32_t id, uint32_t row) {
    uint32_t i = id & k->id_mask;
    if (UNLIKELY(k->ids[i] != NONE)) {
        do i = (i + 1) & k->id_mask;
        while (k->ids[i] != NONE);
        k->displaced++;
    }
    k->ids[i] = row;
}

static __attribute__((noinline)) void id_close_gap(Kernel *k, uint32_t i) {
    uint32_t mask = k->id_mask;
    for (uint32_t j = (i + 1) & mask; k->ids[j] != NONE; j = (j + 1) & mask) {
        uint32_t home = k->rows[k->ids[j]].id & mask;
        if (((j - home) & mask) < ((j - i) & mask)) continue;
        k->ids[i] = k->ids[j];
        k->ids[j] = NONE;
        k->displaced -= home == i;
        i = j;
    }
}

ALWAYS void id_drop(Kernel *k, uint32_t i, uint32_t id) {
    k->displaced -= (id & k->id_mask) != i;
    k->ids[i] = NONE;
    if (UNLIKELY(k->displaced != 0) && UNLIKELY(k->ids[(i + 1) & k->id_mask] != NONE)) id_close_gap(k, i);
}

/* ---- rows, holdings, events -------------------------------------------------------------- */

ALWAYS Held *held_of(const Kernel *k, uint32_t account, uint32_t symbol) {
    return &k->held[(size_t)symbol * k->account_count + account];
}

static __attribute__((noinline)) int grow_events(Kernel *k) {
    size_t room = 2 * k->event_room + 1024;
    Event *more = realloc(k->events, room * sizeof(Event));
    if (!more) {
        k->lost = 1;
        return 0;
    }
    k->events = more;
    k->event_room = room;
    return 1;
}

ALWAYS void emit(Kernel *k, int kind, int side, uint32_t symbol, uint32_t taker, uint32_t maker, int32_t price,
                        int32_t qty) {
    if (UNLIKELY(k->event_count == k->event_room) && !grow_events(k)) return;
    k->events[k->event_count++] =
        (Event){taker, maker, price, qty, k->index, (uint16_t)symbol, (uint8_t)kind, (uint8_t)side};
}

/* `held` below: whether positions and limits are kept; a constant where it matters for speed. */
ALWAYS void count_open(Kernel *k, const Row *row, int64_t lots, const int held) {
    if (held) held_of(k, row->account, row->symbol)->open[row->side] += lots;
}

/* Takes a waiting order out: list, id, open lots; its row is free again. */
ALWAYS void take_out_at(Kernel *k, Map *m, uint32_t r, uint32_t slot, const int held) {
    Row *row = &k->rows[r];
    unlink_row(k, m, r);
    id_drop(k, slot, row->id);
    count_open(k, row, -((int64_t)row->qty + row->hidden), held);
    row->next = k->free_row;
    k->free_row = r;
    k->live--;
}

static __attribute__((noinline)) void take_out(Kernel *k, uint32_t r) {
    const Row *row = &k->rows[r];
    take_out_at(k, &k->symbols[row->symbol].maps[row->map], r, id_slot(k, row->id), k->held != NULL);
}

/* An iceberg whose shown lots have traded shows more, at the end of its level. */
static __attribute__((noinline)) void show_more(Kernel *k, uint32_t r) {
    Row *row = &k->rows[r];
    Map *m = &k->symbols[row->symbol].maps[row->map];
    int32_t key = row->key, shown = k->cold[r].display < row->hidden ? k->cold[r].display : row->hidden;
    row->qty = shown;
    row->hidden -= shown;
    uint32_t next = row->next, prev = row->prev;
    if (next == prev) return; /* alone at its price: first and last */
    k->rows[next].prev = prev;
    k->rows[prev].next = next;
    link_tail(k, m, r, key);
}

/* A waiting order has traded `lots` of what it shows. */
ALWAYS void fill_row(Kernel *k, uint32_t r, int32_t lots, const int held) {
    Row *row = &k->rows[r];
    row->qty -= lots;
    count_open(k, row, -(int64_t)lots, held);
    if (row->qty) return;
    if (LIKELY(row->hidden == 0)) take_out_at(k, &k->symbols[row->symbol].maps[row->map], r, id_slot(k, row->id), held);
    else show_more(k, r);
}

ALWAYS void settle(Kernel *k, uint32_t symbol, int side, uint32_t taker, uint32_t maker, int32_t lots, const int held) {
    if (!held) return;
    int64_t signed_lots = side == BUY ? lots : -(int64_t)lots;
    held_of(k, taker, symbol)->position += signed_lots;
    held_of(k, maker, symbol)->position -= signed_lots;
}

/* ---- trading ------------------------------------------------------------------------------ */

/* Trades what crosses. Returns the lots left; *self says that an order of one's own stood in the way. */
ALWAYS int32_t match(Kernel *k, const Message *m, int32_t left, int32_t limit_key, int *self, const int held) {
    Symbol *symbol = &k->symbols[m->symbol];
    int side = m->side, other = side == BUY ? ASKS : BIDS;
    Map *map = &symbol->maps[other];
    while (left && map->best >= limit_key) { /* NO_KEY is below every limit */
        uint32_t r = k->rows[map->best_row].next;
        Row *row = &k->rows[r];
        if (UNLIKELY(row->account == m->account) && m->account != 0) {
            if (k->stp == STP_NEWEST) {
                *self = 1;
                break;
            }
            emit(k, EV_REMOVED_SELF, side, m->symbol, m->id, row->id, price_of(other, row->key), row->qty + row->hidden);
            take_out(k, r);
            continue;
        }
        int32_t price = price_of(other, row->key);
        LAST(symbol) = price;
        if (left < row->qty) { /* one branch for both ends: of the order that waits, of the one that came */
            emit(k, EV_TRADE, side, m->symbol, m->id, row->id, price, left);
            settle(k, m->symbol, side, m->account, row->account, left, held);
            row->qty -= left;
            count_open(k, row, -(int64_t)left, held);
            return 0;
        }
        int32_t lots = row->qty;
        left -= lots;
        emit(k, EV_TRADE, side, m->symbol, m->id, row->id, price, lots);
        settle(k, m->symbol, side, m->account, row->account, lots, held);
        row->qty = 0;
        count_open(k, row, -(int64_t)lots, held);
        if (LIKELY(row->hidden == 0)) take_out_at(k, map, r, id_slot(k, row->id), held);
        else show_more(k, r);
    }
    return left;
}

static uint32_t worse_level(const Kernel *k, Map *m, int32_t key) {
    uint32_t p = page_find(k, m, key >> PAGE_BITS);
    int slot = key & (PAGE - 1), word = slot >> 6;
    uint64_t bits = k->pages[p].bits[word] & ((1ull << (slot & 63)) - 1);
    for (;;) {
        if (bits) return k->pages[p].base + (uint32_t)(word * 64 + 63 - __builtin_clzll(bits));
        if (--word < 0) {
            p = k->pages[p].worse;
            if (p == NONE) return NONE;
            word = WORDS - 1;
        }
        bits = k->pages[p].bits[word];
    }
}

/* Whether all lots can trade at once, self-trade prevention counted. */
static int can_fill(const Kernel *k, const Message *m, int32_t limit_key) {
    int other = m->side == BUY ? ASKS : BIDS;
    Map *map = &k->symbols[m->symbol].maps[other];
    int64_t left = m->qty;
    uint32_t s = map->best_row;
    while (s != NONE && left > 0) {
        uint32_t r = k->rows[s].next;
        int32_t key = k->rows[r].key;
        if (key < limit_key) return 0;
        int64_t shown = 0, hidden = 0; /* what an iceberg hides comes after all that its level shows */
        for (; r != s && shown < left; r = k->rows[r].next) {
            const Row *row = &k->rows[r];
            int own = row->account == m->account && m->account != 0;
            if (own && k->stp == STP_NEWEST) return 0;
            if (!own) {
                shown += row->qty;
                hidden += row->hidden;
            }
        }
        left -= shown + hidden;
        s = worse_level(k, map, key);
    }
    return left <= 0;
}

/* Puts an order to wait. 0 when rows or pages have run out. */
ALWAYS int rest(Kernel *k, const Message *m, int map, int32_t key, int32_t lots, const int held,
                const int plain) {
    uint32_t r = k->free_row;
    if (UNLIKELY(r == NONE)) return 0;
    Row *row = &k->rows[r];
    uint32_t after = row->next;
    if (UNLIKELY(!link_tail(k, &k->symbols[m->symbol].maps[map], r, key))) return 0;
    k->free_row = after;
    int32_t shown = !plain && m->display > 0 && m->display < lots ? m->display : lots;
    row->qty = shown;
    row->hidden = lots - shown;
    row->id = m->id;
    row->symbol = m->symbol;
    row->account = m->account;
    row->map = (uint8_t)map;
    row->side = m->side;
    row->tif = m->tif;
    row->rare = 0;
    if (!plain && UNLIKELY(m->display > 0 || m->tif == GTD || m->tif == DAY || map >= BUY_STOPS)) {
        row->rare = m->tif == DAY || m->tif == GTD ? RARE_COLD | RARE_EXPIRES : RARE_COLD;
        k->cold[r] = (Cold){m->display, m->price, m->expiry, m->type};
    }
    id_put(k, m->id, r);
    count_open(k, row, lots, held);
    k->live++;
    return 1;
}

/* A limit or market order that is let in. */
static __attribute__((noinline)) int trade(Kernel *k, const Message *m) {
    Symbol *symbol = &k->symbols[m->symbol];
    int own = m->side == BUY ? BIDS : ASKS, other = own ^ 1, held = k->held != NULL;
    int market = m->type == MARKET || m->type == STOP;
    int32_t key = market ? 0 : key_of(own, m->price), limit_key = market ? NO_KEY + 1 : -key;
    int waits = !market && m->tif != IOC && m->tif != FOK;
    if (PHASE(symbol) == AUCTION) {
        if (!waits || (m->flags & FLAG_POST_ONLY)) return BAD_PHASE;
        return rest(k, m, own, key, m->qty, held, 0) ? RESTING : POOL_FULL;
    }
    if (waits &&
        (k->free_row == NONE || (no_page(k) && page_find(k, &symbol->maps[own], key >> PAGE_BITS) == NONE)))
        return POOL_FULL;
    if ((m->flags & FLAG_POST_ONLY) && symbol->maps[other].best >= limit_key) return WOULD_CROSS;
    if (m->tif == FOK && !can_fill(k, m, limit_key)) return CANNOT_FILL;
    int self = 0;
    int32_t left = match(k, m, m->qty, limit_key, &self, held);
    if (left == 0) return FILLED;
    if (self) return SELF_TRADE;
    if (!waits) return CANCELLED;
    return rest(k, m, own, key, left, held, 0) ? RESTING : POOL_FULL;
}

/* Lets in the stops that the last price has reached: buys from the lowest trigger, then sells from the highest. */
static void trigger(Kernel *k, uint32_t s) {
    Symbol *symbol = &k->symbols[s];
    while (k->stops && PHASE(symbol) == CONTINUOUS && LAST(symbol)) {
        Map *buys = &symbol->maps[BUY_STOPS], *sells = &symbol->maps[SELL_STOPS];
        uint32_t level = NONE;
        if (buys->best != NO_KEY && -buys->best <= LAST(symbol)) level = buys->best_row;
        else if (sells->best != NO_KEY && sells->best >= LAST(symbol)) level = sells->best_row;
        if (level == NONE) return;
        uint32_t r = k->rows[level].next;
        Row row = k->rows[r];
        Cold cold = k->cold[r];
        Message m = {.op = OP_NEW, .side = row.side, .type = cold.type == STOP ? MARKET : LIMIT, .tif = row.tif,
                     .symbol = row.symbol, .account = row.account, .id = row.id, .price = cold.price,
                     .qty = row.qty + row.hidden, .display = cold.display, .expiry = cold.expiry};
        take_out(k, r);
        k->stops--;
        emit(k, EV_TRIGGERED, row.side, s, row.id, 0, price_of(row.map, row.key), m.qty);
        size_t before = k->event_count;
        int status = trade(k, &m);
        if (status != RESTING && status != FILLED) {
            int32_t left = m.qty;
            for (size_t i = before; i < k->event_count; i++)
                if (k->events[i].kind == EV_TRADE) left -= k->events[i].qty;
            emit(k, EV_CANCELLED, row.side, s, row.id, 0, 0, left);
        }
    }
}

/* ---- messages ----------------------------------------------------------------------------- */

ALWAYS int over_limits_at(const Kernel *k, const Message *m, int64_t price) {
    const Limits *limits = &k->limits[m->account];
    const Held *held = held_of(k, m->account, m->symbol);
    int64_t qty = m->qty;
    if (qty > limits->most_lots) return OVER_ORDER;
    if (qty * price > limits->most_notional) return OVER_NOTIONAL;
    int64_t along = m->side == BUY ? held->position : -held->position;
    int64_t after = along + held->open[m->side] + qty;
    return after > limits->most_position && after > 0 ? OVER_POSITION : 0;
}

static int over_limits(const Kernel *k, const Message *m) {
    int64_t price = m->price;
    if (m->type == STOP) price = m->stop;
    if (m->type == MARKET) {
        int other = m->side == BUY ? ASKS : BIDS;
        int32_t best = k->symbols[m->symbol].maps[other].best;
        price = best == NO_KEY ? 0 : price_of(other, best);
    }
    return over_limits_at(k, m, price);
}

#define MOST_PRICE 0x3fffffff
#define MOST_LOTS 0x3fffffff
#define MOST_PARTS 100

/* Each part of an iceberg is a trade of its own: without a bound one message could ask for a thousand million events. */
static int too_many_parts(int32_t lots, int32_t display) {
    return display > 0 && (int64_t)display * MOST_PARTS < lots;
}

static int check_new(const Kernel *k, const Message *m) {
    if (UNLIKELY(m->symbol >= k->symbol_count)) return BAD_SYMBOL;
    if (UNLIKELY(m->side > SELL || m->type >= TYPES || m->tif >= TIFS || (m->flags & ~FLAG_POST_ONLY))) return MALFORMED;
    if (UNLIKELY(m->qty <= 0 || m->qty > MOST_LOTS)) return BAD_QUANTITY;
    int market = m->type == MARKET || m->type == STOP;
    if (UNLIKELY(!market && (m->price <= 0 || m->price > MOST_PRICE))) return BAD_PRICE;
    if (UNLIKELY(m->type >= STOP && (m->stop <= 0 || m->stop > MOST_PRICE))) return BAD_PRICE;
    int waits = !market && m->tif != IOC && m->tif != FOK;
    if (UNLIKELY(m->display < 0 || (m->display > 0 && !waits) || (m->flags && (m->type != LIMIT || !waits))))
        return MALFORMED;
    if (UNLIKELY(too_many_parts(m->qty, m->display))) return BAD_QUANTITY;
    if (k->held && UNLIKELY(m->account >= k->account_count)) return BAD_ACCOUNT;
    if (UNLIKELY(id_slot(k, m->id) != NONE)) return DUPLICATE;
    return 0;
}

static int park(Kernel *k, const Message *m) {
    Symbol *symbol = &k->symbols[m->symbol];
    int reached = LAST(symbol) && (m->side == BUY ? LAST(symbol) >= m->stop : LAST(symbol) <= m->stop);
    if (reached && PHASE(symbol) == CONTINUOUS) {
        Message now = *m;
        now.type = m->type == STOP ? MARKET : LIMIT;
        return trade(k, &now);
    }
    int map = m->side == BUY ? BUY_STOPS : SELL_STOPS;
    Message shown = *m;
    shown.display = 0;
    if (!rest(k, &shown, map, key_of(map, m->stop), m->qty, k->held != NULL, 0)) return POOL_FULL;
    k->cold[k->ids[id_slot(k, m->id)]].display = m->display;
    k->stops++;
    return WAITING;
}

static int step_new(Kernel *k, const Message *m) {
    int refused = check_new(k, m);
    if (UNLIKELY(refused)) return refused;
    if (k->held) {
        refused = over_limits(k, m);
        if (UNLIKELY(refused)) return refused;
    }
    k->touched = m->symbol;
    if (UNLIKELY(m->type >= STOP)) return park(k, m);
    return trade(k, m);
}

ALWAYS int step_cancel(Kernel *k, const Message *m, const int held) {
    uint32_t i = id_slot(k, m->id);
    if (UNLIKELY(i == NONE)) return UNKNOWN;
    uint32_t r = k->ids[i];
    Row *row = &k->rows[r];
    if (UNLIKELY(m->account != row->account)) return UNKNOWN;
    if (UNLIKELY(row->map >= BUY_STOPS)) k->stops--;
    take_out_at(k, &k->symbols[row->symbol].maps[row->map], r, i, held);
    return CANCELLED;
}

/* A limit order with nothing special about it, in continuous trading: what most orders are. */
ALWAYS int is_plain(const Kernel *k, const Message *m) {
    uint64_t rare;
    memcpy(&rare, &m->display, sizeof rare);
    return (m->type == LIMIT) & (m->side <= SELL) & ((m->tif & ~IOC) == 0) & (rare == 0) &
           ((uint32_t)m->qty - 1 < MOST_LOTS) & ((uint32_t)m->price - 1 < MOST_PRICE) &&
           m->symbol < k->symbol_count && PHASE(&k->symbols[m->symbol]) == CONTINUOUS;
}

/* The same as `step_new` for a plain order. */
ALWAYS int step_plain(Kernel *k, const Message *m, const int held) {
    if (held && UNLIKELY(m->account >= k->account_count)) return BAD_ACCOUNT;
    if (UNLIKELY(k->ids[m->id & k->id_mask] != NONE) && id_slot(k, m->id) != NONE) return DUPLICATE;
    if (held) {
        int over = over_limits_at(k, m, m->price);
        if (UNLIKELY(over)) return over;
    }
    k->touched = m->symbol;
    int own = m->side, other = own ^ 1, waits = m->tif != IOC;
    int32_t key = key_of(own, m->price);
    if (UNLIKELY(k->free_row == NONE || no_page(k)) && waits) return trade(k, m);
    int self = 0;
    int32_t left = m->qty;
    if (k->symbols[m->symbol].maps[other].best >= -key) left = match(k, m, left, -key, &self, held);
    if (left == 0) return FILLED;
    if (UNLIKELY(self)) return SELF_TRADE;
    if (!waits) return CANCELLED;
    return rest(k, m, own, key, left, held, 1) ? RESTING : POOL_FULL;
}

/* Less at the same price keeps the place in the queue; anything else goes to the end, and may trade. */
static int step_amend(Kernel *k, const Message *m) {
    uint32_t i = id_slot(k, m->id);
    if (i == NONE || k->rows[k->ids[i]].account != m->account) return UNKNOWN;
    uint32_t r = k->ids[i];
    Row row = k->rows[r];
    if (row.map >= BUY_STOPS) return MALFORMED;
    if (m->qty <= 0 || m->qty > MOST_LOTS) return BAD_QUANTITY;
    if (m->price < 0 || m->price > MOST_PRICE) return BAD_PRICE;
    int32_t price = price_of(row.map, row.key), total = row.qty + row.hidden;
    int32_t wanted = m->price ? m->price : price;
    if (wanted == price && m->qty <= total) {
        Row *now = &k->rows[r];
        now->hidden = m->qty > row.qty ? m->qty - row.qty : 0;
        now->qty = m->qty < row.qty ? m->qty : row.qty;
        count_open(k, now, (int64_t)m->qty - total, k->held != NULL);
        return AMENDED;
    }
    Map *map = &k->symbols[row.symbol].maps[row.map];
    if (no_page(k) && page_find(k, map, key_of(row.map, wanted) >> PAGE_BITS) == NONE) return POOL_FULL;
    Cold cold = row.rare ? k->cold[r] : (Cold){0};
    if (too_many_parts(m->qty, cold.display)) return BAD_QUANTITY;
    Message again = {.op = OP_NEW, .side = row.side, .type = LIMIT, .tif = row.tif, .symbol = row.symbol,
                     .account = row.account, .id = row.id, .price = wanted, .qty = m->qty, .display = cold.display,
                     .expiry = cold.expiry};
    if (k->held) {
        count_open(k, &row, -(int64_t)total, 1);
        int over = over_limits(k, &again);
        count_open(k, &row, total, 1);
        if (over) return over;
    }
    take_out(k, r);
    k->touched = row.symbol;
    int status = trade(k, &again);
    if (status == POOL_FULL) emit(k, EV_CANCELLED, row.side, row.symbol, row.id, 0, 0, m->qty);
    return status;
}

static int by_taker(const void *a, const void *b) {
    uint32_t x = ((const Event *)a)->taker, y = ((const Event *)b)->taker;
    return (x > y) - (x < y);
}

/* Removes every waiting order that fits, by rising id: an account's (of one symbol or all), or those whose session is over. */
static int sweep(Kernel *k, const Message *m) {
    int expire = m->op == OP_EXPIRE;
    if (!expire && m->symbol != 0xffff && m->symbol >= k->symbol_count) return BAD_SYMBOL;
    size_t first = k->event_count;
    for (uint32_t i = 0; i <= k->id_mask; i++) {
        uint32_t r = k->ids[i];
        if (r == NONE) continue;
        Row *row = &k->rows[r];
        int fits = expire ? (row->rare & RARE_EXPIRES) && k->cold[r].expiry < m->expiry
                          : row->account == m->account && (m->symbol == 0xffff || m->symbol == row->symbol);
        if (fits)
            emit(k, expire ? EV_EXPIRED : EV_CANCELLED, row->side, row->symbol, row->id, 0, 0, row->qty + row->hidden);
    }
    qsort(k->events + first, k->event_count - first, sizeof(Event), by_taker);
    for (size_t i = first; i < k->event_count; i++) {
        uint32_t r = k->ids[id_slot(k, k->events[i].taker)];
        k->stops -= k->rows[r].map >= BUY_STOPS;
        take_out(k, r);
    }
    return DONE;
}

#include "auction.c"

static int step_phase(Kernel *k, const Message *m) {
    if (m->symbol >= k->symbol_count) return BAD_SYMBOL;
    if (m->stop != CONTINUOUS && m->stop != AUCTION) return MALFORMED;
    Symbol *symbol = &k->symbols[m->symbol];
    if (PHASE(symbol) == m->stop) return BAD_PHASE;
    if (m->stop == CONTINUOUS && !uncross(k, m)) return POOL_FULL;
    PHASE(symbol) = m->stop;
    k->touched = m->symbol;
    return DONE;
}

/* A trade elsewhere: the last price that stops follow. */
static int step_print(Kernel *k, const Message *m) {
    if (m->symbol >= k->symbol_count) return BAD_SYMBOL;
    if (m->price <= 0 || m->price > MOST_PRICE) return BAD_PRICE;
    LAST(&k->symbols[m->symbol]) = m->price;
    k->touched = m->symbol;
    return DONE;
}

static __attribute__((noinline)) int dispatch(Kernel *k, const Message *m) {
    switch (m->op) {
    case OP_NEW: return step_new(k, m);
    case OP_AMEND: return step_amend(k, m);
    case OP_MASS_CANCEL:
    case OP_EXPIRE: return sweep(k, m);
    case OP_PHASE: return step_phase(k, m);
    case OP_PRINT: return step_print(k, m);
    default: return MALFORMED;
    }
}

ALWAYS void write_record(Kernel *k, const void *from) {
    Record *record = &k->journal[k->journal_count++];
    record->seq = ++k->seq;
    memcpy(record->bytes, from, sizeof record->bytes);
    record->crc = crc32c(record, 28);
}

static int journal_reserve(Kernel *k, size_t records) {
    if (k->journal_room - k->journal_count >= records) return 1;
    size_t room = 2 * (k->journal_count + records);
    Record *more = realloc(k->journal, room * sizeof(Record));
    if (!more) return 0;
    k->journal = more;
    k->journal_room = room;
    return 1;
}

ALWAYS int step(Kernel *k, const Message *m, const int held, const int journals) {
    size_t before = k->event_count;
    int status;
    if (LIKELY(m->op == OP_NEW) && LIKELY(is_plain(k, m))) status = step_plain(k, m, held);
    else if (LIKELY(m->op == OP_CANCEL)) status = step_cancel(k, m, held);
    else status = dispatch(k, m);
    if (UNLIKELY(k->stops != 0) && (k->event_count != before || m->op >= OP_PHASE)) trigger(k, k->touched);
    if (journals && LIKELY(status >= RESTING)) {
        write_record(k, m);
        if (UNLIKELY(m->display || m->expiry || m->flags)) { /* what the first 24 bytes do not hold */
            uint8_t more[24] = {0xff};
            memcpy(more + 4, (const uint8_t *)m + 24, 8);
            write_record(k, more);
        }
    }
    return status;
}

int kernel_step(Kernel *k, const Message *m) {
    if (k->journals && !journal_reserve(k, 2)) return POOL_FULL;
    k->index = 0;
    return step(k, m, k->held != NULL, k->journals);
}

#include "ahead.c"

ALWAYS void run(Kernel *k, const Message *messages, size_t n, uint8_t *statuses, const int held, const int journals,
                const int ahead) {
    for (size_t i = 0; i < n; i++) {
        if (ahead && LIKELY(i + FAR < n)) {
            fetch_far(k, &messages[i + FAR], held);
            fetch_middle(k, &messages[i + MIDDLE]);
            fetch_near(k, &messages[i + NEAR], held);
        }
        k->index = (uint32_t)i;
        statuses[i] = (uint8_t)step(k, &messages[i], held, journals);
    }
}

#ifndef LIVE_IN_CACHE
#define LIVE_IN_CACHE 8192 /* orders whose rows, levels and ids a core's cache of a megabyte holds */
#endif

void kernel_run(Kernel *k, const Message *messages, size_t n, uint8_t *statuses) {
    if (k->journals && !journal_reserve(k, 2 * n)) {
        memset(statuses, POOL_FULL, n);
        return;
    }
    int ahead = k->live > LIVE_IN_CACHE;
    if (k->held && k->journals && ahead) run(k, messages, n, statuses, 1, 1, 1);
    else if (k->held && k->journals) run(k, messages, n, statuses, 1, 1, 0);
    else if (k->held) run(k, messages, n, statuses, 1, 0, ahead);
    else if (ahead) run(k, messages, n, statuses, 0, k->journals, 1);
    else if (k->journals) run(k, messages, n, statuses, 0, 1, 0);
    else run(k, messages, n, statuses, 0, 0, 0);
}

/* ---- life ------------------------------------------------------------------------------- */

/* Memory for what is read at random: in huge pages where the system has them, on a line otherwise. */
static void *reserve(size_t bytes) {
    const size_t huge = (size_t)1 << 21;
    if (bytes < huge) return aligned_alloc(64, (bytes + 63) / 64 * 64);
    bytes = (bytes + huge - 1) / huge * huge;
    void *memory = aligned_alloc(huge, bytes);
#ifdef MADV_HUGEPAGE
    if (memory) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}

int kernel_init(Kernel *k, uint32_t symbols, uint32_t orders, uint32_t pages, uint32_t accounts, int stp) {
    memset(k, 0, sizeof *k);
    uint32_t first = pages * PAGE, slots = 16;
    while (slots < (orders <= 1u << 16 ? 8 : 2) * orders) slots *= 2; /* few orders: few collisions */
    size_t held = (size_t)accounts * symbols;
    k->rows = reserve(((size_t)first + orders) * sizeof(Row));
    k->cold = calloc((size_t)first + orders, sizeof(Cold));
    k->pages = calloc(pages, sizeof(Page));
    k->symbols = aligned_alloc(64, symbols * sizeof(Symbol));
    k->ids = reserve(slots * sizeof(uint32_t));
    k->held = accounts ? calloc(held, sizeof(Held)) : NULL;
    k->limits = accounts ? calloc(accounts, sizeof(Limits)) : NULL;
    k->events = malloc(1024 * sizeof(Event));
    if (!k->rows || !k->cold || !k->pages || !k->symbols || !k->ids || !k->events ||
        (accounts && (!k->held || !k->limits))) {
        kernel_free(k);
        return -1;
    }
    memset(k->rows + first, 0, (size_t)orders * sizeof(Row)); /* the sentinels of a page when it is first taken */
    for (uint32_t i = 0; i < orders; i++) k->rows[first + i].next = i + 1 < orders ? first + i + 1 : NONE;
    for (uint32_t i = 0; i < symbols; i++)
        for (int j = 0; j < MAPS; j++) {
            Map *m = &k->symbols[i].maps[j];
            m->best = NO_KEY;
            m->best_row = m->first = NONE;
            memset(m->table, 0xff, sizeof m->table);
            m->shared = 0;
        }
    memset(k->ids, 0xff, slots * sizeof(uint32_t));
    for (uint32_t i = 0; i < accounts; i++) k->limits[i] = (Limits){INT32_MAX, INT64_MAX, INT64_MAX};
    k->id_mask = slots - 1;
    k->free_row = first;
    k->free_page = NONE;
    k->event_room = 1024;
    k->orders = orders;
    k->page_count = pages;
    k->symbol_count = symbols;
    k->account_count = accounts;
    k->stp = (uint8_t)stp;
    return 0;
}

void kernel_free(Kernel *k) {
    free(k->rows);
    free(k->cold);
    free(k->pages);
    free(k->symbols);
    free(k->ids);
    free(k->held);
    free(k->limits);
    free(k->events);
    free(k->journal);
    memset(k, 0, sizeof *k);
}

static inline uint64_t mix(uint64_t h, int64_t value) {
    h = (h ^ (uint64_t)value) * 0x9E3779B97F4A7C15ull;
    return h ^ (h >> 32);
}

uint64_t kernel_hash(const Kernel *k) {
    uint64_t h = k->live;
    for (uint32_t s = 0; s < k->symbol_count; s++) {
        Symbol *symbol = &k->symbols[s];
        h = mix(mix(h, LAST(symbol)), PHASE(symbol));
        for (int j = 0; j < MAPS; j++) {
            for (uint32_t level = symbol->maps[j].best_row; level != NONE;) {
                int32_t key = NO_KEY;
                for (uint32_t r = k->rows[level].next; r != level; r = k->rows[r].next) {
                    const Row *row = &k->rows[r];
                    key = row->key;
                    h = mix(mix(mix(mix(mix(h, row->id), row->key), row->qty), row->hidden), row->account);
                    if (row->rare) {
                        const Cold *cold = &k->cold[r];
                        h = mix(mix(mix(mix(mix(h, cold->display), cold->price), cold->expiry), cold->type), row->tif);
                    }
                }
                level = worse_level(k, &symbol->maps[j], key);
            }
        }
    }
    for (uint32_t a = 0; k->held && a < k->account_count; a++)
        for (uint32_t s = 0; s < k->symbol_count; s++) {
            const Held *held = held_of(k, a, s);
            h = mix(mix(mix(h, held->position), held->open[BUY]), held->open[SELL]);
        }
    return h;
}
