#!/usr/bin/env bats
#
# The thundering herd, as tests/herd.c measures it: what httpserve(8) says in
# THE THUNDERING HERD holds on this kernel.

load helper

HERD=$BUILD/herd

teardown()
{
	if [[ -n ${herd_pid-} ]] && ! gone "$herd_pid"; then
		kill -KILL "$herd_pid"
	fi
	common_teardown
}

# Prints one column of the line that begins with $1: woken, idlest, busiest.
column()
{
	awk -v how="$1" -v name="$2" '
		BEGIN { at["woken"] = 3; at["idlest"] = 5; at["busiest"] = 6 }
		$1 == how { print $at[name]; found = 1 }
		END { exit !found }' "$BATS_TEST_TMPDIR/table"
}

# Whether the awk(1) expression $1 is true.
holds()
{
	awk "BEGIN { exit !($1) }"
}

has_children()
{
	[[ $(children_of "$1" | wc -l) -ge $2 ]]
}

@test "accept wakes one child and spreads evenly, poll wakes the herd" {
	"$HERD" -n 8 200 >"$BATS_TEST_TMPDIR/table"
	cat "$BATS_TEST_TMPDIR/table"

	holds "$(column accept woken) <= 1.1"
	holds "$(column accept busiest) <= 2 * $(column accept idlest)"
	holds "$(column poll woken) > 1.5"
	holds "$(column epoll woken) > 1.5"
	holds "$(column epoll-exclusive woken) <= 1.1"
}

@test "a herd that is killed leaves no child" {
	local pid children

	"$HERD" -n 8 1000000 >"$BATS_TEST_TMPDIR/table" 3>&- &
	herd_pid=$!
	wait_until 10 has_children "$herd_pid" 8
	children=$(children_of "$herd_pid")
	kill -KILL "$herd_pid"
	wait "$herd_pid" || true
	for pid in $children; do
		wait_until 10 gone "$pid"
	done
}

@test "herd tells bad numbers and bad usage, with status 64" {
	run "$HERD" -n 0
	assert_failure 64
	assert_output --partial 'children 0: too small (1 to 256)'
	run "$HERD" many
	assert_failure 64
	assert_output --partial 'connections many: invalid (1 to 1000000)'
	run "$HERD" 1 2
	assert_failure 64
	assert_output 'usage: herd [-n children] [connections]'
}
