#include "th-fetch/policy/policy.h"

#include <curl/curl.h>
#include <math.h>
#include <string.h>

#include "test/unit/unit.h"

static void assert_near(double number, double expected)
{
    assert_true(fabs(number - expected) < 1e-9);
}

static void statuses(void **state)
{
    static const struct {
        long status;
        enum error_word word;
        enum policy_kind kind, kind_when_resolved;
    } cases[] = {
        {400, ERROR_FORBIDDEN, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {401, ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP, POLICY_EXPIRED},
        {402, ERROR_FORBIDDEN, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {403, ERROR_FORBIDDEN, POLICY_GIVE_UP, POLICY_EXPIRED},
        {404, ERROR_GONE, POLICY_GIVE_UP, POLICY_EXPIRED},
        {405, ERROR_FORBIDDEN, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {407, ERROR_FORBIDDEN, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {408, ERROR_TIMEOUT, POLICY_RETRY, POLICY_RETRY},
        {410, ERROR_GONE, POLICY_GIVE_UP, POLICY_EXPIRED},
        {416, ERROR_SERVER, POLICY_RETRY_ONCE, POLICY_RETRY_ONCE},
        {425, ERROR_SERVER, POLICY_RETRY, POLICY_RETRY},
        {429, ERROR_RATE_LIMITED, POLICY_PAUSE, POLICY_PAUSE},
        {451, ERROR_FORBIDDEN, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {499, ERROR_FORBIDDEN, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {500, ERROR_SERVER, POLICY_RETRY, POLICY_RETRY},
        {501, ERROR_SERVER, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {502, ERROR_SERVER, POLICY_RETRY, POLICY_RETRY},
        {503, ERROR_SERVER, POLICY_RETRY, POLICY_RETRY},
        {504, ERROR_SERVER, POLICY_RETRY, POLICY_RETRY},
        {505, ERROR_SERVER, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {599, ERROR_SERVER, POLICY_RETRY, POLICY_RETRY},
        {600, ERROR_SERVER, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {5000, ERROR_SERVER, POLICY_GIVE_UP, POLICY_GIVE_UP},
        {-1, ERROR_SERVER, POLICY_GIVE_UP, POLICY_GIVE_UP},
    };
    struct verdict verdict;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct transfer_outcome outcome = {.curl_code = CURLE_HTTP_RETURNED_ERROR, .status = cases[i].status};

        policy_transfer(&outcome, false, &verdict);
        assert_int_equal(verdict.kind, cases[i].kind);
        assert_int_equal(verdict.error.word, cases[i].word);
        policy_transfer(&outcome, true, &verdict);
        assert_int_equal(verdict.kind, cases[i].kind_when_resolved);
        assert_int_equal(verdict.error.word, cases[i].word);
    }
}

/* Retry-After pauses all, unless its status is final. */
static void retry_after(void **state)
{
    static const struct {
        long status;
        enum error_word word;
        enum policy_kind kind;
    } cases[] = {
        {503, ERROR_SERVER, POLICY_PAUSE},      {429, ERROR_RATE_LIMITED, POLICY_PAUSE},
        {500, ERROR_SERVER, POLICY_PAUSE},      {408, ERROR_TIMEOUT, POLICY_PAUSE},
        {416, ERROR_SERVER, POLICY_PAUSE},      {404, ERROR_GONE, POLICY_GIVE_UP},
        {403, ERROR_FORBIDDEN, POLICY_GIVE_UP}, {501, ERROR_SERVER, POLICY_GIVE_UP},
    };
    struct verdict verdict;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct transfer_outcome outcome = {
            .curl_code = CURLE_HTTP_RETURNED_ERROR, .status = cases[i].status, .retry_after = 7};

        policy_transfer(&outcome, false, &verdict);
        assert_int_equal(verdict.kind, cases[i].kind);
        assert_int_equal(verdict.error.word, cases[i].word);
        assert_near(verdict.after, 7);
    }
}

/* Every status has a verdict; those that are tried again have an error word whose class allows it. */
static void all_statuses(void **state)
{
    struct verdict verdict;

    (void)state;
    for (long status = 100; status < 1000; status++) {
        struct transfer_outcome outcome = {.curl_code = CURLE_HTTP_RETURNED_ERROR, .status = status};

        policy_transfer(&outcome, status % 2, &verdict);
        assert_int_not_equal(verdict.kind, POLICY_GOOD);
        assert_int_not_equal(verdict.error.word, ERROR_NONE);
        if (verdict.kind == POLICY_RETRY || verdict.kind == POLICY_RETRY_ONCE || verdict.kind == POLICY_PAUSE)
            assert_int_equal(error_word_class(verdict.error.word), ERROR_CLASS_TRANSIENT);
    }
}

static void curl_codes(void **state)
{
    static const struct {
        CURLcode code;
        enum error_word word;
        enum policy_kind kind;
    } cases[] = {
        {CURLE_COULDNT_RESOLVE_HOST, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_COULDNT_RESOLVE_PROXY, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_COULDNT_CONNECT, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_PARTIAL_FILE, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_RECV_ERROR, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_SEND_ERROR, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_GOT_NOTHING, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_HTTP2_STREAM, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_SSL_CONNECT_ERROR, ERROR_NETWORK, POLICY_RETRY},
        {CURLE_PEER_FAILED_VERIFICATION, ERROR_NETWORK, POLICY_GIVE_UP},
        {CURLE_OPERATION_TIMEDOUT, ERROR_TIMEOUT, POLICY_RETRY},
        {CURLE_UNSUPPORTED_PROTOCOL, ERROR_FORBIDDEN, POLICY_GIVE_UP},
        {CURLE_URL_MALFORMAT, ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {CURLE_TOO_MANY_REDIRECTS, ERROR_SERVER, POLICY_GIVE_UP},
        {CURLE_FILE_COULDNT_READ_FILE, ERROR_IO, POLICY_GIVE_UP},
        {CURLE_WEIRD_SERVER_REPLY, ERROR_SERVER, POLICY_RETRY},
        {CURLE_OUT_OF_MEMORY, ERROR_SERVER, POLICY_RETRY_ONCE},
        {(CURLcode)100, ERROR_SERVER, POLICY_RETRY_ONCE},
    };
    struct verdict verdict;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        policy_transfer(&(struct transfer_outcome){.curl_code = cases[i].code}, true, &verdict);
        assert_int_equal(verdict.kind, cases[i].kind);
        assert_int_equal(verdict.error.word, cases[i].word);
        assert_true(strlen(verdict.error.message) > 5);
    }
    policy_transfer(&(struct transfer_outcome){.curl_code = CURLE_UNSUPPORTED_PROTOCOL,
                                               .detail = "Received HTTP/0.9 when not allowed"},
                    true, &verdict);
    assert_int_equal(verdict.kind, POLICY_RETRY);
    assert_int_equal(verdict.error.word, ERROR_SERVER);
    policy_transfer(&(struct transfer_outcome){.curl_code = CURLE_OK, .status = 200}, true, &verdict);
    assert_int_equal(verdict.kind, POLICY_GOOD);
}

/* An error of this side counts more than the error of curl that it causes. */
static void local_failures(void **state)
{
    static const struct {
        enum error_word word;
        enum policy_kind kind;
    } cases[] = {
        {ERROR_DISK_FULL, POLICY_GIVE_UP}, {ERROR_IO, POLICY_GIVE_UP},        {ERROR_BAD_MEDIA, POLICY_RETRY_ONCE},
        {ERROR_SERVER, POLICY_RETRY},      {ERROR_CRASHED, POLICY_GIVE_UP},   {ERROR_STALLED, POLICY_GIVE_UP},
        {ERROR_RESOLVER, POLICY_GIVE_UP},  {ERROR_NO_FORMAT, POLICY_GIVE_UP}, {ERROR_NONE, POLICY_GOOD},
    };
    struct verdict verdict;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {.word = cases[i].word, .message = "why"};
        struct transfer_outcome outcome = {.curl_code = CURLE_WRITE_ERROR, .status = 200, .local = error};

        policy_local(&error, &verdict);
        assert_int_equal(verdict.kind, cases[i].kind);
        if (cases[i].word == ERROR_NONE)
            continue;
        policy_transfer(&outcome, false, &verdict);
        assert_int_equal(verdict.kind, cases[i].kind);
        assert_int_equal(verdict.error.word, cases[i].word);
        assert_string_equal(verdict.error.message, "why");
    }
}

static void what_resolvers_say(void **state)
{
    static const struct {
        const char *said;
        enum error_word word;
        enum policy_kind kind;
    } cases[] = {
        {"[youtube] x: Private video. Sign in if you've been granted access to this video", ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: Video unavailable. This video is private", ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: Video unavailable", ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: Video unavailable. This video has been removed by the uploader", ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: This video has been removed for violating YouTube's Terms of Service", ERROR_GONE,
         POLICY_GIVE_UP},
        {"[youtube] x: Video unavailable. This video is no longer available because the YouTube account associated "
         "with this video has been terminated.",
         ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: Video unavailable. This video is no longer available because the uploader has closed their "
         "YouTube account.",
         ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: Sign in to confirm your age. This video may be inappropriate for some users.",
         ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
        {"[youtube] x: This video is only available for registered users. Use --cookies", ERROR_LOGIN_REQUIRED,
         POLICY_GIVE_UP},
        {"[youtube] x: Join this channel to get access to members-only content like this video", ERROR_LOGIN_REQUIRED,
         POLICY_GIVE_UP},
        {"[youtube] x: This video is available to this channel's members on level: Fans", ERROR_LOGIN_REQUIRED,
         POLICY_GIVE_UP},
        {"[youtube] x: This video requires payment to watch", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
        {"[youtube] x: The uploader has not made this video available in your country", ERROR_FORBIDDEN,
         POLICY_GIVE_UP},
        {"[youtube] x: Video unavailable. This video contains content from Some Company, who has blocked it in your "
         "country on copyright grounds",
         ERROR_FORBIDDEN, POLICY_GIVE_UP},
        {"[bbc] x: This video is not available from your location due to geo restriction", ERROR_FORBIDDEN,
         POLICY_GIVE_UP},
        {"[youtube] x: Premieres in 3 hours", ERROR_RESOLVER, POLICY_GIVE_UP},
        {"[youtube] x: This live event will begin in 5 days.", ERROR_RESOLVER, POLICY_GIVE_UP},
        {"[youtube] x: This live stream recording is not available.", ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: Sign in to confirm you're not a bot. This helps protect our community.", ERROR_RATE_LIMITED,
         POLICY_PAUSE},
        {"[youtube] x: Sign in to confirm you\xE2\x80\x99re not a bot. Use --cookies-from-browser", ERROR_RATE_LIMITED,
         POLICY_PAUSE},
        {"[youtube] x: Video unavailable. This content isn\xE2\x80\x99t available, try again later. The current "
         "session "
         "has been rate-limited by YouTube for up to an hour.",
         ERROR_RATE_LIMITED, POLICY_PAUSE},
        {"[youtube] x: Unable to download webpage: HTTP Error 429: Too Many Requests", ERROR_RATE_LIMITED,
         POLICY_PAUSE},
        {"[generic] Unsupported URL: https://example.org/", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"'x' is not a valid URL. Set --default-search", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"[youtube] x: Requested format is not available. Use --list-formats", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"[x] x: No video formats found!", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"[x] x: This video is DRM protected", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"The requested site is known to use DRM protection.", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        /* Messages about the session or the program, not about the video. */
        {"[youtube] x: Video unavailable. YouTube is requiring a captcha challenge before playback", ERROR_RATE_LIMITED,
         POLICY_PAUSE},
        {"[youtube] x: All player responses are invalid. Your IP is likely being blocked by Youtube",
         ERROR_RATE_LIMITED, POLICY_PAUSE},
        {"[youtube] x: Unable to download API page: HTTP Error 403: Forbidden (caused by <HTTPError 403: Forbidden>)",
         ERROR_RATE_LIMITED, POLICY_PAUSE},
        {"[youtube] x: Unable to download webpage: HTTP Error 402: Payment Required", ERROR_RATE_LIMITED, POLICY_PAUSE},
        {"[youtube] x: The following content is not available on this app.. Watch on the latest version of YouTube.",
         ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"[youtube] x: Video unavailable. Playback on other websites has been disabled by the video owner",
         ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"[youtube] x: Video unavailable. This content isn\xE2\x80\x99t available.", ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"[youtube] x: Video unavailable. An error occurred. Please try again later.", ERROR_RESOLVER,
         POLICY_RETRY_ONCE},
        {"[youtube] x: This video is unavailable. Error code: 152 - 18", ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"[youtube] x: The page needs to be reloaded.", ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"[youtube] x: Failed to extract any player response; please report this issue on  "
         "https://github.com/yt-dlp/yt-dlp/issues?q= , filling out the appropriate issue template.",
         ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"[youtube] x: Video unavailable. This video is restricted. Please check the Google Workspace administrator "
         "and/or the network administrator restrictions.",
         ERROR_FORBIDDEN, POLICY_GIVE_UP},
        {"[youtube] x: Video unavailable. We're processing this video. Check back later.", ERROR_RESOLVER,
         POLICY_GIVE_UP},
        {"[youtube] x: Premiere will begin shortly", ERROR_RESOLVER, POLICY_GIVE_UP},
        {"[youtube] x: This live event has ended.", ERROR_RESOLVER, POLICY_GIVE_UP},
        {"[youtube] x: The following content may contain suicide or self-harm topics.. Viewer discretion is advised",
         ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
        {"[youtube] x: Sign in to confirm your age. This video may be inappropriate for some users. Use "
         "--cookies-from-browser or --cookies for the authentication. See  https://github.com/yt-dlp/yt-dlp/wiki/FAQ"
         "#how-do-i-pass-cookies-to-yt-dlp  for how to manually pass cookies. Also see  "
         "https://github.com/yt-dlp/yt-dlp/wiki/Extractors#exporting-youtube-cookies",
         ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
        {"[youtube] x: Private video. Sign in if you've been granted access to this video. Use --cookies-from-browser "
         "or --cookies for the authentication.",
         ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: This video has been removed for violating YouTube's policy on spam, deceptive practices, and "
         "scams",
         ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: Video unavailable. This video is no longer available due to a copyright claim by Somebody",
         ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] x: Unable to download API page: HTTPSConnection(host='www.youtube.com', port=443): Failed to "
         "resolve 'www.youtube.com' ([Errno -3] Temporary failure in name resolution) (caused by TransportError())",
         ERROR_NETWORK, POLICY_RETRY},
        {"[youtube] x: Unable to download API page: ('Connection aborted.', ConnectionResetError(104, 'Connection "
         "reset by peer'))",
         ERROR_NETWORK, POLICY_RETRY},
        /* URLs and ids that look like words. */
        {"[generic] Unsupported URL: https://example.org/captcha/too many requests", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"[generic] x: No video formats found at https://example.org/captcha", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"'captcha' is not a valid URL. Set --default-search", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"[youtube] xDRMx_abcd1: Unable to download webpage: HTTP Error 503: x", ERROR_SERVER, POLICY_RETRY},
        {"[youtube] captcha_xyz: Private video", ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube:tab] captcha_xyz: Private video", ERROR_GONE, POLICY_GIVE_UP},
        {"[youtube] no id here, but a captcha", ERROR_RATE_LIMITED, POLICY_PAUSE},
        {"[youtube", ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"[youtube:truncated_id] x: Incomplete YouTube ID x. URL looks truncated.", ERROR_GONE, POLICY_GIVE_UP},
        {"[generic] x: Unable to download webpage: HTTP Error 404: Not Found", ERROR_GONE, POLICY_GIVE_UP},
        {"[generic] x: Unable to download webpage: HTTP Error 403: Forbidden", ERROR_FORBIDDEN, POLICY_GIVE_UP},
        {"[generic] x: Unable to download webpage: HTTP Error 503: Service Unavailable", ERROR_SERVER, POLICY_RETRY},
        {"[youtube] x: Unable to download webpage: <urlopen error [Errno -2] Name or service not known>", ERROR_NETWORK,
         POLICY_RETRY},
        {"[youtube] x: Unable to download webpage: <urlopen error [Errno 111] Connection refused>", ERROR_NETWORK,
         POLICY_RETRY},
        {"[youtube] x: Unable to download API page: The read operation timed out", ERROR_TIMEOUT, POLICY_RETRY},
        {"[youtube] x: Unable to download webpage: Remote end closed connection without response", ERROR_NETWORK,
         POLICY_RETRY},
        {"[x] x: Login required", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
        {"Traceback (most recent call last):", ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"", ERROR_RESOLVER, POLICY_RETRY_ONCE},
    };
    struct verdict verdict;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct resolver_outcome outcome = {.exit_status = 1};

        strcpy(outcome.said, cases[i].said);
        policy_resolver(&outcome, &verdict);
        if (verdict.error.word != cases[i].word || verdict.kind != cases[i].kind)
            fail_msg("\"%s\": %s, %d", cases[i].said, error_word_name(verdict.error.word), verdict.kind);
    }
}

static void how_resolvers_end(void **state)
{
    static const struct {
        struct resolver_outcome outcome;
        enum policy_kind kind;
        const char *message; /* part of it */
    } cases[] = {
        {{.exit_status = 0}, POLICY_GOOD, ""},
        {{.exit_status = 0, .no_json = true}, POLICY_RETRY_ONCE, "no JSON"},
        {{.exit_status = -1, .signal = 11}, POLICY_RETRY_ONCE, "signal 11"},
        {{.exit_status = -1, .hung = true}, POLICY_RETRY_ONCE, "in time"},
        {{.exit_status = -1, .endless = true}, POLICY_RETRY_ONCE, "more than"},
        {{.exit_status = 127}, POLICY_RETRY_ONCE, "status 127"},
    };
    struct verdict verdict;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        policy_resolver(&cases[i].outcome, &verdict);
        assert_int_equal(verdict.kind, cases[i].kind);
        assert_non_null(strstr(verdict.error.message, cases[i].message));
        if (cases[i].kind != POLICY_GOOD)
            assert_int_equal(verdict.error.word, ERROR_RESOLVER);
    }
}

static void how_often(void **state)
{
    static const struct {
        enum policy_kind kind;
        int retries, tries;
        bool resolved_again, again;
    } cases[] = {
        {POLICY_GIVE_UP, 5, 0, false, false},    {POLICY_GOOD, 5, 0, false, false},
        {POLICY_RETRY, 5, 0, false, true},       {POLICY_RETRY, 5, 4, false, true},
        {POLICY_RETRY, 5, 5, false, false},      {POLICY_RETRY, 0, 0, false, false},
        {POLICY_RETRY_ONCE, 5, 0, false, true},  {POLICY_RETRY_ONCE, 5, 1, false, false},
        {POLICY_RETRY_ONCE, 0, 0, false, false}, {POLICY_PAUSE, 5, 4, false, true},
        {POLICY_PAUSE, 5, 5, false, false},      {POLICY_EXPIRED, 0, 0, false, true},
        {POLICY_EXPIRED, 5, 0, true, false},     {POLICY_EXPIRED, 5, 5, false, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct verdict verdict = {.kind = cases[i].kind};
        struct policy_limits limits = {.retries = cases[i].retries, .delay = 1};

        assert_int_equal(policy_again(&verdict, &limits, cases[i].tries, cases[i].resolved_again), cases[i].again);
    }
}

static void how_long(void **state)
{
    struct policy_limits limits = {.retries = 5, .delay = 2};

    (void)state;
    for (int tries = 0; tries < 100; tries++) {
        double middle = tries < 8 ? 2 * (1 << tries) : POLICY_DELAY_MAX;

        middle = middle > POLICY_DELAY_MAX ? POLICY_DELAY_MAX : middle;
        assert_near(policy_delay(&limits, tries, 0), middle / 2);
        assert_near(policy_delay(&limits, tries, 0.5), middle * 0.75);
        assert_true(policy_delay(&limits, tries, 0.999) < middle);
    }
    limits.delay = 0;
    assert_near(policy_delay(&limits, 50, 0.3), 0);
}

static void until_it_is_available(void **state)
{
    static const struct {
        double available_at, now, wait;
    } cases[] = {
        {0, 1764000000, 0},
        {1764000000, 1764000000.5, 0},
        {1764000000, 1763999990.5, 9.5},
        {1764000000, 1763999400, 600},
        {1764000000, 1763000000, POLICY_WAIT_MAX},
        {1e300, 1764000000, POLICY_WAIT_MAX},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_near(policy_wait(cases[i].available_at, cases[i].now), cases[i].wait);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses),          cmocka_unit_test(retry_after),
        cmocka_unit_test(all_statuses),      cmocka_unit_test(curl_codes),
        cmocka_unit_test(local_failures),    cmocka_unit_test(what_resolvers_say),
        cmocka_unit_test(how_resolvers_end), cmocka_unit_test(how_often),
        cmocka_unit_test(how_long),          cmocka_unit_test(until_it_is_available),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
