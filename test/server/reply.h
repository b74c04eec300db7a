/* The answers of the server. */
#ifndef TEST_SERVER_REPLY_H
#define TEST_SERVER_REPLY_H

#include "request.h"

/* Bytes of a body that are sent at a time. */
enum { REPLY_BLOCK = 64 * 1024 };

/* Sends the requested file with the requested faults; may change the request's name. */
enum MHD_Result reply_to(struct request *request);

/* Sends a small web page instead of a video. */
enum MHD_Result reply_text(const struct request *request, unsigned int status);

#endif
