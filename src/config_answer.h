/* What answers in a section: one of root, redirect, respond and gone. */
#ifndef CONFIG_ANSWER_H
#define CONFIG_ANSWER_H

#include "httpserve.h"

struct config_faults;
struct config_handlers;
struct config_section;

enum config_answer {
	ANSWER_NONE,
	ANSWER_ROOT,
	ANSWER_REDIRECT,
	ANSWER_RESPOND,
	ANSWER_GONE
};

/*
 * Which of them a section has, or else the innermost of those around it that
 * has one.  What a section takes back is none further out either.
 */
enum config_answer config_answer_find(const struct config_section *section);

/* Notes where a section has more than one. */
void config_answer_check(const struct config_section *section,
    struct config_faults *faults);

/*
 * The handler of a section's answer, other than a root; without a function
 * where its value, which config_check() has noted, is wrong.
 */
struct http_handler config_answer_make(const struct config_section *section,
    struct config_handlers *handlers, struct config_faults *faults);

/*
 * Notes where a handler is a redirect that takes along what a section's
 * pattern has not.
 */
void config_answer_match(const struct http_handler *handler,
    const struct config_section *section, const char *pattern,
    struct config_faults *faults);

#endif
