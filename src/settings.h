/* A server's members with what they mean where they are zero. */
#ifndef SETTINGS_H
#define SETTINGS_H

struct http_server;

void settings_fill_in(struct http_server *settings);

/* Bounds the connections by the limit on descriptors, which is raised first. */
void settings_bound(struct http_server *settings);

#endif
