#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/clock.h"
#include "th-fetch/transfer/transfer.h"
#include "th-fetch/transfer/transfer_internal.h"

enum { WAIT_MAX_MS = 60000 };

struct transfers *transfers_alloc(const struct fetch_settings *settings, struct space *space, transfer_began *began,
                                  transfer_done *done, void *owner)
{
    struct transfers *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    all->settings = settings;
    all->space = space;
    all->began = began;
    all->done = done;
    all->owner = owner;
    rate_init(&all->rate, settings->limit_rate, clock_seconds());
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(all);
        return NULL;
    }
    all->multi = curl_multi_init();
    if (!all->multi ||
        curl_multi_setopt(all->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)settings->common.jobs) != CURLM_OK ||
        curl_multi_setopt(all->multi, CURLMOPT_MAXCONNECTS, (long)settings->common.jobs) != CURLM_OK)
        transfers_free(&all);
    return all;
}

void transfers_free(struct transfers **transfers)
{
    struct transfers *all = *transfers;
    if (!all)
        return;
    while (all->first) {
        struct transfer *transfer = all->first;
        all->first = transfer->next;
        transfer_free(transfer);
    }
    curl_multi_cleanup(all->multi);
    curl_global_cleanup();
    free(all);
    *transfers = NULL;
}

int transfers_running(const struct transfers *transfers)
{
    return transfers->running;
}

int transfers_start(struct transfers *all, const struct transfer_request *request, struct part *part, void *item,
                    struct error *error)
{
    struct transfer *transfer = transfer_alloc(all, request, part, item);

    if (!transfer || transfer_send(transfer) < 0) {
        transfer_free(transfer);
        return error_set(error, ERROR_IO, "cannot set up a transfer");
    }
    transfer->next = all->first;
    all->first = transfer;
    all->running++;
    return 0;
}

/* Calls `done` for a transfer, and frees it. */
static void end_transfer(struct transfer *transfer)
{
    struct transfers *all = transfer->all;
    struct transfer **link = &all->first;

    while (*link != transfer)
        link = &(*link)->next;
    *link = transfer->next;
    all->running--;
    transfer_settle(transfer);
    all->done(all->owner, transfer->item, &transfer->outcome);
    transfer_free(transfer);
}

static void end_requests(struct transfers *all)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(all->multi, &left))) {
        struct transfer *transfer = NULL;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        curl_off_t retry_after = 0;

        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
        transfer->outcome.curl_code = (int)code;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &transfer->outcome.status);
        curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
        transfer->outcome.retry_after = (double)retry_after;
        curl_multi_remove_handle(all->multi, easy);
        if (!transfer_continue(transfer))
            end_transfer(transfer);
    }
}

/* The transfer that has been paused for longest, or NULL. */
static struct transfer *longest_paused(const struct transfers *all)
{
    struct transfer *longest = NULL;

    for (struct transfer *transfer = all->first; transfer; transfer = transfer->next)
        if (transfer->is_paused && (!longest || transfer->paused_at < longest->paused_at))
            longest = transfer;
    return longest;
}

/* Seconds until a paused transfer may go on, 0: now. */
static double pause_left(const struct transfers *all)
{
    return space_is_short(all->space, 0) ? SPACE_WAIT : rate_wait(&all->rate, clock_seconds());
}

/* Resumes paused transfers, as far as disk and rate allow. */
static void unpause(struct transfers *all)
{
    struct transfer *transfer;

    while ((transfer = longest_paused(all)) && pause_left(all) <= 0) {
        transfer->is_paused = false;
        curl_easy_pause(transfer->easy, CURLPAUSE_CONT); /* a failure also ends the transfer */
    }
}

/* Milliseconds of the next wait: until a paused transfer may go on, at most timeout_ms (-1: for ever). */
static int wait_time(const struct transfers *all, int timeout_ms)
{
    int longest = timeout_ms < 0 || timeout_ms > WAIT_MAX_MS ? WAIT_MAX_MS : timeout_ms;
    double pause = longest_paused(all) ? ceil(pause_left(all) * 1000) : longest;

    return pause < longest ? (int)pause : longest;
}

int transfers_wait(struct transfers *all, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct curl_waitfd *waits;
    unsigned int used = 0;
    int running, ready;
    CURLMcode code;

    if (all->running == 0)
        return poll(fds, count, timeout_ms);
    waits = calloc(count, sizeof *waits);
    if (!waits)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int events =
            (fds[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) | (fds[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0);

        if (fds[i].fd >= 0)
            waits[used++] = (struct curl_waitfd){.fd = fds[i].fd, .events = (short)events};
    }
    code = curl_multi_poll(all->multi, waits, used, wait_time(all, timeout_ms), NULL);
    free(waits);
    unpause(all);
    if (code == CURLM_OK)
        code = curl_multi_perform(all->multi, &running);
    if (code != CURLM_OK) {
        errno = EIO;
        return -1;
    }
    end_requests(all);
    /* curl_multi_poll does not report POLLERR and POLLHUP of the caller's descriptors; poll() itself does. */
    ready = poll(fds, count, 0);
    return ready < 0 && errno == EINTR ? 0 : ready;
}
