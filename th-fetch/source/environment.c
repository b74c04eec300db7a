#include "th-fetch/source/environment.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Patterns of names that are kept. */
static const char *const kept[] = {
    /* the user, folders and languages */
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_*", "LANG", "LANGUAGE", "LC_*", "TZ",
    /* the network */
    "*_proxy", "*_PROXY", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    /* the browser's cookies (--cookies-from-browser) */
    "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION", "GNOME_DESKTOP_SESSION_ID", "KDE_*",
    /* Python, the runtimes, and where a cluster's modules put them */
    "PYTHON*", "VIRTUAL_ENV", "CONDA_PREFIX", "DENO_*", "NODE_*", "LD_LIBRARY_PATH", "LD_PRELOAD"};

static bool is_kept(const char *variable)
{
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(variable, "="), variable);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!fnmatch(kept[i], name, 0))
            return true;
    return false;
}

void environment_limit(void)
{
    char **end = environ;

    for (char **at = environ; at && *at; at++)
        if (is_kept(*at))
            *end++ = *at;
    if (end)
        *end = NULL;
}
