/* The matching kernel: price-time priority on integer ticks and whole lots, many symbols in one.
 *
 * Layout: every waiting order is a 32-byte row of one arena; every price level is a circular list
 * whose sentinel is a row of the same arena, so that adding and unlinking never branch. Sentinels
 * come in pages of 512 neighbouring prices, taken from a pool when a price is first used and given
 * back when nobody waits there: any price is near. Pages never used cost no memory. A side is a `Map` over *keys*, larger is better
 * (bid: price; ask: -price; waiting buy stop: -stop; waiting sell stop: stop), so all sides share
 * code. The best level is cached; two levels of bits find the next one when it empties.
 *
 * After `kernel_init` only the buffers of events and journal records grow, and an auction borrows
 * memory while it uncrosses. What cannot be done is refused with a status; nothing here aborts.
 * Not thread-safe: one thread at a time.
 */
#ifndef TENOR_BOOK_H
#define TENOR_BOOK_H

#include <stdint.h>
#include <stddef.h>

enum { OP_NEW, OP_CANCEL, OP_AMEND, OP_MASS_CANCEL, OP_EXPIRE, OP_PHASE, OP_PRINT, OPS };
enum { BUY, SELL };
enum { LIMIT, MARKET, STOP, STOP_LIMIT, TYPES };
enum { GTC, DAY, IOC, FOK, GTD, TIFS };
enum { FLAG_POST_ONLY = 1 };
enum { CONTINUOUS, AUCTION };
enum { STP_NEWEST, STP_OLDEST };

/* What became of a message. Below RESTING: refused, nothing changed. 0 is none of them. */
enum {
    MALFORMED = 1, BAD_SYMBOL, BAD_PRICE, BAD_QUANTITY, DUPLICATE, UNKNOWN, POOL_FULL, WOULD_CROSS, CANNOT_FILL,
    BAD_PHASE, BAD_ACCOUNT, OVER_ORDER, OVER_NOTIONAL, OVER_POSITION,
    RESTING, FILLED, CANCELLED, WAITING, AMENDED, SELF_TRADE, DONE
};

enum { EV_TRADE, EV_CANCELLED, EV_EXPIRED, EV_TRIGGERED, EV_REMOVED_SELF };

typedef struct { /* 32 bytes; the wire form of the batch API, little-endian */
    uint8_t op, side, type, tif;
    uint16_t symbol, account;
    uint32_t id;
    int32_t price, qty;
    int32_t stop;    /* STOP, STOP_LIMIT: trigger price */
    int32_t display; /* > 0: iceberg, shown lots; at least a hundredth of qty */
    uint16_t expiry; /* GTD, DAY: last session it lives in; OP_EXPIRE: the session that begins */
    uint8_t flags, spare;
} Message;

typedef struct { /* 24 bytes */
    uint32_t taker, maker;
    int32_t price, qty;
    uint32_t index; /* of the message in its batch */
    uint16_t symbol;
    uint8_t kind, side; /* side of the taker */
} Event;

typedef struct {
    uint32_t next, prev;
    uint32_t level; /* the sentinel of its price; its page says map, side and key */
    int32_t qty;
    uint32_t id;
    uint16_t symbol, account;
    int32_t hidden; /* lots of an iceberg not shown */
    uint8_t tif, rare, unused[2];
} Row;

typedef struct { int32_t display, price; uint16_t expiry; uint8_t type; } Cold;

enum { PAGE_BITS = 9, PAGE = 1 << PAGE_BITS, WORDS = PAGE / 64, TABLE = 4 };
enum { NONE = 0xffffffffu };
#define NO_KEY INT32_MIN

typedef struct { /* 128 bytes, the bits on a line of their own; the sentinel of slot i of page p is row p * PAGE + i */
    int32_t number;         /* key >> PAGE_BITS */
    uint32_t owner;         /* which map of all symbols' it belongs to: symbol * MAPS + map; NONE when given back */
    uint32_t better, worse; /* neighbours in use, in key order; NONE at an end */
    uint32_t unused[12];
    uint64_t bits[WORDS];
} Page;

typedef struct { /* 32 bytes */
    int32_t best; /* key of the best level, NO_KEY when empty */
    uint32_t best_row;
    uint32_t first; /* page with the largest keys */
    uint32_t table[TABLE]; /* pages by the low bits of their number; may point at a page of another map */
    int32_t shared; /* in BIDS the symbol's last price (0 before the first trade), in ASKS its phase */
} Map;

enum { BIDS, ASKS, BUY_STOPS, SELL_STOPS, MAPS };

/* 128 bytes on a line: what every order reads is in the first 64. */
typedef struct { Map maps[MAPS]; } Symbol;
#define LAST(symbol) ((symbol)->maps[BIDS].shared)
#define PHASE(symbol) ((symbol)->maps[ASKS].shared)

typedef struct { int64_t position, open[2], unused; } Held; /* half a line, so that one fetch brings it */
typedef struct { int64_t most_lots, most_notional, most_position; } Limits;

typedef struct { uint32_t seq; uint8_t bytes[24]; uint32_t crc; } Record; /* 32 bytes */

typedef struct {
    Row *rows;
    Cold *cold;
    Page *pages;
    Symbol *symbols;
    uint32_t *free; /* rows that nobody uses, the next one last; NONE below them */
    uint32_t *ids; /* open addressing by the low bits of the id: row or NONE */
    Held *held;    /* symbols x accounts, or NULL when limits are not kept here */
    Limits *limits;
    Event *events;
    Record *journal;
    uint32_t id_mask, displaced, free_count, free_page, fresh_page, orders, page_count, symbol_count, account_count;
    uint32_t seq, index, stops, touched;
    size_t event_count, event_room, journal_count, journal_room;
    uint8_t stp, journals, lost; /* lost: memory was short for an event */
} Kernel;

static inline uint32_t live_orders(const Kernel *k) { return k->orders - k->free_count; }

/* 0, or -1 when memory is short (then nothing is held). `orders` and `pages` bound what may wait. */
int kernel_init(Kernel *k, uint32_t symbols, uint32_t orders, uint32_t pages, uint32_t accounts, int stp);
void kernel_free(Kernel *k);
/* One message; returns its status. Events are appended to k->events. */
int kernel_step(Kernel *k, const Message *m);
/* Many messages; statuses[i] is that of messages[i]. */
void kernel_run(Kernel *k, const Message *messages, size_t n, uint8_t *statuses);
/* Everything that matters about the state in one number; the Python twin computes the same. */
uint64_t kernel_hash(const Kernel *k);

#endif
