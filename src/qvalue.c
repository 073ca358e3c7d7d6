#include "qvalue.h"

int
qvalue_parse(const char *s, size_t len)
{
	int scale = QVALUE_MAX, weight;
	size_t i;

	if (len == 0 || len > sizeof("0.999") - 1 || s[0] < '0' || s[0] > '1' ||
	    (len > 1 && s[1] != '.'))
		return -1;
	weight = (s[0] - '0') * scale;
	for (i = 2; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		scale /= 10;
		weight += (s[i] - '0') * scale;
	}
	return weight <= QVALUE_MAX ? weight : -1;
}
