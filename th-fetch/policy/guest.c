#include "th-fetch/policy/guest.h"

#include <curl/curl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void guest_init(struct guest *guest, int64_t runs, double first)
{
    *guest = (struct guest){.gap = (double)runs * GUEST_GAP, .next = first};
}

bool guest_is_youtube(const char *url)
{
    static const char *const domains[] = {"youtube.com", "youtu.be", "youtube-nocookie.com"};
    CURLU *parts = curl_url();
    char *host = NULL;
    bool result = false;

    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
            size_t length = strlen(host), tail = strlen(domains[i]);

            result = result || (length >= tail && strcasecmp(host + length - tail, domains[i]) == 0 &&
                                (length == tail || host[length - tail - 1] == '.'));
        }
    }
    curl_free(host);
    curl_url_cleanup(parts);
    return result;
}

bool guest_may_start(const struct guest *guest, double now, double *wake)
{
    *wake = guest->running < GUEST_AT_ONCE ? guest->next : INFINITY;
    return now >= *wake;
}

void guest_started(struct guest *guest, double now)
{
    guest->next = now + guest->gap;
    guest->running++;
}

void guest_ended(struct guest *guest)
{
    guest->running--;
}

void guest_duration(size_t pages, double gap, char *out, size_t size)
{
    double seconds = (double)pages * gap;

    if (seconds < 3600)
        snprintf(out, size, "about %.0f min", ceil(seconds / 60));
    else
        snprintf(out, size, "about %.0f h", seconds / 3600);
}
