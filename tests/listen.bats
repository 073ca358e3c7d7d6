#!/usr/bin/env bats
# Addresses: every form the daemon listens on, and what is said about those
# that it can't.

load helper

setup()
{
	root=$BATS_TEST_TMPDIR/root
	socket=$BATS_TEST_TMPDIR/s
	mkdir "$root"
	echo hello >"$root/file"
}

# Fetches the file with these options of curl.
assert_serves()
{
	run curl -sS --max-time $((10 * SLOW)) "$@"
	assert_success
	assert_output hello
}

# The daemon, which must not start: its message in $stderr.  That is one line.
# shellcheck disable=SC2154	# run sets stderr and stderr_lines
assert_fails()
{
	local expected=$1

	shift
	run --separate-stderr timeout $((10 * SLOW)) "$@"
	assert_equal "$status" "$expected"
	assert_equal "$output" ''
	assert_equal "${#stderr_lines[@]}" 1
	[[ $stderr == "httpserve: "* ]] || fail "$stderr"
}

require_ipv6()
{
	grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null ||
	    skip "no IPv6 here"
}

@test "127.0.0.1:0 takes a free port and says which" {
	start_server -q -n 2 -l 127.0.0.1:0 "$root"
	run cat "$SERVER_STDERR"
	assert_output "httpserve: listening on 127.0.0.1:$PORT (2 children)"
	[ "$PORT" -gt 0 ]
	assert_serves "http://127.0.0.1:$PORT/file"
	stop_server
}

@test "[::1]:0 is IPv6" {
	require_ipv6
	start_server -q -n 1 -l '[::1]:0' "$root"
	assert_equal "$ADDRESS" "[::1]:$PORT"
	assert_serves "http://[::1]:$PORT/file"
	stop_server
}

@test ":0 is IPv4 and IPv6" {
	require_ipv6
	start_server -q -n 1 -l :0 "$root"
	assert_equal "$ADDRESS" "[::]:$PORT"
	assert_serves "http://127.0.0.1:$PORT/file"
	assert_serves "http://[::1]:$PORT/file"
	stop_server
}

@test "localhost:0 is a name" {
	start_server -q -n 1 -l localhost:0 "$root"
	assert_serves "http://$ADDRESS/file"
	stop_server
}

@test "without -l it is port 80" {
	local program=$BATS_TEST_TMPDIR/httpserve

	unshare -n true 2>/dev/null || skip "no network namespace"
	printf '#!/bin/sh\nexec unshare -n "%s" "$@"\n' \
	    "$BUILD/httpserve" >"$program"
	chmod +x "$program"
	start_program "$program" -q -n 1 "$root"
	assert_equal "$PORT" 80
	stop_server
}

@test "several -l are served at once" {
	local addresses

	start_server -q -n 1 -l 127.0.0.1:0 -l 127.0.0.1:0 \
	    -l "unix:$socket" "$root"
	addresses=$(ready_line httpserve)
	addresses=${addresses#*listening on }
	addresses=${addresses% (*}
	IFS=', ' read -r first second third <<<"$addresses"
	assert_equal "$third" "unix:$socket"
	assert_not_equal "$first" "$second"
	assert_serves "http://$first/file"
	assert_serves "http://$second/file"
	assert_serves --unix-socket "$socket" http://localhost/file
	stop_server
	[ ! -e "$socket" ]
}

@test "unix: is a socket that goes when the server goes" {
	start_server -q -n 1 -l "unix:$socket" "$root"
	assert_equal "$ADDRESS" "unix:$socket"
	[ -S "$socket" ]
	assert_serves --unix-socket "$socket" http://localhost/file
	stop_server
	[ ! -e "$socket" ]
}

@test "unix: of a server that was killed is replaced" {
	local children

	start_server -q -n 1 -l "unix:$socket" "$root"
	children=$(children_of "$SERVER_PID")
	kill -KILL "$SERVER_PID"
	for pid in $SERVER_PID $children; do
		wait_until 5 gone "$pid"
	done
	[ -S "$socket" ]

	start_server -q -n 1 -l "unix:$socket" "$root"
	assert_serves --unix-socket "$socket" http://localhost/file
	stop_server
	[ ! -e "$socket" ]
}

@test "unix: in use is left to its server: status 69" {
	start_server -q -n 1 -l "unix:$socket" "$root"
	assert_fails 69 "$BUILD/httpserve" -l "unix:$socket" "$root"
	assert_equal "$stderr" "httpserve: listen on unix:$socket: Address\
 already in use; another program listens there, stop it or choose another\
 address"
	assert_serves --unix-socket "$socket" http://localhost/file
	stop_server
}

@test "unix: is not removed once another server has it" {
	local first

	start_server -q -n 1 -l "unix:$socket" "$root"
	first=$SERVER_PID
	rm "$socket"
	start_server -q -n 1 -l "unix:$socket" "$root"
	kill -TERM "$first"
	wait_until 10 gone "$first"
	assert_serves --unix-socket "$socket" http://localhost/file
	stop_server
	[ ! -e "$socket" ]
}

@test "unix: does not replace what is no socket: status 69" {
	echo precious >"$socket"
	assert_fails 69 "$BUILD/httpserve" -l "unix:$socket" "$root"
	assert_equal "$(cat "$socket")" precious
}

@test "an address in use: status 69" {
	start_server -q -n 1 "$root"
	assert_fails 69 "$BUILD/httpserve" -l "$ADDRESS" "$root"
	assert_equal "$stderr" "httpserve: listen on $ADDRESS: Address already\
 in use; another program listens there, stop it or choose another address"
	stop_server
}

@test "one of several in use: status 69, and no socket is left" {
	start_server -q -n 1 "$root"
	assert_fails 69 "$BUILD/httpserve" -l "unix:$socket" -l "$ADDRESS" \
	    "$root"
	[ ! -e "$socket" ]
	stop_server
}

@test "a port that is root's: status 77" {
	local nobody=()

	if (($(sysctl -n net.ipv4.ip_unprivileged_port_start) <= 1)); then
		skip "every port is everybody's here"
	fi
	if (($(id -u) == 0)); then
		nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		"${nobody[@]}" test -x "$BUILD/httpserve" ||
		    skip "nobody may not run $BUILD/httpserve"
	fi
	assert_fails 77 ${nobody[@]+"${nobody[@]}"} "$BUILD/httpserve" \
	    -l 127.0.0.1:1 /
	assert_equal "$stderr" "httpserve: listen on 127.0.0.1:1: Permission\
 denied; ports below 1024 need root or CAP_NET_BIND_SERVICE, a port such as\
 8080 does not"
}

@test "an address without sense: status 64, and what to write" {
	local addr hint
	local -A hints=(
		[127.0.0.1]='write 127.0.0.1:8080'
		[8080]='write :8080'
		[::1:80]='write [::1]:80'
		[:65536]='write a number to 65535'
		[:nosuchservice]="write a port's number"
		[unix:]='write unix:/path'
		["unix:$(printf '/%.0s' {1..108})"]='at most 107'
	)

	for addr in "${!hints[@]}"; do
		hint=${hints[$addr]}
		assert_fails 64 "$BUILD/httpserve" -l "$addr" "$root"
		[[ $stderr == *"$hint" ]] || fail "$stderr: no \"$hint\""
	done
}

@test "an unknown host: status 69" {
	assert_fails 69 "$BUILD/httpserve" -l host..name:80 "$root"
	[[ $stderr == *"unknown host host..name"* ]]
}

@test "-l without an address is refused: status 64" {
	run --separate-stderr "$BUILD/httpserve" -l
	assert_equal "$status" 64
}
