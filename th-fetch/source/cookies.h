/* The user's cookie file, cleaned: a copy in memory that libcurl and yt-dlp read. */
#ifndef TH_FETCH_SOURCE_COOKIES_H
#define TH_FETCH_SOURCE_COOKIES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

struct cookies {
    int fd; /* -1: none */
    char path[32];
};

/* Whether a line, of length bytes, is a cookie in Netscape's format: seven fields that are separated by tabs, and no
 * comment; a line that begins with "#HttpOnly_" is none. Pure. */
bool cookies_is_cookie(const char *line, size_t length);

/* Copies the file at path without a byte order mark, and with the first line that Python wants. This process and its
 * children can read cookies->path until cookies_close. 0, or -1 and error (io), also when the file holds no cookie in
 * Netscape's format. */
int cookies_open(struct cookies *cookies, const char *path, struct error *error);

void cookies_close(struct cookies *cookies);

#endif
