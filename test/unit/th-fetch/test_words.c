#include "th-fetch/source/words.h"

#include <stdio.h>
#include <string.h>

#include "test/unit/unit.h"

static void splits(void **state)
{
    static const struct {
        const char *text, *words; /* each word in <> */
    } cases[] = {
        {"", ""},
        {" \t\n", ""},
        {"yt-dlp", "<yt-dlp>"},
        {"  yt-dlp  --js-runtimes\tnode ", "<yt-dlp><--js-runtimes><node>"},
        {"a b c", "<a><b><c>"},
        {"--extractor-args 'youtube:player_client=web safari'", "<--extractor-args><youtube:player_client=web safari>"},
        {"a\"b c\"d", "<ab cd>"},
        {"'' \"\"", "<><>"},
        {"'a\"b\\c'", "<a\"b\\c>"},
        {"\"a\\\"b\\\\c\\d'e\"", "<a\"b\\c\\d'e>"},
        {"a\\ b \\'c \\\\", "<a b><'c><\\>"},
        {"$HOME `id` $(id) * ~ ; & |", "<$HOME><`id`><$(id)><*><~><;><&><|>"},
    };
    struct words words;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char out[200] = "";

        assert_int_equal(words_split(&words, cases[i].text, &error), 0);
        for (size_t k = 0; k < words.count; k++)
            snprintf(out + strlen(out), sizeof out - strlen(out), "<%s>", words.list[k]);
        assert_null(words.list[words.count]);
        words_clear(&words);
        if (strcmp(out, cases[i].words) != 0)
            fail_msg("'%s' became %s", cases[i].text, out);
    }
}

static void a_quote_that_is_not_closed(void **state)
{
    static const char *const cases[] = {"'", "a \"b", "\"a\\\"", "a 'b\" c", "a\\"};
    struct words words;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(words_split(&words, cases[i], &error), -1);
        assert_int_equal(error.word, ERROR_BAD_ID);
        assert_non_null(strstr(error.message, cases[i]));
        assert_null(words.memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(splits), cmocka_unit_test(a_quote_that_is_not_closed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
