#!/usr/bin/env bats
# httpserve as a system's daemon: in the background, with a pidfile, as a user
# without rights, with syslog.

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	echo text >"$root/file"
	pidfile=$BATS_TEST_TMPDIR/pid
	socket=$BATS_TEST_TMPDIR/socket
}

# Starts it in the background on the socket, with a pidfile.
start_daemon()
{
	run timeout 10 "$BUILD/httpserve" -d -p "$pidfile" -l "unix:$socket" \
	    -n 2 "$@" "$root" 3>&-
	assert_success || return
	assert_output '' || return
	wait_until 5 served || return
	daemon=$(cat "$pidfile")
}

served()
{
	[[ $(get http://x/file --unix-socket "$socket" 2>/dev/null) == text ]]
}

stop_daemon()
{
	kill -TERM "$daemon"
	wait_until 10 gone "$daemon"
	wait_until 5 nobody_left
}

teardown()
{
	local pid

	for pid in $(left_behind); do
		[[ $(awk '{ print $4 }' "/proc/$pid/stat") != 1 ]] ||
		    kill -TERM "$pid"
	done
	common_teardown
}

@test "-d detaches: its own session, no terminal, the root directory" {
	local child fd

	start_daemon
	child=$(children_of "$daemon" | head -n 1)
	assert_equal "$(ps -o tty= -p "$daemon")" '?'
	assert_not_equal "$(ps -o sid= -p "$daemon" | tr -d ' ')" \
	    "$(ps -o sid= -p "$$" | tr -d ' ')"
	for fd in 0 1 2; do
		assert_equal "$(readlink "/proc/$daemon/fd/$fd")" /dev/null
		assert_equal "$(readlink "/proc/$child/fd/$fd")" /dev/null
	done
	assert_equal "$(readlink "/proc/$daemon/cwd")" /
	stop_daemon
}

@test "-d says what is wrong before it detaches, with the status" {
	run timeout 10 "$BUILD/httpserve" -d -l unix:/nosuch/socket "$root"
	assert_failure
	assert_output --regexp '^httpserve: listen on unix:/nosuch/socket: '
	run timeout 10 "$BUILD/httpserve" -d -l "unix:$socket" /nosuch
	assert_failure 66
}

@test "-d finds a relative root, log and pidfile" {
	cd "$BATS_TEST_TMPDIR"
	run timeout 10 "$BUILD/httpserve" -d -p pid -L log -n 1 \
	    -l "unix:$socket" root 3>&-
	assert_success
	wait_until 5 served
	daemon=$(cat pid)
	wait_until 5 test -s log
	stop_daemon
	[[ ! -e pid ]]
}

@test "-d writes no access log unless -L names it" {
	start_daemon -L "$BATS_TEST_TMPDIR/log"
	wait_until 5 test -s "$BATS_TEST_TMPDIR/log"
	stop_daemon
}

@test "the pidfile has the master's pid while it runs, and goes with it" {
	start_server -q -n 1 -p "$pidfile" "$root"
	assert_equal "$(cat "$pidfile")" "$SERVER_PID"
	assert_equal "$(stat -c %a "$pidfile")" 644
	stop_server
	[[ ! -e $pidfile ]]
}

@test "a pidfile that is in use keeps a second server from starting" {
	start_server -q -n 1 -p "$pidfile" "$root"
	run timeout 10 "$BUILD/httpserve" -p "$pidfile" -l 127.0.0.1:0 "$root"
	assert_failure 69
	assert_output --regexp "^httpserve: pidfile .*$SERVER_PID.*"
	assert_equal "$(cat "$pidfile")" "$SERVER_PID"
}

@test "children that outlive their master do not keep its pidfile" {
	make_large_file "$root/large"
	start_server -q -n 1 -p "$pidfile" "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -KILL "$SERVER_PID"
	wait "$SERVER_PID" || true
	wait_until 3 refused
	start_server -q -n 1 -p "$pidfile" "$root"
	assert_equal "$(cat "$pidfile")" "$SERVER_PID"
}

@test "a second daemon with the same pidfile does not start either" {
	start_daemon
	run timeout 10 "$BUILD/httpserve" -d -p "$pidfile" -l 127.0.0.1:0 \
	    "$root" 3>&-
	assert_failure 69
	served
	stop_daemon
	[[ ! -e $pidfile && ! -e $socket ]]
}

# A process's ids of that kind, as /proc has them.
ids()
{
	awk -v kind="$2:" '$1 == kind { $1 = ""; print substr($0, 2) }' \
	    "/proc/$1/status"
}

need_root()
{
	(($(id -u) == 0)) || skip "only root can become another user"
}

@test "-u gives up all rights in the children, for good" {
	local child uid gid capabilities

	need_root
	uid=$(id -u nobody) gid=$(id -g nobody)
	start_server -q -n 2 -u nobody "$root"
	for child in $(children_of "$SERVER_PID"); do
		assert_equal "$(ids "$child" Uid)" "$uid $uid $uid $uid"
		assert_equal "$(ids "$child" Gid)" "$gid $gid $gid $gid"
		assert_equal "$(ids "$child" Groups)" "$gid"
		for capabilities in CapPrm CapEff CapInh CapAmb; do
			assert_equal "$(ids "$child" "$capabilities")" \
			    0000000000000000
		done
	done
	assert_equal "$(ids "$SERVER_PID" Uid)" '0 0 0 0'
	assert_equal "$(get /file)" text
}

@test "-u user:group, and numbers" {
	local child gid

	need_root
	gid=$(id -g games)
	start_server -q -n 1 -u nobody:games "$root"
	child=$(children_of "$SERVER_PID")
	assert_equal "$(ids "$child" Gid)" "$gid $gid $gid $gid"
	stop_server
	start_server -q -n 1 -u 54321:54322 "$root"
	child=$(children_of "$SERVER_PID")
	assert_equal "$(ids "$child" Uid)" '54321 54321 54321 54321'
	assert_equal "$(ids "$child" Gid)" '54322 54322 54322 54322'
	assert_equal "$(ids "$child" Groups)" 54322
}

@test "with -u a child that dies is replaced by one without rights" {
	local child uid

	need_root
	uid=$(id -u nobody)
	start_server -q -n 1 -u nobody "$root"
	child=$(children_of "$SERVER_PID")
	kill -KILL "$child"
	wait_until 3 has_new_children "$SERVER_PID" 1 "$child"
	assert_equal "$(get /file)" text
	assert_equal "$(ids "$(children_of "$SERVER_PID")" Uid)" \
	    "$uid $uid $uid $uid"
}

@test "with -u children still go when their master is killed" {
	need_root
	start_server -q -n 2 -u nobody "$root"
	kill -KILL "$SERVER_PID"
	wait "$SERVER_PID" || true
	wait_until 3 nobody_left
}

@test "with -u the log is root's, and what nobody may not read is 403" {
	need_root
	start_server -n 1 -u nobody -L "$BATS_TEST_TMPDIR/log" "$root"
	chmod 600 "$root/file"
	run get /file -o /dev/null -w '%{http_code}'
	assert_output 403
	wait_until 3 test -s "$BATS_TEST_TMPDIR/log"
	assert_equal "$(stat -c %u "$BATS_TEST_TMPDIR/log")" 0
}

@test "with -u a root that only root reaches is still served" {
	need_root
	mkdir -m 700 "$BATS_TEST_TMPDIR/closed"
	mv "$root" "$BATS_TEST_TMPDIR/closed/root"
	start_server -q -n 1 -u nobody "$BATS_TEST_TMPDIR/closed/root"
	assert_equal "$(get /file)" text
}

# A directory to change to, with two roots in it and a link to the first.
make_jail()
{
	jail=$BATS_TEST_TMPDIR/jail
	mkdir "$jail" "$jail/one" "$jail/two"
	echo one >"$jail/one/file"
	echo two >"$jail/two/file"
	ln -s one "$jail/current"
}

in_jail()
{
	local child

	for child in $(children_of "$SERVER_PID"); do
		assert_equal "$(readlink "/proc/$child/root")" "$jail" ||
		    return
		assert_equal "$(readlink "/proc/$child/cwd")" "$jail" ||
		    return
	done
	assert_equal "$(readlink "/proc/$SERVER_PID/root")" /
}

@test "-r: children have another root directory, and nothing outside" {
	local name

	need_root
	make_jail
	start_server -q -n 2 -u nobody -r "$jail" -o follow_links=yes \
	    "$jail/one"
	in_jail
	assert_equal "$(get /file)" one
	# A link is one from the new root directory on.
	ln -s /two/file "$jail/one/absolute"
	ln -s ../two/file "$jail/one/relative"
	ln -s "$root/file" "$jail/one/outside"
	ln -s ../../root/file "$jail/one/above"
	ln -s /etc/passwd "$jail/one/passwd"
	for name in absolute relative; do
		assert_equal "$(get "/$name")" two
	done
	for name in outside above passwd; do
		run get "/$name" -o /dev/null -w '%{http_code}'
		assert_output 404
	done
}

@test "-r: the root may be that directory itself, and relative" {
	need_root
	make_jail
	cd "$BATS_TEST_TMPDIR"
	start_server -q -n 1 -u nobody -r jail jail
	in_jail
	assert_equal "$(get /one/file)" one
	stop_server
	cd jail
	start_server -q -n 1 -u nobody -r ../jail/ ./one
	in_jail
	assert_equal "$(get /file)" one
	stop_server
	# A path that goes up is another one from the new root directory on.
	mkdir -p jail/one
	echo wrong >jail/one/file
	start_server -q -n 1 -u nobody -r "$jail" ../jail/one
	assert_equal "$(get /file)" one
	# Without /proc nobody can tell whether this one is below the root.
	ln -s /one/file one/absolute
	run get /absolute -o /dev/null -w '%{http_code}'
	assert_output 404
	cd "$TOP"
}

# Puts another link in place of the root, as deployments do.
lead_to()
{
	ln -s "$1" "$jail/next"
	mv -T "$jail/next" "$jail/current"
}

@test "-r: a link to the root may lead elsewhere, and not outside" {
	need_root
	make_jail
	start_server -q -n 1 -u nobody -r "$jail" "$jail/current"
	assert_equal "$(get /file)" one
	lead_to two
	assert_equal "$(get /file)" two
	lead_to /one
	assert_equal "$(get /file)" one
	# From outside this is another one, which only a reload sees.
	lead_to "$jail/two"
	assert_equal "$(get /file)" one
	kill -HUP "$SERVER_PID"
	wait_until 5 says '^httpserve: reloaded'
	assert_equal "$(get /file)" two
	lead_to ../root
	kill -HUP "$SERVER_PID"
	wait_until 5 says "^httpserve: root directory .*: not below -r $jail"
	wait_until 5 says '^httpserve: reload: going on as before'
	assert_equal "$(get /file)" two
}

@test "-r: children that die, and new logs, and the local time" {
	local children log=$BATS_TEST_TMPDIR/log

	need_root
	[[ -e /usr/share/zoneinfo/Asia/Tokyo ]] || skip "no time zones here"
	make_jail
	TZ=Asia/Tokyo start_server -n 2 -u nobody -r "$jail" -L "$log" \
	    "$jail/one"
	children=$(children_of "$SERVER_PID")
	# shellcheck disable=SC2086	# words
	kill -KILL $children
	# shellcheck disable=SC2086
	wait_until 5 has_new_children "$SERVER_PID" 2 $children
	in_jail
	mv "$log" "$log.1"
	kill -USR1 "$SERVER_PID"
	wait_until 3 test -e "$log"
	assert_equal "$(get /file)" one
	wait_until 3 grep -q ' +0900\] "GET /file HTTP/1.1" 200 ' "$log"
}

@test "-r: the groups of -u are those of outside" {
	local child

	need_root
	unshare --mount true || skip "no mounts of our own here"
	make_jail
	sed 's/^games:.*/games:x:60:nobody/' /etc/group \
	    >"$BATS_TEST_TMPDIR/group"
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/httpserve" <<-END
	#!/bin/sh
	exec unshare --mount sh -c 'mount --bind "\$0" /etc/group &&
	    exec "\$@"' "$BATS_TEST_TMPDIR/group" "$BUILD/httpserve" "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/httpserve"
	start_program "$BATS_TEST_TMPDIR/bin/httpserve" -q -n 1 -u nobody \
	    -r "$jail" -l 127.0.0.1:0 "$jail/one"
	child=$(children_of "$SERVER_PID")
	assert_equal "$(ids "$child" Groups)" "60 $(id -g nobody)"
	assert_equal "$(get /file)" one
}

@test "-u nobody has port 80" {
	need_root
	unshare --net true || skip "no network of our own here"
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/httpserve" <<-END
	#!/bin/sh
	exec unshare --net sh -c 'ip link set lo up; exec "\$@"' sh \
	    "$BUILD/httpserve" "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/httpserve"
	start_program "$BATS_TEST_TMPDIR/bin/httpserve" -q -n 1 -u nobody \
	    -l 127.0.0.1:80 "$root"
	assert_equal "$(nsenter --net="/proc/$SERVER_PID/ns/net" \
	    curl -sS http://127.0.0.1/file)" text
}

@test "-d logs to syslog, with its name, pid and facility" {
	need_root
	unshare --mount true || skip "no mounts of our own here"
	cat >"$BATS_TEST_TMPDIR/run" <<-'END'
	set -e
	mount -t tmpfs none /mnt
	for node in null zero urandom; do
		: >"/mnt/$node"
		mount --bind "/dev/$node" "/mnt/$node"
	done
	mount --move /mnt /dev
	socat -u UNIX-RECV:/dev/log "CREATE:$T/syslog" &
	socat=$!
	until [ -S /dev/log ]; do sleep 0.02; done
	"$B/httpserve" -d -n 2 -p "$T/pid" -l "unix:$T/socket" "$T/root"
	until curl -sf --unix-socket "$T/socket" http://x/file; do
		sleep 0.02
	done
	until grep -q listening "$T/syslog"; do sleep 0.02; done
	kill "$(cat "$T/pid")"
	while [ -e "$T/pid" ]; do sleep 0.02; done
	until grep -q stopped "$T/syslog"; do sleep 0.02; done
	kill "$socat"
	END
	T=$BATS_TEST_TMPDIR B=$BUILD timeout 20 unshare --mount \
	    sh "$BATS_TEST_TMPDIR/run" 3>&-
	# 30 is LOG_DAEMON and LOG_INFO: syslog(3).
	says "^<30>.* httpserve\[[0-9]+\]: listening on unix:$socket \(2 " \
	    "$BATS_TEST_TMPDIR/syslog"
}

# Another syslogd is at a path that children don't have any more.
@test "-r: the access log goes to syslog, and by SIGUSR1 to its successor" {
	need_root
	unshare --mount true || skip "no mounts of our own here"
	cat >"$BATS_TEST_TMPDIR/run" <<-'END'
	set -e
	listen() {
		rm -f /dev/log
		socat -u UNIX-RECV:/dev/log "CREATE:$1" &
		socat=$!
		until [ -S /dev/log ]; do sleep 0.02; done
	}
	has() {
		until grep -q "GET /file?$1" "$2"; do
			curl -sf --unix-socket "$T/socket" "http://x/file?$1"
			sleep 0.02
		done
	}
	mount -t tmpfs none /mnt
	for node in null zero urandom; do
		: >"/mnt/$node"
		mount --bind "/dev/$node" "/mnt/$node"
	done
	mount --move /mnt /dev
	listen "$T/syslog"
	"$B/httpserve" -d -n 1 -u nobody -r "$T/root" -L syslog \
	    -p "$T/pid" -l "unix:$T/socket" "$T/root"
	until curl -sf --unix-socket "$T/socket" http://x/file; do
		sleep 0.02
	done
	has first "$T/syslog"
	# Its last act is to remove the socket of that name.
	kill "$socat"
	wait "$socat" || true
	listen "$T/next"
	kill -USR1 "$(cat "$T/pid")"
	has second "$T/next"
	kill "$(cat "$T/pid")"
	while [ -e "$T/pid" ]; do sleep 0.02; done
	kill "$socat"
	END
	T=$BATS_TEST_TMPDIR B=$BUILD timeout 20 unshare --mount \
	    sh "$BATS_TEST_TMPDIR/run" 3>&-
	run ! says 'second' "$BATS_TEST_TMPDIR/syslog"
}
