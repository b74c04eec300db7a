#include "th-fetch/policy/warning.h"

#include <stdio.h>
#include <string.h>

#include "test/unit/unit.h"

/* Warnings as yt-dlp 2023.03.04 to 2026.08.19 print them. */
static void causes(void **state)
{
    static const struct {
        const char *text, *cause; /* a part of it; NULL: the warning is none of the table */
    } cases[] = {
        {"[youtube] The provided YouTube account cookies are no longer valid. They have likely been rotated",
         "export the cookies again"},
        {"[youtube] No supported JavaScript runtime could be found. Only deno is enabled by default; to use another",
         "no JavaScript runtime"},
        {"[youtube] [jsc] Remote component challenge solver script (deno) was skipped. It may be required to solve JS "
         "challenges. You can enable",
         "yt-dlp-ejs"},
        {"[youtube] [jsc:deno] Failed to load challenge solver lib script from python package: x", "yt-dlp-ejs"},
        {"[youtube] [jsc:deno] Challenge solver core script version 0.1 is not supported (source", "yt-dlp-ejs"},
        {"[youtube] x: n challenge solving failed: Some formats may be missing. Ensure you have a supported JavaScript "
         "runtime and challenge solver script distribution installed.",
         "did not solve"},
        {"[youtube] x: Signature solving failed: Some formats may be missing.", "did not solve"},
        {"[youtube] [jsc] Error solving n challenge request using \"deno\" provider: x", "did not solve"},
        {"[youtube] x: nsig extraction failed: Some formats may be missing", "did not solve"},
        {"[youtube] x: Signature extraction failed: Some formats may be missing", "did not solve"},
        {"[youtube] x: Some tv client https formats have been skipped as they are missing a URL. YouTube may have "
         "enabled the SABR-only streaming experiment for the current session.",
         "SABR"},
        {"[youtube] x: ios client https formats require a GVS PO Token which was not provided. They will be skipped",
         "PO token"},
        {"[youtube] Unable to fetch GVS PO Token for mweb client: Missing required Visitor Data.", "PO token"},
        {"[youtube] x: Some web client subtitles require a PO Token which was not provided.", NULL},
        {"[youtube] x: Some tv client https formats have been skipped as they are DRM protected.", "skipped formats"},
        {"[youtube] Skipping player responses from web clients (got player responses for video \"a\"", "skipped"},
        {"Only images are available for download. use --list-formats to see them", "skipped"},
        {"[youtube] Incomplete data received in embedded initial data; re-fetching using API.", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct warning *warning = warning_find(cases[i].text);

        if (!warning != !cases[i].cause || (warning && !strstr(warning->cause, cases[i].cause)))
            fail_msg("'%s': %s", cases[i].text, warning ? warning->cause : "none");
    }
}

static void the_cause_counts_more_than_what_it_leads_to(void **state)
{
    const struct warning *runtime = warning_find("No supported JavaScript runtime could be found");
    const struct warning *skipped = warning_find("formats have been skipped");

    (void)state;
    assert_ptr_equal(warning_first(runtime, skipped), runtime);
    assert_ptr_equal(warning_first(skipped, runtime), runtime);
    assert_ptr_equal(warning_first(NULL, runtime), runtime);
    assert_ptr_equal(warning_first(runtime, NULL), runtime);
    assert_null(warning_first(NULL, NULL));
}

static void explained(void **state)
{
    static const char runtime[] = "No supported JavaScript runtime could be found", url[] = "missing a URL",
                      cookies[] = "cookies are no longer valid";
    static const struct {
        const char *said, *warning; /* NULL: none */
        enum error_word word;
        enum policy_kind kind;
    } cases[] = {
        {"Requested format is not available", NULL, ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"Requested format is not available", "nothing to see", ERROR_NO_FORMAT, POLICY_GIVE_UP},
        {"Requested format is not available", runtime, ERROR_RESOLVER, POLICY_GIVE_UP},
        {"Requested format is not available", url, ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"No video formats found!", url, ERROR_RESOLVER, POLICY_RETRY_ONCE},
        {"Private video", runtime, ERROR_GONE, POLICY_GIVE_UP},
        {"Sign in to confirm your age", runtime, ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
        {"Sign in to confirm your age", cookies, ERROR_RESOLVER, POLICY_GIVE_UP},
        {"Sign in to confirm you are not a bot", cookies, ERROR_RESOLVER, POLICY_GIVE_UP},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct warning *warning = cases[i].warning ? warning_find(cases[i].warning) : NULL;
        struct resolver_outcome outcome = {.exit_status = 1};
        struct verdict verdict;

        snprintf(outcome.said, sizeof outcome.said, "[youtube] x: %s", cases[i].said);
        policy_resolver(&outcome, &verdict);
        warning_explain(warning, &verdict);
        if (verdict.error.word != cases[i].word || verdict.kind != cases[i].kind)
            fail_msg("%s, %s: %s", cases[i].said, cases[i].warning, error_word_name(verdict.error.word));
        assert_non_null(strstr(verdict.error.message, cases[i].said));
        assert_true(verdict.error.word != ERROR_RESOLVER || strstr(verdict.error.message, warning->cause));
    }
}

static void a_good_answer_stays_good(void **state)
{
    struct verdict verdict = {.kind = POLICY_GOOD};

    (void)state;
    warning_explain(warning_find("cookies are no longer valid"), &verdict);
    assert_int_equal(verdict.kind, POLICY_GOOD);
    assert_int_equal(verdict.error.word, ERROR_NONE);
}

static void without_ids(void **state)
{
    static const struct {
        const char *text, *id, *clean;
    } cases[] = {
        {"[youtube] dQw4w9WgXcQ: n challenge solving failed", "dQw4w9WgXcQ", "n challenge solving failed"},
        {"[youtube] dQw4w9WgXcQ: dQw4w9WgXcQ: web formats", "dQw4w9WgXcQ", ": web formats"},
        {"got \"dQw4w9WgXcQ\" twice, dQw4w9WgXcQ", "dQw4w9WgXcQ", "got \"\" twice, "},
        {"[youtube] a: a warning, and more", "a", " warning, and more"},
        {"[youtube] No runtime", "x", "[youtube] No runtime"},
        {"", "x", ""},
    };
    char out[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        warning_clean(out, sizeof out, cases[i].text, cases[i].id);
        if (strcmp(out, cases[i].clean) != 0)
            fail_msg("'%s' became '%s'", cases[i].text, out);
    }
}

static void without_numbers(void **state)
{
    char one[] = "Retrying (1/3) after 10 s", other[] = "Retrying (2/3) after 200 s";

    (void)state;
    warning_generalize(one);
    warning_generalize(other);
    assert_string_equal(one, "Retrying (0/0) after 0 s");
    assert_string_equal(one, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(causes),      cmocka_unit_test(the_cause_counts_more_than_what_it_leads_to),
        cmocka_unit_test(explained),   cmocka_unit_test(a_good_answer_stays_good),
        cmocka_unit_test(without_ids), cmocka_unit_test(without_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
