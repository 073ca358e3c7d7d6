#!/usr/bin/env bats
# Reloads, reopened logs, children more and less: nobody's connection is lost
# by any of it, and what goes wrong leaves the server as it was.

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	log=$BATS_TEST_TMPDIR/log
	mkdir "$root"
	echo text >"$root/file"
}

# A program that reloads, with other options.
start_reloads()
{
	start_program "$PROGRAMS/reloads" "$@" 127.0.0.1:0
}

# How many of the server's messages match.
said_times()
{
	grep -cE -- "^[a-z]+: $1" "$SERVER_STDERR" || true
}

said_again()
{
	(($(said_times "$1") > $2))
}

# SIGHUP, until the server says what came of it: the given, or "reloaded".
reload()
{
	local what=${1-reloaded } before

	before=$(said_times "$what")
	kill -HUP "$SERVER_PID"
	wait_until 10 said_again "$what" "$before"
}

# Children by their process ids, on a line.
children_line()
{
	children_of "$SERVER_PID" | sort -n | paste -sd ' '
}

descriptors()
{
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

descriptors_are()
{
	[[ $(descriptors "$1") -eq $2 ]]
}

dial()
{
	exec {FD}<>"/dev/tcp/127.0.0.1/$PORT"
}

# Sends a request on a descriptor and prints its answer, of one line.
ask()
{
	printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "$2" >&"$1"
	read_answer "$1"
}

read_answer()
{
	local line

	while read -r -t $((5 * SLOW)) -u "$1" line && [[ $line != $'\r' ]]; do
		printf '%s\n' "${line%$'\r'}"
	done
	read -r -t $((5 * SLOW)) -u "$1" line
	printf '%s\n' "$line"
}

# Fails unless a descriptor's connection has been closed, without a byte more.
assert_end()
{
	local line status=0

	read -r -t $((5 * SLOW)) -u "$1" line || status=$?
	assert_equal "$status $line" '1 '
}

@test "SIGHUP replaces every child; the master stays" {
	local before

	start_server -q -n 4 "$root"
	before=$(children_of "$SERVER_PID")
	reload
	# shellcheck disable=SC2086	# words
	wait_until 3 has_new_children "$SERVER_PID" 4 $before
	# shellcheck disable=SC2086	# words
	all_gone $before
	says '^httpserve: reloading$'
	says '^httpserve: reloaded \(4 children\)$'
	assert_equal "$(get /file)" text
	run ! says 'died|gave up|cut|killed'
	stop_server
}

@test "an idle connection is answered after a reload, as its last" {
	local old

	start_server -q -n 1 "$root"
	old=$(children_of "$SERVER_PID")
	dial
	run ask "$FD" /file
	assert_line 'HTTP/1.1 200 OK'
	refute_line 'Connection: close'
	reload
	wait_until 3 has_retired "$old"
	run ! gone "$old"
	run ask "$FD" /file
	assert_line 'HTTP/1.1 200 OK'
	assert_line 'Connection: close'
	assert_line text
	assert_end "$FD"
	wait_until 3 gone "$old"
	wait_until 3 has_children "$SERVER_PID" 1
}

@test "a request that is half here is answered, as the last" {
	local old

	start_server -q -n 1 "$root"
	old=$(children_of "$SERVER_PID")
	dial
	run ask "$FD" /file
	printf 'GET /file HTTP/1.1\r\nHost:' >&"$FD"
	reload
	wait_until 3 has_retired "$old"
	printf ' x\r\n\r\n' >&"$FD"
	run read_answer "$FD"
	assert_line 'HTTP/1.1 200 OK'
	assert_line 'Connection: close'
	assert_line text
	assert_end "$FD"
	wait_until 3 gone "$old"
}

@test "a retired child leaves when an idle client does" {
	local old

	start_server -q -n 1 "$root"
	old=$(children_of "$SERVER_PID")
	dial
	run ask "$FD" /file
	reload
	wait_until 3 has_retired "$old"
	run ! gone "$old"
	exec {FD}>&-
	wait_until 3 gone "$old"
}

@test "a download goes on through reloads, byte for byte" {
	local old

	make_large_file "$root/large"
	start_server -q -n 2 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	old=$(children_of "$SERVER_PID")
	for _ in 1 2 3 4 5; do
		reload
	done
	run ! gone "$CLIENT"
	# One has the download; the other of the first two is gone.
	wait_until 3 has_children "$SERVER_PID" 3
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	# shellcheck disable=SC2086	# words
	wait_until 3 has_new_children "$SERVER_PID" 2 $old
}

@test "SIGTERM after a reload stops old and new, and waits for both" {
	make_large_file "$root/large"
	start_server -q -n 2 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	reload
	kill -TERM "$SERVER_PID"
	wait_until 3 refused
	run ! gone "$SERVER_PID"
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	wait_until 3 gone "$SERVER_PID"
	wait "$SERVER_PID"
}

@test "SIGTERM and SIGQUIT end a server in the middle of a reload" {
	local sig

	for sig in TERM QUIT; do
		start_with --default-signal=QUIT -q -n 50 "$root"
		kill -HUP "$SERVER_PID"
		kill "-$sig" "$SERVER_PID"
		wait_until 5 gone "$SERVER_PID"
		wait "$SERVER_PID"
		wait_until 3 nobody_left
	done
}

@test "a link to another root is served after a reload" {
	mkdir "$BATS_TEST_TMPDIR/next"
	echo new >"$BATS_TEST_TMPDIR/next/file"
	ln -s root "$BATS_TEST_TMPDIR/link"
	start_server -q -n 2 "$BATS_TEST_TMPDIR/link"
	assert_equal "$(get /file)" text
	ln -sfn next "$BATS_TEST_TMPDIR/link"
	reload
	assert_equal "$(get /file)" new
	rm -r "$root"
	assert_equal "$(get /file)" new
}

@test "a root that only root can reach is opened anew by a reload" {
	local private=$BATS_TEST_TMPDIR/private

	((EUID == 0)) || skip "only root can be somebody else"
	mkdir -p "$private/root"
	echo old >"$private/root/file"
	start_server -q -n 2 -u nobody "$private/root"
	chmod 700 "$private"
	mv "$private/root" "$private/old"
	mkdir "$private/root"
	echo new >"$private/root/file"
	assert_equal "$(get /file)" old
	reload
	assert_equal "$(get /file)" new
}

@test "media types are read anew" {
	local types=$BATS_TEST_TMPDIR/types wrapper

	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	wrapper=$BATS_TEST_TMPDIR/bin/httpserve
	mkdir "${wrapper%/*}"
	cat >"$wrapper" <<-END
		#!/bin/sh
		[ -n "\$within" ] || within=y exec unshare -m "\$0" "\$@"
		mount --bind "$types" /etc/mime.types
		exec "$BUILD/httpserve" "\$@"
	END
	chmod +x "$wrapper"
	echo 'text/x-before xyz' >"$types"
	echo text >"$root/file.xyz"
	start_program "$wrapper" -q -n 1 -l 127.0.0.1:0 "$root"
	run get /file.xyz -I
	assert_line --regexp '^Content-Type: text/x-before'
	echo 'text/x-behind xyz' >"$types"
	reload
	run get /file.xyz -I
	assert_line --regexp '^Content-Type: text/x-behind'
}

@test "a root that is gone is said, and everything stays as it was" {
	local before fds

	start_server -q -n 2 "$root"
	before=$(children_line)
	fds=$(descriptors "$SERVER_PID")
	dial
	run ask "$FD" /file
	mv "$root" "$root.away"
	reload 'reload: going on as before'
	says "^httpserve: root directory $root: No such file or directory$"
	assert_equal "$(children_line)" "$before"
	descriptors_are "$SERVER_PID" "$fds"
	# Those who serve still have it.
	assert_equal "$(get /file)" text
	run ask "$FD" /file
	refute_line 'Connection: close'
	mv "$root.away" "$root"
	reload
	# The connection keeps its child.
	wait_until 3 has_children "$SERVER_PID" 3
	run ask "$FD" /file
	assert_line 'Connection: close'
	# shellcheck disable=SC2086	# words
	wait_until 3 has_new_children "$SERVER_PID" 2 $before
}

# Descriptors become short, at one step of a reload after the other: for the
# root, and for the channels of the children.
@test "a reload that fails in the master changes nothing" {
	local before fds limit=1 all=$BATS_TEST_TMPDIR/all

	[[ -z ${SANITIZE-} ]] || skip "sanitizers need descriptors at the end"
	until ((limit++ > 40)); do
		start_server -q -n 2 "$root"
		before=$(children_line)
		fds=$(descriptors "$SERVER_PID")
		# The hard limit, too: the server takes what it can get.
		prlimit --pid "$SERVER_PID" --nofile="$limit:$limit"
		kill -HUP "$SERVER_PID"
		wait_until 5 said_again 'reload(.*going on as before|ed )' 0
		! says '^httpserve: reloaded ' || break
		wait_until 3 children_are "$before"
		descriptors_are "$SERVER_PID" "$fds"
		assert_equal "$(get /file)" text
		run ! says 'gave up|died'
		stop_server
		cat "$SERVER_STDERR" >>"$all"
	done
	says '^httpserve: root directory .*: Too many open files$' "$all"
	says '^httpserve: reload: fork: Too many open files: going on' "$all"
	((limit < 40))
}

# They have no room for the stack of a thread.
@test "a reload whose children can't start changes nothing" {
	local before fds kb

	[[ -z ${SANITIZE-} ]] || skip "sanitizers map all memory there is"
	start_server -q -n 2 "$root"
	before=$(children_line)
	fds=$(descriptors "$SERVER_PID")
	kb=$(awk '$1 == "VmSize:" { print $2 }' "/proc/$SERVER_PID/status")
	prlimit --pid "$SERVER_PID" --as="$(((kb + 2048) * 1024)):"
	reload 'reload: acceptor thread: .*: going on as before'
	wait_until 3 children_are "$before"
	descriptors_are "$SERVER_PID" "$fds"
	assert_equal "$(get /file)" text
	prlimit --pid "$SERVER_PID" --as="unlimited:"
	reload
	# shellcheck disable=SC2086	# words
	wait_until 3 has_new_children "$SERVER_PID" 2 $before
	run ! says 'gave up|died'
}

children_are()
{
	[[ $(children_line) == "$1" ]]
}

@test "a reload during a reload is done after it" {
	local before

	start_server -q -n 60 "$root"
	before=$(children_of "$SERVER_PID")
	kill -HUP "$SERVER_PID"
	wait_until 3 says '^httpserve: reloading$'
	kill -HUP "$SERVER_PID"
	wait_until 10 said_again 'reloaded ' 1
	# shellcheck disable=SC2086	# words
	wait_until 10 has_new_children "$SERVER_PID" 60 $before
	assert_equal "$(said_times reloading)" 2
}

@test "SIGHUP over and over, faster than it reloads" {
	start_server -q -n 8 "$root"
	for _ in {1..200}; do
		kill -HUP "$SERVER_PID"
	done
	wait_until 10 reloads_are_over
	wait_until 5 has_children "$SERVER_PID" 8
	assert_equal "$(get /file)" text
	run ! says 'died|gave up|killed'
}

reloads_are_over()
{
	[[ $(said_times reloading) -eq $(said_times 'reloaded ') ]]
}

@test "a child that dies after a reload is replaced by one like it" {
	local child before

	start_server -q -n 2 "$root"
	reload
	wait_until 3 has_children "$SERVER_PID" 2
	before=$(children_of "$SERVER_PID")
	for child in $before; do
		kill -KILL "$child"
	done
	# shellcheck disable=SC2086	# words
	wait_until 3 has_new_children "$SERVER_PID" 2 $before
	assert_equal "$(get /file)" text
}

@test "a child that was replaced is not, when it dies" {
	local old

	start_server -q -n 1 "$root"
	old=$(children_of "$SERVER_PID")
	dial
	run ask "$FD" /file
	reload
	wait_until 3 has_children "$SERVER_PID" 2
	kill -KILL "$old"
	wait_until 3 has_children "$SERVER_PID" 1
	wait_until 3 says "pid $old\) died of signal 9"
	reload
	wait_until 3 has_children "$SERVER_PID" 1
}

# Each reload leaves one behind, with a connection.
@test "a reload waits for a place when too many children still finish" {
	local fds=() child places=20 i

	start_reloads -p "$places"
	for ((i = 1; i < places; i++)); do
		child=$(pgrep -n -P "$SERVER_PID")
		dial
		fds+=("$FD")
		ask "$FD" /file >/dev/null
		reload
		# Until then it may accept the next, too.
		wait_until 3 has_retired "$child"
	done
	dial
	ask "$FD" /file >/dev/null
	reload 'reload: [0-9]+ children still finish; it waits for them'
	assert_equal "$(said_times 'reloaded ')" $((places - 1))
	kill -TTIN "$SERVER_PID"
	wait_until 3 says '^reloads: no place for another child$'
	assert_equal "$(get /file)" text
	exec {FD}>&-
	FD=${fds[10]}
	run ask "$FD" /file
	assert_line 'Connection: close'
	wait_until 5 said_again 'reloaded ' $((places - 1))
	assert_equal "$(said_times '.*still finish')" 1
	assert_equal "$(get /file)" text
}

@test "many more children by a reload, and more than there is room for" {
	local before

	printf 'children = 1\nroot = "%s"\n' "$root" >"$BATS_TEST_TMPDIR/conf"
	start_server -q -f "$BATS_TEST_TMPDIR/conf"
	sed -i 's/children = .*/children = 100/' "$BATS_TEST_TMPDIR/conf"
	reload
	wait_until 5 has_children "$SERVER_PID" 100
	before=$(children_line)
	sed -i 's/children = .*/children = 1000/' "$BATS_TEST_TMPDIR/conf"
	reload 'reload: 1000 children beside 100 are more than the 1024 that'
	says 'since the start; restart, or send SIGUSR2: going on as before$'
	assert_equal "$(children_line)" "$before"
	assert_equal "$(get /file)" text
}

@test "SIGTTIN and SIGTTOU: a child more, and one less, but the last" {
	local first

	start_server -q -n 1 "$root"
	first=$(children_line)
	kill -TTIN "$SERVER_PID"
	wait_until 3 has_children "$SERVER_PID" 2
	says '^httpserve: 2 children now$'
	kill -TTIN "$SERVER_PID"
	wait_until 3 has_children "$SERVER_PID" 3
	assert_equal "$(get /file)" text
	kill -TTOU "$SERVER_PID"
	wait_until 3 has_children "$SERVER_PID" 2
	kill -TTOU "$SERVER_PID"
	wait_until 3 has_children "$SERVER_PID" 1
	says '^httpserve: 1 child now$'
	assert_equal "$(children_line)" "$first"
	kill -TTOU "$SERVER_PID"
	wait_until 3 says '^httpserve: the last child stays$'
	assert_equal "$(children_line)" "$first"
	assert_equal "$(get /file)" text
	run ! says 'died|gave up'
}

@test "after a reload there are as many children as -n says" {
	start_server -q -n 2 "$root"
	for _ in 1 2 3; do
		kill -TTIN "$SERVER_PID"
	done
	wait_until 3 has_children "$SERVER_PID" 5 || true
	reload
	wait_until 3 has_children "$SERVER_PID" 2
	kill -TTOU "$SERVER_PID"
	wait_until 3 has_children "$SERVER_PID" 1
	reload
	wait_until 3 has_children "$SERVER_PID" 2
}

@test "a child too many serves out its connections" {
	local child

	start_server -q -n 2 "$root"
	make_large_file "$root/large"
	# One for each: they are spread evenly.
	slow_download "$BATS_TEST_TMPDIR/got.1"
	child=$CLIENT
	slow_download "$BATS_TEST_TMPDIR/got.2"
	kill -TTOU "$SERVER_PID"
	wait_until 3 says '^httpserve: 1 child now$'
	client_status "$CLIENT" 10
	client_status "$child" 10
	cmp "$BATS_TEST_TMPDIR/got.1" "$root/large"
	cmp "$BATS_TEST_TMPDIR/got.2" "$root/large"
	wait_until 3 has_children "$SERVER_PID" 1
}

# Whether no process of the server has the file open.
nobody_has()
{
	local pid

	for pid in "$SERVER_PID" $(children_of "$SERVER_PID"); do
		[[ -z $(find "/proc/$pid/fd" -lname "$1") ]] || return 1
	done
}

@test "SIGUSR1: all children write to a log that is new, nothing is lost" {
	local fds=() fd i fds_before

	start_server -n 4 -L "$log" "$root"
	fds_before=$(descriptors "$SERVER_PID")
	for i in {1..8}; do
		dial
		fds+=("$FD")
		ask "$FD" "/file?old=$i" >/dev/null
	done
	mv "$log" "$log.1"
	kill -USR1 "$SERVER_PID"
	wait_until 3 test -e "$log"
	wait_until 3 nobody_has "$log.1"
	i=0
	for fd in "${fds[@]}"; do
		ask "$fd" "/file?new=$((++i))" >/dev/null
	done
	wait_until 3 lines_are 8 "$log"
	assert_equal "$(stat -c %a "$log")" 640
	for i in {1..8}; do
		assert_equal "$(grep -c "old=$i " "$log.1")" 1
		assert_equal "$(grep -c "new=$i " "$log")" 1
	done
	lines_are 8 "$log.1"
	descriptors_are "$SERVER_PID" "$fds_before"
	# A child that comes later has it, too.
	reload
	get '/file?later'
	wait_until 3 grep -q 'later ' "$log"
}

lines_are()
{
	[[ $(wc -l <"$2") -eq $1 ]]
}

@test "logs that are moved under load have every request" {
	local i lines

	make_large_file "$root/large"
	start_server -n 2 -L "$log" "$root"
	start_load "$root" -d 0 -p 2
	for i in {1..20}; do
		mv "$log" "$log.$i"
		kill -USR1 "$SERVER_PID"
		wait_until 3 test -e "$log"
		wait_until 3 nobody_has "$log.$i"
	done
	end_load
	stop_server
	lines=$(cat "$log" "$log".* | wc -l)
	# The last answer of each client may be none that it has seen.
	((lines >= $(counted requests)))
	((lines <= $(counted requests) + 2 * 20))
	run ! grep -vhE '^127\.0\.0\.1 .* 200 5 "-" "-"$' "$log" "$log".*
}

@test "a log that can't be opened is said, and the old one goes on" {
	mkdir "$BATS_TEST_TMPDIR/logs"
	start_server -n 1 -L "$BATS_TEST_TMPDIR/logs/log" "$root"
	mv "$BATS_TEST_TMPDIR/logs" "$BATS_TEST_TMPDIR/away"
	kill -USR1 "$SERVER_PID"
	wait_until 3 says '^httpserve: .*: No such file or directory$'
	get '/file?still'
	wait_until 3 grep -q 'still ' "$BATS_TEST_TMPDIR/away/log"
}

# A configuration with this log, in the file for start_server -f.
configure_log()
{
	conf=$BATS_TEST_TMPDIR/conf
	printf 'root = "%s"\nchildren = 1\naccess_log = "%s"\n' "$root" \
	    "$1" >"$conf"
}

# In the child the number of the new log is a client's, or a file's.
@test "SIGUSR1 after a reload: an older child has no other's log" {
	local old lines fds=() i

	make_large_file "$root/large"
	configure_log "$log.a"
	start_server -f "$conf"
	old=$(children_line)
	for i in {1..8}; do
		dial
		fds+=("$FD")
		ask "$FD" "/file?first=$i" >/dev/null
	done
	slow_download "$BATS_TEST_TMPDIR/got"
	configure_log "$log.b"
	reload
	wait_until 3 has_retired "$old"
	mv "$log.b" "$log.b.1"
	kill -USR1 "$SERVER_PID"
	wait_until 3 test -e "$log.b"
	wait_until 3 nobody_has "$log.b.1"
	for i in "${!fds[@]}"; do
		run ask "${fds[i]}" "/file?second=$i"
		assert_line 'Connection: close'
	done
	get '/file?new'
	run ! gone "$CLIENT"
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	wait_until 3 gone "$old"
	stop_server
	lines=$(cut -d '"' -f 2 "$log.a" | cut -d ' ' -f 2 | sort | paste -sd ' ')
	assert_equal "$lines" "$(echo /file?{first={1..8},second={0..7}} /large)"
	assert_equal "$(cut -d ' ' -f 7 "$log.b")" '/file?new'
}

# Memory is short for the stack of a thread; both signals are there at once.
@test "SIGUSR1 in a reload that fails: the logs in use are opened anew" {
	local kb

	[[ -z ${SANITIZE-} ]] || skip "sanitizers map all memory there is"
	configure_log "$log.a"
	start_server -f "$conf"
	get '/file?first' -o /dev/null
	wait_until 3 lines_are 1 "$log.a"
	configure_log "$log.b"
	kb=$(awk '$1 == "VmSize:" { print $2 }' "/proc/$SERVER_PID/status")
	prlimit --pid "$SERVER_PID" --as="$(((kb + 2048) * 1024)):"
	mv "$log.a" "$log.a.1"
	kill -STOP "$SERVER_PID"
	kill -HUP "$SERVER_PID"
	kill -USR1 "$SERVER_PID"
	kill -CONT "$SERVER_PID"
	wait_until 10 says 'reload: acceptor thread: .*: going on as before'
	wait_until 3 test -e "$log.a"
	wait_until 3 nobody_has "$log.a.1"
	get '/file?second' -o /dev/null
	wait_until 3 lines_are 1 "$log.a"
	lines_are 1 "$log.a.1"
}

@test "SIGUSR1 does nothing to a log on standard output, nor to none" {
	local option

	for option in -v -q; do
		start_server "$option" -n 1 "$root"
		kill -USR1 "$SERVER_PID"
		reload
		assert_equal "$(get /file)" text
		stop_server
	done
}

# Starts httpserve on a terminal that script(1) makes, by a command of sh(1).
start_on_terminal()
{
	command -v script >/dev/null || skip "no script(1) here"
	SERVER_STDERR=$BATS_TEST_TMPDIR/stderr
	client terminal script -qc "exec $1 $BUILD/httpserve -q -n 2 \
	    -p $BATS_TEST_TMPDIR/pid -l 127.0.0.1:0 $root \
	    >/dev/null 2>$SERVER_STDERR" /dev/null
	TERMINAL=$CLIENT
	wait_until 10 says '^httpserve: listening on '
	SERVER_PID=$(cat "$BATS_TEST_TMPDIR/pid")
	PORT=$(sed -n 's/.*on 127\.0\.0\.1:\([0-9]*\) .*/\1/p' \
	    "$SERVER_STDERR")
	# shellcheck disable=SC2034	# for get
	URL=http://127.0.0.1:$PORT
}

# It is not this shell's child.
stop_on_terminal()
{
	kill -TERM "$SERVER_PID"
	wait_until 5 gone "$SERVER_PID"
	SERVER_PID=
}

@test "the end of the terminal is the server's" {
	start_on_terminal
	reload
	kill -KILL "$TERMINAL"
	wait_until 5 gone "$SERVER_PID"
	SERVER_PID=
	says '^httpserve: stopped$'
	[[ ! -e $BATS_TEST_TMPDIR/pid ]]
}

@test "under nohup(1) it outlives the terminal, and SIGHUP reloads" {
	cd "$BATS_TEST_TMPDIR"
	start_on_terminal nohup
	kill -KILL "$TERMINAL"
	wait_until 3 has_no_terminal "$SERVER_PID"
	assert_equal "$(get /file)" text
	reload
	run ! says '^httpserve: stop'
	stop_on_terminal
}

has_no_terminal()
{
	[[ $(ps -o tty= -p "$1") == '?' ]]
}

@test "signals to all processes of a server do no harm" {
	local sig

	make_large_file "$root/large"
	start_server -n 2 -L "$log" "$root"
	start_load "$root" -k 8 -o 2 -d 2
	for sig in HUP USR1 TTIN TTOU WINCH CHLD URG HUP; do
		# shellcheck disable=SC2046	# words
		kill "-$sig" "$SERVER_PID" $(children_of "$SERVER_PID")
		assert_equal "$(get /file)" text
	done
	for sig in HUP USR1 USR2 TTIN TTOU WINCH CHLD URG INT; do
		# shellcheck disable=SC2046	# words
		kill "-$sig" $(children_of "$SERVER_PID")
	done
	wait_until 5 reloads_are_over
	end_load
	wait_until 5 has_children "$SERVER_PID" 2
	run ! says 'died|gave up|killed|cut'
}

# How many, of which a sanitizer makes each slower.
RELOADS=${RELOADS:-$([[ -n ${SANITIZE-} ]] && echo 30 || echo 100)}

@test "reloads under load lose nothing" {
	local round

	make_large_file "$root/large"
	start_server -q -n 2 "$root"
	start_load "$root" -k 32 -o 4 -d 4 -p 5
	for ((round = 0; round < RELOADS; round++)); do
		reload
	done
	end_load
	figure_load "$RELOADS reloads"
	(($(counted announced) > 0))
	wait_until 5 has_children "$SERVER_PID" 2
	run ! says 'died|gave up|killed|cut'
}

@test "a child more or less under load loses nothing" {
	make_large_file "$root/large"
	start_server -q -n 2 "$root"
	start_load "$root" -k 32 -o 4 -d 4 -p 5
	for _ in {1..20}; do
		kill -TTIN "$SERVER_PID"
		wait_until 3 last_said 3
		kill -TTOU "$SERVER_PID"
		wait_until 3 last_said 2
	done
	end_load
	wait_until 5 has_children "$SERVER_PID" 2
	run ! says 'died|gave up|killed|cut'
}

last_said()
{
	[[ $(tail -n 1 "$SERVER_STDERR") == "httpserve: $1 children now" ]]
}

has_no_zombie()
{
	! pgrep -P "$SERVER_PID" -r Z
}

# Children's deaths, too; the seed is said, so that it can be repeated.
@test "signals in any order leave a server that works" {
	local signals=(HUP USR1 TTIN TTOU WINCH HUP KILL) sig fds
	local seed=${SEED:-$((EPOCHSECONDS % 32768))}

	echo "SEED=$seed"
	RANDOM=$seed
	start_server -n 2 -L "$log" "$root"
	fds=$(descriptors "$SERVER_PID")
	for _ in {1..200}; do
		sig=${signals[RANDOM % ${#signals[@]}]}
		if [[ $sig == KILL ]]; then
			kill -KILL "$(children_of "$SERVER_PID" |
			    shuf -n 1)" 2>/dev/null || true
		else
			kill "-$sig" "$SERVER_PID"
		fi
		# The one pause that is meant: up to 20 ms.
		sleep "0.0$(printf %02d $((RANDOM % 21)))"
	done
	wait_until 5 get /file -o /dev/null
	reload
	wait_until 5 has_children "$SERVER_PID" 2
	wait_until 3 has_no_zombie
	wait_until 3 descriptors_are "$SERVER_PID" "$fds"
	assert_equal "$(get /file)" text
	run ! says 'gave up|did not leave'
	stop_server
}

# Without a pause between them, so some come together, and some with the end.
@test "signals in any order, the last of which ends the server" {
	local signals=(HUP USR1 TTIN TTOU WINCH) ends=(TERM INT QUIT) i _
	local seed=${SEED:-$((EPOCHSECONDS % 32768))} pidfile=$BATS_TEST_TMPDIR/pid

	echo "SEED=$seed"
	RANDOM=$seed
	for i in {0..8}; do
		start_with --default-signal=INT,QUIT -n 2 -L "$log" \
		    -p "$pidfile" "$root"
		for _ in $(seq $((RANDOM % 8))); do
			kill "-${signals[RANDOM % 5]}" "$SERVER_PID"
		done
		kill "-${ends[i % 3]}" "$SERVER_PID"
		wait_until 10 gone "$SERVER_PID"
		wait "$SERVER_PID"
		wait_until 3 nobody_left
		[[ ! -e $pidfile ]]
		run ! says 'died|gave up|killed|did not leave'
	done
}
