/* Drives limit-order-book (the C functions of its shared library) over a message file in one C loop.
 *
 * An add becomes `limit`, a cancel `cancel`, a taker `market`: the flow's takers reach through every level,
 * so that both ways trade the same. Returns nanoseconds of this thread's CPU per message, or -1 when a function is
 * missing; `standing` gets what is left in the book: orders, lots to buy and to sell, best bid and ask.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../desk/native/book.h"

typedef void *(*Make)(void);
typedef void (*Drop)(void *);
typedef void (*Limit)(void *, bool, uint64_t, uint32_t, uint64_t);
typedef void (*Market)(void *, bool, uint64_t, uint32_t);
typedef void (*Cancel)(void *, uint64_t);
typedef uint32_t (*Count)(void *);
typedef uint64_t (*Size)(void *); /* volumes and prices */

static double thread_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static void *book;
static Limit limit;
static Market market;
static Cancel cancel;

static void feed(const Message *m, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool sells = m[i].side == SELL;
        if (m[i].op == OP_CANCEL) cancel(book, m[i].id);
        else if (m[i].tif == IOC) market(book, !sells, m[i].id, (uint32_t)m[i].qty);
        else limit(book, !sells, m[i].id, (uint32_t)m[i].qty, (uint64_t)m[i].price);
    }
}

double drive(const char *library, const Message *warm, size_t warm_count, const Message *mixed, size_t count,
             uint64_t *standing) {
    void *loaded = dlopen(library, RTLD_NOW);
    if (!loaded) return -1;
    Make make = (Make)dlsym(loaded, "new_");
    Drop drop = (Drop)dlsym(loaded, "delete_");
    Count waiting = (Count)dlsym(loaded, "count");
    const char *names[] = {"volume_buy", "volume_sell", "best_buy", "best_sell"};
    Size sizes[4];
    for (int i = 0; i < 4; i++)
        if (!(sizes[i] = (Size)dlsym(loaded, names[i]))) return -1;
    limit = (Limit)dlsym(loaded, "limit");
    market = (Market)dlsym(loaded, "market");
    cancel = (Cancel)dlsym(loaded, "cancel");
    if (!make || !drop || !waiting || !limit || !market || !cancel) return -1;
    book = make();
    feed(warm, warm_count);
    double before = thread_ns();
    feed(mixed, count);
    double spent = thread_ns() - before;
    standing[0] = waiting(book);
    for (int i = 0; i < 4; i++) standing[i + 1] = sizes[i](book);
    drop(book);
    return spent / (double)count;
}
