# shellcheck shell=bash
# shellcheck disable=SC2034	# what is set here is for the tests
# What tests of limits and deadlines share; load it after process.
#
#	serve [member=value...] [option...]	the program answers
#	slow name [option...] bytes	slow clients: programs/slow.c
#	says_of name regex [count]	whether so many of its lines match
#	ends_of name			the lines of those who have ended
#	one_end name			HOW, MS, BYTES and STATUSES of one
#	assert_took low high [ms]	MS, or so many; $SLOW times the latter

# What it logs is in $LOG.
serve()
{
	local arg options=()

	for arg; do
		if [[ $arg == *=* ]]; then
			options+=(-o)
		fi
		options+=("$arg")
	done
	LOG=$BATS_TEST_TMPDIR/access.log
	start_program "$PROGRAMS/answers" -L "$LOG" \
	    ${options[@]+"${options[@]}"} 127.0.0.1:0
}

slow()
{
	local name=$1
	shift

	client "$name" "$PROGRAMS/slow" "${@:1:$#-1}" "$PORT" "${*: -1}"
	wait_until 10 slow_is_open "$name"
}

slow_is_open()
{
	grep -q '^open' "$BATS_TEST_TMPDIR/$1" || gone "$CLIENT"
}

says_of()
{
	local n

	n=$(grep -cE -- "$2" "$BATS_TEST_TMPDIR/$1")
	[[ $n -eq ${3:-1} ]]
}

# The connections of these clients that have ended, a line each.
ends_of()
{
	grep -E '^(closed|reset) ' "$BATS_TEST_TMPDIR/$1" || true
}

# Waits for one client to end, and takes its end apart.
one_end()
{
	wait_until 10 says_of "$1" '^(closed|reset) '
	read -r HOW MS BYTES STATUSES < <(ends_of "$1")
}

assert_took()
{
	local ms=${3-$MS}

	((ms >= $1 && ms <= $2 * SLOW)) ||
	    fail "took $ms ms, not $1 to $(($2 * SLOW))"
}
