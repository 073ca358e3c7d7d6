#!/usr/bin/env bats
# What a service manager is told, by sd_notify(3)'s protocol.

load helper
load process
load faults

setup()
{
	told=$BATS_TEST_TMPDIR/told
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	echo text >"$root/file"
}

# Receives datagrams at one of socat's addresses into the file.
receive()
{
	client receiver socat -u "$1" "CREATE:$told"
}

told_is()
{
	[[ $(tr '\n' ' ' <"$told") == "$1" ]]
}

@test "READY=1 when it listens, STOPPING=1 when it drains" {
	receive "UNIX-RECV:$BATS_TEST_TMPDIR/notify"
	wait_until 5 test -S "$BATS_TEST_TMPDIR/notify"
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify
	make_large_file "$root/large"
	start_server -q -n 2 "$root"
	wait_until 3 said 'READY=1'
	run ! said STOPPING
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -TERM "$SERVER_PID"
	wait_until 3 said 'STOPPING=1'
	run ! gone "$SERVER_PID"
	client_status "$CLIENT" 10
	wait_until 3 gone "$SERVER_PID"
	assert_equal "$(grep -o 'READY=1' "$told" | wc -l)" 1
	assert_equal "$(grep -o 'STOPPING=1' "$told" | wc -l)" 1
}

said()
{
	grep -qs "$1" "$told"
}

# So many reloads, each told with its time, and its end.
reloads_told()
{
	(($(grep -o RELOADING=1 "$told" | wc -l) == $1 &&
	    $(grep -o READY=1 "$told" | wc -l) == $1 + 1))
}

@test "a reload is told, with its time, and its end, also of one that fails" {
	local usec before between after

	receive "UNIX-RECV:$BATS_TEST_TMPDIR/notify"
	wait_until 5 test -S "$BATS_TEST_TMPDIR/notify"
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify start_server -q -n 1 "$root"
	before=$("$PROGRAMS/monotonic")
	kill -HUP "$SERVER_PID"
	wait_until 3 reloads_told 1
	between=$("$PROGRAMS/monotonic")
	mv "$root" "$root.away"
	kill -HUP "$SERVER_PID"
	wait_until 3 reloads_told 2
	after=$("$PROGRAMS/monotonic")
	# A manager takes no READY for that of an earlier reload.
	mapfile -t usec < <(sed -n 's/^MONOTONIC_USEC=\([0-9]*\).*/\1/p' \
	    "$told")
	((before <= usec[0] && usec[0] <= between))
	((between <= usec[1] && usec[1] <= after))
	assert_equal "$(grep -oE '(READY|RELOADING)=1' "$told" | xargs)" \
	    'READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1'
	says '^httpserve: reload: going on as before'
	mv "$root.away" "$root"
	assert_equal "$(get /file)" text
}

@test "an abstract socket is told, too" {
	local name=httpserve-test-$BASHPID

	receive "ABSTRACT-RECV:$name"
	wait_until 5 grep -q "@$name" /proc/net/unix
	NOTIFY_SOCKET=@$name start_server -q -n 1 "$root"
	wait_until 3 said 'READY=1'
}

@test "children that are replaced tell nothing" {
	local child

	receive "UNIX-RECV:$BATS_TEST_TMPDIR/notify"
	wait_until 5 test -S "$BATS_TEST_TMPDIR/notify"
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify start_server -q -n 1 "$root"
	child=$(children_of "$SERVER_PID")
	kill -KILL "$child"
	wait_until 3 has_new_children "$SERVER_PID" 1 "$child"
	get /file
	stop_server
	wait_until 3 said 'STOPPING=1'
	assert_equal "$(grep -o 'READY=1' "$told" | wc -l)" 1
}

count()
{
	grep -o "$1" "$told" | wc -l
}

has_more()
{
	(($(count "$1") > $2))
}

# While a few statuses are said.
is_not_fed()
{
	local n statuses

	n=$(count WATCHDOG=1)
	statuses=$(count STATUS=)
	wait_until 5 has_more STATUS= "$((statuses + 5))" &&
	    (($(count WATCHDOG=1) == n))
}

# Four times in its interval.
@test "the watchdog is fed while the children's loops turn, and only then" {
	local n

	receive "UNIX-RECV:$BATS_TEST_TMPDIR/notify"
	wait_until 5 test -S "$BATS_TEST_TMPDIR/notify"
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify WATCHDOG_USEC=400000 \
	    start_server -q -n 2 "$root"
	wait_until 3 has_more WATCHDOG=1 5
	children_of "$SERVER_PID" | head -n 1 >"$BATS_TEST_TMPDIR/child"
	kill -STOP "$(<"$BATS_TEST_TMPDIR/child")"
	wait_until 3 said 'STATUS=2 children, some hang, '
	# On a busy machine it may have been the other one, for a moment.
	wait_until 10 is_not_fed
	n=$(count WATCHDOG=1)
	kill -CONT "$(<"$BATS_TEST_TMPDIR/child")"
	wait_until 3 has_more WATCHDOG=1 "$((n + 2))"
	stop_server
}

@test "a child that hangs as it starts costs the watchdog, too" {
	local n

	need_shim
	receive "UNIX-RECV:$BATS_TEST_TMPDIR/notify"
	wait_until 5 test -S "$BATS_TEST_TMPDIR/notify"
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify WATCHDOG_USEC=400000
	start_faulty -q -n 1 "$root"
	fault call=prctl error=hang count=1 where=children
	kill -HUP "$SERVER_PID"
	wait_until 3 said 'STATUS=2 children, some hang, '
	wait_until 10 is_not_fed
	n=$(count WATCHDOG=1)
	kill -ABRT "$(children_of "$SERVER_PID" | tail -n 1)"
	wait_until 3 has_more WATCHDOG=1 "$((n + 2))"
	says 'reload: child 2 ended before it was ready: going on as before'
}

@test "the watchdog of another process is not fed" {
	receive "UNIX-RECV:$BATS_TEST_TMPDIR/notify"
	wait_until 5 test -S "$BATS_TEST_TMPDIR/notify"
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify WATCHDOG_PID=1 \
	    WATCHDOG_USEC=40000 start_server -q -n 1 "$root"
	wait_until 3 said 'STATUS='
	# Had it been fed, that would have been said by now.
	stop_server
	wait_until 3 said 'STOPPING=1'
	run ! said 'WATCHDOG='
}

@test "the status has children, connections and requests a second" {
	receive "UNIX-RECV:$BATS_TEST_TMPDIR/notify"
	wait_until 5 test -S "$BATS_TEST_TMPDIR/notify"
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify WATCHDOG_USEC=2000000 \
	    start_server -q -n 2 "$root"
	hold 7
	wait_until 5 said 'STATUS=2 children, 7 connections, '
	wait_until 5 said 'STATUS=2 children, [0-7] connections, 14 requests a second'
	wait_until 5 said 'STATUS=2 children, 7 connections, 0 requests a second'
}

@test "without a manager nobody wakes up" {
	[[ $(uname -m) == x86_64 ]] || skip "system calls have other numbers"
	[[ -r /proc/self/syscall ]] || skip "no /proc/PID/syscall"
	unset NOTIFY_SOCKET
	WATCHDOG_USEC=40000 start_server -q -n 1 "$root"
	wait_until 5 sleeps_for_good "$SERVER_PID"
	wait_until 5 sleeps_for_good "$(children_of "$SERVER_PID")"
}

# Whether a process is in poll(2) or epoll_wait(2) without a timeout.
sleeps_for_good()
{
	local call

	read -ra call <"/proc/$1/syscall" || return
	case ${call[0]} in
	7)	[[ ${call[3]} =~ ^0x(f{8}){1,2}$ ]] ;;
	232)	[[ ${call[4]} =~ ^0x(f{8}){1,2}$ ]] ;;
	*)	return 1 ;;
	esac
}

@test "a manager that is gone is no trouble" {
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/nobody start_server -q -n 1 "$root"
	assert_equal "$(get /file)" text
	stop_server
}

@test "without a manager nothing is said" {
	unset NOTIFY_SOCKET
	start_server -q -n 1 "$root"
	stop_server
	run ! grep -i notify "$SERVER_STDERR"
}
