#!/usr/bin/env bats
# Out of resources: calls that fail under load, by a shim in front of the C
# library.  The server says it once, sheds load, does not spin, and is whole
# again when the shortage ends.  "make faults" shows the table.

load helper
load process
load faults

setup()
{
	local i

	root=$BATS_TEST_TMPDIR/root
	log=$BATS_TEST_TMPDIR/log
	mkdir -p "$root/sub"
	printf '%0999d\n' 7 >"$root/file"
	head -c 300000 /dev/urandom >"$root/large"
	printf 'compressed' >"$root/sub/page.gz"
	printf 'page' >"$root/sub/page"
	touch "$root/sub/page.gz"
	ln -s "$root/file" "$root/sub/link"
	for i in {1..20}; do
		ln -s "$root/file" "$root/sub/link.$i"
	done
	touch -d '1 hour ago' "$root"/* "$root/sub"/*
	# shellcheck disable=SC2034	# for start_clients
	PATHS=(/file /large /sub/ /sub/link /sub/page)
}

# Rows of a table: what the server says of it, what clients may see beside the
# right answers, and the fault.
rows()
{
	local says may fault

	tell_head
	while IFS='|' read -r says may fault; do
		is_wanted "$says" || continue
		# shellcheck disable=SC2086
		row "${says#\*}" "$may" $fault
	done
}

@test "connections: calls that fail under load" {
	need_shim
	start_faulty -n 2 -L "$log" "$root"
	rows <<-'END'
	*accept: Too many open files||call=accept error=EMFILE every=2
	accept||call=accept error=ENFILE every=2
	accept||call=accept error=ENOBUFS every=2
	accept||call=accept error=ENOMEM every=2
	-||call=accept error=ECONNABORTED every=2
	-||call=accept error=EINTR every=2
	-||call=accept error=EPERM every=2
	-||call=read error=EINTR every=2 on=socket
	*-||call=read error=short every=2 on=socket
	-|closed|call=read error=ECONNRESET every=5 on=socket
	*connection: Cannot allocate|closed|call=read error=ENOMEM every=5 on=socket
	-||call=send error=EINTR every=2
	-||call=send error=short every=2
	*-|closed torn|call=send error=EPIPE every=5
	connection|closed torn|call=send error=ENOBUFS every=5
	connection|closed torn|call=send error=ENOMEM every=5
	-||call=sendfile error=EINTR every=2
	*-||call=sendfile error=short every=2
	connection|torn|call=sendfile error=ENOMEM every=2
	*epoll_ctl: Cannot allocate|torn|call=epoll_ctl error=ENOMEM every=2
	epoll_ctl|torn|call=epoll_ctl error=ENOSPC
	END
}

@test "files: calls that fail under load, and with no cache" {
	need_shim
	start_faulty -n 2 -L "$log" -o cache_bytes=0 "$root"
	rows <<-'END'
	*-||call=pread error=EINTR every=2
	-||call=pread error=short every=2
	*files: Input/output error|busy torn|call=pread error=EIO every=2
	files|torn|call=sendfile error=EIO every=2
	*files|busy|call=openat2 error=EMFILE every=2
	files|busy|call=openat2 error=EMFILE
	files|busy|call=openat2 error=ENFILE every=2
	*files|busy|call=openat2 error=ENOMEM every=2
	files|busy|call=openat2 error=EIO every=2
	-|refused|call=openat2 error=EACCES count=100
	*files|busy torn|call=stat error=ENOMEM every=3
	files|busy torn|call=stat error=EIO every=3
	files|busy torn|call=readdir error=EIO every=3
	END
}

@test "files: what a lookup says of a name, and what of the server" {
	local call error want

	need_shim
	# A file that is gone for its server is looked up once more.
	start_faulty -n 1 -q -o cache_bytes=0 "$root"
	while read -r call error want; do
		fault call="$call" error="$error"
		run -0 curl -s -o /dev/null -w '%{http_code}' "$URL/sub/page"
		no_fault
		assert_equal "$call $error $output" "$call $error $want"
	done <<-'END'
	openat2 EINVAL 404
	openat2 EILSEQ 404
	openat2 ESTALE 404
	openat2 ENOKEY 403
	openat2 EACCES 403
	openat2 EOVERFLOW 500
	END
	fault call=pread error=ESTALE count=3
	curl -sS --fail "$URL/sub/page" | cmp - "$root/sub/page"
	assert_equal "$(injected pread)" 3
	no_fault
	# The root itself can't be found missing.
	fault call=stat error=ESTALE
	run -0 curl -s -o /dev/null -w '%{http_code}' "$URL/sub/page"
	assert_output 500
	no_fault
	curl -sS --fail "$URL/sub/page" | cmp - "$root/sub/page"
}

@test "memory: malloc(3) fails under load" {
	need_shim
	start_faulty -n 2 -L "$log" "$root"
	rows <<-'END'
	: Cannot allocate memory|busy closed torn|call=malloc error=ENOMEM every=2 where=children
	*: Cannot allocate memory|busy closed torn|call=malloc error=ENOMEM every=10 where=children
	: Cannot allocate memory|busy closed torn|call=malloc error=ENOMEM percent=30 seed=1 where=children
	*: Cannot allocate memory|busy closed torn|call=malloc error=ENOMEM where=children
	END
}

@test "logs: writes that fail under load" {
	need_shim
	start_faulty -n 2 -L "$log" "$root"
	rows <<-'END'
	*access log: lines are lost: No space left||call=write error=ENOSPC on=file
	access log||call=write error=EIO every=2 on=file
	access log||call=write error=EFBIG every=2 on=file
	-||call=write error=EINTR every=2 on=file
	*-||call=write error=short every=2 on=file
	END
	stop_server
	run -1 grep -vE -m 3 '^127\.0\.0\.1 - - \[[^]]*\] "[^"]*" [0-9]{3} ' "$log"
}

@test "what ran out is said when it begins, and when it is over" {
	need_shim
	start_faulty -n 2 -q "$root"
	fault call=accept error=EMFILE
	client waits curl -sS --max-time 20 "$URL/file"
	wait_until 5 has_injected accept 5
	no_fault
	client_status "$CLIENT" 10
	cmp "$root/file" "$BATS_TEST_TMPDIR/waits"
	wait_until 10 says 'accept: failed [0-9]+ times, no more for 3 s$'
	assert_equal "$(grep -c accept "$SERVER_STDERR")" 2
}

# The processor's time that the server takes for a while, in percent.
cpu_percent()
{
	local before

	before=$(cpu_us)
	# A pause to measure in, not to wait for anything.
	sleep 0.3
	echo $((($(cpu_us) - before) / 3000))
}

@test "who waits while a call fails costs no processor time" {
	local fault percent

	need_shim
	start_faulty -n 2 -q "$root"
	while read -r fault; do
		is_wanted "$fault" || continue
		start_clients -i 4 -k 2 -o 2 -p 100
		# shellcheck disable=SC2086
		fault call=${fault#\*}
		percent=$(cpu_percent)
		no_fault
		wait_until 5 all_answer
		end_clients
		echo "$fault: $percent %"
		((percent < 15))
	done <<-'END'
	*accept error=EMFILE
	accept error=ENOMEM
	*read error=ENOMEM on=socket
	openat2 error=EMFILE
	*malloc error=ENOMEM
	*epoll_ctl error=ENOSPC
	send error=ENOBUFS
	END
}

# A child is killed, and its successor can't be had while a call fails: that is
# said in a line or two, costs nothing, and is over when the shortage is.
assert_replaced_later()
{
	local before percent end back

	before=$(lines_said)
	fault call="$1" "${@:2}"
	kill -KILL "$(children_of "$SERVER_PID" | head -n 1)"
	wait_until 10 has_injected "$1" 4
	get /file >"$BATS_TEST_TMPDIR/got"
	cmp "$BATS_TEST_TMPDIR/got" "$root/file"
	percent=$(cpu_percent)
	end=$(now_ms)
	no_fault
	wait_until 5 has_children "$SERVER_PID" 2
	wait_until 5 said_since "$before" 'all children are there again, after'
	back=$(($(now_ms) - end))
	wait_until 5 all_answer
	new_lines "$before"
	tell_what "call=$*, a child is killed" "$1" "the other served on, \
$(($(lines_said) - before)) lines said, $percent % cpu, 2 children $back ms \
after the end"
	((percent < 15))
	(($(lines_said) - before <= 7))
}

said_since()
{
	new_lines "$1" | grep -q "$2"
}

@test "a child that can't be replaced is, when the shortage ends" {
	local fault

	need_shim
	tell_what_head
	start_faulty -n 2 -q "$root"
	while read -r fault; do
		is_wanted "$fault" || continue
		# shellcheck disable=SC2086
		assert_replaced_later ${fault#\*}
	done <<-'END'
	*fork error=EAGAIN where=master
	fork error=ENOMEM where=master
	socketpair error=EMFILE where=master
	thread error=EAGAIN
	epoll_create error=EMFILE
	eventfd error=ENFILE where=children
	timer error=EAGAIN
	epoll_ctl error=ENOMEM
	*kernel error=ENOMEM
	END
}

# Of thousands of lives some: those without the calls of these numbers.
@test "each call fails once, from the start to the end" {
	local call error some where

	need_shim
	tell_sweep_head
	while read -r call error some where; do
		# shellcheck disable=SC2086
		sweep $call $error "$some" $where
	done <<-'END'
	fork EAGAIN 1,3
	socketpair EMFILE -
	thread EAGAIN 3
	socket EMFILE -
	listen EADDRINUSE -
	epoll_create EMFILE -
	epoll_ctl ENOMEM 2,11
	eventfd EMFILE 1
	timer EAGAIN -
	mmap ENOMEM 2,5
	dup EINTR 1
	fcntl EMFILE -
	open EMFILE 2,6
	openat2 EMFILE 1,60
	stat ENOMEM 1,120
	getcwd ENOMEM -
	prctl EPERM -
	kernel ENOMEM 3,50
	sendmsg ENOBUFS -
	recvmsg ENOMEM -
	read EIO 20
	write ENOSPC -
	send ENOMEM -
	accept EMFILE 5
	malloc ENOMEM 2,5000 where=master
	malloc ENOMEM 1,40 where=children
	END
}

@test "with few descriptors large files do not stay open for ever" {
	local i

	for i in {1..50}; do
		cp "$root/large" "$root/large.$i"
	done
	start_with 'prlimit --nofile=40' -n 1 -q "$root"
	run get '/large.[1-50]' -o /dev/null -w '%{http_code}\n' \
	    -H 'Connection: close'
	assert_equal "$(sort <<<"$output" | uniq -c | xargs)" '50 200'
}

# Fails unless it ends at its start, with this status and reason.
assert_no_start()
{
	local status=$1 reason=$2
	shift 2

	run "-$status" timeout $((10 * SLOW)) "$@" -l 127.0.0.1:0 -n 2 "$root"
	assert_output --partial "$reason"
	refute_output --partial 'replaced in'
}

@test "what is missing at the start is said, with its status" {
	local fault status reason table=

	assert_no_start 71 'Too many open files' \
	    prlimit --nofile=8 "$BUILD/httpserve"
	need_shim
	while IFS='|' read -r fault status reason; do
		no_fault
		# shellcheck disable=SC2086
		fault call=$fault
		assert_no_start "$status" "$reason" env "LD_PRELOAD=$SHIM" \
		    "FAULTS=$table" "$BUILD/httpserve"
	done <<-'END'
	malloc error=ENOMEM after=300 where=master|71|Cannot allocate memory
	malloc error=ENOMEM where=children|71|child: Cannot allocate memory
	openat2 error=ENFILE|71|Too many open files in system
	socket error=ENOBUFS|71|No buffer space available
	mmap error=ENOMEM after=2|71|scoreboard: Cannot allocate memory
	fork error=EAGAIN where=master|71|fork: Resource temporarily
	thread error=EAGAIN|71|acceptor thread: Resource temporarily
	epoll_create error=EMFILE|71|child: Too many open files
	kernel error=ENOMEM where=children|71|capabilities: Cannot allocate
	END
}

@test "at the limit of processes a child is replaced when there is room" {
	local as="setpriv --reuid=60117 --regid=60117 --clear-groups"

	(($(id -u) == 0)) || skip "only root can become another user"
	[[ -z ${SANITIZE-} ]] || skip "a sanitizer may have a thread of its own"
	chmod a+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" \
	    "$BATS_TEST_TMPDIR"
	# A master, two children, and their acceptors.
	start_with "$as prlimit --nproc=5" -n 2 -q "$root"
	kill -STOP "$SERVER_PID"
	kill -KILL "$(children_of "$SERVER_PID" | head -n 1)"
	# shellcheck disable=SC2086
	client one $as sleep 60
	# shellcheck disable=SC2086
	client two $as sleep 60
	wait_until 5 user_has 5 60117
	kill -CONT "$SERVER_PID"
	wait_until 5 says 'Resource temporarily unavailable'
	get /file >"$BATS_TEST_TMPDIR/got"
	cmp "$BATS_TEST_TMPDIR/got" "$root/file"
	kill -KILL "${BACKGROUND[@]}"
	wait_until 5 says 'all children are there again, after'
	assert_equal "$(grep -c temporarily "$SERVER_STDERR")" 1
}

# How many threads a user has, with those that are not reaped.
user_has()
{
	(($(ps -L -o pid= -u "$2" | wc -l) >= $1))
}

@test "a log that may not grow costs lines, and no child" {
	local children

	start_with 'prlimit --fsize=4096' -n 2 -L "$log" "$root"
	children=$(children_line)
	get '/file?[1-200]' -H 'Connection: close' >"$BATS_TEST_TMPDIR/got"
	wait_until 5 says 'access log: lines are lost: File too large'
	assert_equal "$(children_line)" "$children"
	stop_server
	assert_equal "$(stat -c %s "$log")" 4096
	assert_equal "$(grep -c 'lines are lost' "$SERVER_STDERR")" 1
}

@test "an error log that may not grow, or is full, costs messages" {
	local to=$BATS_TEST_TMPDIR/errors

	head -c 4090 /dev/zero >"$to"
	start_with 'prlimit --fsize=4096' -n 2 -q "$root" 2>>"$to"
	kill -KILL "$(children_of "$SERVER_PID" | head -n 1)"
	wait_until 5 all_answer
	"$BUILD/httpserve" -l 127.0.0.1:0 -n 2 -e /dev/full "$root" \
	    2>"$to.full" >/dev/null 3>&- &
	SERVERS+=($!)
	wait_until 5 grep -q 'messages are lost: No space left' "$to.full"
	kill -TERM "${SERVERS[-1]}"
	wait "${SERVERS[-1]}"
	assert_equal "$(wc -l <"$to.full")" 1
}

@test "at the limit of memory it serves what it can" {
	[[ -z ${SANITIZE-} ]] || skip "a sanitizer takes terabytes"
	start_with 'prlimit --as=16777216' -n 2 -L "$log" "$root"
	note_whole
	start_clients -i 0 -k 8 -o 8 -p 2
	wait_until 10 log_has_lines 500
	end_clients
	assert_whole
}

log_has_lines()
{
	(($(wc -l <"$log") >= $1))
}

# A child that can't have the new log is replaced by one that has it.
assert_log_reopened()
{
	fault call="$1" "${@:2}"
	mv "$log" "$log.old"
	kill -USR1 "$SERVER_PID"
	wait_until 5 has_injected "$1" 2
	no_fault
	wait_until 10 has_new_children "$SERVER_PID" 2 "${children[@]}"
	wait_until 5 all_answer
	wait_until 5 log_has_lines 4
	assert_equal "$(wc -l <"$log.old")" 4
	rm "$log.old"
}

@test "children that miss a new log are replaced" {
	local fault children

	need_shim
	start_faulty -n 2 -L "$log" "$root"
	all_answer
	wait_until 5 log_has_lines 4
	for fault in 'sendmsg error=ENOBUFS' 'recvmsg error=EMFILE'; do
		mapfile -t children < <(children_of "$SERVER_PID")
		# shellcheck disable=SC2086
		assert_log_reopened $fault
	done
}

@test "a reload that lacks something changes nothing, the next one works" {
	local fault children call before

	need_shim
	tell_what_head
	start_faulty -n 2 -q "$root"
	while read -r fault; do
		call=${fault%% *}
		before=$(lines_said)
		children=$(children_line)
		# shellcheck disable=SC2086
		fault call=$fault
		kill -HUP "$SERVER_PID"
		wait_until 10 says_so_often 'going on as before'
		no_fault
		wait_until 5 has_children "$SERVER_PID" 2
		assert_equal "$(children_line)" "$children"
		all_answer
		tell_what "call=$fault, SIGHUP" "$call" "refused: $(
		    new_lines "$before" | grep -vx 'httpserve: reloading' |
		    sed '1!d; s/^httpserve: //')"
	done <<-'END'
	malloc error=ENOMEM where=master
	openat2 error=EMFILE where=master
	fork error=EAGAIN where=master
	socketpair error=EMFILE where=master
	thread error=EAGAIN
	kernel error=ENOMEM where=children
	END
	kill -HUP "$SERVER_PID"
	wait_until 10 says '^httpserve: reloaded'
}

# Whether it has said so once more.
says_so_often()
{
	(($(grep -c "$1" "$SERVER_STDERR") > ${said:-0})) || return 1
	said=$(grep -c "$1" "$SERVER_STDERR")
}
