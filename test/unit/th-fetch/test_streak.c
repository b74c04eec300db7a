/* Rows of failures as a run has them, and what is done about the last one. */
#include "th-fetch/policy/streak.h"

#include <stdio.h>
#include <string.h>

#include "test/unit/unit.h"

enum { PATIENCE = 30 };

/* A failure of a video for the last time, at `now`. */
static enum streak_result fail_for_good(struct streak *streak, const char *id, enum error_word word,
                                        const char *message, double now)
{
    struct error error = {.word = word};
    struct streak_failure failure = {
        .id = id, .url = "https://example.org/x", .error = &error, .is_last = true, .start = now};

    snprintf(error.message, sizeof error.message, "%s", message);
    return streak_add(streak, &failure, now);
}

/* The same for a video that is tried again. */
static enum streak_result fail_for_now(struct streak *streak, const char *id, enum error_word word, double now)
{
    struct error error = {.word = word, .message = "why"};
    struct streak_failure failure = {.id = id, .url = "https://example.org/x", .error = &error, .start = now};

    return streak_add(streak, &failure, now);
}

/* count videos that fail alike: the result of the last one, after `before` for all before. */
static enum streak_result fail_often(struct streak *streak, int count, enum error_word word, enum streak_result before)
{
    char id[32], message[64];

    for (int i = 1; i < count; i++) {
        snprintf(id, sizeof id, "id_%d", i);
        snprintf(message, sizeof message, "[site] %s: failed", id);
        assert_int_equal(fail_for_good(streak, id, word, message, 0), before);
    }
    snprintf(message, sizeof message, "[site] last: failed");
    return fail_for_good(streak, "last", word, message, 0);
}

static void equal_failures_in_a_row(void **state)
{
    static const struct {
        enum streak_source source;
        enum error_word word;
        bool has_served;
        int count;
        enum streak_result before, last;
        enum error_word blame;
    } cases[] = {
        {STREAK_PAGES, ERROR_GONE, false, 20, STREAK_HOLD, STREAK_STOP, ERROR_RESOLVER},
        {STREAK_PAGES, ERROR_GONE, true, 20, STREAK_HOLD, STREAK_STOP, ERROR_RESOLVER},
        {STREAK_PAGES, ERROR_FORBIDDEN, true, 20, STREAK_HOLD, STREAK_STOP, ERROR_RESOLVER},
        {STREAK_PAGES, ERROR_LOGIN_REQUIRED, true, 20, STREAK_HOLD, STREAK_STOP, ERROR_RESOLVER},
        {STREAK_PAGES, ERROR_NO_FORMAT, true, 20, STREAK_HOLD, STREAK_STOP, ERROR_RESOLVER},
        {STREAK_PAGES, ERROR_RESOLVER, true, 10, STREAK_NONE, STREAK_STOP, ERROR_RESOLVER},
        {STREAK_PAGES, ERROR_NETWORK, true, 5, STREAK_NONE, STREAK_STOP, ERROR_NETWORK},
        {STREAK_PAGES, ERROR_TIMEOUT, true, 5, STREAK_NONE, STREAK_STOP, ERROR_TIMEOUT},
        {STREAK_PAGES, ERROR_RELICENSED, false, 100, STREAK_NONE, STREAK_NONE, ERROR_NONE},
        {STREAK_PAGES, ERROR_SERVER, false, 100, STREAK_NONE, STREAK_NONE, ERROR_NONE},
        {STREAK_MEDIA, ERROR_FORBIDDEN, false, 5, STREAK_HOLD, STREAK_PAUSE, ERROR_RATE_LIMITED},
        {STREAK_MEDIA, ERROR_FORBIDDEN, true, 5, STREAK_HOLD, STREAK_PAUSE, ERROR_RATE_LIMITED},
        {STREAK_MEDIA, ERROR_GONE, true, 5, STREAK_HOLD, STREAK_PAUSE, ERROR_RATE_LIMITED},
        {STREAK_MEDIA, ERROR_LOGIN_REQUIRED, true, 5, STREAK_HOLD, STREAK_PAUSE, ERROR_RATE_LIMITED},
        {STREAK_MEDIA, ERROR_DISK_FULL, true, 100, STREAK_NONE, STREAK_NONE, ERROR_NONE},
        {STREAK_ARCHIVE, ERROR_FORBIDDEN, false, 5, STREAK_HOLD, STREAK_PAUSE, ERROR_RATE_LIMITED},
        {STREAK_ARCHIVE, ERROR_FORBIDDEN, true, 100, STREAK_NONE, STREAK_NONE, ERROR_NONE},
        {STREAK_ARCHIVE, ERROR_GONE, false, 20, STREAK_HOLD, STREAK_MARK, ERROR_SERVER},
        {STREAK_ARCHIVE, ERROR_GONE, true, 100, STREAK_NONE, STREAK_NONE, ERROR_NONE},
        {STREAK_ARCHIVE, ERROR_NETWORK, true, 5, STREAK_NONE, STREAK_STOP, ERROR_NETWORK},
    };
    const struct error last = {.message = "the last one's message"};
    struct streak streak;
    struct error blame;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        streak_init(&streak, cases[i].source, PATIENCE);
        if (cases[i].has_served)
            streak_served(&streak);
        enum streak_result result = fail_often(&streak, cases[i].count, cases[i].word, cases[i].before);
        if (result != cases[i].last)
            fail_msg("row %zu: %d", i, result);
        if (cases[i].blame == ERROR_NONE)
            continue;
        assert_true(streak_is_blamed(&streak));
        streak_blame(&streak, &last, &blame);
        assert_int_equal(blame.word, cases[i].blame);
        assert_int_equal(error_word_class(blame.word), ERROR_CLASS_TRANSIENT);
        assert_non_null(strstr(blame.message, last.message));
        assert_true(result == STREAK_PAUSE || streak_advice(&streak));
        /* The next one, too, until something succeeds. */
        assert_int_equal(fail_for_good(&streak, "next", cases[i].word, "[site] next: failed", 0), cases[i].last);
        streak_served(&streak);
        assert_false(streak_is_blamed(&streak));
    }
}

static void a_success_begins_anew(void **state)
{
    struct streak streak;

    (void)state;
    streak_init(&streak, STREAK_MEDIA, PATIENCE);
    for (int i = 0; i < 100; i++) {
        if (i % 4 == 0)
            streak_served(&streak);
        assert_int_equal(fail_for_good(&streak, "x", ERROR_FORBIDDEN, "403", 0), STREAK_HOLD);
    }
}

/* Each after "[youtube] abc: Video unavailable" of another video, abc. */
static void what_is_equal(void **state)
{
    static const struct {
        const char *id, *url, *message;
        enum error_word word;
        bool continues;
    } cases[] = {
        {"xyz", "https://a/2", "[youtube] xyz: Video unavailable", ERROR_GONE, true},
        {"x-1", "https://a/2", "[youtube] x-1: Video unavailable", ERROR_GONE, true},
        {"x", "https://a/2", "[youtube] x: Video unavailable https://a/x", ERROR_GONE, true},
        {"x", "https://a/2", "[youtube] x: Video unavailable (at 0x7f31)", ERROR_GONE, false},
        {"x", "https://a/2", "[youtube] x: Video unavailable. It is private", ERROR_GONE, false},
        {"x", "https://a/2", "[youtube] y: Video unavailable", ERROR_GONE, false},
        {"x", "https://a/2", "[youtube] x: Video unavailable", ERROR_FORBIDDEN, false},
        {"x", "https://other/2", "[youtube] x: Video unavailable", ERROR_GONE, false},
        {"x", "https://a/2", "out of order", ERROR_SERVER, true}, /* tells nothing */
        {"x", "https://a/2", "[youtube] x: no network", ERROR_NETWORK, false},
    };
    struct error first = {.word = ERROR_GONE, .message = "[youtube] abc: Video unavailable"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct streak streak;
        struct error error = {.word = cases[i].word};
        struct streak_failure before = {.id = "abc", .url = "https://a/1", .error = &first, .is_last = true};
        struct streak_failure next = {.id = cases[i].id, .url = cases[i].url, .error = &error, .is_last = true};

        snprintf(error.message, sizeof error.message, "%s", cases[i].message);
        streak_init(&streak, STREAK_PAGES, PATIENCE);
        assert_int_equal(streak_add(&streak, &before, 0), STREAK_HOLD);
        if (streak_continues(&streak, &next) != cases[i].continues)
            fail_msg("\"%s\" of %s", cases[i].message, cases[i].id);
    }
}

/* Five requests of two videos or more, during 30 seconds. */
static void connections_have_some_time(void **state)
{
    static const struct {
        const char *ids; /* of one character each, one request a second */
        double patience;
        int stops_at; /* the request, from 1; 0: never */
    } cases[] = {
        {"aaaaaaaaaa", 0, 0}, {"abababab", 0, 5}, {"aaaaaaab", 0, 8},  {"abab", 0, 0},
        {"abababab", 6, 7},   {"abcdefgh", 6, 7}, {"abababab", 30, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct streak streak;
        int stops_at = 0;

        streak_init(&streak, STREAK_PAGES, cases[i].patience);
        for (int at = 0; cases[i].ids[at] && stops_at == 0; at++) {
            char id[2] = {cases[i].ids[at]};

            /* Other words: what fails without a connection may be one thing or another. */
            if (fail_for_now(&streak, id, at % 2 ? ERROR_NETWORK : ERROR_TIMEOUT, at) == STREAK_STOP)
                stops_at = at + 1;
        }
        if (stops_at != cases[i].stops_at)
            fail_msg("%s, %g: stops at %d", cases[i].ids, cases[i].patience, stops_at);
    }
}

static void tries_that_are_not_the_last_do_not_count(void **state)
{
    struct streak streak;

    (void)state;
    streak_init(&streak, STREAK_PAGES, PATIENCE);
    for (int i = 0; i < 100; i++)
        assert_int_equal(fail_for_now(&streak, i % 2 ? "a" : "b", ERROR_RESOLVER, i), STREAK_NONE);
}

/* A few refusals, and nothing else in the whole run. */
static void when_nothing_follows(void **state)
{
    static const struct {
        enum streak_source source;
        enum error_word word;
        bool has_served, blame;
    } cases[] = {
        {STREAK_MEDIA, ERROR_FORBIDDEN, false, true}, {STREAK_MEDIA, ERROR_LOGIN_REQUIRED, false, true},
        {STREAK_MEDIA, ERROR_FORBIDDEN, true, false}, {STREAK_MEDIA, ERROR_GONE, false, false},
        {STREAK_PAGES, ERROR_GONE, false, false},     {STREAK_ARCHIVE, ERROR_FORBIDDEN, false, false},
        {STREAK_ARCHIVE, ERROR_GONE, false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct streak streak;

        streak_init(&streak, cases[i].source, PATIENCE);
        assert_false(streak_ends_in_blame(&streak));
        if (cases[i].has_served)
            streak_served(&streak);
        fail_for_good(&streak, "x", cases[i].word, "no", 0);
        if (streak_ends_in_blame(&streak) != cases[i].blame)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_failures_in_a_row),
        cmocka_unit_test(a_success_begins_anew),
        cmocka_unit_test(what_is_equal),
        cmocka_unit_test(connections_have_some_time),
        cmocka_unit_test(tries_that_are_not_the_last_do_not_count),
        cmocka_unit_test(when_nothing_follows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
