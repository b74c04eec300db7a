/* What a response's headers say about the bytes that follow, and whether they fit the part that is there. */
#ifndef TH_FETCH_TRANSFER_RESPONSE_H
#define TH_FETCH_TRANSFER_RESPONSE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

enum { RESPONSE_VALIDATOR_BYTES = 1024 };

struct response {
    long status;                              /* 0 for file: */
    bool is_encoded;                          /* compressed, though nobody asked for it */
    int64_t first;                            /* place of the first byte in the whole; -1 when a 206 does not say */
    int64_t total;                            /* bytes of the whole; -1: not known */
    char validator[RESPONSE_VALIDATOR_BYTES]; /* strong ETag, or else Last-Modified; "" when there is none */
};

enum response_fit {
    RESPONSE_CONTINUES,   /* the body follows the bytes that are there */
    RESPONSE_STARTS_ANEW, /* the body is the whole: the bytes that are there go */
    RESPONSE_DIFFERS,     /* the body is a later part of something else: ask again from the start */
    RESPONSE_IS_OF_NO_USE /* error says why */
};

/* "bytes 10-19/100" to first and total (-1 for "*"). False when it is not of that form. */
bool response_read_range(const char *text, int64_t *first, int64_t *total);

/* Whether text may be sent back in an If-Range header: printable ASCII, and not too long. */
bool response_is_validator(const char *text);

/* Reads the response that easy is receiving. */
void response_read(struct response *response, CURL *easy);

/* size bytes of something with this validator (NULL: none) and total (-1: not known) are there; do the response's
 * follow? error is set for RESPONSE_IS_OF_NO_USE only. Pure. */
enum response_fit response_check(const struct response *response, int64_t size, const char *validator, int64_t total,
                                 struct error *error);

#endif
