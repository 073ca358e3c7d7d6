#!/usr/bin/env bats
# How many connections a child has, which gives way to which, and how long
# they live.

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	echo text >"$root/file"
}

# A download that stays under way until its client is stopped.
occupy()
{
	[[ -e $root/large ]] || make_large_file "$root/large"
	client "busy.$1.curl" curl -sS --limit-rate 1M \
	    -o "$BATS_TEST_TMPDIR/busy.$1" "$URL/large"
	wait_until 5 test -s "$BATS_TEST_TMPDIR/busy.$1"
}

queue_is()
{
	[[ $(ss -Hltn "sport = :$PORT" | awk '{ print $2 }') == "$1" ]]
}

# A busy machine delays good clients, too: one of some tries has to be good.
five_at_once()
{
	local since

	since=$(now_ms)
	for _ in 1 2 3 4 5; do
		[[ $(get /file) == text ]] || return
	done
	assert_within 500 "$since"
}

@test "thousands of kept connections in one child, and a new client at once" {
	local n=5000 limit

	limit=$(ulimit -Hn)
	if [[ $limit != unlimited ]] && ((limit < 2 * n + 200)); then
		n=$(((limit - 200) / 2))
	fi
	start_server -q -n 1 "$root"
	hold "$n"
	wait_until 10 five_at_once
	wait_until 3 title_is "$(children_of "$SERVER_PID")" \
	    "httpserve: child 1 [$n connections]"
	assert_equal "$(held_closed)" 0
	wait_until 3 title_is "$(children_of "$SERVER_PID")" \
	    "httpserve: child 1 [0 connections]"
}

@test "-c 1 -n 4: a fifth client has an idle connection give way to it" {
	start_server -q -n 4 -c 1 "$root"
	hold_one_a_child 4
	assert_equal "$(get /file)" text
	assert_equal "$(held_closed)" 1
}

# The pid of the child without a connection.
idle_child()
{
	ps -o pid=,args= --ppid "$SERVER_PID" |
	    awk '/\[0 connections\]/ { print $1 }'
}

# Whether all threads of a process have heard of SIGSTOP.
all_stopped()
{
	! sed 's/.*) //' "/proc/$1"/task/*/stat | grep -qv '^T'
}

@test "nor does it stay for a sibling with room that is stopped" {
	local child

	start_server -q -n 2 -c 1 "$root"
	hold_one_a_child 1
	child=$(idle_child)
	kill -STOP "$child"
	wait_until 5 all_stopped "$child"
	assert_equal "$(get /file --max-time 5)" text
	kill -CONT "$child"
	assert_equal "$(held_closed)" 1
}

@test "of four idle connections one gives way to each client, no more" {
	local i

	start_server -q -n 4 -c 1 "$root"
	for i in 1 2 3; do
		hold_one_a_child 4
		exec 9<>"/dev/tcp/127.0.0.1/$PORT"
		printf 'GET /file HTTP/1.1\r\nHost: x\r\n\r\n' >&9
		read -r -t 5 -u 9 line
		assert_equal "$line" $'HTTP/1.1 200 OK\r'
		assert_equal "$(held_closed)" 1
		exec 9>&-
	done
}

@test "-c 1 -n 4: when all four are busy a fifth client waits its turn" {
	local i first

	start_server -q -n 4 -c 1 "$root"
	for i in 1 2 3 4; do
		occupy "$i"
	done
	first=${BACKGROUND[0]}
	client fifth curl -sS "$URL/file"
	wait_until 3 queue_is 1
	run ! gone "$CLIENT"
	kill -KILL "$first"
	client_status "$CLIENT" 5
	assert_equal "$(cat "$BATS_TEST_TMPDIR/fifth")" text
	for i in "${BACKGROUND[@]:1:3}"; do
		run ! gone "$i"
	done
}

@test "a busy connection does not give way, the idle one beside it does" {
	start_server -q -n 1 -c 2 "$root"
	occupy 1
	hold 1
	assert_equal "$(get /file)" text
	assert_equal "$(held_closed)" 1
	run ! gone "${BACKGROUND[0]}"
}

@test "the longest idle connection is the one that gives way" {
	local i line

	start_server -q -n 1 -c 3 "$root"
	exec 7<>"/dev/tcp/127.0.0.1/$PORT" 8<>"/dev/tcp/127.0.0.1/$PORT" \
	    9<>"/dev/tcp/127.0.0.1/$PORT"
	# The first to be opened is the last to be used.
	for i in 9 8 7; do
		printf 'HEAD /file HTTP/1.1\r\nHost: x\r\n\r\n' >&"$i"
		read -r -t 5 -u "$i" line
		assert_equal "$line" $'HTTP/1.1 200 OK\r'
	done
	get /file
	for i in 7 8; do
		printf 'HEAD /file HTTP/1.1\r\nHost: x\r\n\r\n' >&"$i"
	done
	run timeout 5 cat <&9
	assert_success
	for i in 7 8; do
		run timeout 0.5 cat <&"$i"
		assert_equal "$(grep -c '^HTTP/1.1 200' <<<"$output")" 1
	done
	exec 7>&- 8>&- 9>&-
}

@test "clients beyond the cap are all served, one after the other" {
	start_server -q -n 1 -c 1 "$root"
	run seq -f "url = \"$URL/file?%g\"" 50
	printf '%s\noutput = /dev/null\n' "${lines[@]}" \
	    >"$BATS_TEST_TMPDIR/urls"
	run curl -sS --max-time 20 --parallel --parallel-max 50 \
	    -w '%{http_code}\n' -K "$BATS_TEST_TMPDIR/urls"
	assert_success
	assert_equal "$(grep -c '^200$' <<<"$output")" 50
}

@test "a connection is kept for one request after the other" {
	start_server -q -n 1 "$root"
	run get "/file?[1-100]" -w '%{num_connects}\n' -o /dev/null
	assert_equal "$(paste -sd + <<<"$output" | bc 2>/dev/null ||
	    awk '{ n += $1 } END { print n }' <<<"$output")" 1
}

@test "Connection: close and HTTP/1.0 end it" {
	start_server -q -n 1 "$root"
	run raw -k 'GET /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
	assert_success
	assert_line --partial 'Connection: close'
	run raw -k 'GET /file HTTP/1.0\r\n\r\n'
	assert_success
}

@test "pipelined requests are answered in order" {
	local i

	start_server -q -n 1 "$root"
	for i in $(seq 300); do
		echo "$i" >"$root/$i"
		printf 'GET /%d HTTP/1.1\r\nHost: x\r\n\r\n' "$i"
	done >"$BATS_TEST_TMPDIR/requests"
	raw <"$BATS_TEST_TMPDIR/requests" >"$BATS_TEST_TMPDIR/answers"
	cmp <(seq 300) <(grep -xE '[0-9]+' "$BATS_TEST_TMPDIR/answers")
}

@test "an idle connection is closed when its time is over" {
	local since

	start_program "$PROGRAMS/answers" -i 300 127.0.0.1:0
	since=$(now_ms)
	run raw -k 'GET /pid HTTP/1.1\r\nHost: x\r\n\r\n'
	assert_success
	assert_output --partial 'HTTP/1.1 200 OK'
	(($(now_ms) - since >= 290))
	assert_within 1500 "$since"
}

@test "a connection that is used lives longer than it may be idle" {
	local i line

	start_program "$PROGRAMS/answers" -i 1500 127.0.0.1:0
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	for i in 1 2 3 4; do
		printf 'HEAD /pid HTTP/1.1\r\nHost: x\r\n\r\n' >&9
		while read -r -t 5 -u 9 line && [[ $line != $'\r' ]]; do
			:
		done
		assert_equal "$line" $'\r'
		# Less than it may be idle, and together more.
		read -r -t 0.5 -u 9 line || true
	done
	run timeout 5 cat <&9
	assert_success
	exec 9>&-
}

@test "a client that is gone frees its place" {
	start_server -q -n 1 -c 1 "$root"
	occupy 1
	client waiting curl -sS "$URL/file"
	wait_until 3 queue_is 1
	kill -KILL "${BACKGROUND[0]}"
	client_status "$CLIENT" 5
	assert_equal "$(cat "$BATS_TEST_TMPDIR/waiting")" text
}

@test "when descriptors run out it says so, and goes on when there are some" {
	local child

	start_server -q -n 1 "$root"
	child=$(children_of "$SERVER_PID")
	prlimit --pid "$child" --nofile=3:
	# accept(2) had its descriptor when it began to wait; open(2) has none.
	run get /file -w '%{http_code}' -o /dev/null
	assert_output 503
	client waiting curl -sS --max-time 10 "$URL/file"
	wait_until 3 says '^httpserve: accept: Too many open files'
	prlimit --pid "$child" --nofile=1000:
	client_status "$CLIENT" 5
	assert_equal "$(cat "$BATS_TEST_TMPDIR/waiting")" text
	run grep -o '[a-z]*: Too many open files' "$SERVER_STDERR"
	assert_output $'files: Too many open files\naccept: Too many open files'
}

@test "with many listeners the cap is the child's, not a listener's" {
	start_server -q -n 1 -c 2 -l 127.0.0.1:0 \
	    -l "unix:$BATS_TEST_TMPDIR/s" "$root"
	hold 2
	assert_equal "$(get http://x/file --unix-socket \
	    "$BATS_TEST_TMPDIR/s")" text
	assert_equal "$(held_closed)" 1
}
