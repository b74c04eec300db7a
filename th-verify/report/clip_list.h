/* The list of clips that passed, for training: JSON Lines with what each shows, where it comes from, and whose it is
 * (th-manifest(5), FILES). */
#ifndef TH_VERIFY_REPORT_CLIP_LIST_H
#define TH_VERIFY_REPORT_CLIP_LIST_H

#include <jansson.h>

#include "common/error.h"
#include "common/stage/record.h"
#include "th-verify/report/item_table.h"

struct clip_list;

/* A list for the file path, which must outlive it. NULL when out of memory. */
struct clip_list *clip_list_alloc(const char *path);

/* Frees and leaves NULL; takes NULL. A file that is not committed is removed. */
void clip_list_free(struct clip_list **list);

/* Remembers what a record of th-split says of its chunk; of several the last counts. All records are noted, and added
 * to the table, before the first one is written. 0, or -1 when out of memory. */
int clip_list_note(struct clip_list *list, const json_t *record, const struct record_head *head);

/* Opens the file; it gets its name with clip_list_commit. 0, or -1 and error. */
int clip_list_open(struct clip_list *list, struct error *error);

/* Writes the line of a clip that passed, with what the table knows of its video; nothing for other records. Changes the
 * paths of the record. 0, or -1 and error. */
int clip_list_write(struct clip_list *list, const struct item_table *table, json_t *record,
                    const struct record_head *head, struct error *error);

int clip_list_commit(struct clip_list *list, struct error *error);

#endif
