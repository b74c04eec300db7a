/* What a response's headers say about its body, and whether the body continues the part. */
#ifndef TH_FETCH_TRANSFER_RESPONSE_H
#define TH_FETCH_TRANSFER_RESPONSE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

enum { RESPONSE_VALIDATOR_BYTES = 1024 };

struct response {
    long status;     /* 0 for file: */
    bool is_encoded; /* compressed, though not asked for */
    int64_t first;   /* offset of the first byte in the whole file; -1: a 206 that does not say */
    int64_t total;   /* bytes of the whole file; -1: not known */
    char validator[RESPONSE_VALIDATOR_BYTES]; /* strong ETag, or else Last-Modified; "" when there is none */
};

enum response_fit {
    RESPONSE_CONTINUES,   /* the body follows the bytes of the part */
    RESPONSE_STARTS_ANEW, /* the body is the whole file; the bytes of the part are dropped */
    RESPONSE_DIFFERS,     /* the body is a later part of another file: ask again from byte 0 */
    RESPONSE_UNUSABLE     /* error says why */
};

/* Reads "bytes 10-19/100": first and total (-1 for "*"). False when text has another form. */
bool response_read_range(const char *text, int64_t *first, int64_t *total);

/* Whether text may be sent back in an If-Range header: printable ASCII, and not too long. */
bool response_is_validator(const char *text);

/* Reads the response that easy is receiving. */
void response_read(struct response *response, CURL *easy);

/* Whether the response continues a part of size bytes of a file with this validator (NULL: none) and total (-1: not
 * known), when a 206 has to begin at byte `first`. error is set for RESPONSE_UNUSABLE only. Pure. */
enum response_fit response_check(const struct response *response, int64_t size, int64_t first, const char *validator,
                                 int64_t total, struct error *error);

#endif
