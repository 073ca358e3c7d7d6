#!/usr/bin/env bats
# SIGUSR2: the installed program takes over on the same sockets, or the present
# one goes on; no connection is lost by either.

load helper
load process
load faults

setup()
{
	root=$BATS_TEST_TMPDIR/root
	pidfile=$BATS_TEST_TMPDIR/pid
	socket=$BATS_TEST_TMPDIR/socket
	program=$BATS_TEST_TMPDIR/bin/httpserve
	mkdir "$root" "${program%/*}"
	echo text >"$root/file"
}

# What is installed can be changed: processes of it, and of what it was.
installed_left()
{
	local pid

	while IFS=/ read -r _ _ pid _; do
		gone "$pid" || echo "$pid"
	done < <(find /proc/[0-9]*/exe -maxdepth 0 \
	    -lname "$BATS_TEST_TMPDIR/*" 2>/dev/null)
}

# Servers that succeed others are no children of this shell, and bats would
# not know of them: whoever is left is ended by its process id.
teardown()
{
	local pid status=0

	cat "$SERVER_STDERR"
	for pid in ${BACKGROUND[@]+"${BACKGROUND[@]}"}; do
		gone "$pid" || kill -KILL "$pid"
	done
	for pid in $(left_behind) $(installed_left); do
		kill -KILL "$pid" 2>/dev/null || true
		echo "left behind: $pid"
		status=1
	done
	SERVER_PID=
	common_teardown || status=1
	return "$status"
}

# Starts the program from where it can be replaced.
start_installed()
{
	cp "$BUILD/httpserve" "$program"
	start_program "$program" -q -p "$pidfile" -l 127.0.0.1:0 "$@" "$root"
}

install_script()
{
	printf '#!/bin/sh\n%s\n' "$1" >"$program.new"
	chmod +x "$program.new"
	mv "$program.new" "$program"
}

install_program()
{
	cp "$BUILD/httpserve" "$program.new"
	mv "$program.new" "$program"
}

pidfile_has_another()
{
	local pid

	pid=$(cat "$pidfile" 2>/dev/null) && [[ -n $pid && $pid != "$1" ]]
}

# A successor; the server before it is FORMER, and may have connections.
upgrade()
{
	FORMER=$SERVER_PID
	kill -USR2 "$FORMER"
	wait_until 10 pidfile_has_another "$FORMER"
	SERVER_PID=$(cat "$pidfile")
	run ! gone "$SERVER_PID"
}

former_is_gone()
{
	wait_until 5 gone "$FORMER"
}

nobody_at_all()
{
	[[ -z $(left_behind)$(installed_left) ]]
}

# The last one is stopped, and nothing is left.
stop_last()
{
	kill -TERM "$SERVER_PID"
	wait_until 10 gone "$SERVER_PID"
	wait_until 5 nobody_at_all
	[[ ! -e $pidfile ]]
	[[ ! -e $socket ]]
	[[ -z $PORT ]] || refused
	[[ $(tail -n 1 "$SERVER_STDERR") == 'httpserve: stopped' ]]
}

said_times()
{
	grep -cE -- "^httpserve: $1" "$SERVER_STDERR" || true
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
	local line

	printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "$2" >&"$1"
	while read -r -t $((5 * SLOW)) -u "$1" line && [[ $line != $'\r' ]]; do
		printf '%s\n' "${line%$'\r'}"
	done
	read -r -t $((5 * SLOW)) -u "$1" line
	printf '%s\n' "$line"
}

@test "a successor takes over, and its predecessor leaves with status 0" {
	start_server -q -n 2 -p "$pidfile" "$root"
	upgrade
	former_is_gone
	wait "$FORMER"
	assert_equal "$(get /file)" text
	# shellcheck disable=SC2153	# start_server sets it
	assert_equal "$(said_times "listening on $ADDRESS ")" 2
	says '^httpserve: succeeded: 0 connections to finish$'
	assert_equal "$(title "$SERVER_PID")" "httpserve: master [$ADDRESS]"
	has_children "$SERVER_PID" 2
	run ! says 'died|gave up|cut|killed|stopping'
	stop_last
}

@test "one upgrade after the other leaves nothing behind" {
	local fds

	start_server -q -n 2 -p "$pidfile" "$root"
	fds=$(descriptors "$SERVER_PID")
	for _ in {1..5}; do
		upgrade
		former_is_gone
		assert_equal "$(get /file)" text
	done
	wait_until 3 descriptors_are "$SERVER_PID" "$fds"
	# The present one and its two children.
	assert_equal "$(left_behind | wc -w)" 3
	stop_last
}

@test "what is installed now is what takes over" {
	local was

	start_installed -n 1
	was=$(readlink "/proc/$SERVER_PID/exe")
	assert_equal "$was" "$program"
	install_program
	assert_equal "$(readlink "/proc/$SERVER_PID/exe")" "$was (deleted)"
	upgrade
	former_is_gone
	assert_equal "$(readlink "/proc/$SERVER_PID/exe")" "$program"
	# And so on, from a path that has been replaced.
	install_program
	upgrade
	former_is_gone
	assert_equal "$(readlink "/proc/$SERVER_PID/exe")" "$program"
	assert_equal "$(get /file)" text
	stop_last
}

@test "the successor has the arguments and the directory of the first" {
	mkdir "$BATS_TEST_TMPDIR/tmp"
	cd "$BATS_TEST_TMPDIR"
	start_program "$BUILD/httpserve" -p pid -n 3 -L log -l 127.0.0.1:0 root
	cd "$TOP"
	upgrade
	former_is_gone
	upgrade
	former_is_gone
	has_children "$SERVER_PID" 3
	get '/file?who'
	wait_until 3 grep -q who "$BATS_TEST_TMPDIR/log"
	assert_equal "$(tr '\0' ' ' </proc/"$SERVER_PID"/cmdline |
	    sed 's/ *$//')" "httpserve: master [$ADDRESS]"
	stop_last
}

# Fails unless a server that was asked to go on went on.
assert_went_on()
{
	assert_equal "$(cat "$pidfile")" "$SERVER_PID"
	assert_equal "$(children_of "$SERVER_PID")" "$CHILDREN"
	assert_equal "$(get /file)" text
	run ask "$FD" /file
	assert_line 'HTTP/1.1 200 OK'
	refute_line 'Connection: close'
	# What failed can be done again.
	exec {FD}>&-
	install_program
	upgrade
	former_is_gone
	assert_equal "$(get /file)" text
	stop_last
}

# With a connection that is kept.
prepare_to_go_on()
{
	start_installed -n 1
	CHILDREN=$(children_of "$SERVER_PID")
	dial
	ask "$FD" /file
}

@test "a program that fails is said, and the server goes on" {
	prepare_to_go_on
	install_script 'exit 3'
	kill -USR2 "$SERVER_PID"
	wait_until 3 says '^httpserve: upgrade: process [0-9]+ left with '`
	    `'status 3: going on as before$'
	assert_went_on
}

@test "a program that is not there is said, and the server goes on" {
	prepare_to_go_on
	rm "$program"
	kill -USR2 "$SERVER_PID"
	wait_until 3 says "^httpserve: upgrade: $program: No such file"
	wait_until 3 says 'left with status 127: going on as before$'
	assert_went_on
}

@test "a root that is gone keeps the successor from starting" {
	prepare_to_go_on
	mv "$root" "$root.away"
	kill -USR2 "$SERVER_PID"
	wait_until 3 says 'left with status 66: going on as before$'
	mv "$root.away" "$root"
	assert_went_on
}

@test "a program that hangs is waited for, until it is killed" {
	local pid=$BATS_TEST_TMPDIR/hanging

	prepare_to_go_on
	install_script "echo \$\$ >$pid; exec sleep 100"
	kill -USR2 "$SERVER_PID"
	wait_until 3 test -s "$pid"
	# Meanwhile it serves, and starts no other.
	assert_equal "$(get /file)" text
	kill -USR2 "$SERVER_PID"
	wait_until 3 says "upgrade: process $(cat "$pid") is starting$"
	kill -KILL "$(cat "$pid")"
	wait_until 3 says "upgrade: process $(cat "$pid") died of signal 9: "
	CHILDREN=$(children_of "$SERVER_PID")
	assert_went_on
}

# Whether a process has these signals, of bit masks in proc(5), yet to come.
holds()
{
	local pending n

	pending=0x$(sed -n 's/^ShdPnd:\t//p' "/proc/$1/status")
	for n in "${@:2}"; do
		((pending & 1 << (n - 1))) || return 1
	done
}

@test "what goes to all processes of a server ends none that starts" {
	local pid=$BATS_TEST_TMPDIR/hanging sig

	prepare_to_go_on
	install_script "echo \$\$ >$pid; exec sleep 100"
	kill -USR2 "$SERVER_PID"
	wait_until 3 test -s "$pid"
	for sig in HUP USR1 USR2 TTIN TTOU; do
		kill "-$sig" "$(cat "$pid")"
	done
	holds "$(cat "$pid")" "$(kill -l HUP)" "$(kill -l USR1)" \
	    "$(kill -l USR2)" "$(kill -l TTIN)" "$(kill -l TTOU)"
	kill -TERM "$(cat "$pid")"
	wait_until 3 says "upgrade: process $(cat "$pid") died of signal 15: "
	assert_went_on
}

@test "a reload while a successor starts is done" {
	local pid=$BATS_TEST_TMPDIR/hanging

	start_installed -n 2
	install_script "echo \$\$ >$pid; exec sleep 100"
	kill -USR2 "$SERVER_PID"
	wait_until 3 test -s "$pid"
	kill -HUP "$SERVER_PID"
	wait_until 3 says '^httpserve: reloaded'
	kill -KILL "$(cat "$pid")"
	wait_until 3 says 'died of signal 9: going on'
	wait_until 3 has_children "$SERVER_PID" 2
	stop_last
}

@test "SIGTERM while a successor starts stops both" {
	local pid=$BATS_TEST_TMPDIR/hanging

	start_installed -n 1
	install_script "echo \$\$ >$pid; exec sleep 100"
	kill -USR2 "$SERVER_PID"
	wait_until 3 test -s "$pid"
	kill -TERM "$SERVER_PID"
	if ! wait_until 3 gone "$(cat "$pid")"; then
		kill -KILL "$(cat "$pid")"
		fail 'the successor goes on'
	fi
	wait_until 5 gone "$SERVER_PID"
	run ! says 'killed'
	wait "$SERVER_PID"
	[[ ! -e $pidfile ]]
	refused
}

# It has the sockets already, and is held up before it says so.
@test "SIGTERM while a successor is about to take over stops both" {
	local trace=$BATS_TEST_TMPDIR/trace

	strace -o /dev/null true 2>/dev/null || skip "no ptrace here"
	[[ -z ${SANITIZE-} ]] || skip "LeakSanitizer does not work under ptrace"
	start_installed -n 1
	install_script "exec strace -D -qq -o $trace -e trace=rt_sigqueueinfo \
	    -e inject=rt_sigqueueinfo:delay_enter=500000 \
	    $BUILD/httpserve \"\$@\""
	kill -USR2 "$SERVER_PID"
	wait_until 10 listens_times 2
	kill -TERM "$SERVER_PID"
	wait_until 5 gone "$SERVER_PID"
	wait_until 5 nobody_at_all
	[[ ! -e $pidfile ]]
}

listens_times()
{
	[[ $(said_times 'listening on ') -eq $1 ]]
}

# It is pending before the successor is there to see it.
@test "SIGUSR2 to a successor that starts is done when it is ready" {
	start_installed -n 2
	FORMER=$SERVER_PID
	install_script "kill -USR2 \$\$; exec $BUILD/httpserve \"\$@\""
	kill -USR2 "$FORMER"
	wait_until 10 listens_times 3
	former_is_gone
	# The last one and its children.
	wait_until 5 are_left 3
	wait_until 5 test -s "$pidfile"
	SERVER_PID=$(cat "$pidfile")
	assert_equal "$(get /file)" text
	stop_last
}

are_left()
{
	[[ $(left_behind | wc -w) -eq $1 ]]
}

@test "SIGUSR2 twice starts one successor" {
	start_server -q -n 2 -p "$pidfile" "$root"
	FORMER=$SERVER_PID
	kill -USR2 "$FORMER"
	kill -USR2 "$FORMER"
	wait_until 10 pidfile_has_another "$FORMER"
	former_is_gone
	SERVER_PID=$(cat "$pidfile")
	assert_equal "$(left_behind | wc -w)" 3
	assert_equal "$(said_times 'listening on ')" 2
	assert_equal "$(get /file)" text
	stop_last
}

@test "a kept connection is answered by the former, as its last" {
	local child

	start_server -q -n 1 -p "$pidfile" "$root"
	child=$(children_of "$SERVER_PID")
	dial
	run ask "$FD" /file
	refute_line 'Connection: close'
	upgrade
	wait_until 3 has_retired "$child"
	run ! gone "$FORMER"
	run ask "$FD" /file
	assert_line 'HTTP/1.1 200 OK'
	assert_line 'Connection: close'
	assert_line text
	exec {FD}>&-
	former_is_gone
	stop_last
}

# The time of an idle connection, from before its request until its end.
time_idle()
{
	local status=0 line began

	began=$(now_ms)
	ask "$1" /file >"$BATS_TEST_TMPDIR/answer"
	[[ $(<"$BATS_TEST_TMPDIR/answer") != *'Connection: close'* ]]
	"${@:2}"
	read -r -t $((10 * SLOW)) -u "$1" line || status=$?
	assert_equal "$status $line" '1 '
	IDLE_MS=$(($(now_ms) - began))
}

reload()
{
	kill -HUP "$SERVER_PID"
	wait_until 10 says '^httpserve: reloaded'
}

@test "idle connections have their full time, over reloads and upgrades" {
	local child how conf=$BATS_TEST_TMPDIR/conf

	printf 'root = "%s"\nchildren = 1\nidle_timeout = 1\n' "$root" >"$conf"
	for how in reload upgrade; do
		start_program "$BUILD/httpserve" -q -f "$conf" -p "$pidfile" \
		    -l 127.0.0.1:0
		child=$(children_of "$SERVER_PID")
		dial
		time_idle "$FD" "$how"
		figure "idle for 1 s over one $how: closed after $IDLE_MS ms"
		((IDLE_MS >= 1000 && IDLE_MS < 1000 + 1000 * SLOW))
		wait_until 3 gone "$child"
		stop_last
	done
}

@test "a download goes on through upgrades, byte for byte" {
	local first

	make_large_file "$root/large"
	start_server -q -n 2 -p "$pidfile" "$root"
	first=$SERVER_PID
	slow_download "$BATS_TEST_TMPDIR/got"
	upgrade
	upgrade
	run ! gone "$first"
	run ! gone "$CLIENT"
	client_status "$CLIENT" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	wait_until 3 gone "$first"
	wait "$first"
	stop_last
}

@test "the former one that still finishes can be stopped" {
	make_large_file "$root/large"
	start_with --default-signal=QUIT -q -n 2 -p "$pidfile" "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	upgrade
	kill -QUIT "$FORMER"
	former_is_gone
	run ! client_status "$CLIENT" 5
	assert_equal "$(get /file)" text
	stop_last
}

# The former, who is held up, removes it between the successor's flock(2), which
# fails, and its look at whose it is.
@test "a pidfile that goes while the successor looks at it is taken" {
	local trace=$BATS_TEST_TMPDIR/trace

	strace -o /dev/null true 2>/dev/null || skip "no ptrace here"
	[[ -z ${SANITIZE-} ]] || skip "LeakSanitizer does not work under ptrace"
	start_installed -n 1
	install_script "kill -STOP \$PPID
	    exec strace -D -qq -o $trace -e trace=flock \
	    -e inject=flock:delay_exit=300000 $BUILD/httpserve \"\$@\""
	FORMER=$SERVER_PID
	kill -USR2 "$FORMER"
	wait_until 10 grep -qs flock "$trace"
	kill -CONT "$FORMER"
	former_is_gone
	wait_until 10 test -s "$pidfile"
	SERVER_PID=$(cat "$pidfile")
	run ! says pidfile
	assert_equal "$(get /file)" text
	stop_last
}

@test "-d: a daemon is succeeded by a daemon" {
	local fd

	run timeout 10 "$BUILD/httpserve" -d -p "$pidfile" -n 2 \
	    -L "$BATS_TEST_TMPDIR/log" -e "$BATS_TEST_TMPDIR/errors" \
	    -l "unix:$socket" "$root" 3>&-
	assert_success
	# It has written its pidfile before that.
	wait_until 5 says 'listening on ' "$BATS_TEST_TMPDIR/errors"
	SERVER_PID=$(cat "$pidfile")
	for _ in 1 2; do
		upgrade
		former_is_gone
		assert_equal "$(get http://x/file --unix-socket "$socket")" \
		    text
	done
	assert_equal "$(ps -o tty= -p "$SERVER_PID")" '?'
	for fd in 0 1 2; do
		assert_equal "$(readlink "/proc/$SERVER_PID/fd/$fd")" /dev/null
	done
	kill -TERM "$SERVER_PID"
	wait_until 10 gone "$SERVER_PID"
	wait_until 5 nobody_at_all
	[[ ! -e $pidfile && ! -e $socket ]]
}

@test "a unix socket stays where it is" {
	local inode

	start_server -q -n 2 -p "$pidfile" -l "unix:$socket" "$root"
	inode=$(stat -c %i "$socket")
	for _ in 1 2 3; do
		upgrade
		former_is_gone
		assert_equal "$(stat -c %i "$socket")" "$inode"
		assert_equal "$(get /file --unix-socket "$socket")" text
	done
	stop_last
}

@test "-u and -r: the successor's children have them, too" {
	local child

	(($(id -u) == 0)) || skip "only root can change the root directory"
	start_server -q -n 1 -p "$pidfile" -u nobody -r "$BATS_TEST_TMPDIR" \
	    "$root"
	upgrade
	former_is_gone
	child=$(children_of "$SERVER_PID")
	assert_equal "$(readlink "/proc/$child/root")" "$BATS_TEST_TMPDIR"
	assert_equal "$(stat -c %U "/proc/$child")" nobody
	assert_equal "$(get /file)" text
	stop_last
}

@test "several addresses, also equal ones, are taken over" {
	local addresses address

	start_server -q -n 2 -p "$pidfile" -l 127.0.0.1:0 -l "unix:$socket" \
	    -l 127.0.0.1:0 -l 127.0.0.2:0 "$root"
	addresses=$(title "$SERVER_PID")
	upgrade
	former_is_gone
	upgrade
	former_is_gone
	assert_equal "$(title "$SERVER_PID")" "$addresses"
	assert_equal "$(get /file --unix-socket "$socket")" text
	while read -r address; do
		assert_equal "$(get "http://$address/file")" text
	done < <(grep -oE '127\.[0-9.:]+' <<<"$addresses")
	stop_last
}

@test "a service manager is told the new main process, and that it is ready" {
	local told=$BATS_TEST_TMPDIR/told notify=$BATS_TEST_TMPDIR/notify

	client receiver socat -u "UNIX-RECV:$notify" "CREATE:$told"
	wait_until 5 test -S "$notify"
	export NOTIFY_SOCKET=$notify
	start_server -q -n 1 -p "$pidfile" "$root"
	upgrade
	wait_until 3 grep -q "MAINPID=$SERVER_PID" "$told"
	wait_until 3 told_ready 2
	former_is_gone
	run ! grep -q STOPPING "$told"
	upgrade
	wait_until 3 grep -q "MAINPID=$SERVER_PID" "$told"
	wait_until 3 told_ready 3
	former_is_gone
	stop_last
	wait_until 3 grep -q STOPPING=1 "$told"
}

told_ready()
{
	[[ $(grep -o READY=1 "$BATS_TEST_TMPDIR/told" | wc -l) -eq $1 ]]
}

@test "what waits in the queue is answered by the successor" {
	local i

	make_large_file "$root/large"
	start_server -q -n 1 -c 1 -p "$pidfile" "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	for i in 1 2 3; do
		client "waiting.$i" curl -sS --max-time 20 "$URL/file"
	done
	wait_until 3 queue_is 3
	upgrade
	for i in 1 2 3; do
		client_status "${BACKGROUND[i]}" 10
		assert_equal "$(cat "$BATS_TEST_TMPDIR/waiting.$i")" text
	done
	client_status "${BACKGROUND[0]}" 10
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
	former_is_gone
	stop_last
}

queue_is()
{
	[[ $(ss -Hltn "sport = :$PORT" | awk '{ print $2 }') == "$1" ]]
}

# How many, of which a sanitizer makes each slower.
UPGRADES=${UPGRADES:-$([[ -n ${SANITIZE-} ]] && echo 8 || echo 20)}

@test "upgrades under load lose nothing" {
	local round

	make_large_file "$root/large"
	start_server -q -n 2 -p "$pidfile" "$root"
	start_load "$root" -k 32 -o 4 -d 4 -p 5
	for ((round = 0; round < UPGRADES; round++)); do
		upgrade
	done
	end_load
	figure_load "$UPGRADES upgrades"
	(($(counted announced) > 0))
	wait_until 5 only_the_last
	run ! says 'died|gave up|killed|cut'
	stop_last
}

# One master with its two children.
only_the_last()
{
	[[ $(left_behind | wc -w) -eq 3 ]] && has_children "$SERVER_PID" 2
}

@test "upgrades and other signals in any order lose nothing" {
	local signals=(HUP TTIN TTOU USR1 USR2 WINCH) sig
	local seed=${SEED:-$((EPOCHSECONDS % 32768))}

	echo "SEED=$seed"
	RANDOM=$seed
	make_large_file "$root/large"
	start_server -n 2 -p "$pidfile" -L "$BATS_TEST_TMPDIR/log" "$root"
	start_load "$root" -k 8 -o 2 -d 2 -p 5
	for _ in {1..60}; do
		sig=${signals[RANDOM % ${#signals[@]}]}
		if [[ $sig == USR2 ]]; then
			upgrade
		else
			kill "-$sig" "$SERVER_PID"
		fi
	done
	end_load
	kill -HUP "$SERVER_PID"
	wait_until 10 only_the_last
	assert_equal "$(get /file)" text
	run ! says 'died|gave up|killed|cut'
	stop_last
}

# Its child hangs until the master before it is gone, whose process id may be
# anybody's then.
@test "a master that was killed meanwhile is not signalled" {
	local old successor

	need_shim
	start_faulty -q -n 1 -p "$pidfile" "$root"
	old=$SERVER_PID
	fault call=thread error=hang count=1
	kill -USR2 "$old"
	wait_until 5 has_injected thread 1
	successor=$(pgrep -P "$old" -n)
	kill -KILL "$old"
	wait "$old" || true
	kill -KILL "$(children_of "$successor")"
	wait_until 5 says 'the server before this one has gone by itself$'
	wait_until 5 pidfile_is "$successor"
	assert_equal "$(get /file)" text
	kill -TERM "$successor"
	wait_until 10 gone "$successor"
}

pidfile_is()
{
	[[ $(cat "$pidfile" 2>/dev/null) == "$1" ]]
}

# Masters of this test that live, whoever started them.
masters()
{
	local pid

	for pid in $(left_behind); do
		[[ $(title "$pid") != 'httpserve: master '* ]] || echo "$pid"
	done
}

# A signal to each of them, some of which may just have left.
signal_masters()
{
	local pid

	for pid in $(masters); do
		kill "-$1" "$pid" 2>/dev/null || true
	done
}

ends_by()
{
	signal_masters "$1"
	nobody_at_all
}

@test "signals to all masters at once, the last of which ends them" {
	local signals=(HUP TTIN TTOU USR1 USR2 USR2 WINCH) end sig i
	local seed=${SEED:-$((EPOCHSECONDS % 32768))}

	echo "SEED=$seed"
	RANDOM=$seed
	for end in TERM INT QUIT; do
		start_with --default-signal=INT,QUIT -n 2 -p "$pidfile" \
		    -L "$BATS_TEST_TMPDIR/log" "$root"
		for i in {1..12}; do
			sig=${signals[RANDOM % ${#signals[@]}]}
			signal_masters "$sig"
		done
		# One that is about to begin hears the next.
		wait_until 10 ends_by "$end"
		wait "$SERVER_PID"
		[[ ! -e $pidfile ]]
		run ! says 'died|gave up|did not leave'
	done
}
