#!/usr/bin/env bats
# Children that have had their requests retire, and nobody notices.

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	echo text >"$root/file"
}

says_times()
{
	(($(grep -cE -- "$1" "$SERVER_STDERR") >= $2))
}

@test "children retire after their requests, one by one, and nothing is lost" {
	make_large_file "$root/large"
	start_server -q -v -n 3 -R 300 "$root"
	start_load "$root" -p 2
	wait_until 20 says_times ' retires after ' 12
	end_load
	assert_equal "$(counted losses)" 0
	run ! says 'died|gave up|cut|killed|replaced in'
	wait_until 10 has_children "$SERVER_PID" 3
	# Who takes the place of the first was there before that retired.
	run awk '/child 4 .* started$/ { print "comes" }
	    / retires after / { print "goes"; exit }' "$SERVER_STDERR"
	assert_output $'comes\ngoes'
}

@test "each child has its own number of requests, about that of -R" {
	local numbers

	start_server -q -n 1 -R 100 "$root"
	while ! says_times ' retires after ' 5; do
		get '/file?[1-20]' -o /dev/null
	done
	numbers=$(grep -oE 'after [0-9]+' "$SERVER_STDERR" | cut -d ' ' -f 2)
	echo "$numbers"
	# Some may come between the last and the end.
	(($(sort -n <<<"$numbers" | head -n 1) >= 90))
	(($(sort -n <<<"$numbers" | tail -n 1) <= 160))
	(($(sort -u <<<"$numbers" | wc -l) > 1))
}

@test "a child that is spent serves until another one can" {
	local child crash=$BATS_TEST_TMPDIR/crash

	start_program "$PROGRAMS/answers" -o max_requests_per_child=10 \
	    -x "$crash" 127.0.0.1:0
	child=$(get /pid)
	: >"$crash"
	get '/pid?[1-20]' -o /dev/null
	wait_until 5 says_times 'child 2 .* died of signal 9' 3
	assert_equal "$(get /pid)" "$child"
	run ! says retires
	rm "$crash"
	wait_until 5 says "^answers: child 1 \\(pid $child\\) retires after 2[0-9]"
	assert_not_equal "$(get /pid)" "$child"
	wait_until 5 gone "$child"
}

# Keeps a connection, with one request answered.
keep_connection()
{
	local fd line

	exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'GET /file HTTP/1.1\r\nHost: x\r\n\r\n' >&"$fd"
	while read -r -t $((5 * SLOW)) -u "$fd" line && [[ $line != text ]]; do
		:
	done
	assert_equal "$line" text
}

# One connection more is one child more, or goes to one that is about to retire.
has_after_one_more()
{
	keep_connection
	(($(children_of "$SERVER_PID" | wc -w) >= $1))
}

@test "children that have retired and linger leave places for a reload" {
	start_program "$PROGRAMS/reloads" -p 20 -R 1 127.0.0.1:0
	wait_until 30 has_after_one_more 19
	keep_connection
	kill -HUP "$SERVER_PID"
	wait_until 5 says 'reloaded \(1 child\)$'
	run ! says 'still finish|died|gave up|replaced in|no place'
}
