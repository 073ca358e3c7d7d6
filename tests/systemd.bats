#!/usr/bin/env bats
# Under a service manager: sockets that it opens, by systemd-socket-activate,
# and the units of etc/ in a systemd that is booted for this.

load helper
load process
load systemd

setup_file()
{
	boot_systemd
}

teardown_file()
{
	halt_systemd
}

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	echo text >"$root/file"
}

teardown()
{
	local pid

	if [[ -z ${NO_SYSTEMD-} ]]; then
		inside systemctl kill --signal=KILL --kill-who=all \
		    httpserve.service 2>/dev/null || true
		inside systemctl stop httpserve.socket httpserve.service
		inside systemctl reset-failed
		inside sh -c 'rm -rf /run/stderr /run/errors /run/enough /run/copy /var/log/httpserve'
		rm -f "$UNITS/httpserve.service.d/zz.conf"
	fi
	for pid in ${BACKGROUND[@]+"${BACKGROUND[@]}"}; do
		gone "$pid" || kill -KILL "$pid"
	done
	common_teardown
}

# Starts httpserve by systemd-socket-activate with these options up to "--":
# as it waits for a connection, one is made to each port of -l.
activate()
{
	local options=() ports=() port

	while [[ $1 != -- ]]; do
		options+=("$1")
		[[ $1 != 127.0.0.1:* ]] || ports+=("${1#*:}")
		shift
	done
	shift
	command -v systemd-socket-activate >/dev/null ||
	    skip "no systemd-socket-activate"
	client activate systemd-socket-activate "${options[@]}" \
	    "$BUILD/httpserve" -n 1 "$@"
	ACTIVATE=$CLIENT
	ACTIVATE_STDERR=$BATS_TEST_TMPDIR/activate.err
	for port in "${ports[@]}"; do
		wait_until 5 says "Listening on 127.0.0.1:$port " \
		    "$ACTIVATE_STDERR"
	done
}

# Two ports that were free a moment ago: systemd knows no port 0.
free_ports()
{
	start_program "$BUILD/httpserve" -q -n 1 -l 127.0.0.1:0 \
	    -l 127.0.0.1:0 "$root"
	read -r FIRST SECOND < <(sed -n 's/.*listening on [^ ]*:\([0-9]*\), '`
	    `'[^ ]*:\([0-9]*\) .*/\1 \2/p' "$SERVER_STDERR")
	stop_server
}

is_refused()
{
	! curl -s --max-time 2 -o /dev/null "$1"
}

@test "socket activation: all sockets are served, and nothing else" {
	free_ports
	activate -l "127.0.0.1:$FIRST" -l "127.0.0.1:$SECOND" -- -q "$root"
	assert_equal "$(get "http://127.0.0.1:$FIRST/file")" text
	assert_equal "$(get "http://127.0.0.1:$SECOND/file")" text
	wait_until 3 says "listening on 127.0.0.1:$FIRST, 127.0.0.1:$SECOND \(" \
	    "$ACTIVATE_STDERR"
	kill -TERM "$ACTIVATE"
	client_status "$ACTIVATE" 5
}

@test "socket activation: -l takes sockets by name, number and address" {
	local how

	free_ports
	for how in "fd:one fd:two" "fd:3 fd:4" "fd:one 127.0.0.1:$SECOND"; do
		activate -l "127.0.0.1:$FIRST" -l "127.0.0.1:$SECOND" \
		    --fdname=one:two -- -q -l "${how% *}" -l "${how#* }" "$root"
		assert_equal "$(get "http://127.0.0.1:$FIRST/file")" text
		assert_equal "$(get "http://127.0.0.1:$SECOND/file")" text
		kill -TERM "$ACTIVATE"
		client_status "$ACTIVATE" 5
	done
}

# One argument: the options of httpserve; what it says is in ACTIVATE_STDERR.
refused_with()
{
	local status=0

	curl -s --max-time 2 "http://127.0.0.1:$FIRST/" || true
	client_status "$ACTIVATE" 5 || status=$?
	assert_equal "$status" 64
	run says "$1" "$ACTIVATE_STDERR"
	assert_success
}

@test "socket activation: a socket that nobody would serve is an error" {
	free_ports
	activate -l "127.0.0.1:$FIRST" --fdname=web -- -q \
	    -l "127.0.0.1:$SECOND" "$root"
	refused_with "descriptor 3 \(web, 127.0.0.1:$FIRST\).* not served; add -l fd:web"
}

@test "socket activation: -l of a name that is not there is an error" {
	free_ports
	activate -l "127.0.0.1:$FIRST" --fdname=web -- -q -l fd:other "$root"
	refused_with 'address fd:other: .*no such socket; see FileDescriptorName='
}

@test "socket activation: a connection in place of a listener is an error" {
	free_ports
	activate --accept -l "127.0.0.1:$FIRST" -- -q "$root"
	curl -s --max-time 2 "http://127.0.0.1:$FIRST/" || true
	wait_until 5 says 'descriptor 3 .*: not a listening stream socket; .*Accept=no' \
	    "$ACTIVATE_STDERR"
	kill -TERM "$ACTIVATE"
	client_status "$ACTIVATE" 5 || true
}

@test "socket activation: the listeners get the options of our own" {
	free_ports
	activate -l "127.0.0.1:$FIRST" -- -q "$root"
	assert_equal "$(get "http://127.0.0.1:$FIRST/file")" text
	client silent sleep 30
	# A silent connection waits in the kernel, and is not accepted.
	exec 4<>"/dev/tcp/127.0.0.1/$FIRST"
	assert_equal "$(get "http://127.0.0.1:$FIRST/file")" text
	run ss -Htn state established "sport = :$FIRST"
	assert_output ''
	exec 4>&-
	kill -TERM "$ACTIVATE"
	client_status "$ACTIVATE" 5
}

# Skips where no systemd could be booted.
need_systemd()
{
	[[ -z ${NO_SYSTEMD-} ]] || skip "$NO_SYSTEMD"
	inside sh -c 'echo hello >/var/www/index.html'
}

fetch_inside()
{
	inside curl -sS --max-time $((10 * SLOW)) "${1:-http://127.0.0.1/}"
}

show()
{
	inside systemctl show --property "$1" --value httpserve.service
}

shows()
{
	[[ $(show "$1") == "$2" ]]
}

said_inside()
{
	inside grep -qsE -- "$1" /run/stderr
}

@test "the unit serves port 80 as www-data and without any capability" {
	local pid

	need_systemd
	inside systemctl start httpserve.service
	assert_equal "$(fetch_inside)" hello
	for pid in $(inside pgrep -x httpserve); do
		run inside grep -E '^(Uid|Gid|Cap...|NoNewPrivs):' \
		    "/proc/$pid/status"
		assert_output - <<-'END'
		Uid:	33	33	33	33
		Gid:	33	33	33	33
		CapInh:	0000000000000000
		CapPrm:	0000000000000000
		CapEff:	0000000000000000
		CapBnd:	0000000000000000
		CapAmb:	0000000000000000
		NoNewPrivs:	1
		END
	done
	wait_until 3 inside grep -q 'GET / HTTP/1.1" 200 6 ' \
	    /var/log/httpserve/access.log
	run inside stat -c '%U %a' /var/log/httpserve/access.log
	assert_output 'www-data 600'
}

# As logrotate.conf of Debian has it: where a file says nothing, it is created.
@test "logrotate rotates the logs of the unit" {
	local n

	need_systemd
	PATH+=:/usr/sbin
	command -v logrotate >/dev/null || skip "no logrotate"
	install -m 644 "$TOP/etc/httpserve.logrotate" \
	    "$UNITS/httpserve.logrotate"
	printf 'create\ninclude %s\n' "$UNITS/httpserve.logrotate" \
	    >"$UNITS/logrotate.conf"
	inside systemctl start httpserve.service
	for n in 1 2; do
		fetch_inside "http://127.0.0.1/?$n"
		wait_until 3 logged_inside "$n" access.log
		run inside logrotate -f -s /run/logrotate "$UNITS/logrotate.conf"
		assert_output ''
		assert_success
		wait_until 3 inside test -e /var/log/httpserve/access.log
		logged_inside "$n" access.log.1
	done
	fetch_inside 'http://127.0.0.1/?3'
	wait_until 3 logged_inside 3 access.log
	run inside stat -c '%U %a' /var/log/httpserve/access.log
	assert_output 'www-data 600'
	run said_inside 'Permission denied'
	assert_failure
}

logged_inside()
{
	inside grep -qs "GET /?$1 " "/var/log/httpserve/$2"
}

@test "the unit stops cleanly, and with its socket port 80 is free again" {
	need_systemd
	inside systemctl start httpserve.service
	inside systemctl stop httpserve.socket
	assert_equal "$(show ActiveState)" inactive
	assert_equal "$(show Result)" success
	run inside pgrep httpserve
	assert_output ''
	run inside ss -Hltn
	assert_output ''
}

@test "the first connection to the socket unit starts the service" {
	need_systemd
	inside systemctl start httpserve.socket
	assert_equal "$(show ActiveState)" inactive
	assert_equal "$(fetch_inside)" hello
	# It answers before systemd has read that it is ready.
	wait_until 5 shows ActiveState active
}

@test "a master that is killed is started again" {
	local pid

	need_systemd
	inside systemctl start httpserve.service
	pid=$(show MainPID)
	inside kill -KILL "$pid"
	wait_until 5 shows NRestarts 1
	assert_equal "$(fetch_inside)" hello
	wait_until 5 shows ActiveState active
	[[ $(show MainPID) != "$pid" ]]
}

has_begun()
{
	inside test -s /run/copy
}

# What its children are at ends while the next one serves.
@test "a master that is killed costs no answer that is under way" {
	need_systemd
	make_large_file "$root/large"
	inside cp "$root/large" /var/www
	inside systemctl start httpserve.service
	client download nsenter --target "$INIT_PID" --all curl -sS \
	    --max-time 20 --limit-rate 10M -o /run/copy http://127.0.0.1/large
	wait_until 5 has_begun
	inside kill -KILL "$(show MainPID)"
	wait_until 5 shows NRestarts 1
	assert_equal "$(fetch_inside)" hello
	client_status "$CLIENT" 10
	inside cmp /run/copy /var/www/large
	inside systemctl stop httpserve.socket
	wait_until 3 nobody_is_left
}

nobody_is_left()
{
	! inside pgrep httpserve >/dev/null
}

# Asks an address again and again, until there is a file that says to stop.
hammer='
	n=0
	until [ -e /run/enough ]; do
		curl -sS --max-time 10 -o /dev/null "$0" 2>>/run/errors
		n=$((n + 1))
		echo "$0" >>/run/struck
	done
	echo $n
'

# Whether so many requests were answered in all.
hammers_struck()
{
	(($(inside sh -c 'cat /run/struck | wc -l' 2>/dev/null) >= $1))
}

@test "restarts and crashes refuse nobody, on sockets of the unit and of -l" {
	local url i hammers=()

	need_systemd
	configure <<-'END'
	[Service]
	ExecStart=
	ExecStart=/run/bin/httpserve -q -l fd:httpserve.socket -l :8080 -l 127.0.0.1:8081 /var/www
	END
	inside systemctl start httpserve.service
	assert_equal "$(show NFileDescriptorStore)" 2
	for url in http://127.0.0.1/ http://127.0.0.1:8080/ \
	    http://127.0.0.1:8081/; do
		client "hammer${#hammers[@]}" nsenter --target "$INIT_PID" \
		    --all bash -c "$hammer" "$url"
		hammers+=("$CLIENT")
	done
	for i in 1 2 3; do
		wait_until 10 hammers_struck "$((i * 30))"
		inside systemctl restart httpserve.service
	done
	inside kill -KILL "$(show MainPID)"
	wait_until 5 shows NRestarts 1
	wait_until 5 shows ActiveState active
	inside touch /run/enough
	for i in 0 1 2; do
		client_status "${hammers[i]}" 10
		(($(<"$BATS_TEST_TMPDIR/hammer$i") > 20))
	done
	run inside cat /run/errors
	assert_output ''
	assert_equal "$(show NFileDescriptorStore)" 2
}

# A load of every kind on port 80, of which nothing may be lost.
load_inside()
{
	make_large_file "$root/large"
	inside cp "$root/file" "$root/large" /var/www
	client nonstop nsenter --net="/proc/$INIT_PID/ns/net" \
	    "$PROGRAMS/nonstop" -k 8 -o 4 -d 2 -p 5 80 "$root"
	# shellcheck disable=SC2034	# for end_load
	LOAD=$CLIENT
	wait_until 10 load_is_ready
}

main_is_another()
{
	[[ $(show MainPID) != "$1" ]]
}

# Whether the service has one master with its children, and nobody else.
is_alone()
{
	[[ $(inside pgrep -P 1 -x httpserve) == "$(show MainPID)" ]]
}

@test "SIGUSR2: a new main process on the sockets of the unit and of -l" {
	local pid

	need_systemd
	configure <<-'END'
	[Service]
	ExecStart=
	ExecStart=/run/bin/httpserve -q -l fd:httpserve.socket -l :8080 /var/www
	END
	inside systemctl start httpserve.service
	load_inside
	for _ in 1 2 3; do
		pid=$(show MainPID)
		inside systemctl kill --kill-who=main --signal=USR2 \
		    httpserve.service
		wait_until 10 main_is_another "$pid"
		assert_equal "$(show ActiveState) $(show SubState)" \
		    'active running'
		assert_equal "$(fetch_inside http://127.0.0.1:8080/)" hello
	done
	assert_equal "$(show NFileDescriptorStore) $(show NRestarts)" '1 0'
	# The one that runs now is watched, reloaded, restarted and stopped.
	inside systemctl reload httpserve.service
	wait_until 3 said_inside '^httpserve: reloaded'
	end_load
	wait_until 5 is_alone
	pid=$(show MainPID)
	inside systemctl restart httpserve.service
	main_is_another "$pid"
	assert_equal "$(fetch_inside http://127.0.0.1:8080/)" hello
	assert_equal "$(show NFileDescriptorStore)" 1
	pid=$(show MainPID)
	inside systemctl kill --kill-who=main --signal=USR2 \
		    httpserve.service
	wait_until 10 main_is_another "$pid"
	wait_until 5 is_alone
	inside kill -KILL "$(show MainPID)"
	wait_until 5 shows NRestarts 1
	assert_equal "$(fetch_inside)" hello
	inside systemctl stop httpserve.socket
	assert_equal "$(show ActiveState) $(show Result)" 'inactive success'
	wait_until 3 nobody_is_left
}

@test "an address that is not given any more leaves the store" {
	need_systemd
	configure <<-'END'
	[Service]
	ExecStart=
	ExecStart=/run/bin/httpserve -q -l fd:httpserve.socket -l :8080 -l :8081 /var/www
	END
	inside systemctl start httpserve.service
	assert_equal "$(show NFileDescriptorStore)" 2
	configure <<-'END'
	[Service]
	ExecStart=
	ExecStart=/run/bin/httpserve -q -l fd:httpserve.socket -l :8081 /var/www
	END
	inside systemctl restart httpserve.service
	wait_until 3 shows NFileDescriptorStore 1
	assert_equal "$(fetch_inside http://127.0.0.1:8081/)" hello
	run fetch_inside http://127.0.0.1:8080/
	assert_failure 7
}

@test "a mistake in the options is said, and not tried again" {
	need_systemd
	configure <<-'END'
	[Service]
	ExecStart=
	ExecStart=/run/bin/httpserve -q -l :8080 /var/www
	END
	run inside systemctl start httpserve.service
	assert_failure
	assert_equal "$(show ActiveState) $(show ExecMainStatus)" "failed 64"
	assert_equal "$(show NRestarts)" 0
	said_inside 'descriptor 3 \(httpserve.socket, \[::\]:80\) .*add -l fd:httpserve.socket'
}

@test "systemctl status shows what the children do" {
	need_systemd
	inside systemctl start httpserve.service
	wait_until 3 status_is '[0-9]+ children, 0 connections, 0 requests a second'
}

status_is()
{
	[[ $(show StatusText) =~ ^$1$ ]]
}

fed_since()
{
	(($(show WatchdogTimestampMonotonic) > $1))
}

@test "a child that hangs costs the watchdog, one that is idle does not" {
	local pid since

	need_systemd
	configure <<-'END'
	[Service]
	WatchdogSec=500ms
	Restart=no
	END
	inside systemctl start httpserve.service
	pid=$(show MainPID)
	since=$(show WatchdogTimestampMonotonic)
	# It is fed beyond twice the time.
	wait_until 5 fed_since "$((since + 1000000))"
	assert_equal "$(show MainPID) $(show ActiveState)" "$pid active"
	inside pkill -STOP -o -P "$pid"
	wait_until 5 shows ActiveState failed
	assert_equal "$(show Result)" watchdog
	wait_until 3 nobody_is_left
	assert_equal "$(fetch_inside)" hello
}

has_restarted()
{
	(($(show NRestarts) > 0)) && shows ActiveState active
}

@test "a service whose child hangs is started again" {
	local pid

	need_systemd
	inside systemctl start httpserve.service
	assert_equal "$(show WatchdogUSec)" '1min 30s'
	inside systemctl stop httpserve.socket
	configure <<-'END'
	[Service]
	WatchdogSec=500ms
	END
	inside systemctl start httpserve.service
	pid=$(show MainPID)
	inside pkill -STOP -o -P "$pid"
	wait_until 10 has_restarted
	main_is_another "$pid"
	assert_equal "$(fetch_inside)" hello
}

reloads_are()
{
	[[ $(inside grep -c '^httpserve: reloaded' /run/stderr) -eq $1 ]]
}

@test "reloads lose nothing, and one that fails leaves all as it was" {
	local pid i

	need_systemd
	inside systemctl start httpserve.service
	pid=$(show MainPID)
	load_inside
	for i in 1 2 3 4 5; do
		inside systemctl reload httpserve.service
		wait_until 3 reloads_are "$i"
		wait_until 3 shows SubState running
	done
	# With the root gone there is nothing to reload.
	inside mv /var/www /var/away
	inside systemctl reload httpserve.service
	wait_until 3 said_inside '^httpserve: reload: going on as before'
	wait_until 3 shows SubState running
	assert_equal "$(fetch_inside)" hello
	inside mv /var/away /var/www
	inside systemctl reload httpserve.service
	wait_until 3 reloads_are 6
	end_load
	assert_equal "$(show MainPID) $(show ActiveState)" "$pid active"
}

@test "what the kernel lacks is said once, and done without" {
	local child

	need_systemd
	configure <<-'END'
	[Service]
	SystemCallErrorNumber=ENOSYS
	SystemCallFilter=~landlock_create_ruleset
	END
	inside systemctl start httpserve.service
	assert_equal "$(fetch_inside)" hello
	child=$(inside pgrep -o -P "$(show MainPID)")
	inside kill -KILL "$child"
	wait_until 3 said_inside 'died of signal 9'
	inside systemctl reload httpserve.service
	wait_until 3 reloads_are 1
	run inside grep -c 'no Landlock (Linux 5.13 has it)' /run/stderr
	assert_output 1
	for child in $(inside pgrep -P "$(show MainPID)"); do
		run inside grep -E '^(NoNewPrivs|Seccomp):' \
		    "/proc/$child/status"
		assert_line $'NoNewPrivs:\t1'
		assert_line $'Seccomp:\t2'
	done
}
