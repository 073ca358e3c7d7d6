#!/usr/bin/env bats
# The library from outside: the examples, and programs that use what the
# daemon does not.

load helper
load process

# The head of a path's answer.
head_of()
{
	get "$1" -D - -o /dev/null
}

# So many letters, as answers has them.
letters()
{
	yes abcdefghijklmnopqrstuvwxyz | tr -d '\n' | head -c "$1"
}

@test "hello greets" {
	start_program "$BUILD/examples/hello" 127.0.0.1:0
	run get /world
	assert_output 'hello, /world'
	run get '/a%20b/../c'
	assert_output 'hello, /c'
	run head_of /
	assert_line --index 0 $'HTTP/1.1 200 OK\r'
	assert_line $'Content-Type: text/plain; charset=utf-8\r'
	assert_line $'Content-Length: 9\r'
	assert_line --regexp '^Date: [A-Z][a-z]{2}, '
}

@test "hello listens on every kind of address" {
	local host

	for host in 127.0.0.1:0 localhost:0 :0 0.0.0.0:0; do
		start_program "$BUILD/examples/hello" "$host"
		assert_equal "$(get /x)" 'hello, /x'
		stop_server
	done
	start_program "$BUILD/examples/hello" "unix:$BATS_TEST_TMPDIR/s"
	assert_equal "$(get /x --unix-socket "$BATS_TEST_TMPDIR/s")" \
	    'hello, /x'
}

@test "hello says why it can not listen, and fails" {
	start_program "$BUILD/examples/hello" 127.0.0.1:0
	run --separate-stderr timeout 10 "$BUILD/examples/hello" "$ADDRESS"
	assert_failure
	# shellcheck disable=SC2154	# run sets it
	[[ $stderr == "hello: listen on $ADDRESS: Address already in use"* ]]
	# shellcheck disable=SC2154
	assert_equal "${#stderr_lines[@]}" 1
}

@test "echo has method, target, fields and body" {
	start_program "$BUILD/examples/echo" 127.0.0.1:0
	run get '/a%20b?c=d' -X PATCH -H 'X-One: 1' -H 'x-two:  2 ' \
	    --data-binary $'line\nline'
	assert_line --index 0 'PATCH /a%20b?c=d HTTP/1.1'
	assert_line 'X-One: 1'
	assert_line 'x-two: 2'
	assert_line "Host: $ADDRESS"
	assert_output --partial $'\n\nline\nline'
}

@test "echo has a large body, with a length and in chunks" {
	local body=$BATS_TEST_TMPDIR/body

	start_program "$BUILD/examples/echo" 127.0.0.1:0
	head -c 1000000 /dev/urandom >"$body"
	get / --data-binary "@$body" -H Expect: -o "$BATS_TEST_TMPDIR/got"
	tail -c 1000000 "$BATS_TEST_TMPDIR/got" | cmp - "$body"
	get / --data-binary "@$body" -H Expect: \
	    -H 'Transfer-Encoding: chunked' -o "$BATS_TEST_TMPDIR/got"
	tail -c 1000000 "$BATS_TEST_TMPDIR/got" | cmp - "$body"
}

@test "a body beyond 1 MiB is 413, at once" {
	local coding

	start_program "$BUILD/examples/echo" 127.0.0.1:0
	head -c 1048577 /dev/zero >"$BATS_TEST_TMPDIR/body"
	for coding in 'X-None: ' 'Transfer-Encoding: chunked'; do
		run get / --data-binary "@$BATS_TEST_TMPDIR/body" \
		    -H "$coding" -o /dev/null -w '%{http_code}'
		assert_output --partial 413
	done
	head -c 1048576 /dev/zero >"$BATS_TEST_TMPDIR/body"
	run get / --data-binary "@$BATS_TEST_TMPDIR/body" \
	    -o /dev/null -w '%{http_code}'
	assert_output 200
}

@test "a client that waits for 100 Continue gets it" {
	start_program "$BUILD/examples/echo" 127.0.0.1:0
	run get / -d body -H 'Expect: 100-continue' \
	    --expect100-timeout 20 -D -
	assert_line --index 0 $'HTTP/1.1 100 Continue\r'
	assert_output --partial $'\n\nbody'
}

@test "a handler that sets nothing answers 200, with nothing" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	run head_of /
	assert_line --index 0 $'HTTP/1.1 200 OK\r'
	assert_line $'Content-Length: 0\r'
}

@test "an error replaces the body, and keeps the fields" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	run get /error -i
	assert_line --index 0 $'HTTP/1.1 409 Conflict\r'
	assert_line $'X-Kept: yes\r'
	refute_output --partial 'a body that'
}

@test "a redirect says where" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	run head_of /redirect
	assert_line --index 0 $'HTTP/1.1 303 See Other\r'
	assert_line $'Location: /pid?a=b\r'
}

@test "fields that are the library's, or are none, are refused" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	run get /refused -i
	assert_line 'done'
	refute_output --partial 'was taken'
	refute_output --partial -i 'smuggled'
}

@test "a source of known length has it, of unknown length is chunked" {
	local n

	start_program "$PROGRAMS/answers" 127.0.0.1:0
	for n in 0 1 26 32767 32768 32769 1000000; do
		run head_of "/known?$n"
		assert_line "Content-Length: $n"$'\r'
		refute_output --partial Transfer-Encoding
		get "/known?$n" | cmp - <(letters "$n")
		run head_of "/unknown?$n"
		assert_line $'Transfer-Encoding: chunked\r'
		refute_output --partial Content-Length
		get "/unknown?$n" | cmp - <(letters "$n")
	done
	# One connection for all: each had its end.
	run get "/unknown?100" "$URL/known?10" "$URL/pid" -o /dev/null \
	    -o /dev/null -o /dev/null -w '%{num_connects}'
	assert_output 100
}

@test "to HTTP/1.0 a source of unknown length ends with the connection" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	run get /unknown?1000 -0 -H 'Connection: keep-alive' -D - -o /dev/null
	refute_output --partial Transfer-Encoding
	refute_output --partial -i keep-alive
	get /unknown?1000 -0 | cmp - <(letters 1000)
}

@test "HEAD has no body of a source, and asks it for none" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	run raw 'HEAD /known?5 HTTP/1.1\r\nHost: x\r\n\r\n' \
	    'GET /sources HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
	assert_line $'Content-Length: 5\r'
	refute_line --partial abc
	assert_line '1 1'
}

@test "a source that breaks its word costs the connection, nothing else" {
	local pid

	start_program "$PROGRAMS/answers" 127.0.0.1:0
	pid=$(get /pid)
	run get /short?100000 -o /dev/null
	assert_failure 18
	run get /fail?100000 -o /dev/null
	assert_failure 18
	# Of more than was said no more is sent than was said.
	run raw 'GET /long?5 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
	refute_output --partial abcdef
	assert_equal "$(get /pid)" "$pid"
}

@test "every source is released once, also when its client goes away" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	get /known?10 -o /dev/null
	get /unknown?100000 -o /dev/null
	run get /fail?1000 -o /dev/null
	client slow curl -sS --limit-rate 1000 -o /dev/null \
	    "$URL/unknown?100000000"
	wait_until 3 sources_are '4 3'
	kill -KILL "$CLIENT"
	wait "$CLIENT" || true
	wait_until 3 sources_are '4 4'
}

sources_are()
{
	[[ $(get /sources) == "$1" ]]
}

@test "a slow reader of a source does not hold up others" {
	local since

	start_program "$PROGRAMS/answers" 127.0.0.1:0
	client slow curl -sS --limit-rate 1000 -o /dev/null \
	    "$URL/known?100000000"
	wait_until 3 sources_are '1 0'
	since=$(now_ms)
	get /pid
	assert_within 500 "$since"
}

@test "a range of a file is those bytes" {
	local file=$BATS_TEST_TMPDIR/file row

	head -c 3000000 /dev/urandom >"$file"
	start_program "$PROGRAMS/answers" -f "$file" 127.0.0.1:0
	for row in 0:3000000 0:1 1:1 2999999:1 100:0 12345:2000000; do
		get "/range?$row" -o "$BATS_TEST_TMPDIR/got"
		cmp "$BATS_TEST_TMPDIR/got" <(tail -c +$((${row%:*} + 1)) \
		    "$file" | head -c "${row#*:}")
	done
}

@test "a file that is shorter than was said is an error of the server" {
	echo text >"$BATS_TEST_TMPDIR/file"
	start_program "$PROGRAMS/answers" -f "$BATS_TEST_TMPDIR/file" \
	    127.0.0.1:0
	run get /range?0:100 -o /dev/null -w '%{http_code}'
	assert_output 500
	run get /range?0:5
	assert_output text
}

@test "a file that shrinks under way costs the connection, nothing else" {
	local pid

	make_large_file "$BATS_TEST_TMPDIR/file"
	start_program "$PROGRAMS/answers" -f "$BATS_TEST_TMPDIR/file" \
	    127.0.0.1:0
	pid=$(get /pid)
	client slow curl -sS --limit-rate 16M -o "$BATS_TEST_TMPDIR/got" \
	    "$URL/range?0:33554432"
	wait_until 3 test -s "$BATS_TEST_TMPDIR/got"
	truncate -s 1000 "$BATS_TEST_TMPDIR/file"
	run client_status "$CLIENT" 10
	assert_equal "$(get /pid)" "$pid"
	(($(wc -c <"$BATS_TEST_TMPDIR/got") < 33554432))
}

@test "descriptors of files do not pile up" {
	local fds child i

	head -c 3000000 /dev/zero >"$BATS_TEST_TMPDIR/file"
	start_program "$PROGRAMS/answers" -f "$BATS_TEST_TMPDIR/file" \
	    127.0.0.1:0
	child=$(get /pid)
	fds=$(find "/proc/$child/fd" | wc -l)
	for i in 1 2 3; do
		get /range?0:3000000 -o /dev/null
		get /range?0:10 -I
		run get /range?2999999:10 -o /dev/null -w '%{http_code}'
		assert_output 500
		run get /range?0:3000000 -o /dev/null --max-filesize 10
		assert_failure 63
	done
	wait_until 3 descriptors_are_at_most "$child" "$fds"
}

descriptors_are_at_most()
{
	(($(find "/proc/$1/fd" | wc -l) <= $2))
}

# Fails unless the server has returned, cleanly, and said so.
assert_returned()
{
	client_status "$SERVER_PID" 5 || return
	assert_equal "$(tail -n 1 "$SERVER_STDOUT")" \
	    "returned 0: server closed"
}

@test "http_server_shutdown from a signal handler drains" {
	start_program "$PROGRAMS/answers" -n 2 127.0.0.1:0
	hold 3
	client slow curl -sS --limit-rate 16M -o "$BATS_TEST_TMPDIR/got" \
	    "$URL/known?32000000"
	wait_until 3 test -s "$BATS_TEST_TMPDIR/got"
	kill -STOP "$CLIENT"
	kill -USR1 "$SERVER_PID"
	wait_until 3 refused
	# Again is not a second signal to stop: it still drains.
	kill -USR1 "$SERVER_PID"
	kill -CONT "$CLIENT"
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" <(letters 32000000)
	assert_returned
}

@test "http_server_close from a signal handler cuts" {
	start_program "$PROGRAMS/answers" -n 2 127.0.0.1:0
	client slow curl -sS --limit-rate 1M -o "$BATS_TEST_TMPDIR/got" \
	    "$URL/known?32000000"
	wait_until 3 test -s "$BATS_TEST_TMPDIR/got"
	kill -USR2 "$SERVER_PID"
	assert_returned
	run ! client_status "$CLIENT" 5
}

@test "http_server_close after http_server_shutdown cuts" {
	start_program "$PROGRAMS/answers" -n 2 127.0.0.1:0
	client slow curl -sS --limit-rate 1M -o "$BATS_TEST_TMPDIR/got" \
	    "$URL/known?32000000"
	wait_until 3 test -s "$BATS_TEST_TMPDIR/got"
	kill -USR1 "$SERVER_PID"
	wait_until 3 refused
	kill -USR2 "$SERVER_PID"
	assert_returned
	run ! client_status "$CLIENT" 5
}

@test "a handler in a child can shut the server down, and is answered" {
	start_program "$PROGRAMS/answers" -n 2 127.0.0.1:0
	run get /shutdown
	assert_output 0
	assert_returned
}

@test "a handler in a child can close the server" {
	start_program "$PROGRAMS/answers" -n 2 127.0.0.1:0
	run get /close
	assert_returned
}

@test "hooks run in each child, at its start and behind its drain" {
	start_program "$PROGRAMS/answers" -n 3 127.0.0.1:0
	kill -TERM "$(children_of "$SERVER_PID" | head -n 1)"
	wait_until 3 restarted
	stop_server
	run sort "$SERVER_STDOUT"
	assert_equal "$(grep -c starts <<<"$output")" 4
	assert_equal "$(grep -c stops <<<"$output")" 4
	for i in 1 2 3; do
		assert_line "child $i starts"
		assert_line "child $i stops"
	done
	assert_equal "$(tail -n 1 "$SERVER_STDOUT")" \
	    'returned 0: server closed'
}

restarted()
{
	(($(grep -c starts "$SERVER_STDOUT") == 4))
}

@test "http_server_serve on a descriptor, which stays as it was" {
	start_program "$PROGRAMS/answers" -n 2
	get /pid
	stop_server
	grep -qx 'descriptor kept' "$SERVER_STDOUT"
}

# Fails unless a case of lifecycle says that.
assert_case()
{
	run --separate-stderr timeout 10 "$PROGRAMS/lifecycle" "$1" \
	    </dev/null 3>&-
	[[ $output =~ ^$2$ ]] ||
	    fail "$1: says \"$output\", not \"$2\"" || return
	[[ $output == closed* && $status == 0 ||
	    $output == failed* && $status == 69 ]]
}

@test "a server that was shut down before returns closed, at once" {
	assert_case shutdown-before 'closed: server closed'
	assert_case close-before 'closed: server closed'
	assert_case shutdown-between 'closed: server closed'
	# shellcheck disable=SC2154	# run sets it
	assert_equal "$stderr" ''
}

@test "the ready hook can shut the server down" {
	assert_case ready-hook 'closed: server closed'
}

@test "a child's start that fails makes serving fail, with its errno" {
	assert_case failing-start 'failed, ENOTTY: .*Inappropriate ioctl.*'
	run nobody_left
	assert_success
}

@test "a reload whose children die of a signal fails, with its reason" {
	assert_case dying-reload 'closed: server closed'
	[[ $stderr == *'ended before it was ready: going on as before'* ]]
	[[ $stderr == *$'\nthey did not\n'* ]]
}

@test "without a listener, or with no socket, serving fails and says why" {
	assert_case no-listener 'failed, EINVAL: no listener: .*'
	assert_case no-socket 'failed, ENOTSOCK: descriptor 0: not a .*'
	assert_case bad-address 'failed, EINVAL: .*127\.0\.0\.1.*'
}
