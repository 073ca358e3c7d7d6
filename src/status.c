#include "httpserve.h"

#include <stddef.h>

static const struct {
	int		 status;
	const char	*text;
} statuses[] = {
	{ HTTP_CONTINUE, "Continue" },
	{ HTTP_OK, "OK" },
	{ HTTP_CREATED, "Created" },
	{ HTTP_ACCEPTED, "Accepted" },
	{ HTTP_NO_CONTENT, "No Content" },
	{ HTTP_RESET_CONTENT, "Reset Content" },
	{ HTTP_PARTIAL_CONTENT, "Partial Content" },
	{ HTTP_MOVED_PERMANENTLY, "Moved Permanently" },
	{ HTTP_FOUND, "Found" },
	{ HTTP_SEE_OTHER, "See Other" },
	{ HTTP_NOT_MODIFIED, "Not Modified" },
	{ HTTP_TEMPORARY_REDIRECT, "Temporary Redirect" },
	{ HTTP_PERMANENT_REDIRECT, "Permanent Redirect" },
	{ HTTP_BAD_REQUEST, "Bad Request" },
	{ HTTP_UNAUTHORIZED, "Unauthorized" },
	{ HTTP_FORBIDDEN, "Forbidden" },
	{ HTTP_NOT_FOUND, "Not Found" },
	{ HTTP_METHOD_NOT_ALLOWED, "Method Not Allowed" },
	{ HTTP_NOT_ACCEPTABLE, "Not Acceptable" },
	{ HTTP_REQUEST_TIMEOUT, "Request Timeout" },
	{ HTTP_CONFLICT, "Conflict" },
	{ HTTP_GONE, "Gone" },
	{ HTTP_LENGTH_REQUIRED, "Length Required" },
	{ HTTP_PRECONDITION_FAILED, "Precondition Failed" },
	{ HTTP_CONTENT_TOO_LARGE, "Content Too Large" },
	{ HTTP_URI_TOO_LONG, "URI Too Long" },
	{ HTTP_UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type" },
	{ HTTP_RANGE_NOT_SATISFIABLE, "Range Not Satisfiable" },
	{ HTTP_EXPECTATION_FAILED, "Expectation Failed" },
	{ HTTP_MISDIRECTED_REQUEST, "Misdirected Request" },
	{ HTTP_UPGRADE_REQUIRED, "Upgrade Required" },
	{ HTTP_TOO_MANY_REQUESTS, "Too Many Requests" },
	{ HTTP_FIELDS_TOO_LARGE, "Request Header Fields Too Large" },
	{ HTTP_INTERNAL_SERVER_ERROR, "Internal Server Error" },
	{ HTTP_NOT_IMPLEMENTED, "Not Implemented" },
	{ HTTP_BAD_GATEWAY, "Bad Gateway" },
	{ HTTP_SERVICE_UNAVAILABLE, "Service Unavailable" },
	{ HTTP_GATEWAY_TIMEOUT, "Gateway Timeout" },
	{ HTTP_VERSION_NOT_SUPPORTED, "HTTP Version Not Supported" },
};

const char *
http_status_text(int status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "Unknown";
}
