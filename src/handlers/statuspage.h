/* The forms of what a server does: each writes a snapshot into a buffer. */
#ifndef STATUSPAGE_H
#define STATUSPAGE_H

struct buffer;
struct snapshot;

struct statuspage_format {
	const char	*type;		/* media type */
	const char	*policy;	/* for Content-Security-Policy */
	/* 0, or -1 and ENOMEM. */
	int		(*write)(struct buffer *out, const struct snapshot *s);
};

/* For people: loads itself anew, needs no script and nothing from elsewhere. */
extern const struct statuspage_format statuspage_html;
/* For Prometheus: its text exposition format, version 0.0.4. */
extern const struct statuspage_format statuspage_metrics;
/* For other programs; the members are in httpserve(8). */
extern const struct statuspage_format statuspage_json;

#endif
