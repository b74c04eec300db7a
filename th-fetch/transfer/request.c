/* What each request of a transfer asks for: its headers and its range. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "th-fetch/transfer/partial.h"
#include "th-fetch/transfer/response.h"
#include "th-fetch/transfer/transfer_internal.h"

enum { PIECE_BYTES = 10 << 20 /* of a request for a range, at most */ };

static bool add_header(struct transfer *transfer, const char *header)
{
    struct curl_slist *more = curl_slist_append(transfer->headers, header);
    if (!more)
        return false;
    transfer->headers = more;
    return true;
}

/* Whether another host than that of the URL may get the header: the others may be meant for that one alone. */
static bool is_for_all(const char *header)
{
    return strncasecmp(header, "Accept", 6) == 0 || strncasecmp(header, "User-Agent:", 11) == 0;
}

/* Sets the headers of the next request, which goes to another host than the URL's when is_elsewhere. */
static bool set_headers(struct transfer *transfer, bool is_elsewhere)
{
    char if_range[RESPONSE_VALIDATOR_BYTES + 16];
    const char *validator = part_validator(transfer->part);

    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    for (char *const *header = transfer->request.headers; header && *header; header++)
        if ((!is_elsewhere || is_for_all(*header)) && !add_header(transfer, *header))
            return false;
    if (part_size(transfer->part) > 0 && validator) {
        snprintf(if_range, sizeof if_range, "If-Range: %s", validator);
        if (!add_header(transfer, if_range))
            return false;
    }
    return curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK;
}

/* The host of a URL (curl_free); NULL when it has none. */
static char *host_of(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL;

    if (parts && url && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
        curl_url_get(parts, CURLUPART_HOST, &host, 0);
    curl_url_cleanup(parts);
    return host;
}

int transfer_before_request(void *context, char *to, char *from, int to_port, int from_port)
{
    struct transfer *transfer = context;
    char *url = NULL, *first, *now;
    bool is_good;

    (void)to, (void)from, (void)to_port, (void)from_port;
    curl_easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &url);
    first = host_of(transfer->request.url);
    now = host_of(url);
    is_good = set_headers(transfer, !first || !now || strcasecmp(first, now) != 0);
    curl_free(first);
    curl_free(now);
    return is_good ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

int64_t transfer_next(const struct transfer *transfer)
{
    int64_t next = byte_ranges_next(&transfer->missing, transfer->done), total = part_total(transfer->part);

    return total >= 0 && next >= total ? INT64_MAX : next;
}

/* Begins the request for the next missing bytes of a partial, and returns how many it asks for. */
static int64_t begin_range(struct transfer *transfer)
{
    int64_t longest = transfer->request.piece > 0 ? transfer->request.piece : PIECE_BYTES;
    int64_t start = transfer_next(transfer), size = byte_ranges_end(&transfer->missing, start) - start;

    partial_begin_request(transfer->part, start);
    return size < longest ? size : longest;
}

bool transfer_set_request(struct transfer *transfer)
{
    char range[64];
    bool is_partial = part_is_partial(transfer->part);
    int64_t piece = is_partial ? begin_range(transfer) : transfer->request.piece, start = part_offset(transfer->part);
    bool is_ranged = start > 0 || piece > 0;

    if (piece > 0)
        snprintf(range, sizeof range, "%" PRId64 "-%" PRId64, start, start + piece - 1);
    else
        snprintf(range, sizeof range, "%" PRId64 "-", start);
    transfer->start = start;
    transfer->end = is_partial ? start + piece : INT64_MAX;
    return set_headers(transfer, false) &&
           curl_easy_setopt(transfer->easy, CURLOPT_RANGE, is_ranged ? range : NULL) == CURLE_OK;
}
