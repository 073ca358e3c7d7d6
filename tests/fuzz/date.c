/* httpdate: what is read and written and read again is the same time. */
#include "fuzz.h"
#include "httpdate.h"

/* 9999-12-31T23:59:60Z can be read, and is written as the second before. */
#define LAST_LEAP_SECOND 253402300800LL

static void
check_date(time_t t)
{
	char date[HTTPDATE_SIZE], again[HTTPDATE_SIZE];
	time_t parsed;

	httpdate_format(date, t);
	CHECK(strlen(date) == HTTPDATE_SIZE - 1);
	CHECK(httpdate_parse(&parsed, date) == 0);
	httpdate_format(again, parsed);
	CHECK(strcmp(date, again) == 0);
}

/* Any time can be written, and those of four-digit years are read as such. */
static void
check_any_time(const struct fuzz_input *in)
{
	char log[HTTPDATE_LOG_SIZE];
	int64_t t = 0;

	memcpy(&t, in->data, in->len < sizeof(t) ? in->len : sizeof(t));
	check_date((time_t)t);
	httpdate_format_log(log, (time_t)t);
	CHECK(strlen(log) == HTTPDATE_LOG_SIZE - 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	char date[HTTPDATE_SIZE], *s = fuzz_string(&in);
	time_t t, parsed;

	if (len > 0)
		check_any_time(&in);
	if (httpdate_parse(&t, s) == 0) {
		check_date(t);
		httpdate_format(date, t);
		CHECK(httpdate_parse(&parsed, date) == 0);
		CHECK(parsed == t || t == LAST_LEAP_SECOND);
	}
	free(s);
	return 0;
}
