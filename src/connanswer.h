/*
 * A connection's answers: from the response that a handler has left, or one
 * that refuses the request, to the last byte of its body.
 */
#ifndef CONNANSWER_H
#define CONNANSWER_H

#include "conn.h"
#include "connio.h"
#include "httpcodes.h"

/* Pipelined answers leave together, in writes of about this size. */
#define CONN_BATCH_BYTES	65536

/* Begins the answer that stands in the exchange; ends it, if that is all. */
enum conn_step conn_send_answer(struct conn *c);
/* Sends more of its body. */
enum conn_step conn_send_body(struct conn *c);

/*
 * Answers a request that is wrong, as the connection's last: where the next
 * one would begin can't be known.
 */
enum conn_step conn_refuse(struct conn *c, enum http_status status);
/* The same for a head that could not be read at all. */
enum conn_step conn_refuse_head(struct conn *c, enum http_status status);

#endif
