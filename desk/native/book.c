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

ALWAYS uint32_t owner_of(const Kernel *k, const Map *m) { return (uint32_t)(m - (const Map *)k->symbols); }

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
    if (LIKELY(k->pages[p].number == number && k->pages[p].owner == owner_of(k, m))) return p;
    return page_walk(k, m, number);
}

static inline int no_page(const Kernel *k) { return k->free_page == NONE && k->fresh_page == k->page_count; }

/* The page of these keys, one given back or else a fresh one; NONE when the pool is empty. */
static __attribute__((noinline)) uint32_t page_take(Kernel *k, Map *m, int32_t number) {
    uint32_t p = k->free_page;
    if (no_page(k)) return NONE;
    if (p == NONE) {
        p = k->fresh_page++;
        uint32_t base = p * PAGE;
        k->pages[p] = (Page){0};
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
    page->owner = owner_of(k, m);
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
    page->owner = NONE;
    page->worse = k->free_page;
    k->free_page = p;
}

/* A level is known by its sentinel: these are its page and its key. */
ALWAYS Page *page_of(const Kernel *k, uint32_t level) { return &k->pages[level >> PAGE_BITS]; }

ALWAYS int32_t key_at(const Kernel *k, uint32_t level) {
    return (int32_t)((uint32_t)page_of(k, level)->number << PAGE_BITS | (level & (PAGE - 1)));
}

ALWAYS int map_number(const Kernel *k, const Row *row) { return (int)(page_of(k, row->level)->owner % MAPS); }

ALWAYS int side_of(const Kernel *k, const Row *row) { return map_number(k, row) & 1; }

ALWAYS Map *map_of(const Kernel *k, uint32_t level) { return (Map *)k->symbols + page_of(k, level)->owner; }

static inline void set_best(const Kernel *k, Map *m, uint32_t p, int word) {
    int bit = 63 - __builtin_clzll(k->pages[p].bits[word]);
    m->best_row = p * PAGE + (uint32_t)(word * 64 + bit);
    m->best = key_at(k, m->best_row);
}

/* Finds the best level at or below `word` of page p, or on a worse page. */
static __attribute__((noinline)) void search_best(const Kernel *k, Map *m, uint32_t p, int word) {
    for (;; word = WORDS - 1) {
        const Page *page = &k->pages[p];
        for (; word >= 0; word--)
            if (page->bits[word]) {
                set_best(k, m, p, word);
                return;
            }
        p = page->worse;
        if (p == NONE) break;
    }
    m->best = NO_KEY;
    m->best_row = NONE;
}

/* The next level after the best one emptied: mostly in the same word. */
ALWAYS void find_best(const Kernel *k, Map *m, uint32_t p, int word) {
    if (LIKELY(k->pages[p].bits[word] != 0)) set_best(k, m, p, word);
    else search_best(k, m, p, word);
}

/* After 64 neighbouring levels have emptied: gives the page back if all of it has. */
static __attribute__((noinline)) void word_emptied(Kernel *k, Map *m, uint32_t p) {
    const uint64_t *bits = k->pages[p].bits;
    for (int i = 0; i < WORDS; i++)
        if (bits[i]) return;
    page_give(k, m, p);
}

/* Notes that a level lost an order; `empty` that it was the last. No branch on that: it cannot be foretold.
 * `is_best`: the level is known to be the best. Then the best is looked for anew even if it stays. */
ALWAYS void level_left(Kernel *k, Map *m, uint32_t level, int empty, const int is_best) {
    uint32_t p = level >> PAGE_BITS, word = level % PAGE / 64;
    uint64_t *bits = &k->pages[p].bits[word];
    *bits ^= (uint64_t)empty << (level & 63);
    if (is_best || UNLIKELY(empty & (level == m->best_row))) find_best(k, m, p, (int)word);
    if (UNLIKELY(*bits == 0)) word_emptied(k, m, p);
}

/* The level of a key, its page taken if need be; NONE when there is no page. */
ALWAYS uint32_t level_for(Kernel *k, Map *m, int32_t key) {
    uint32_t p = page_find(k, m, key >> PAGE_BITS);
    if (UNLIKELY(p == NONE)) {
        p = page_take(k, m, key >> PAGE_BITS);
        if (p == NONE) return NONE;
    }
    return p * PAGE + ((uint32_t)key & (PAGE - 1));
}

/* Puts a row at the end of a level. */
ALWAYS void link_tail(Kernel *k, Map *m, uint32_t r, uint32_t level, int32_t key) {
    Page *page = page_of(k, level);
    Row *rows = k->rows;
    uint32_t last = rows[level].prev;
    rows[r].next = level;
    rows[r].prev = last;
    rows[r].level = level;
    rows[last].next = r;
    rows[level].prev = r;
    page->bits[level % PAGE / 64] |= 1ull << (level & 63); /* no branch: whether a level is new cannot be foretold */
    uint32_t better = -(uint32_t)(key > m->best);
    m->best_row ^= (m->best_row ^ level) & better;
    m->best = (int32_t)((uint32_t)m->best ^ (((uint32_t)m->best ^ (uint32_t)key) & better));
}

ALWAYS void unlink_row(Kernel *k, Map *m, uint32_t r, const int is_best) {
    Row *rows = k->rows;
    uint32_t next = rows[r].next, prev = rows[r].prev;
    rows[next].prev = prev;
    rows[prev].next = next;
    level_left(k, m, rows[r].level, next == prev, is_best);
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

/* The slot of a row that waits. */
ALWAYS uint32_t slot_of(const Kernel *k, uint32_t r) {
    uint32_t i = k->rows[r].id & k->id_mask;
    return LIKELY(k->ids[i] == r) ? i : id_slot(k, k->rows[r].id);
}

static __attribute__((noinline)) void id_put_elsewhere(Kernel *k, uint32_t i, uint32_t row) {
    do i = (i + 1) & k->id_mask;
    while (k->ids[i] != NONE);
    k->displaced++;
    k->ids[i] = row;
}

ALWAYS void id_put(Kernel *k, uint32_t id, uint32_t row) {
    uint32_t i = id & k->id_mask;
    if (LIKELY(k->ids[i] == NONE)) k->ids[i] = row;
    else id_put_elsewhere(k, i, row);
}

static __attribute__((noinline)) void id_drop_displaced(Kernel *k, uint32_t i, uint32_t id) {
    uint32_t mask = k->id_mask;
    k->displaced -= (id & mask) != i;
    k->ids[i] = NONE;
    if (k->displaced == 0) return;
    for (uint32_t j = (i + 1) & mask; k->ids[j] != NONE; j = (j + 1) & mask) {
        uint32_t home = k->rows[k->ids[j]].id & mask;
        if (((j - home) & mask) < ((j - i) & mask)) continue;
        k->ids[i] = k->ids[j];
        k->ids[j] = NONE;
        k->displaced -= home == i;
        i = j;
    }
}

/* Whether emptying a slot may cut an id off from the slot where it should be. */
ALWAYS int gap_matters(const Kernel *k, uint32_t i) {
    return UNLIKELY(k->displaced != 0) && k->ids[(i + 1) & k->id_mask] != NONE;
}

ALWAYS void id_drop(Kernel *k, uint32_t i, uint32_t id) {
    if (LIKELY((id & k->id_mask) == i) && LIKELY(!gap_matters(k, i))) k->ids[i] = NONE;
    else id_drop_displaced(k, i, id);
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
    if (held) held_of(k, row->account, row->symbol)->open[side_of(k, row)] += lots;
}

/* Takes a waiting order out: list, id, open lots; its row is free again. */
ALWAYS void take_out_at(Kernel *k, Map *m, uint32_t r, uint32_t slot, const int held, const int is_best) {
    Row *row = &k->rows[r];
    count_open(k, row, -((int64_t)row->qty + row->hidden), held); /* first: the page may be given back */
    unlink_row(k, m, r, is_best);
    id_drop(k, slot, row->id);
    k->free[++k->free_count] = r;
}

static __attribute__((noinline)) void take_out(Kernel *k, uint32_t r) {
    const Row *row = &k->rows[r];
    take_out_at(k, map_of(k, row->level), r, id_slot(k, row->id), k->held != NULL, 0);
}

/* An iceberg whose shown lots have traded shows more, at the end of its level. */
static __attribute__((noinline)) void show_more(Kernel *k, uint32_t r) {
    Row *row = &k->rows[r];
    int32_t shown = k->cold[r].display < row->hidden ? k->cold[r].display : row->hidden;
    row->qty = shown;
    row->hidden -= shown;
    uint32_t next = row->next, prev = row->prev;
    if (next == prev) return; /* alone at its price: first and last */
    k->rows[next].prev = prev;
    k->rows[prev].next = next;
    link_tail(k, map_of(k, row->level), r, row->level, NO_KEY);
}

/* A waiting order has traded `lots` of what it shows. */
ALWAYS void fill_row(Kernel *k, uint32_t r, int32_t lots, const int held) {
    Row *row = &k->rows[r];
    row->qty -= lots;
    count_open(k, row, -(int64_t)lots, held);
    if (row->qty) return;
    if (LIKELY(row->hidden == 0)) take_out_at(k, map_of(k, row->level), r, id_slot(k, row->id), held, 0);
    else show_more(k, r);
}

ALWAYS void settle(Kernel *k, uint32_t symbol, int side, uint32_t taker, uint32_t maker, int32_t lots, const int held) {
    if (!held) return;
    int64_t signed_lots = side == BUY ? lots : -(int64_t)lots;
    held_of(k, taker, symbol)->position += signed_lots;
    held_of(k, maker, symbol)->position -= signed_lots;
}

/* The same for a trade of m with a waiting order of `maker`, whose open lots it was. */
ALWAYS void settle_with(Kernel *k, const Message *m, uint32_t maker, int32_t lots, const int held) {
    if (!held) return;
    settle(k, m->symbol, m->side, m->account, maker, lots, held);
    held_of(k, maker, m->symbol)->open[m->side ^ 1] -= lots;
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
        int32_t price = price_of(other, map->best);
        if (held) __builtin_prefetch(&k->rows[row->next], 1); /* the next maker, while this one is settled */
        if (UNLIKELY(row->account == m->account) && m->account != 0) {
            if (k->stp == STP_NEWEST) {
                *self = 1;
                break;
            }
            emit(k, EV_REMOVED_SELF, side, m->symbol, m->id, row->id, price, row->qty + row->hidden);
            take_out(k, r);
            continue;
        }
        LAST(symbol) = price;
        if (left < row->qty) { /* one branch for both ends: of the order that waits, of the one that came */
            emit(k, EV_TRADE, side, m->symbol, m->id, row->id, price, left);
            settle_with(k, m, row->account, left, held);
            row->qty -= left;
            return 0;
        }
        int32_t lots = row->qty;
        left -= lots;
        emit(k, EV_TRADE, side, m->symbol, m->id, row->id, price, lots);
        settle_with(k, m, row->account, lots, held);
        row->qty = 0;
        if (LIKELY(row->hidden == 0)) take_out_at(k, map, r, slot_of(k, r), 0, 1); /* no open lots are left */
        else show_more(k, r);
    }
    return left;
}

/* The next worse level with orders; NONE when there is none. */
static uint32_t worse_level(const Kernel *k, uint32_t level) {
    uint32_t p = level >> PAGE_BITS;
    int word = (int)(level % PAGE / 64);
    uint64_t bits = k->pages[p].bits[word] & ((1ull << (level & 63)) - 1);
    for (;;) {
        if (bits) return p * PAGE + (uint32_t)(word * 64 + 63 - __builtin_clzll(bits));
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
        if (key_at(k, s) < limit_key) return 0;
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
        s = worse_level(k, s);
    }
    return left <= 0;
}

/* Puts an order to wait. 0 when rows or pages have run out. */
static __attribute__((noinline)) int rest(Kernel *k, const Message *m, int map, int32_t key, int32_t lots) {
    if (UNLIKELY(k->free_count == 0)) return 0;
    Map *at = &k->symbols[m->symbol].maps[map];
    uint32_t level = level_for(k, at, key);
    if (UNLIKELY(level == NONE)) return 0;
    uint32_t r = k->free[k->free_count--];
    Row *row = &k->rows[r];
    link_tail(k, at, r, level, key);
    int32_t shown = m->display > 0 && m->display < lots ? m->display : lots;
    row->qty = shown;
    row->hidden = lots - shown;
    row->id = m->id;
    row->symbol = m->symbol;
    row->account = m->account;
    row->tif = m->tif;
    row->rare = 0;
    if (UNLIKELY(m->display > 0 || m->tif == GTD || m->tif == DAY || map >= BUY_STOPS)) {
        row->rare = m->tif == DAY || m->tif == GTD ? RARE_COLD | RARE_EXPIRES : RARE_COLD;
        k->cold[r] = (Cold){m->display, m->price, m->expiry, m->type};
    }
    id_put(k, m->id, r);
    count_open(k, row, lots, k->held != NULL);
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
        return rest(k, m, own, key, m->qty) ? RESTING : POOL_FULL;
    }
    if (waits &&
        (k->free_count == 0 || (no_page(k) && page_find(k, &symbol->maps[own], key >> PAGE_BITS) == NONE)))
        return POOL_FULL;
    if ((m->flags & FLAG_POST_ONLY) && symbol->maps[other].best >= limit_key) return WOULD_CROSS;
    if (m->tif == FOK && !can_fill(k, m, limit_key)) return CANNOT_FILL;
    int self = 0;
    int32_t left = match(k, m, m->qty, limit_key, &self, held);
    if (left == 0) return FILLED;
    if (self) return SELF_TRADE;
    if (!waits) return CANCELLED;
    return rest(k, m, own, key, left) ? RESTING : POOL_FULL;
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
        int map = map_number(k, &row);
        Cold cold = k->cold[r];
        Message m = {.op = OP_NEW, .side = (uint8_t)(map & 1), .type = cold.type == STOP ? MARKET : LIMIT, .tif = row.tif,
                     .symbol = row.symbol, .account = row.account, .id = row.id, .price = cold.price,
                     .qty = row.qty + row.hidden, .display = cold.display, .expiry = cold.expiry};
        take_out(k, r);
        k->stops--;
        emit(k, EV_TRIGGERED, map & 1, s, row.id, 0, price_of(map, key_at(k, row.level)), m.qty);
        size_t before = k->event_count;
        int status = trade(k, &m);
        if (status != RESTING && status != FILLED) {
            int32_t left = m.qty;
            for (size_t i = before; i < k->event_count; i++)
                if (k->events[i].kind == EV_TRADE) left -= k->events[i].qty;
            emit(k, EV_CANCELLED, map & 1, s, row.id, 0, 0, left);
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
    if (!rest(k, &shown, map, key_of(map, m->stop), m->qty)) return POOL_FULL;
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

static __attribute__((noinline)) int step_cancel(Kernel *k, const Message *m) {
    uint32_t i = id_slot(k, m->id);
    if (i == NONE || k->rows[k->ids[i]].account != m->account) return UNKNOWN;
    uint32_t r = k->ids[i];
    if (map_number(k, &k->rows[r]) >= BUY_STOPS) k->stops--;
    take_out_at(k, map_of(k, k->rows[r].level), r, i, k->held != NULL, 0);
    return CANCELLED;
}

/* Less at the same price keeps the place in the queue; anything else goes to the end, and may trade. */
static int step_amend(Kernel *k, const Message *m) {
    uint32_t i = id_slot(k, m->id);
    if (i == NONE || k->rows[k->ids[i]].account != m->account) return UNKNOWN;
    uint32_t r = k->ids[i];
    Row row = k->rows[r];
    int own = map_number(k, &row);
    if (own >= BUY_STOPS) return MALFORMED;
    if (m->qty <= 0 || m->qty > MOST_LOTS) return BAD_QUANTITY;
    if (m->price < 0 || m->price > MOST_PRICE) return BAD_PRICE;
    int32_t price = price_of(own, key_at(k, row.level)), total = row.qty + row.hidden;
    int32_t wanted = m->price ? m->price : price;
    if (wanted == price && m->qty <= total) {
        Row *now = &k->rows[r];
        now->hidden = m->qty > row.qty ? m->qty - row.qty : 0;
        now->qty = m->qty < row.qty ? m->qty : row.qty;
        count_open(k, now, (int64_t)m->qty - total, k->held != NULL);
        return AMENDED;
    }
    Map *map = &k->symbols[row.symbol].maps[own];
    if (no_page(k) && page_find(k, map, key_of(own, wanted) >> PAGE_BITS) == NONE) return POOL_FULL;
    Cold cold = row.rare ? k->cold[r] : (Cold){0};
    if (too_many_parts(m->qty, cold.display)) return BAD_QUANTITY;
    Message again = {.op = OP_NEW, .side = (uint8_t)own, .type = LIMIT, .tif = row.tif, .symbol = row.symbol,
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
    if (status == POOL_FULL) emit(k, EV_CANCELLED, own, row.symbol, row.id, 0, 0, m->qty);
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
            emit(k, expire ? EV_EXPIRED : EV_CANCELLED, side_of(k, row), row->symbol, row->id, 0, 0, row->qty + row->hidden);
    }
    qsort(k->events + first, k->event_count - first, sizeof(Event), by_taker);
    for (size_t i = first; i < k->event_count; i++) {
        uint32_t r = k->ids[id_slot(k, k->events[i].taker)];
        k->stops -= map_number(k, &k->rows[r]) >= BUY_STOPS;
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
}

/* Writes the checksums of records, apart from the loop that makes them: a call there costs more than the sums. */
static void seal(Record *records, size_t count) {
#if defined(__x86_64__)
    if (crc_by_instruction) {
        crc_fill_fast(records, sizeof *records, offsetof(Record, crc), count);
        return;
    }
#endif
    for (size_t i = 0; i < count; i++) records[i].crc = crc32c(&records[i], offsetof(Record, crc));
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

#include "plain.c"

ALWAYS int step(Kernel *k, const Message *m, const int held, const int journals) {
    size_t before = k->event_count;
    int status;
    if (LIKELY(m->op == OP_NEW) && LIKELY(is_plain(k, m))) status = step_plain(k, m, held);
    else if (LIKELY(m->op == OP_CANCEL)) status = cancel_plain(k, m, held);
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
    size_t before = k->journal_count;
    k->index = 0;
    int status = step(k, m, k->held != NULL, k->journals);
    seal(k->journal + before, k->journal_count - before);
    return status;
}

#include "ahead.c"

typedef struct { const Message *messages; size_t begin, end, count; uint8_t *statuses; } Batch;

ALWAYS void run(Kernel *k, const Batch *b, const int held, const int journals, const int ahead) {
    const Message *messages = b->messages;
    uint8_t *statuses = b->statuses;
    for (size_t i = b->begin, end = b->end, count = b->count; i < end; i++) {
        if (ahead && LIKELY(i + FAR < count)) {
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
enum { BLOCK = 256 }; /* messages whose records are sealed while they are near */

static void run_block(Kernel *k, const Batch *b) {
    int ahead = live_orders(k) > LIVE_IN_CACHE;
    if (k->held && k->journals && ahead) run(k, b, 1, 1, 1);
    else if (k->held && k->journals) run(k, b, 1, 1, 0);
    else if (k->held) run(k, b, 1, 0, ahead);
    else if (ahead) run(k, b, 0, k->journals, 1);
    else if (k->journals) run(k, b, 0, 1, 0);
    else run(k, b, 0, 0, 0);
}

void kernel_run(Kernel *k, const Message *messages, size_t n, uint8_t *statuses) {
    if (k->journals && !journal_reserve(k, 2 * n)) {
        memset(statuses, POOL_FULL, n);
        return;
    }
    Batch b = {messages, 0, 0, n, statuses};
    for (; b.begin < n; b.begin = b.end) {
        b.end = n - b.begin < BLOCK ? n : b.begin + BLOCK;
        size_t before = k->journal_count;
        run_block(k, &b);
        seal(k->journal + before, k->journal_count - before);
    }
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

/* The same, all zero. Much of it stays unused by most, so a great deal is left to the system to give when touched. */
static void *reserve_zeroed(size_t bytes) {
    if (bytes > (size_t)1 << 24) return calloc(bytes, 1);
    void *memory = reserve(bytes);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

int kernel_init(Kernel *k, uint32_t symbols, uint32_t orders, uint32_t pages, uint32_t accounts, int stp) {
    memset(k, 0, sizeof *k);
    uint32_t first = pages * PAGE, slots = 16;
    while (slots < (orders <= 1u << 16 ? 8 : 2) * orders) slots *= 2; /* few orders: few collisions */
    size_t held = (size_t)accounts * symbols;
    k->rows = reserve(((size_t)first + orders) * sizeof(Row));
    k->cold = calloc((size_t)first + orders, sizeof(Cold));
    k->free = malloc(((size_t)orders + 1) * sizeof(uint32_t));
    k->pages = reserve(pages * sizeof(Page));
    k->symbols = aligned_alloc(64, symbols * sizeof(Symbol));
    k->ids = reserve(slots * sizeof(uint32_t));
    k->held = accounts ? reserve_zeroed(held * sizeof(Held)) : NULL;
    k->limits = accounts ? calloc(accounts, sizeof(Limits)) : NULL;
    k->events = malloc(1024 * sizeof(Event));
    if (!k->rows || !k->cold || !k->free || !k->pages || !k->symbols || !k->ids || !k->events ||
        (accounts && (!k->held || !k->limits))) {
        kernel_free(k);
        return -1;
    }
    memset(k->rows + first, 0, (size_t)orders * sizeof(Row)); /* the sentinels of a page when it is first taken */
    k->free[0] = NONE;
    for (uint32_t i = 0; i < orders; i++) k->free[i + 1] = first + orders - 1 - i;
    k->pages[0].owner = NONE; /* where tables point at first */
    for (uint32_t i = 0; i < symbols; i++)
        for (int j = 0; j < MAPS; j++) {
            Map *m = &k->symbols[i].maps[j];
            m->best = NO_KEY;
            m->best_row = m->first = NONE;
            memset(m->table, 0, sizeof m->table);
            m->shared = 0;
        }
    memset(k->ids, 0xff, slots * sizeof(uint32_t));
    for (uint32_t i = 0; i < accounts; i++) k->limits[i] = (Limits){INT32_MAX, INT64_MAX, INT64_MAX};
    k->id_mask = slots - 1;
    k->free_count = orders;
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
    free(k->free);
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
    uint64_t h = live_orders(k);
    for (uint32_t s = 0; s < k->symbol_count; s++) {
        Symbol *symbol = &k->symbols[s];
        h = mix(mix(h, LAST(symbol)), PHASE(symbol));
        for (int j = 0; j < MAPS; j++) {
            for (uint32_t level = symbol->maps[j].best_row; level != NONE;) {
                int32_t key = key_at(k, level);
                for (uint32_t r = k->rows[level].next; r != level; r = k->rows[r].next) {
                    const Row *row = &k->rows[r];
                    h = mix(mix(mix(mix(mix(h, row->id), key), row->qty), row->hidden), row->account);
                    if (row->rare) {
                        const Cold *cold = &k->cold[r];
                        h = mix(mix(mix(mix(mix(h, cold->display), cold->price), cold->expiry), cold->type), row->tif);
                    }
                }
                level = worse_level(k, level);
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
