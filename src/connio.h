/*
 * A connection's reading and writing: the steps of its machine that touch the
 * socket.  Sockets are watched by edge, so each goes on until EAGAIN, or until
 * it is clear that this would come next.
 */
#ifndef CONNIO_H
#define CONNIO_H

#include <stdbool.h>

#include "conn.h"

/* What a step of the machine asks for. */
enum conn_step {
	STEP_ON,		/* another step */
	STEP_WAIT,		/* an event, or a deadline */
	STEP_YIELD,		/* another turn */
	STEP_BREAK,		/* the end: the body can't be had */
	STEP_CLOSE
};

void conn_set_deadline(struct conn *c, struct deadline_queue *q);
void conn_start_deadline(struct conn *c, struct deadline_queue *q);

/* Sends what is in out; more says that a file follows. */
enum conn_step conn_flush(struct conn *c, bool more);

/* Reads once into the exchange. */
enum conn_step conn_fill(struct conn *c);

/*
 * Sends what there is, then reads; waits under q when there is nothing.  That
 * is renewed by what comes in, or it is for all that comes.
 */
enum conn_step conn_read_more(struct conn *c, struct deadline_queue *q);
enum conn_step conn_read_till(struct conn *c, struct deadline_queue *q);

/* Sends the next piece of the answer's file; puts one of its source in out. */
enum conn_step conn_send_file(struct conn *c);
enum conn_step conn_pump_source(struct conn *c);

/* Whether the peer has got all that was sent, and has sent nothing more. */
bool conn_is_received(const struct conn *c);

/* Has closing it send a reset, which is no end that a body could have. */
void conn_reset_at_close(const struct conn *c);

/* Sends what is left, and ends the connection so that this arrives. */
enum conn_step conn_end(struct conn *c);

/* Reads what the peer still sends, until it has seen our end. */
enum conn_step conn_linger(struct conn *c);

#endif
