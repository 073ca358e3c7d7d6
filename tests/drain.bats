#!/usr/bin/env bats
# Stopping: what is in flight is answered, what is idle is closed, and nothing
# takes longer than -g allows.

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	echo text >"$root/file"
	make_large_file "$root/large"
}

# Fails unless the server that was told to stop leaves in so many seconds,
# with status 0 and nobody behind.
leaves_within()
{
	local status=0

	wait_until "$1" gone "$SERVER_PID" || return
	wait "$SERVER_PID" || status=$?
	assert_equal "$status" 0 || return
	assert_equal "$(left_behind | grep -vx "${HOLD:-0}")" ''
}

# How many connections wait to be accepted.
queue_is()
{
	[[ $(ss -Hltn "sport = :$PORT" | awk '{ print $2 }') == "$1" ]]
}

# Reads an answer's head from a descriptor.
read_head()
{
	local line

	while read -r -t $((5 * SLOW)) -u "$1" line && [[ $line != $'\r' ]]; do
		printf '%s\n' "${line%$'\r'}"
	done
}

@test "SIGTERM lets a download complete, byte for byte" {
	local children

	start_server -q -n 2 "$root"
	children=$(children_of "$SERVER_PID")
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -TERM "$SERVER_PID"
	wait_until 3 refused
	run ! gone "$SERVER_PID"
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	leaves_within 3
	# shellcheck disable=SC2086	# words
	all_gone $children
}

@test "SIGINT lets a download complete, too" {
	start_with --default-signal=INT -q -n 1 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -INT "$SERVER_PID"
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	leaves_within 3
}

@test "connections that are idle do not hold it up" {
	start_server -q -n 2 "$root"
	hold 50
	kill -TERM "$SERVER_PID"
	leaves_within 1
	assert_equal "$(held_closed)" 50
}

@test "a client that has connected and says nothing does not hold it up" {
	start_server -q -n 1 "$root"
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	kill -TERM "$SERVER_PID"
	leaves_within 1
	exec 9>&-
}

@test "half a request is waited for, and answered as the last" {
	start_server -q -n 1 "$root"
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'GET /file HTTP/1.1\r\nHost: x\r\n' >&9
	hold 1
	kill -TERM "$SERVER_PID"
	wait_until 3 refused
	run ! gone "$SERVER_PID"
	printf '\r\n' >&9
	run cat <&9
	assert_output --partial 'HTTP/1.1 200 OK'
	assert_output --partial 'Connection: close'
	assert_output --partial $'\r\n\r\ntext'
	leaves_within 3
}

@test "a kept connection is told, by the answer that was under way" {
	start_program "$BUILD/examples/echo" 127.0.0.1:0
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n' >&9
	printf 'ab' >&9
	wait_until 3 title_shows_one
	kill -TERM "$SERVER_PID"
	wait_until 3 refused
	printf 'cd' >&9
	run read_head 9
	assert_line --index 0 'HTTP/1.1 200 OK'
	assert_line 'Connection: close'
	leaves_within 3
}

title_shows_one()
{
	child_titles "$SERVER_PID" | grep -qF '[1 connection]'
}

@test "what waits to be accepted is answered" {
	local i

	start_server -q -n 1 -c 1 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	for i in 1 2 3; do
		client "waiting.$i" curl -sS --max-time 20 "$URL/file"
	done
	wait_until 3 queue_is 3
	kill -TERM "$SERVER_PID"
	for i in "${BACKGROUND[@]}"; do
		client_status "$i" 10
	done
	for i in 1 2 3; do
		assert_equal "$(cat "$BATS_TEST_TMPDIR/waiting.$i")" text
	done
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	leaves_within 3
}

@test "under load every request that was accepted is answered" {
	local i

	start_server -n 2 "$root"
	for i in 1 2 3 4; do
		client "load.$i" curl -sS -w '%{http_code}\n' \
		    -o /dev/null "$URL/file?[1-100000]" --fail-early
	done
	wait_until 5 logged_lines 1000
	kill -TERM "$SERVER_PID"
	leaves_within 3
	for i in 1 2 3 4; do
		wait_until 5 gone "${BACKGROUND[i - 1]}"
		# After the last answer: connection refused, nothing else.
		run cat "$BATS_TEST_TMPDIR/load.$i.err"
		assert_line --regexp '^curl: \(7\) Failed to connect'
		assert_equal "${#lines[@]}" 1
		run -1 grep -vx 200 <(head -n -1 "$BATS_TEST_TMPDIR/load.$i")
	done
	run ! grep -v '" 200 5 "' "$SERVER_STDOUT"
}

logged_lines()
{
	(($(wc -l <"$SERVER_STDOUT") >= $1))
}

# Clients of an address in the middle of their requests, when the server stops.
stop_under_one_shots()
{
	local status=0

	start_server -q -n 2 -l "$1" "$root"
	client oneshot "$PROGRAMS/oneshot" -c 8 \
	    "${PORT:-$ADDRESS}" "$root/file"
	wait_until 10 grep -qx ready "$BATS_TEST_TMPDIR/oneshot"
	kill -TERM "$SERVER_PID"
	client_status "$CLIENT" 20 || status=$?
	cat "$BATS_TEST_TMPDIR/oneshot"
	assert_equal "$status" 0
	leaves_within 5
}

@test "SIGTERM answers all who are connected, by TCP and by a unix socket" {
	local i

	for i in 1 2 3; do
		stop_under_one_shots 127.0.0.1:0
		stop_under_one_shots "unix:$BATS_TEST_TMPDIR/socket"
	done
}

@test "a second SIGTERM leaves at once" {
	start_server -q -n 2 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -TERM "$SERVER_PID"
	wait_until 3 refused
	kill -TERM "$SERVER_PID"
	leaves_within 1
	run ! client_status "$CLIENT" 5
}

@test "SIGQUIT after SIGTERM leaves at once" {
	start_with --default-signal=QUIT -q -n 2 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -TERM "$SERVER_PID"
	wait_until 3 refused
	kill -QUIT "$SERVER_PID"
	leaves_within 1
}

@test "-g 1 cuts a download that is stuck after a second" {
	local since

	start_server -q -n 2 -g 1 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -STOP "$CLIENT"
	since=$(now_ms)
	kill -TERM "$SERVER_PID"
	# Without -g it is 30.
	leaves_within 10
	(($(now_ms) - since >= 900))
	says '(: 1 connections? (was|were) cut|cut 1 connections?)$'
	kill -CONT "$CLIENT"
	run ! client_status "$CLIENT" 5
}

@test "-g 0 waits for nobody" {
	start_server -q -n 2 -g 0 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -TERM "$SERVER_PID"
	leaves_within 1
}

@test "a child that dies while draining is not replaced" {
	local child

	start_server -q -n 1 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	child=$(children_of "$SERVER_PID")
	kill -TERM "$SERVER_PID"
	wait_until 3 refused
	kill -KILL "$child"
	leaves_within 2
	says "pid $child\) died of signal 9"
}

@test "a unix socket is removed at the end" {
	start_server -q -n 1 -l "unix:$BATS_TEST_TMPDIR/s" "$root"
	assert_equal "$(get /file --unix-socket "$BATS_TEST_TMPDIR/s")" text
	stop_server
	[[ ! -e $BATS_TEST_TMPDIR/s ]]
}
