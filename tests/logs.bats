#!/usr/bin/env bats
# Several access logs, of which each request has one, or none.

load helper
load process

setup()
{
	logs=$BATS_TEST_TMPDIR/logs
	mkdir "$logs"
	echo text >"$BATS_TEST_TMPDIR/file"
}

# The paths that a log has, in a line, and the statuses.
paths_in()
{
	sed -nE 's/.*"(GET|POST) ([^ ]*) .*" ([0-9]*) .*/\2 \3/p' "$logs/$1" |
	    paste -sd ,
}

# Three logs and a handler for each, and for none.
start_logged()
{
	start_program "$PROGRAMS/handlers" -L "$logs/first" -L "$logs/a" \
	    -L "json:$logs/b" "$@" 127.0.0.1:0 / whom /a "log 1 | whom" \
	    /b "log 2 | whom" /none "log -1 | whom" /other "log 3 | whom" \
	    /back "log 0 | log 1 | whom"
}

@test "a request is in the log that its handler chose, and in no other" {
	start_logged -n 1
	get '/{a,b,none,a?2,x,other,back}'
	stop_server
	assert_equal "$(paths_in first)" "/x 200"
	assert_equal "$(paths_in a)" "/a 200,/a?2 200,/back 200"
	assert_equal "$(jq -r .target "$logs/b")" /b
}

@test "the next request of a connection has the first log again" {
	start_logged -n 1
	raw 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n' \
	    'GET /1 HTTP/1.1\r\nHost: x\r\n\r\n' \
	    'GET /none HTTP/1.1\r\nHost: x\r\n\r\n' \
	    'GET /2 HTTP/1.1\r\nHost: x\r\n\r\n' \
	    'GET /a HTTP/1.1\r\n\r\n' >"$BATS_TEST_TMPDIR/answer"
	stop_server
	assert_equal "$(paths_in first)" "/1 200,/2 200,/a 400"
	assert_equal "$(paths_in a)" "/a 200"
}

@test "a log that is full costs its own lines, said with its name" {
	ln -s /dev/full "$logs/a"
	start_logged -n 2
	get '/{a,x,b}?[1-50]' -o /dev/null
	wait_until 3 says "access log $logs/a: lines are lost: No space left"
	get /a?51
	stop_server
	assert_equal "$(grep -c 'lines are lost' "$SERVER_STDERR")" 1
	says "access log $logs/a: 51 lines were lost\$"
	assert_equal "$(wc -l <"$logs/first")" 50
	assert_equal "$(wc -l <"$logs/b")" 50
}

@test "a reader who has stopped keeps no other log from being written" {
	mkfifo "$logs/a"
	exec {reader}<>"$logs/a"
	start_logged -n 1
	get '/{a,x,b}?[1-1000]' -o /dev/null
	wait_until 3 lines_are 1000 "$logs/first"
	wait_until 3 lines_are 1000 "$logs/b"
	client read head -n 1000 "$logs/a"
	stop_server
	client_status "$CLIENT" 5
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/read")" 1000
	exec {reader}<&-
}

lines_are()
{
	(($(wc -l <"$2") == $1))
}

@test "there are 64 logs, and no more" {
	local i many=()

	for i in {1..63}; do
		many+=(-L "$logs/$i")
	done
	start_program "$PROGRAMS/handlers" -L "$logs/first" "${many[@]}" \
	    127.0.0.1:0 /63 "log 63 | whom" /62 "log 62 | whom" \
	    /64 "log 64 | whom"
	get '/{62,63,64}'
	stop_server
	assert_equal "$(wc -l "$logs"/* | sed -n 's/ *1 .*logs.//p' |
	    paste -sd ,)" 62,63
	run "$PROGRAMS/handlers" -L "$logs/first" -L "$logs/a" "${many[@]}" 127.0.0.1:0
	assert_failure 64
}
