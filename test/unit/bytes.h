/* Binary test data written as text. */
#ifndef TEST_UNIT_BYTES_H
#define TEST_UNIT_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes written as hexadecimal numbers with spaces between them: "00 00 01 65". Returns how many; out has the room. */
static inline size_t bytes(const char *text, uint8_t *out)
{
    size_t size = 0;
    unsigned value;
    int length;

    for (; sscanf(text, "%2x%n", &value, &length) == 1; text += length)
        out[size++] = (uint8_t)value;
    return size;
}

#endif
