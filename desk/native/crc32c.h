/* CRC-32C (Castagnoli) of a few bytes: the processor's instruction where there is one, else a table. */
#ifndef TENOR_CRC32C_H
#define TENOR_CRC32C_H

#include <stdint.h>
#include <stddef.h>
#include <string.h>

static uint32_t crc_table[256];
static int crc_by_instruction;

/* Call once before crc32c. */
static void crc_prepare(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
        crc_table[i] = c;
    }
#if defined(__x86_64__)
    crc_by_instruction = __builtin_cpu_supports("sse4.2");
#endif
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static inline uint32_t crc_fast(const unsigned char *p, size_t n) {
    uint64_t c = 0xffffffffu, word;
    for (; n >= 8; n -= 8, p += 8) {
        memcpy(&word, p, 8);
        c = __builtin_ia32_crc32di(c, word);
    }
    uint32_t half, d = (uint32_t)c;
    for (; n >= 4; n -= 4, p += 4) {
        memcpy(&half, p, 4);
        d = __builtin_ia32_crc32si(d, half);
    }
    for (; n; n--) d = __builtin_ia32_crc32qi(d, *p++);
    return ~d;
}

/* For `count` things of `size` bytes: at `place`, a multiple of 4, goes the checksum of what stands before it. */
__attribute__((target("sse4.2"))) static void crc_fill_fast(void *things, size_t size, size_t place, size_t count) {
    unsigned char *p = things;
    for (size_t i = 0; i < count; i++, p += size) {
        uint32_t crc = crc_fast(p, place);
        memcpy(p + place, &crc, sizeof crc);
    }
}
#endif

static inline uint32_t crc32c(const void *data, size_t n) {
    const unsigned char *p = data;
#if defined(__x86_64__)
    if (crc_by_instruction) return crc_fast(p, n);
#endif
    uint32_t c = 0xffffffffu;
    while (n--) c = (c >> 8) ^ crc_table[(c ^ *p++) & 255];
    return ~c;
}

#endif
