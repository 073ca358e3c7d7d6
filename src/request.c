#include "request.h"

#include <string.h>
#include <strings.h>

/* Both headers have an enum of this name; here it is ours. */
#define http_status http_parser_status
#include <http_parser.h>
#undef http_status

#include "request_lines.h"
#include "uri.h"

/* A body's memory is kept for the next one up to this size. */
#define BODY_KEEP_BYTES 65536

/* http-parser's callbacks take pointers to const; the bytes are ours. */
static int
on_url(http_parser *parser, const char *at, size_t len)
{
	struct http_request *req = parser->data;

	req->target = (char *)(uintptr_t)at;
	req->target_len = len;
	return 0;
}

static int
on_header_field(http_parser *parser, const char *at, size_t len)
{
	struct http_request *req = parser->data;
	struct request_field *field;

	if (req->nfields == REQUEST_MAX_FIELDS)
		return -1;
	field = &req->fields[req->nfields++];
	field->name = (char *)(uintptr_t)at;
	field->name_len = (uint32_t)len;
	field->value_len = 0;
	req->initials |= request_initial(at);
	return 0;
}

static int
on_header_value(http_parser *parser, const char *at, size_t len)
{
	struct http_request *req = parser->data;
	struct request_field *field = &req->fields[req->nfields - 1];

	while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
		len--;
	field->value = (char *)(uintptr_t)at;
	field->value_len = (uint32_t)len;
	return 0;
}

/* The body is not the parser's: it stops where the head ends. */
static int
on_headers_complete(http_parser *parser)
{
	http_parser_pause(parser, 1);
	return 0;
}

/*
 * Writes spaces for the tabs behind values: they mean the same (RFC 9110,
 * 5.6.3), but the parser takes no tab behind a Content-Length.
 */
static void
blank_tabs(char *head, size_t len)
{
	bool behind = false;
	char *s;

	if (memchr(head, '\t', len) == NULL)
		return;
	for (s = head + len - 1; s > head; s--) {
		if (*s == '\r')
			behind = true;
		else if (*s == '\t' && behind)
			*s = ' ';
		else if (*s != ' ')
			behind = false;
	}
}

/*
 * Has the parser cut the head into tokens: 0, or the status to refuse it with.
 * What the scan has let through and the parser refuses is a method it does not
 * know, or framing that we would refuse, too.  But for one error: it takes
 * Transfer-Encoding-Foo for Transfer-Encoding, and does not want it beside
 * Content-Length.  By then we have all the tokens.
 */
static enum http_status
parse_tokens(struct http_request *req, const char *head, size_t len)
{
	static const http_parser_settings settings = {
		.on_url = on_url,
		.on_header_field = on_header_field,
		.on_header_value = on_header_value,
		.on_headers_complete = on_headers_complete,
	};
	http_parser parser;
	size_t n;

	/* The scan has bounded it. */
	http_parser_set_max_header_size(UINT32_MAX);
	http_parser_init(&parser, HTTP_REQUEST);
	parser.data = req;
	n = http_parser_execute(&parser, &settings, head, len);
	req->minor = parser.http_minor;
	switch (HTTP_PARSER_ERRNO(&parser)) {
	case HPE_PAUSED:
		return 0;
	case HPE_INVALID_METHOD:
		return HTTP_NOT_IMPLEMENTED;
	case HPE_INVALID_CONTENT_LENGTH:
		/* Or it is no number, which read_content_length() sees. */
		return HTTP_CONTENT_TOO_LARGE;
	case HPE_UNEXPECTED_CONTENT_LENGTH:
		return n == len - 1 ? 0 : HTTP_BAD_REQUEST;
	default:
		return HTTP_BAD_REQUEST;
	}
}

/*
 * Ends every token with a NUL, in place of the space, colon or CR behind it.
 * The parser points behind the line for an empty value: there, its own name's
 * NUL serves.
 */
static void
terminate_tokens(struct http_request *req, char *head)
{
	size_t i;

	req->method = head;
	req->target[-1] = '\0';
	req->target[req->target_len] = '\0';
	for (i = 0; i < req->nfields; i++) {
		struct request_field *field = &req->fields[i];

		field->name[field->name_len] = '\0';
		if (field->value_len == 0)
			field->value = field->name + field->name_len;
		field->value[field->value_len] = '\0';
	}
}

/* Cuts it in any case: the faults in its fields are told first. */
static enum http_status
tokenise(struct http_request *req, char *head, size_t len)
{
	enum http_status status = parse_tokens(req, head, len);

	if (status == 0)
		terminate_tokens(req, head);
	else
		request_cut_lines(req, head, len);
	return status;
}

/* The next member of a comma-separated list (RFC 9110, 5.6.1), or NULL. */
static const char *
list_next(const char **list, size_t *len)
{
	const char *s = *list + strspn(*list, ", \t"), *end = s;

	if (*s == '\0')
		return NULL;
	end += strcspn(s, ",");
	*list = end;
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*len = (size_t)(end - s);
	return s;
}

static bool
is_word(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(s, word, len) == 0;
}

/* RFC 9112, 9.3: close wins; 1.0 has to ask to be kept. */
struct connection_options {
	bool	close;
	bool	keepalive;
};

static void
read_connection(struct connection_options *options, const char *value)
{
	const char *word;
	size_t len;

	/* What nearly all say, and no list. */
	if (strcasecmp(value, "close") == 0) {
		options->close = true;
		return;
	}
	if (strcasecmp(value, "keep-alive") == 0) {
		options->keepalive = true;
		return;
	}
	while ((word = list_next(&value, &len)) != NULL) {
		if (is_word(word, len, "close"))
			options->close = true;
		else if (is_word(word, len, "keep-alive"))
			options->keepalive = true;
	}
}

/* RFC 9112, 6.3: digits and nothing else, once, and what an off_t can hold. */
static enum http_status
read_content_length(struct http_request *req, const char *value)
{
	uint64_t length = 0;
	bool is_large = false;
	const char *s;

	if (req->framing != BODY_NONE || *value == '\0')
		return HTTP_BAD_REQUEST;
	for (s = value; *s >= '0' && *s <= '9'; s++) {
		if (length > (INT64_MAX - 9) / 10)
			is_large = true;
		else
			length = length * 10 + (uint64_t)(*s - '0');
	}
	if (*s != '\0')
		return HTTP_BAD_REQUEST;
	req->framing = BODY_LENGTH;
	req->content_length = length;
	return is_large ? HTTP_CONTENT_TOO_LARGE : 0;
}

/*
 * Why codings other than "chunked" alone are refused: one before it that we
 * don't know is not implemented, any other list frames nothing.
 */
static enum http_status
refuse_codings(const char *value)
{
	const char *coding;
	size_t len;
	unsigned int codings = 0, chunked = 0;
	bool last = false;

	while ((coding = list_next(&value, &len)) != NULL) {
		last = is_word(coding, len, "chunked");
		chunked += last;
		codings++;
	}
	if (last && chunked == 1 && codings > 1)
		return HTTP_NOT_IMPLEMENTED;
	return HTTP_BAD_REQUEST;
}

/* RFC 9112, 6.1: exactly "chunked", in one field of a 1.1 request. */
static enum http_status
read_transfer_encoding(struct http_request *req, const char *value)
{
	if (req->framing != BODY_NONE || req->minor == 0)
		return HTTP_BAD_REQUEST;
	req->framing = BODY_CHUNKED;
	return strcasecmp(value, "chunked") == 0 ? 0 : refuse_codings(value);
}

/* RFC 9110, 10.1.1: a list; an expectation of a 1.0 client is ignored. */
static enum http_status
read_expect(struct http_request *req, const char *value)
{
	const char *expectation;
	bool waits = false;
	size_t len;

	if (req->minor == 0)
		return 0;
	while ((expectation = list_next(&value, &len)) != NULL) {
		waits = is_word(expectation, len, "100-continue");
		if (!waits)
			return HTTP_EXPECTATION_FAILED;
	}
	req->expects_continue |= waits;
	return 0;
}

/*
 * RFC 9112, 3.2: one Host, and one that could be the host of a URI; or none,
 * which is for a target that has its own.
 */
static enum http_status
read_host(struct http_request *req, const struct request_field *field)
{
	if (++req->hosts > 1 || (field->value_len > 0 &&
	    !uri_check_authority(field->value, field->value_len)))
		return HTTP_BAD_REQUEST;
	req->host = field->value;
	return 0;
}

/* The fields that say something about the message itself. */
static enum http_status
read_field(struct http_request *req, const struct request_field *field,
    struct connection_options *options)
{
	switch (field->name_len) {
	case 4:
		if (strcasecmp(field->name, "Host") == 0)
			return read_host(req, field);
		break;
	case 6:
		if (strcasecmp(field->name, "Expect") == 0)
			return read_expect(req, field->value);
		break;
	case 10:
		if (strcasecmp(field->name, "Connection") == 0)
			read_connection(options, field->value);
		break;
	case 14:
		if (strcasecmp(field->name, "Content-Length") == 0)
			return read_content_length(req, field->value);
		break;
	case 17:
		if (strcasecmp(field->name, "Transfer-Encoding") == 0)
			return read_transfer_encoding(req, field->value);
		break;
	}
	return 0;
}

/*
 * What RFC 9112, 3.2 and 6.3, want answered 400 is, wherever it stands; else
 * the first refusal is told.
 */
static enum http_status
read_fields(struct http_request *req)
{
	struct connection_options options = { false, false };
	enum http_status refusal = 0, status;
	size_t i;

	for (i = 0; i < req->nfields; i++) {
		status = read_field(req, &req->fields[i], &options);
		if (status == HTTP_BAD_REQUEST)
			return status;
		if (status != 0 && refusal == 0)
			refusal = status;
	}
	if (req->hosts == 0 && req->minor > 0)
		return HTTP_BAD_REQUEST;
	req->keepalive = !options.close &&
	    (req->minor > 0 || options.keepalive);
	return refusal;
}

/*
 * A tunnel is not what this server is for, and TRACE would send back what
 * browsers keep from scripts; nobody else's handler should have to know.
 */
static enum http_status
check_method(const struct http_request *req)
{
	if (strcmp(req->method, "CONNECT") == 0 ||
	    strcmp(req->method, "TRACE") == 0)
		return HTTP_NOT_IMPLEMENTED;
	return 0;
}

/*
 * Decodes the path, and has room for it again; and gives an absolute target's
 * authority, which replaces Host (RFC 9112, 3.2.2), a NUL of its own: the slash
 * behind it needs its place.
 */
static enum http_status
decode_target(struct http_request *req, const struct uri *u)
{
	ssize_t len;

	req->text.len = 0;
	if (buffer_reserve(&req->text,
	    2 * u->path_len + u->authority_len + 3) == -1)
		return HTTP_SERVICE_UNAVAILABLE;
	len = uri_decode_path(req->text.data, u->path, u->path_len);
	if (len == -1)
		return HTTP_BAD_REQUEST;
	req->path = req->text.data;
	req->room = req->text.data + len + u->authority_len + 2;
	req->query = u->query;
	if (u->form == URI_ABSOLUTE) {
		char *host = req->text.data + len + 1;

		memcpy(host, u->authority, u->authority_len);
		host[u->authority_len] = '\0';
		req->host = host;
	}
	return 0;
}

/* RFC 9112, 3.2.4: without path and query OPTIONS is for the server itself. */
static bool
is_for_server(const struct http_request *req, const struct uri *u)
{
	return u->authority + u->authority_len ==
	    req->target + req->target_len &&
	    strcmp(req->method, "OPTIONS") == 0;
}

static enum http_status
read_target(struct http_request *req)
{
	struct uri u;

	if (uri_split(&u, req->target, req->target_len) == -1)
		return HTTP_BAD_REQUEST;
	if (req->hosts > 0 && *req->host == '\0' && u.form != URI_ABSOLUTE)
		return HTTP_BAD_REQUEST;
	if (u.form == URI_ABSOLUTE) {
		/* RFC 9110, 7.4: "https", and no connection here is secured. */
		if (req->target[4] != ':')
			return HTTP_MISDIRECTED_REQUEST;
		if (is_for_server(req, &u))
			u.path = "*";
	}
	if (u.form != URI_ASTERISK)
		return decode_target(req, &u);
	if (strcmp(req->method, "OPTIONS") != 0)
		return HTTP_BAD_REQUEST;
	req->path = req->target;
	return 0;
}

void
request_reset(struct http_request *req, const char *line, size_t len)
{
	req->line = line;
	req->line_len = len;
	req->is_head = len >= 5 && memcmp(line, "HEAD ", 5) == 0;
	req->method = req->target = NULL;
	req->path = req->host = "";
	req->query = NULL;
	req->target_len = req->nfields = 0;
	req->initials = 0;
	req->minor = 1;
	req->keepalive = req->expects_continue = false;
	req->framing = BODY_NONE;
	req->content_length = 0;
	req->hosts = 0;
	req->pattern = NULL;
	req->log = 0;
	req->user[0] = '\0';
	req->context = NULL;
	req->then = NULL;
	req->awaited = false;
	buffer_reset(&req->body, BODY_KEEP_BYTES);
}

enum http_status
request_parse(struct http_request *req, char *head, size_t len)
{
	enum http_status refusal, status;

	request_reset(req, head, len);
	blank_tabs(head, len);
	refusal = tokenise(req, head, len);
	if (refusal == HTTP_BAD_REQUEST)
		return refusal;
	if ((status = read_fields(req)) != 0 ||
	    (status = refusal) != 0 ||
	    (status = check_method(req)) != 0)
		return status;
	return read_target(req);
}

void
request_free(struct http_request *req)
{
	buffer_free(&req->text);
	buffer_free(&req->body);
}
