/* What this processor does at its best, in nanoseconds of CPU time: a chain of dependent loads through a ring of
 * lines of 32 KB, 512 KB and 8 MB, and a branch guessed wrong. One JSON object on stdout; the best of 15 tries each.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LINE = 64, LOADS = 50000, TRIES = 15, COINS = 1 << 16 };

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static double cpu_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

/* A ring through all lines in random order. */
static double dependent_load(size_t bytes) {
    size_t lines = bytes / LINE;
    char *ring = malloc(bytes + LINE);
    uint32_t *order = malloc(lines * sizeof *order);
    if (!ring || !order) exit(1);
    for (size_t i = 0; i < lines; i++) order[i] = (uint32_t)i;
    for (size_t i = lines - 1; i > 0; i--) {
        size_t j = draw() % i;
        uint32_t other = order[i];
        order[i] = order[j];
        order[j] = other;
    }
    for (size_t i = 0; i < lines; i++)
        *(void **)(ring + (size_t)order[i] * LINE) = ring + (size_t)order[(i + 1) % lines] * LINE;
    void *volatile at = ring;
    double best = 1e9;
    for (int t = 0; t < TRIES; t++) {
        void *p = at;
        double began = cpu_ns();
        for (int i = 0; i < LOADS; i++) p = *(void **)p;
        double each = (cpu_ns() - began) / LOADS;
        at = p;
        if (each < best) best = each;
    }
    free(ring);
    free(order);
    return best;
}

static uint8_t coins[COINS];

static double coin_branch(void) {
    double best = 1e9;
    volatile uint64_t heads = 0;
    for (int t = 0; t < TRIES; t++) {
        double began = cpu_ns();
        for (int i = 0; i < COINS; i++)
            if (coins[i]) heads++; /* volatile: stays a branch */
        double each = (cpu_ns() - began) / COINS;
        if (each < best) best = each;
    }
    return best;
}

int main(void) {
    for (int i = 0; i < COINS; i++) coins[i] = i & 1;
    double foretold = coin_branch();
    for (int i = 0; i < COINS; i++) coins[i] = draw() >> 40 & 1;
    double random = coin_branch();
    printf("{\"load_32k_ns\": %.2f, \"load_512k_ns\": %.2f, \"load_8m_ns\": %.1f, \"mispredict_ns\": %.2f}\n",
           dependent_load(32 << 10), dependent_load(512 << 10), dependent_load(8 << 20), 2 * (random - foretold));
    return 0;
}
