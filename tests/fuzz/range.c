/* range: what a field asks for lies within the representation, once. */
#include "fuzz.h"
#include "range.h"

/* The length of a representation: small ones often, the largest there are. */
static int64_t
take_length(struct fuzz_input *in)
{
	unsigned char kind = fuzz_byte(in);

	if (kind == 'M')
		return INT64_MAX;
	return (int64_t)fuzz_byte(in) << kind % 56;
}

static void
check_ranges(const struct range *ranges, int n, int64_t length)
{
	int i, j;

	CHECK(n >= 1 && n <= RANGE_MAX);
	for (i = 0; i < n; i++) {
		CHECK(ranges[i].offset >= 0 && ranges[i].offset < length);
		CHECK(ranges[i].length >= 1);
		CHECK(ranges[i].length <= length - ranges[i].offset);
		for (j = 0; j < i; j++)
			CHECK(ranges[j].offset + ranges[j].length <=
			    ranges[i].offset || ranges[i].offset +
			    ranges[i].length <= ranges[j].offset);
	}
}

/* Written out and read again, they are the same. */
static void
check_again(const struct range *ranges, int n, int64_t length)
{
	struct range again[RANGE_MAX];
	char value[RANGE_MAX * 48] = "bytes=", *at = value + 6;
	int i;

	for (i = 0; i < n; i++)
		at += snprintf(at, (size_t)(value + sizeof(value) - at),
		    "%s%jd-%jd", i > 0 ? "," : "", (intmax_t)ranges[i].offset,
		    (intmax_t)(ranges[i].offset + ranges[i].length - 1));
	CHECK(range_parse(again, value, length) == n);
	CHECK(memcmp(ranges, again, (size_t)n * sizeof(*ranges)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = fuzz_start(data, len);
	struct range ranges[RANGE_MAX];
	int64_t length = take_length(&in);
	char *value = fuzz_string(&in);
	int n = range_parse(ranges, value, length);

	if (n != RANGE_IGNORED && n != RANGE_UNSATISFIABLE) {
		check_ranges(ranges, n, length);
		check_again(ranges, n, length);
	}
	free(value);
	return 0;
}
