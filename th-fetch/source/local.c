#include "th-fetch/source/local.h"

#include <curl/curl.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int local_check(const char *url, struct error *error)
{
    CURLU *parts = curl_url();
    char *path = NULL;
    struct stat facts;
    int result = -1;

    if (!parts || curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_PATH, &path, CURLU_URLDECODE) != CURLUE_OK) {
        error_set(error, ERROR_NO_FORMAT, "'%.200s' is not a URL of a file", url);
        goto end;
    }
    if (stat(path, &facts) < 0 && (errno == ENOENT || errno == ENOTDIR))
        error_set(error, ERROR_GONE, "there is no file '%.300s'", path);
    else if (access(path, R_OK) < 0)
        error_set_errno(error, errno, "cannot read '%.300s'", path);
    else if (!S_ISREG(facts.st_mode))
        error_set(error, ERROR_NO_FORMAT, "'%.300s' is not a regular file", path);
    else
        result = 0;
end:
    curl_free(path);
    curl_url_cleanup(parts);
    return result;
}
