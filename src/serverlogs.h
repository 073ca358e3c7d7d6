/* What a server's master does for the logs of its children. */
#ifndef SERVERLOGS_H
#define SERVERLOGS_H

struct http_server;
struct logids;
struct scoreboard;

/*
 * These are the server's logs from now on: as logids_set(), or -1 and E2BIG
 * for too many.  A log that is new begins without a past on the board.
 */
int serverlogs_set(struct logids *ids, const struct http_server *settings,
    struct scoreboard *board);

/*
 * A child has died: nobody else may come to its place, and end the lines that
 * it has left in halves.
 */
void serverlogs_lose_child(struct scoreboard *board, unsigned int number);

/* Logs how many lines were lost in the end, if any were. */
void serverlogs_report(struct scoreboard *board);

#endif
