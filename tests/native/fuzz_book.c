/* Feeds the matching kernel random and mutated messages; built under address and undefined-behaviour sanitisers.
 *
 * Usage: fuzz_book SEED MESSAGES. After every batch the books are walked: links and counts agree, no book is
 * crossed in continuous trading, positions sum to zero, no order waits twice. Each message goes to a second kernel
 * as well, one by one: it becomes the same there, changes nothing when it is refused, and fill or kill is all or
 * nothing. Prints what it saw; aborts on a fault.
 */
#include <inttypes.h>
#include <stdio.h>

#define LIVE_IN_CACHE 40 /* so that books of both sizes are fed */
#include "../../desk/native/book.c"

static uint64_t state;

static uint32_t draw(uint32_t below) { /* xorshift64* */
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 2685821657736338717ull) >> 32) % below;
}

#define HOLDS(what)                                                      \
    do {                                                                 \
        if (!(what)) {                                                   \
            fprintf(stderr, "line %d: does not hold: %s\n", __LINE__, #what); \
            abort();                                                     \
        }                                                                \
    } while (0)

static void walk_map(const Kernel *k, uint32_t s, int j, uint32_t *live, uint32_t *stops) {
    Map *m = &k->symbols[s].maps[j];
    int32_t before = INT32_MAX;
    HOLDS((m->best == NO_KEY) == (m->best_row == NONE));
    for (uint32_t level = m->best_row; level != NONE;) {
        int32_t key = key_at(k, level);
        HOLDS(map_of(k, level) == m && page_find(k, m, key >> PAGE_BITS) == level >> PAGE_BITS);
        HOLDS(k->rows[level].next != level);
        for (uint32_t r = k->rows[level].next; r != level; r = k->rows[r].next) {
            const Row *row = &k->rows[r];
            HOLDS(k->rows[row->next].prev == r && k->rows[row->prev].next == r);
            HOLDS(row->symbol == s && row->level == level && row->qty > 0 && row->hidden >= 0);
            uint32_t slot = id_slot(k, row->id);
            HOLDS(slot != NONE && k->ids[slot] == r);
            (*live)++;
            *stops += j >= BUY_STOPS;
        }
        HOLDS(key < before);
        before = key;
        level = worse_level(k, level);
    }
}

static void walk(const Kernel *k) {
    uint32_t live = 0, stops = 0;
    for (uint32_t s = 0; s < k->symbol_count; s++) {
        const Symbol *symbol = &k->symbols[s];
        for (int j = 0; j < MAPS; j++) walk_map(k, s, j, &live, &stops);
        if (PHASE(symbol) == CONTINUOUS && symbol->maps[BIDS].best != NO_KEY && symbol->maps[ASKS].best != NO_KEY)
            HOLDS(symbol->maps[BIDS].best < -symbol->maps[ASKS].best);
        int64_t sum = 0;
        for (uint32_t a = 0; a < k->account_count; a++) {
            sum += held_of(k, a, s)->position;
            HOLDS(held_of(k, a, s)->open[BUY] >= 0 && held_of(k, a, s)->open[SELL] >= 0);
        }
        HOLDS(sum == 0);
    }
    HOLDS(live == live_orders(k) && stops == k->stops && live <= k->orders);
}

/* What a message alone shows in `one`; `became` is what it became in a batch. */
static void check_alone(Kernel *one, const Message *m, uint8_t became) {
    uint64_t before = became < RESTING ? kernel_hash(one) : 0;
    one->event_count = one->journal_count = 0;
    HOLDS(kernel_step(one, m) == became);
    if (became < RESTING) {
        HOLDS(kernel_hash(one) == before && one->event_count == 0 && one->journal_count == 0);
        return;
    }
    if (m->op == OP_NEW && m->type < STOP && m->tif == FOK) HOLDS(became == FILLED);
    if (m->op == OP_NEW && (m->flags & FLAG_POST_ONLY)) HOLDS(became == RESTING && one->event_count == 0);
    HOLDS(!one->journals || one->journal_count == 1u + (m->display || m->expiry || m->flags));
}

static Message order(uint32_t id, uint32_t symbols, uint32_t accounts) {
    Message m = {.side = (uint8_t)draw(2), .type = (uint8_t)(draw(10) < 7 ? LIMIT : draw(TYPES)), .tif = (uint8_t)draw(TIFS),
                 .symbol = (uint16_t)draw(symbols), .account = (uint16_t)draw(accounts ? accounts : 5), .id = id,
                 .price = (int32_t)(1000 + draw(40)), .qty = (int32_t)(1 + draw(50)), .stop = (int32_t)(1000 + draw(40))};
    if (draw(40) == 0) m.price += (int32_t)draw(100000);
    int waits = (m.type == LIMIT || m.type == STOP_LIMIT) && m.tif != IOC && m.tif != FOK;
    if (waits && draw(8) == 0) m.display = (int32_t)(1 + draw(9));
    if (waits && m.type == LIMIT && draw(10) == 0) m.flags = FLAG_POST_ONLY;
    if (m.tif == DAY || m.tif == GTD) m.expiry = (uint16_t)draw(20);
    return m;
}

static Message next(uint32_t *id, uint32_t symbols, uint32_t accounts) {
    static const uint32_t hostile[] = {0, 1, 0x7fffffff, 0x80000000u, 0xffffffffu, 0x3fffffff, 0x40000000, 0xffff, 0x10000};
    uint32_t kind = draw(100);
    Message m = order(kind < 60 ? ++*id : *id - draw(60), symbols, accounts);
    if (kind >= 60) m.op = (uint8_t)(kind < 82 ? OP_CANCEL : kind < 92 ? OP_AMEND : draw(OPS));
    if (m.op == OP_PHASE) m.stop = draw(3) == 0;
    if (m.op == OP_MASS_CANCEL && draw(2)) m.symbol = 0xffff;
    if (draw(20) == 0) { /* one field is anything */
        uint32_t value = draw(2) ? hostile[draw(sizeof hostile / sizeof *hostile)] : draw(UINT32_MAX);
        size_t at = draw(8) * 4;
        memcpy((uint8_t *)&m + at, &value, 4);
    }
    if (draw(200) == 0)
        for (size_t i = 0; i < sizeof m; i++) ((uint8_t *)&m)[i] = (uint8_t)draw(256);
    return m;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    uint64_t seed = strtoull(argv[1], NULL, 10), most = strtoull(argv[2], NULL, 10), seen[DONE + 1] = {0};
    crc_prepare();
    for (uint64_t round = 0, done = 0; done < most; round++) {
        state = (seed << 20) + round + 1;
        uint32_t symbols = 1 + draw(4), accounts = draw(2) ? 0 : 2 + draw(6), id = 100;
        uint32_t orders = 1 + draw(300), pages = 1 + draw(20), limited = draw(accounts + 1), stp = draw(2);
        Kernel k, one;
        HOLDS(!kernel_init(&k, symbols, orders, pages, accounts, (int)stp));
        HOLDS(!kernel_init(&one, symbols, orders, pages, accounts, (int)stp));
        k.journals = one.journals = (uint8_t)draw(2);
        for (uint32_t a = 0; a < limited; a++) k.limits[a] = one.limits[a] = (Limits){40, 50000, 200};
        for (int batch = 0; batch < 40 && done < most; batch++) {
            Message messages[256];
            uint8_t statuses[256];
            for (int i = 0; i < 256; i++) messages[i] = next(&id, symbols, accounts);
            k.event_count = k.journal_count = 0;
            kernel_run(&k, messages, 256, statuses);
            for (int i = 0; i < 256; i++) {
                HOLDS(statuses[i] >= MALFORMED && statuses[i] <= DONE);
                seen[statuses[i]]++;
                check_alone(&one, &messages[i], statuses[i]);
            }
            HOLDS(kernel_hash(&k) == kernel_hash(&one) && k.seq == one.seq);
            walk(&k);
            done += 256;
        }
        kernel_free(&k);
        kernel_free(&one);
    }
    for (int i = MALFORMED; i <= DONE; i++) printf("%d %" PRIu64 "\n", i, seen[i]);
    return 0;
}
