#include "th-fetch/source/archive.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The path of a file: URL (curl_free), NULL when it has none. */
static char *path_of(const char *url)
{
    CURLU *parts = curl_url();
    char *path = NULL;

    if (!parts || curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_PATH, &path, CURLU_URLDECODE) != CURLUE_OK)
        path = NULL;
    curl_url_cleanup(parts);
    return path;
}

int archive_check_file(const char *url, struct stat *facts, struct error *error)
{
    char *path = path_of(url);
    int result = -1;

    if (!path)
        error_set(error, ERROR_NO_FORMAT, "'%.200s' is not a URL of a file", url);
    else if (stat(path, facts) < 0 && (errno == ENOENT || errno == ENOTDIR))
        error_set(error, ERROR_IO, "there is no file '%.300s'", path);
    else if (access(path, R_OK) < 0)
        error_set_errno(error, errno, "cannot read '%.300s'", path);
    else if (!S_ISREG(facts->st_mode))
        error_set(error, ERROR_NO_FORMAT, "'%.200s' is not a regular file", path);
    else
        result = 0;
    curl_free(path);
    return result;
}

/* The folder that holds everything the template names, in new memory, NULL when out of memory. */
static char *folder_url(const char *url_template)
{
    const char *end = strstr(url_template, "{id}");

    if (!end)
        end = url_template + strlen(url_template);
    while (end > url_template && end[-1] != '/')
        end--;
    return strndup(url_template, (size_t)(end - url_template));
}

int archive_check_folder(const char *url_template, struct error *error)
{
    struct stat facts;
    char *url, *folder;
    int result = 0;

    if (!url_template || strncasecmp(url_template, "file:", 5) != 0)
        return 0;
    url = folder_url(url_template);
    folder = url ? path_of(url) : NULL;
    if (!folder)
        result = error_set(error, ERROR_IO, "'%.200s' does not name a folder", url_template);
    else if (stat(folder, &facts) < 0)
        result = error_set_errno(error, errno, "cannot find the archive's folder '%.300s'", folder);
    else if (!S_ISDIR(facts.st_mode))
        result = error_set(error, ERROR_IO, "the archive's folder '%.300s' is not a folder", folder);
    curl_free(folder);
    free(url);
    return result;
}
