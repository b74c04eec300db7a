/* Paths of records, relative to the folder of a set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/stage/record.h"
#include "common/stage/record_path.h"

/* The path of a record with this base (NULL: none), after it was read from manifest. */
static const char *resolved(const char *manifest, const char *base, const char *path)
{
    static char text[200];
    json_t *record = json_pack("{s:s, s:s*}", "path", path, "base", base);

    assert_int_equal(record_path_resolve(record, manifest), 0);
    assert_null(json_object_get(record, "base"));
    snprintf(text, sizeof text, "%s", record_text(record, "path"));
    json_decref(record);
    return text;
}

static void a_record_in_manifests_belongs_to_the_set_that_holds_them(void **state)
{
    (void)state;
    assert_string_equal(resolved("/new/set/manifests/crop.jsonl", "/old/set", "clips/a.mp4"), "/new/set/clips/a.mp4");
    assert_string_equal(resolved("/d/set/manifests/shards/1-of-2/crop.jsonl", "/old", "clips/a.mp4"),
                        "/d/set/clips/a.mp4");
    assert_string_equal(resolved("/manifests/set/manifests/crop.jsonl", "/old", "a.mp4"), "/manifests/set/a.mp4");
    assert_int_equal(chdir("/tmp"), 0);
    assert_string_equal(resolved("manifests/crop.jsonl", "/old", "clips/a.mp4"), "/tmp/clips/a.mp4");
    assert_string_equal(resolved("set/manifests/crop.jsonl", "/old", "clips/a.mp4"), "/tmp/set/clips/a.mp4");
}

static void a_record_of_a_variant_belongs_to_the_set_that_holds_it(void **state)
{
    char folder[] = "/tmp/th.XXXXXX", path[200], wanted[200];

    (void)state;
    assert_non_null(mkdtemp(folder));
    /* The set "small" in a folder of that name. */
    snprintf(path, sizeof path, "%s/variants/small/manifests/crop.jsonl", folder);
    snprintf(wanted, sizeof wanted, "%s/variants/small/clips/a.mp4", folder);
    assert_string_equal(resolved(path, "/old", "clips/a.mp4"), wanted);
    snprintf(path, sizeof path, "%s/manifests", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(wanted, sizeof wanted, "%s/chunks/a.mp4", folder);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/variants/256/manifests/%scrop.jsonl", folder, i ? "shards/1-of-2/" : "");
        assert_string_equal(resolved(path, "/old", "chunks/a.mp4"), wanted);
    }
    snprintf(path, sizeof path, "%s/manifests", folder);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_record_from_elsewhere_belongs_to_its_base(void **state)
{
    (void)state;
    assert_string_equal(resolved("stdin", "/old/set", "clips/a.mp4"), "/old/set/clips/a.mp4");
    assert_string_equal(resolved("/tmp/crop.jsonl", "/old/set", "clips/a.mp4"), "/old/set/clips/a.mp4");
    assert_string_equal(resolved("/tmp/manifests", "/old/set", "clips/a.mp4"), "/old/set/clips/a.mp4");
}

static void absolute_paths_and_records_without_a_base_stay(void **state)
{
    (void)state;
    assert_string_equal(resolved("/d/manifests/crop.jsonl", "/old", "/clips/a.mp4"), "/clips/a.mp4");
    assert_string_equal(resolved("/d/manifests/crop.jsonl", NULL, "clips/a.mp4"), "clips/a.mp4");
}

static void files_below_the_base_are_named_from_it(void **state)
{
    json_t *record = json_pack("{s:s, s:s}", "path", "/d/set/clips/a.mp4", "source", "/d/settings/a.mp4");

    (void)state;
    assert_int_equal(record_path_relate(record, "/d/set"), 0);
    assert_string_equal(record_text(record, "path"), "clips/a.mp4");
    assert_string_equal(record_text(record, "source"), "/d/settings/a.mp4");
    assert_string_equal(record_text(record, "base"), "/d/set");
    json_decref(record);
}

static void files_elsewhere_are_named_absolutely(void **state)
{
    json_t *record = json_pack("{s:s}", "path", "clips/a.mp4");

    (void)state;
    assert_int_equal(chdir("/tmp"), 0);
    assert_int_equal(record_path_relate(record, "/d/set"), 0);
    assert_string_equal(record_text(record, "path"), "/tmp/clips/a.mp4");
    assert_null(json_object_get(record, "base"));
    json_decref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_record_in_manifests_belongs_to_the_set_that_holds_them),
                                       cmocka_unit_test(a_record_of_a_variant_belongs_to_the_set_that_holds_it),
                                       cmocka_unit_test(a_record_from_elsewhere_belongs_to_its_base),
                                       cmocka_unit_test(absolute_paths_and_records_without_a_base_stay),
                                       cmocka_unit_test(files_below_the_base_are_named_from_it),
                                       cmocka_unit_test(files_elsewhere_are_named_absolutely)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
