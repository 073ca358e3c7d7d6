#!/usr/bin/env bats
# Options, and what is said about wrong ones.

load helper
load process

# Fails unless httpserve leaves with a status and says one line like that.
assert_refused()
{
	local code=$1 line=$2
	shift 2

	run --separate-stderr timeout 10 "${AS[@]}" "$HTTPSERVE" "$@"
	assert_equal "$status" "$code" || return
	assert_equal "$output" '' || return
	# shellcheck disable=SC2154	# run sets it
	[[ $stderr =~ ^httpserve:\ $line$ ]] ||
	    fail "httpserve $*: says \"$stderr\", not \"$line\"" || return
	# shellcheck disable=SC2154
	assert_equal "${#stderr_lines[@]}" 1
}

# The rest of the test starts httpserve as nobody, from where nobody can.
as_nobody()
{
	(($(id -u) == 0)) || skip "only root can be somebody else"
	AS=(setpriv --reuid nobody --regid nogroup --clear-groups)
	for_nobody=$(mktemp -d)
	chmod 755 "$for_nobody"
	cp "$HTTPSERVE" "$for_nobody"
	HTTPSERVE=$for_nobody/httpserve
	unset ASAN_OPTIONS TSAN_OPTIONS
	cd /
}

setup()
{
	HTTPSERVE=$BUILD/httpserve
	AS=()
	cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
	cd "$TOP" || return
	[[ -z ${for_nobody-} ]] || rm -r "$for_nobody"
	common_teardown
}

@test "-V prints the version" {
	run "$HTTPSERVE" -V
	assert_success
	assert_output "httpserve 0.1.0"
}

@test "wrong options show the usage: status 64" {
	local options

	for options in -Z '-n' '-l' 'a b' '-q a b'; do
		# shellcheck disable=SC2086	# words
		run --separate-stderr timeout 10 "$HTTPSERVE" $options
		assert_equal "$status" 64
		assert_equal "$output" ''
		# shellcheck disable=SC2154	# run sets it
		[[ $stderr == *"usage: httpserve [-djqtTvV]"* ]]
	done
}

@test "the usage is the manual page's synopsis" {
	local synopsis

	run --separate-stderr timeout 10 "$HTTPSERVE" -Z
	synopsis=$(MANWIDTH=500 mandoc -Tascii -O width=500 \
	    "$TOP/man/httpserve.8" | col -b |
	    sed -n '/^SYNOPSIS/{n;p;n;p}' | tr -s ' \n' ' ')
	assert_equal "usage:${synopsis% }" \
	    "$(sed -n '/^usage/,$p' <<<"$stderr" | tr -s '\t\n' ' ' |
	    sed -e 's/\.\.\. / ... /' -e 's/ $//' -e 's/  / /g')"
}

@test "a number that is none is named, with the range: status 64" {
	local option n

	for option in c g n; do
		for n in x '' 1x -1 99999999999999999999 1.5 ' 1 ' 0x10; do
			assert_refused 64 \
			    "-$option $n: .*give a number from [01] to [0-9]+" \
			    "-$option" "$n"
		done
	done
	for option in c n; do
		assert_refused 64 "-$option 0: .*give a number from 1 .*" \
		    "-$option" 0
	done
}

@test "options that would go unheeded beside others: status 64" {
	assert_refused 64 '-L log: -q writes no access log; .*' -q -L log
	assert_refused 64 '-j: -q writes no access log; .*' -jq
	assert_refused 64 '-j: behind -d .* give an access log by -L' -dj
	assert_refused 64 '-e -: behind -d there is no standard error' -d -e -
	assert_refused 64 '-r /: .* give a user by -u' -r /
	[[ ! -e log ]]
}

@test "a part of the sandbox that there is not: status 64, with -T too" {
	assert_refused 64 '-x selinux: give capabilities, .* or all' -x selinux
	assert_refused 64 '-x selinux: give capabilities, .* or all' \
	    -x seccomp -T -x selinux
}

@test "no_new_privs stays with what needs it: status 64" {
	local options sandbox

	assert_refused 64 '-x no_new_privs: landlock and seccomp need it; .*' \
	    -x no_new_privs
	assert_refused 64 '-x no_new_privs: landlock and seccomp need it; .*' \
	    -x no_new_privs -x seccomp
	while IFS='|' read -r options sandbox; do
		# shellcheck disable=SC2086	# words
		run "$BUILD/httpserve" -T $options
		assert_line "sandbox = {$sandbox}"
	done <<-'END'
	-x capabilities|landlock, seccomp, no_new_privs
	-x seccomp|capabilities, landlock, no_new_privs
	-x seccomp -x landlock|capabilities, no_new_privs
	-x seccomp -x landlock -x no_new_privs|capabilities
	-x all|none
	-x capabilities -x landlock -x seccomp|no_new_privs
	END
}

@test "a status path that no request can have: status 64" {
	local path

	for path in status '/a?b' '/a#b' /a%62 /a/../b /.; do
		assert_refused 64 "-o status=.*: give a path, such as .*" \
		    -o "status=$path"
	done
}

@test "of -v and -w the last counts" {
	start_server -q -n 1 -v -w info
	run ! says started
	start_server -q -n 1 -w warning -v
	says started
}

@test "an address that is none is named: status 64" {
	local host

	for host in 127.0.0.1 :65536 :-1 :nosuchservice 127.0.0.1:x \
	    '[::1]' '::1:80' unix: "unix:/$(printf '%0120d' 0)"; do
		assert_refused 64 ".*${host//[\[\]]/.}.*" -l "$host"
	done
}

@test "an address in use, or of another host, is status 69" {
	start_server -q
	assert_refused 69 "listen on $ADDRESS: Address already in use.*" \
	    -l "$ADDRESS"
	assert_refused 69 'listen on 203.0.113.1:0: Cannot assign.*' \
	    -l 203.0.113.1:0
	get / -o /dev/null
}

@test "of two addresses the wrong one is named, and none is served" {
	start_server -q
	assert_refused 69 "listen on $ADDRESS: Address already in use.*" \
	    -l "unix:$PWD/socket" -l "$ADDRESS"
	run ! nc -zU socket
}

@test "what is no socket is not replaced by one: status 69" {
	echo text >file
	assert_refused 69 'listen on unix:.*file: .*' \
	    -l "unix:$BATS_TEST_TMPDIR/file"
	assert_equal "$(cat file)" text
}

@test "a root that is missing, or no directory, is status 66" {
	echo text >file
	assert_refused 66 'root directory nosuch: No such file.*' nosuch
	assert_refused 66 'root directory file: Not a directory.*' file
	assert_refused 66 'root directory : No such file.*' ''
}

@test "a log or a pidfile that can not be made is status 73" {
	assert_refused 73 'access log nosuch/log: No such file.*' \
	    -l 127.0.0.1:0 -L nosuch/log
	assert_refused 73 'access log \.: Is a directory.*' -l 127.0.0.1:0 -L .
	assert_refused 73 'pidfile .*nosuch/pid: No such file.*' \
	    -l 127.0.0.1:0 -p nosuch/pid
}

@test "a user or group that does not exist is status 67" {
	assert_refused 67 '.*nosuchuser.*' -l 127.0.0.1:0 -u nosuchuser
	assert_refused 67 '.*nosuchgroup.*' -l 127.0.0.1:0 \
	    -u nobody:nosuchgroup
}

@test "nobody has no port below 1024, and is told what to do: status 77" {
	local first

	first=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)
	((first > 81)) || skip "here everybody has port 81"
	as_nobody
	assert_refused 77 \
	    'listen on 127.0.0.1:81: Permission denied; .*root.*8080.*' \
	    -l 127.0.0.1:81
}

@test "nobody can not become another user: status 77" {
	as_nobody
	assert_refused 77 '-u games: only root .*' -l 127.0.0.1:0 -u games
}

@test "-r needs a user, and a root below it: status 64, or 66" {
	(($(id -u) == 0)) || skip "only root can change the root directory"
	mkdir jail jail/root other
	assert_refused 64 '-r jail: .* give a user by -u' -r jail jail/root
	assert_refused 66 '-r .*/nosuch: No such file.*' -l 127.0.0.1:0 \
	    -u nobody -r nosuch jail/root
	assert_refused 64 'root directory other: not below -r .*/jail' \
	    -l 127.0.0.1:0 -u nobody -r jail other
	assert_refused 64 'root directory jail/../other: not below .*' \
	    -l 127.0.0.1:0 -u nobody -r jail jail/../other
	assert_refused 64 'root directory jailed: not below .*' \
	    -l 127.0.0.1:0 -u nobody -r jail "$(mkdir jailed && echo jailed)"
	ln -s ../other jail/link
	assert_refused 64 'root directory jail/link: not below .*' \
	    -l 127.0.0.1:0 -u nobody -r jail jail/link
}

@test "a root that nobody may not enter is status 77" {
	as_nobody
	mkdir -m 700 "$for_nobody/root"
	assert_refused 77 'root directory .*/root: Permission denied.*' \
	    -l 127.0.0.1:0 "$for_nobody/root"
}

@test "a directory where nobody may not write is status 73 or 77" {
	as_nobody
	assert_refused 73 'access log .*/log: Permission denied.*' \
	    -l 127.0.0.1:0 -L "$for_nobody/log"
	assert_refused 73 'pidfile .*/pid: Permission denied.*' \
	    -l 127.0.0.1:0 -p "$for_nobody/pid"
	assert_refused 77 'listen on unix:.*/s: Permission denied.*' \
	    -l "unix:$for_nobody/s"
}

@test "more connections than descriptors are cut down, with a word" {
	run -0 prlimit --nofile=1000:1000 true
	prlimit --nofile=1000:1000 --pid "$BASHPID"
	start_server -q -n 1 -c 5000
	says '^httpserve: 435 connections a child, not 5000: .*1000 desc'
}

@test "the root is the current directory unless given" {
	echo text >file
	start_server -q
	assert_equal "$(get /file)" text
}

@test "the ready line says all addresses and the children" {
	start_server -q -n 3 -l 127.0.0.1:0 -l "unix:$BATS_TEST_TMPDIR/s"
	says "^httpserve: listening on 127\.0\.0\.1:[0-9]+, unix:$PWD/s \(3 ch"
	get / -o /dev/null
	get http://localhost/ --unix-socket s -o /dev/null
	stop_server
	start_server -q -n 1
	says '^httpserve: listening on 127.0.0.1:[0-9]+ \(1 child\)$'
}

@test "without -n there is a child for each processor" {
	start_server -q
	assert_equal "$(children_of "$SERVER_PID" | wc -l)" "$(nproc)"
}

@test ":port is one socket for IPv6 and IPv4" {
	start_server -q -n 1 -l :0
	get "http://127.0.0.1:$PORT/" -o /dev/null
	[[ -s /proc/net/if_inet6 ]] || skip "no IPv6 here"
	get "http://[::1]:$PORT/" -o /dev/null
	assert_equal "$ADDRESS" "[::]:$PORT"
}

@test "standard streams that are closed get no socket's answers" {
	echo text >file
	printf '#!/bin/sh\nexec "%s" "$@" <&- >&-\n' "$HTTPSERVE" >httpserve
	chmod +x httpserve
	start_program ./httpserve -l 127.0.0.1:0 -n 1
	assert_equal "$(get /file)" text
	assert_equal "$(get /file -0)" text
}
