/* What is sent back. */
#ifndef TEST_SERVER_REPLY_H
#define TEST_SERVER_REPLY_H

#include "request.h"

/* Bytes that a body is sent by at a time. */
enum { REPLY_BLOCK = 64 * 1024 };

/* Sends what the request asks for, with the faults that it asks for; its name may change on the way. */
enum MHD_Result reply_to(struct request *request);

/* Sends a small page that is no video. */
enum MHD_Result reply_text(const struct request *request, unsigned int status);

#endif
