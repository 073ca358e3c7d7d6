#!/usr/bin/env bats
# Supervision: children that die are replaced, whatever they die of; signals;
# and a master that is gone.

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	echo text >"$root/file"
}

child_is_new()
{
	local pid

	pid=$(get /pid 2>/dev/null) && [[ $pid != "$1" ]]
}

deaths()
{
	grep -c ' died of signal ' "$SERVER_STDERR"
}

has_deaths()
{
	(($(deaths) >= $1))
}

descriptors()
{
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

resident_kb()
{
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"
}

@test "ps shows the master with its address, and the children's connections" {
	start_server -q -n 2 "$root"
	assert_equal "$(title "$SERVER_PID")" "httpserve: master [$ADDRESS]"
	assert_equal "$(child_titles "$SERVER_PID")" \
	    "httpserve: child 1 [0 connections]
httpserve: child 2 [0 connections]"
}

@test "ps shows nothing behind a title, however long the program's path" {
	local dir=$BATS_TEST_TMPDIR/a/directory/that/is/longer/than/a/title

	mkdir -p "$dir"
	ln -s "$BUILD/httpserve" "$dir/httpserve"
	start_program "$dir/httpserve" -q -n 1 -l 127.0.0.1:0 "$root"
	assert_equal "$(title "$SERVER_PID")" "httpserve: master [$ADDRESS]"
	assert_equal "$(child_titles "$SERVER_PID")" \
	    "httpserve: child 1 [0 connections]"
}

@test "ps shows how many connections a child has, soon" {
	local child

	start_server -q -n 1 "$root"
	child=$(children_of "$SERVER_PID")
	hold 1
	wait_until 3 title_is "$child" 'httpserve: child 1 [1 connection]'
	held_closed
	wait_until 3 title_is "$child" 'httpserve: child 1 [0 connections]'
	hold 17
	wait_until 3 title_is "$child" 'httpserve: child 1 [17 connections]'
}

# bats test_tags=alone
@test "a child that is killed is back within 100 ms, under load" {
	local child since

	start_server -q -n 1 "$root"
	for _ in 1 2 3; do
		child=$(children_of "$SERVER_PID")
		client wrk wrk -t 1 -c 32 -d 30s "$URL/file"
		wait_until 3 title_is "$child" \
		    'httpserve: child 1 [32 connections]'
		since=$(now_ms)
		kill -KILL "$child"
		# Who connects before that has its effect is reset with it.
		wait_until 1 gone "$child"
		# There is one child: who answers is the new one.
		assert_equal "$(get /file)" text
		assert_within 100 "$since"
		kill -KILL "$CLIENT"
		assert_not_equal "$(children_of "$SERVER_PID")" "$child"
	done
	assert_equal "$(deaths)" 3
}

@test "a child that is killed takes only its own connections with it" {
	local victim had

	start_server -q -n 4 "$root"
	hold 100
	victim=$(children_of "$SERVER_PID" | tail -n 1)
	wait_until 3 title_matches "$victim" '\[[1-9][0-9]* connections?\]$'
	wait_until 3 connections_are 100
	had=$(title "$victim" | grep -oE '[0-9]+ conn' | cut -d ' ' -f 1)
	((had < 100))
	kill -KILL "$victim"
	wait_until 3 has_new_children "$SERVER_PID" 4 "$victim"
	assert_equal "$(held_closed)" "$had"
}

title_matches()
{
	[[ $(title "$1") =~ $2 ]]
}

# What all the children say they have.
connections_are()
{
	local sum

	sum=$(child_titles "$SERVER_PID" |
	    awk -F '[][ ]' '{ n += $5 } END { print n }')
	((sum == $1))
}

@test "no new connection is refused while children are killed" {
	local pid errors

	start_server -q -n 4 "$root"
	client wrk wrk -t 1 -c 64 -d 2s --timeout 5s -H 'Connection: close' \
	    "$URL/file"
	for pid in $(children_of "$SERVER_PID"); do
		kill -KILL "$pid"
		wait_until 3 has_new_children "$SERVER_PID" 4 "$pid"
	done
	client_status "$CLIENT" 10
	errors=$(sed -n 's/.*Socket errors: //p' "$BATS_TEST_TMPDIR/wrk")
	echo "errors: $errors"
	if [[ -n $errors ]]; then
		# Each of the four may take with it what it has at hand.
		[[ $errors == 'connect 0, '*', timeout 0' ]]
		[[ $errors =~ read\ ([0-9]+),\ write\ ([0-9]+) ]]
		((BASH_REMATCH[1] + BASH_REMATCH[2] <= 4))
	fi
	run ! grep 'Non-2xx' "$BATS_TEST_TMPDIR/wrk"
}

@test "the death of a child is logged" {
	local child

	start_server -q -n 2 "$root"
	child=$(children_of "$SERVER_PID" | tail -n 1)
	kill -KILL "$child"
	wait_until 3 says \
	    "^httpserve: child [12] \(pid $child\) died of signal 9 \(Killed\)$"
	wait_until 3 has_new_children "$SERVER_PID" 2 "$child"
	child=$(children_of "$SERVER_PID" | tail -n 1)
	kill -ABRT "$child"
	wait_until 3 says \
	    "^httpserve: child [12] \(pid $child\) died of signal 6 \(Abort"
}

@test "a crash in a handler is logged with whom and what it served" {
	local line

	start_program "$PROGRAMS/answers" -n 2 127.0.0.1:0
	run get '/crash?a=b'
	assert_failure 52
	line='^answers: child [12] \(pid [0-9]+\) died of signal 11 '
	line+='\(Segmentation fault\) while serving 127\.0\.0\.1 '
	line+='"GET /crash\?a=b" for [0-9]{1,4} ms$'
	wait_until 3 says "$line"
	get /pid
}

@test "what is logged of a crash is bounded" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	run get "/crash?$(printf '%05000d' 0)"
	assert_failure 52
	wait_until 3 says \
	    ' while serving 127\.0\.0\.1 "GET /crash\?0{50,}" for [0-9]+ ms$'
	(($(wc -c <"$SERVER_STDERR") < 1000))
}

@test "a signal that a handler raises takes effect at once" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	run get /raise
	assert_failure 52
	wait_until 3 says 'died of signal 7 .* while serving .*"GET /raise'
}

@test "an idle child that dies is not said to serve" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	get /pid
	kill -KILL "$(children_of "$SERVER_PID")"
	wait_until 3 has_deaths 1
	run ! says 'while serving'
}

@test "a handler that exits costs the child, which is replaced" {
	local child

	start_program "$PROGRAMS/answers" 127.0.0.1:0
	child=$(get /pid)
	run get /exit
	assert_failure 52
	wait_until 3 child_is_new "$child"
	says "^answers: child 1 \(pid $child\) "
}

@test "with one connection a child, a crash hurts nobody else" {
	start_program "$PROGRAMS/answers" -n 4 -c 1 127.0.0.1:0
	hold_one_a_child 3
	run get /crash
	assert_failure 52
	wait_until 3 has_deaths 1
	assert_equal "$(held_closed)" 0
}

@test "SIGTERM to a child drains it, and it is replaced" {
	local child

	make_large_file "$root/large"
	start_server -q -n 1 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	child=$(children_of "$SERVER_PID")
	kill -TERM "$child"
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	wait_until 3 gone "$child"
	wait_until 3 has_new_children "$SERVER_PID" 1 "$child"
	assert_equal "$(get /file)" text
	run ! says 'died|gave up|status'
}

@test "100 children that are killed leave nothing behind" {
	local pid fds kb before

	start_server -q -n 100 "$root"
	before=$(children_of "$SERVER_PID")
	assert_equal "$(wc -w <<<"$before")" 100
	fds=$(descriptors "$SERVER_PID")
	kb=$(resident_kb "$SERVER_PID")
	for pid in $before; do
		kill -KILL "$pid"
		wait_until 5 no_process "$pid"
	done
	# shellcheck disable=SC2086	# words
	wait_until 10 has_new_children "$SERVER_PID" 100 $before
	assert_equal "$(deaths)" 100
	run pgrep -P "$SERVER_PID" -r Z
	assert_output ''
	assert_equal "$(descriptors "$SERVER_PID")" "$fds"
	assert_equal "$(get /file)" text
	if [[ -z ${SANITIZE-} ]]; then
		echo "resident: $kb kB, then $(resident_kb "$SERVER_PID") kB"
		(($(resident_kb "$SERVER_PID") <= kb + 256))
	fi
}

no_process()
{
	[[ ! -e /proc/$1 ]]
}

@test "children that crash at once are replaced with growing pauses" {
	local since crash=$BATS_TEST_TMPDIR/crash

	start_program "$PROGRAMS/answers" -x "$crash" 127.0.0.1:0
	: >"$crash"
	kill -KILL "$(children_of "$SERVER_PID")"
	wait_until 3 has_deaths 2
	since=$(now_ms)
	# 5, 10, ... 320 ms: 635 in all, but for the child's age at first.
	wait_until 10 has_deaths 9
	(($(now_ms) - since >= 600))
	(($(deaths) <= 10))
	rm "$crash"
	wait_until 5 get /pid -o /dev/null
}

# How often a pause of a second was logged of each of three children.
capped()
{
	local child n

	for child in 1 2 3; do
		n=$(grep -c "^answers: child $child .*replaced in 1000 ms$" \
		    "$SERVER_STDERR")
		((n >= $1)) || return 1
	done
}

@test "a master outlives children that all crash, and their pauses end at 1 s" {
	local pauses child crash=$BATS_TEST_TMPDIR/crash

	start_program "$PROGRAMS/answers" -n 3 -x "$crash" 127.0.0.1:0
	: >"$crash"
	# shellcheck disable=SC2046	# words
	kill -KILL $(children_of "$SERVER_PID")
	wait_until 10 capped 2
	rm "$crash"
	wait_until 5 has_children "$SERVER_PID" 3
	wait_until 5 get /pid -o /dev/null
	for child in 1 2 3; do
		pauses=$(sed -n "s/^answers: child $child .*replaced in //p" \
		    "$SERVER_STDERR" | xargs)
		assert_regex "$pauses" '^(5 ms )?10 ms 20 ms 40 ms 80 ms 160 ms '`
		    `'320 ms 640 ms 1000 ms 1000 ms'
	done
}

@test "the pause before a child is replaced is logged" {
	local crash=$BATS_TEST_TMPDIR/crash

	start_program "$PROGRAMS/answers" -x "$crash" 127.0.0.1:0
	: >"$crash"
	kill -KILL "$(children_of "$SERVER_PID")"
	wait_until 3 says \
	    '^answers: child 1 lived .*: replaced in [0-9]+ ms$'
	rm "$crash"
}

@test "one child's pauses do not hold up the others" {
	local crash=$BATS_TEST_TMPDIR/crash

	start_program "$PROGRAMS/answers" -n 2 -x "$crash" 127.0.0.1:0
	: >"$crash"
	kill -KILL "$(children_of "$SERVER_PID" | head -n 1)"
	wait_until 5 has_deaths 6
	run get / -w '%{http_code}' -o /dev/null
	assert_output 200
}

@test "children that notice a dead master leave, and the port is free" {
	local children

	start_server -q -n 4 "$root"
	hold 10
	children=$(children_of "$SERVER_PID")
	kill -KILL "$SERVER_PID"
	wait "$SERVER_PID" || true
	# shellcheck disable=SC2086	# words
	wait_until 3 all_gone $children
	start_server -q -l "$ADDRESS" "$root"
	assert_equal "$(get /file)" text
}

@test "without its master a child still ends a download" {
	make_large_file "$root/large"
	start_server -q -n 2 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -KILL "$SERVER_PID"
	wait "$SERVER_PID" || true
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	wait_until 3 nobody_left
}

@test "a child that hangs in a handler does not outlive its master" {
	[[ ${SANITIZE-} != thread ]] ||
	    skip "ThreadSanitizer keeps signals from who waits for a lock"
	start_program "$PROGRAMS/answers" -g 500 127.0.0.1:0
	client block curl -sS "$URL/block"
	wait_until 3 established
	kill -KILL "$SERVER_PID"
	wait "$SERVER_PID" || true
	wait_until 8 nobody_left
}

@test "a child that is stopped does not outlive its master" {
	[[ ${SANITIZE-} != thread ]] ||
	    skip "ThreadSanitizer keeps signals from who waits in accept(2)"
	start_server -q -n 1 "$root"
	kill -STOP "$(children_of "$SERVER_PID")"
	kill -KILL "$SERVER_PID"
	wait "$SERVER_PID" || true
	wait_until 3 nobody_left
}

@test "a child that was stopped goes on" {
	local child

	start_server -q -n 1 "$root"
	child=$(children_of "$SERVER_PID")
	kill -STOP "$child"
	kill -CONT "$child"
	assert_equal "$(get /file)" text
	assert_equal "$(children_of "$SERVER_PID")" "$child"
}

# Whether the server's side has a connection, so that its request is in.
established()
{
	[[ $(ss -Htn state established "sport = :$PORT" | wc -l) -gt 0 &&
	    $(ss -Hltn "sport = :$PORT" | awk '{ print $2 }') -eq 0 ]]
}

@test "a child that hangs in a handler is killed at the end" {
	start_program "$PROGRAMS/answers" -g 500 -n 2 127.0.0.1:0
	client block curl -sS "$URL/block"
	wait_until 3 established
	stop_server
	says 'did not leave: killed$'
}

@test "the terminal's signals are the master's affair, not a child's" {
	local child

	start_server -q -n 1 "$root"
	child=$(children_of "$SERVER_PID")
	kill -INT "$child"
	kill -HUP "$child"
	kill -CHLD "$SERVER_PID"
	assert_equal "$(get /file)" text
	assert_equal "$(children_of "$SERVER_PID")" "$child"
	run ! says died
}

@test "a child has no signal blocked, and none of its master's descriptors" {
	local child

	start_server -q -n 1 "$root"
	child=$(children_of "$SERVER_PID")
	assert_equal "$(awk '$1 == "SigBlk:" { print $2 }' \
	    "/proc/$child/status")" 0000000000000000
	run find "/proc/$child/fd" -lname '*signalfd*'
	assert_output ''
}

@test "an idle server makes no system call, nor do kept connections" {
	local pids trace=$BATS_TEST_TMPDIR/trace

	start_server -q -n 2 "$root"
	hold 40
	wait_until 3 connections_are 40
	pids=$SERVER_PID,$(children_of "$SERVER_PID" | paste -sd ,)
	[[ ${SANITIZE-} != thread ]] || skip "ThreadSanitizer has a clock"
	strace -o /dev/null true 2>/dev/null || skip "no ptrace here"
	run timeout 2 strace -f -o "$trace" -p "$pids"
	assert_output --partial attached
	# What was interrupted by strace itself is there, and did not end.
	run grep -m 5 -E ' = [0-9]|^[0-9]+ +---' "$trace"
	assert_output ''
}

@test "SIGQUIT cuts everything at once: status 0" {
	make_large_file "$root/large"
	start_with --default-signal=QUIT -q -n 2 "$root"
	hold 3
	slow_download "$BATS_TEST_TMPDIR/got"
	leaves_by QUIT
	run ! client_status "$CLIENT" 5
}

# Fails unless a signal ends the last server at once, with status 0, and all
# of its children.
leaves_by()
{
	local children since

	children=$(children_of "$SERVER_PID")
	since=$(now_ms)
	kill "-$1" "$SERVER_PID"
	wait_until 5 gone "$SERVER_PID" || return
	assert_within 1000 "$since" || return
	wait "$SERVER_PID" || return
	# shellcheck disable=SC2086	# words
	all_gone $children || return
	run refused
	assert_success
}

@test "SIGTERM and SIGINT stop an idle server at once: status 0" {
	local sig

	for sig in TERM INT; do
		start_with --default-signal=INT,HUP -q -n 3 "$root"
		leaves_by "$sig"
	done
}

@test "SIGINT that was ignored at start stays ignored" {
	start_with --ignore-signal=INT -q -n 1 "$root"
	kill -INT "$SERVER_PID"
	assert_equal "$(get /file)" text
	leaves_by TERM
}
