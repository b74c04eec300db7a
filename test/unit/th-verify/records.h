/* Records for tests, written as text. */
#ifndef TEST_UNIT_TH_VERIFY_RECORDS_H
#define TEST_UNIT_TH_VERIFY_RECORDS_H

#include <jansson.h>

#include "test/unit/unit.h"

#include "th-verify/report/item_table.h"

/* Adds the record in text; fails the test when it is not a record. */
static inline enum item_table_result take_text(struct item_table *table, const char *text, bool is_final)
{
    json_t *record = json_loads(text, 0, NULL);
    enum item_table_result result;
    struct record_head head;
    struct error error;

    assert_non_null(record);
    assert_int_equal(record_read_head(record, &head, &error), 0);
    result = item_table_add(table, record, &head, is_final);
    json_decref(record);
    return result;
}

/* A record of "stage kind key status", and further members. */
#define RECORD(stage, kind, key, status, members)                                                                      \
    "{\"stage\": \"" stage "\", \"kind\": \"" kind "\", \"key\": \"" key "\", \"status\": \"" status "\"" members "}"

#endif
