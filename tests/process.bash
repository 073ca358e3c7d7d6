# shellcheck shell=bash
# shellcheck disable=SC2034	# what is set here is for the tests
# What tests of the processes share; load it after helper.
#
#	start_with option [option...]	httpserve, by env(1)
#	get path|url [curl option...]	one answer, in time
#	client name command...		a client beside the test
#	client_status pid seconds	waits for it, and has its status
#	hold connections		keep-alive connections, all answered
#	held_closed			ends them: how many were closed
#	slow_download file [option...]	a download under way
#	assert_undelayed path		whether others keep a good client waiting
#	start_load root [option...]	nonstop on $PORT and its files, a load
#	end_load			ends it, and fails if it lost anything
#	counted kind			what it counted of that
#	figure text			a line of "make night"
#	has_children master count	whether it has so many now
#	has_retired child		whether it accepts no more

PROGRAMS=$BUILD/programs
BACKGROUND=()

now_ms()
{
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# Fails when more than so many milliseconds have passed since a time.
assert_within()
{
	local took=$(($(now_ms) - $2))

	((took <= $1 * SLOW)) || fail "took $took ms, not $(($1 * SLOW))"
}

get()
{
	local path=$1
	shift

	[[ $path == *://* ]] || path=$URL$path
	curl -sS --max-time $((10 * SLOW)) "$@" "$path"
}

# Runs a command beside the test, with its output in a file of that name; sets
# CLIENT to its process.  What a former one of that name wrote is gone at once,
# lest it be taken for this one's.
client()
{
	local name=$1
	shift

	: >"$BATS_TEST_TMPDIR/$name" 2>"$BATS_TEST_TMPDIR/$name.err"
	"$@" >"$BATS_TEST_TMPDIR/$name" 2>"$BATS_TEST_TMPDIR/$name.err" \
	    </dev/null 3>&- &
	CLIENT=$!
	BACKGROUND+=("$CLIENT")
}

client_status()
{
	wait_until "$2" gone "$1" || return 255
	wait "$1"
}

# Starts httpserve by env(1) with an option of that: the shell lets its jobs
# in the background ignore SIGINT and SIGQUIT.
start_with()
{
	local wrapper=$BATS_TEST_TMPDIR/bin/httpserve

	mkdir -p "${wrapper%/*}"
	printf '#!/bin/sh\nexec env %s "%s" "$@"\n' "$1" "$BUILD/httpserve" \
	    >"$wrapper"
	chmod +x "$wrapper"
	shift
	start_program "$wrapper" -l 127.0.0.1:0 "$@"
}

# Opens so many connections, each with one request answered, and keeps them.
hold()
{
	client hold "$PROGRAMS/hold" "$PORT" "$1"
	HOLD=$CLIENT
	wait_until 30 held_or_gone
	grep -qx "held $1" "$BATS_TEST_TMPDIR/hold" ||
	    fail "hold: $(cat "$BATS_TEST_TMPDIR/hold.err")"
}

held_or_gone()
{
	grep -q ^held "$BATS_TEST_TMPDIR/hold" || gone "$HOLD"
}

held_closed()
{
	kill -TERM "$HOLD"
	client_status "$HOLD" 10
	sed -n 's/^closed //p' "$BATS_TEST_TMPDIR/hold"
}

are_titled_one()
{
	[[ $(child_titles "$SERVER_PID" | grep -c '\[1 connection\]$') -eq $1 ]]
}

# The same of a server whose children have room for one each.  One that is full
# does not leave the next client to its siblings for ever, which on a busy
# machine may be too short: then it is tried again.
hold_one_a_child()
{
	hold "$1"
	for _ in 1 2 3; do
		! wait_until 3 are_titled_one "$1" || return 0
		held_closed
		hold "$1"
	done
	return 1
}

# A file that takes a while: larger than what sockets buffer.  It is copied
# from the first one, which takes a fifth of the time.
make_large_file()
{
	local first=$BATS_FILE_TMPDIR/large

	[[ -e $first ]] || head -c 33554432 /dev/urandom >"$first"
	cp "$first" "$1"
}

# Downloads $URL/large, in two seconds or slower, to the file; returns when it
# is under way.  Sets CLIENT.
slow_download()
{
	local to=$1
	shift

	client "${to##*/}.curl" curl -sS --limit-rate "$((16384 / SLOW))k" \
	    -o "$to" "$@" "$URL/large"
	wait_until 5 test -s "$to"
}

# The worst of many requests of a good client, ms: half of them on one
# connection, half on one each.
worst_latency()
{
	{
		get "$1?[1-200]" -o /dev/null -w '%{time_total}\n'
		get "$1?[1-200]" -o /dev/null -w '%{time_total}\n' \
		    -H 'Connection: close'
	} >"$BATS_TEST_TMPDIR/latency" || return
	[[ $(wc -l <"$BATS_TEST_TMPDIR/latency") -eq 400 ]] || return
	awk '{ if ($1 > worst) worst = $1 } END { print int(worst * 1000) }' \
	    "$BATS_TEST_TMPDIR/latency"
}

# A busy machine delays good clients, too: one of three tries has to be good.
assert_undelayed()
{
	local worst

	for _ in 1 2 3; do
		worst=$(worst_latency "$1")
		echo "# worst: $worst ms"
		((worst >= 100 * SLOW)) || return 0
	done
	fail "$worst ms"
}

# A load of every kind, of which nothing may be lost.
start_load()
{
	local root=$1
	shift

	client nonstop "$PROGRAMS/nonstop" "$@" "$PORT" "$root"
	LOAD=$CLIENT
	wait_until 10 load_is_ready
}

load_is_ready()
{
	grep -qx ready "$BATS_TEST_TMPDIR/nonstop" || gone "$LOAD"
}

end_load()
{
	local status=0

	# It has ended already where something was lost.
	kill -TERM "$LOAD" 2>/dev/null || true
	client_status "$LOAD" 10 || status=$?
	cat "$BATS_TEST_TMPDIR/nonstop" "$BATS_TEST_TMPDIR/nonstop.err"
	assert_equal "$status" 0
}

counted()
{
	sed -n "s/^$1 //p" "$BATS_TEST_TMPDIR/nonstop"
}

# What "make night" shows of a test.
figure()
{
	echo "$*" | tee -a "${FIGURES:-/dev/null}"
}

# The same of a load: what was done to the server, and what it counted.
figure_load()
{
	figure "$1: $(counted requests) requests on $(counted connections)" \
	    "connections, $(counted downloads) downloads; $(counted announced)" \
	    "closes announced, $(counted losses) losses"
}

# Whether a master has so many children.
has_children()
{
	[[ $(children_of "$1" | wc -w) -eq $2 ]]
}

# Whether a child's acceptors have ended, which are threads of that name.
has_retired()
{
	! cat "/proc/$1"/task/*/comm 2>/dev/null | grep -qx acceptor
}

# Whether new clients are refused.
refused()
{
	! { : <"/dev/tcp/127.0.0.1/$PORT"; } 2>/dev/null
}

# libbsd cannot show a title shorter than argv[0]: blanks follow it.
title()
{
	ps -o args= -p "$1" | sed 's/ *$//'
}

title_is()
{
	[[ $(title "$1") == "$2" ]]
}

# The titles of a master's children, one a line, in order.
child_titles()
{
	ps -o args= --ppid "$1" | sed 's/ *$//' | sort
}

says()
{
	grep -qE -- "$1" "${2:-$SERVER_STDERR}"
}

# Whether a server has so many children, all other than those of before.
has_new_children()
{
	local pid pids

	pids=$(children_of "$1")
	[[ $(wc -w <<<"$pids") -eq $2 ]] || return 1
	for pid in $pids; do
		[[ " ${*:3} " != *" $pid "* ]] || return 1
	done
}

all_gone()
{
	local pid

	for pid; do
		gone "$pid" || return 1
	done
}

teardown()
{
	local pid

	for pid in ${BACKGROUND[@]+"${BACKGROUND[@]}"}; do
		# A client may be stopped, or be its own child's parent.
		gone "$pid" || kill -KILL "$pid"
		wait "$pid" || true
	done
	common_teardown
}
