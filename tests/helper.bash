# shellcheck shell=bash
# shellcheck disable=SC2034	# what is set here is for the tests
# What the tests share; each file begins with "load helper".
#
#	start_server [option...] [root]	httpserve, at a free port
#	start_program program [arg...]	an example, or another such server
#	stop_server			SIGTERM; everything has to end well
#	raw [-k] [-t seconds] [bytes...]	bytes to the server and back
#	wait_until seconds command...	the only way to wait
#	children_of pid			its child processes
#
# A background process of a test needs 3>&-, or bats waits for it, and is
# waited for by its id: a bare `wait' waits for bats too.  Deadlines are $SLOW
# times as long.  `teardown' is common_teardown; a file with its own calls
# that at its end.

bats_require_minimum_version 1.5.0
# Each of their files by itself: load.bash runs dirname(1) for each, which is 15
# times a test, longer than many a test takes.
for file in bats-support/src/{error,lang,output} \
    bats-assert/src/{assert,refute}{,_line,_output,_regex} \
    bats-assert/src/assert_{equal,not_equal,failure,success}; do
	bats_load_library "$file.bash"
done
unset file

# To say where a test failed bats notes each command of it, in a DEBUG trap
# that takes longer than most commands: a third of all time.  When one fails
# bash knows by itself where it is; so no function has that trap, and the place
# is noted then, or when the time is over.
set +T

bats_error_trap()
{
	bats_check_status_from_trap
	if [[ -z $BATS_DEBUG_LAST_STACK_TRACE_IS_VALID ]]; then
		bats_capture_stack_trace
		BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
	fi
}

bats_timeout_trap()
{
	BATS_TIMED_OUT=1
	echo "at the time: $BASH_COMMAND"
	# In a trap of a signal bash does not know the line in the innermost.
	bats_capture_stack_trace
	BATS_DEBUG_LAST_STACK_TRACE=("${BATS_DEBUG_LAST_STACK_TRACE[@]:1}")
	BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
	exit 1
}

TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
BUILD=${BUILD:-build}
[[ $BUILD == /* ]] || BUILD=$TOP/$BUILD
SLOW=${SLOW:-1}

SERVER_PID=
SERVERS=()

# Reports go to files of the test: a daemon has no standard error.
if [[ -n ${BATS_TEST_TMPDIR-} ]]; then
	log_path=log_path=$BATS_TEST_TMPDIR/sanitizer
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}$log_path
	export TSAN_OPTIONS=${TSAN_OPTIONS:+$TSAN_OPTIONS:}$log_path
	unset log_path
fi

# Waits until a command succeeds; fails when the time is over.
wait_until()
{
	local seconds=$1 deadline
	shift

	deadline=$((${EPOCHREALTIME/[.,]/} + seconds * SLOW * 1000000))
	until "$@"; do
		if ((${EPOCHREALTIME/[.,]/} > deadline)); then
			echo "not within $((seconds * SLOW)) s: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

children_of()
{
	pgrep -P "$1" || true
}

# Whether a process has ended; a zombie has.
gone()
{
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ ${stat##*) } == [ZX]* ]]
}

# Of the shell itself, as every test waits for one.
ready_line()
{
	local line

	while IFS= read -r line; do
		if [[ $line == "$1: listening on "* ]]; then
			echo "$line"
			return
		fi
	done <"$SERVER_STDERR"
	return 1
}

ready_or_gone()
{
	ready_line "$1" >/dev/null || gone "$SERVER_PID"
}

# Starts httpserve at a free port of 127.0.0.1, unless a -l is among its
# options, and waits until it is ready.
start_server()
{
	local arg listen=(-l 127.0.0.1:0)

	for arg; do
		if [[ $arg =~ ^-[dqvV]*l ]]; then
			listen=()
		fi
	done
	start_program "$BUILD/httpserve" ${listen[@]+"${listen[@]}"} "$@"
}

# Starts a program that says its address as httpserve does, and waits for
# that.  Sets SERVER_PID, ADDRESS, PORT, URL, SERVER_STDOUT and SERVER_STDERR:
# $BATS_TEST_TMPDIR/stdout and stderr, stdout.2 and stderr.2 for the second
# program of a test, and so on.
start_program()
{
	local name=${1##*/} nth='' line

	if ((${#SERVERS[@]} > 0)); then
		nth=.$((${#SERVERS[@]} + 1))
	fi
	SERVER_STDOUT=$BATS_TEST_TMPDIR/stdout$nth
	SERVER_STDERR=$BATS_TEST_TMPDIR/stderr$nth
	: >"$SERVER_STDERR"
	"$@" >"$SERVER_STDOUT" 2>"$SERVER_STDERR" </dev/null 3>&- &
	SERVER_PID=$!
	SERVERS+=("$SERVER_PID")

	wait_until 10 ready_or_gone "$name" || true
	if ! line=$(ready_line "$name"); then
		fail "$name is not ready: $(cat "$SERVER_STDERR")"
	fi
	ADDRESS=${line#*listening on }
	ADDRESS=${ADDRESS%%[ ,]*}
	PORT=${ADDRESS##*:}
	case $ADDRESS in
	unix:*)	PORT='' URL=http://localhost ;;
	'[::]:'* | 0.0.0.0:*)	URL=http://127.0.0.1:$PORT ;;
	*)	URL=http://$ADDRESS ;;
	esac
}

# Ends the server as an operator does: it leaves with status 0, in time, and
# none of its children is left in the process table.
stop_server()
{
	local children pid status=0

	children=$(children_of "$SERVER_PID")
	kill -TERM "$SERVER_PID" || return
	wait_until 10 gone "$SERVER_PID" || return
	wait "$SERVER_PID" || status=$?
	assert_equal "$status" 0 || return
	for pid in $children; do
		if [[ -e /proc/$pid ]]; then
			fail "left behind: $(show_processes "$pid")" ||
			    return
		fi
	done
}

show_processes()
{
	local IFS=,

	echo
	ps -o pid,ppid,stat,args -p "$*"
}

# Sends its arguments, as printf's %b has them, or else its standard input, to
# the server and prints what comes back until the server closes: status 0, or
# 124 when it did not in -t seconds (5).  It has then said it is done by
# half-closing the connection; with -k it stays open in both directions.
raw()
{
	local half_close=(-N) seconds=5 to=(127.0.0.1 "$PORT") opt OPTIND=1

	while getopts kt: opt; do
		case $opt in
		k)	half_close=() ;;
		t)	seconds=$OPTARG ;;
		*)	return 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	if [[ $ADDRESS == unix:* ]]; then
		to=(-U "${ADDRESS#unix:}")
	fi
	if (($# > 0)); then
		printf %b "$@"
	else
		cat
	fi | timeout "$((seconds * SLOW))" \
	    nc ${half_close[@]+"${half_close[@]}"} "${to[@]}"
}

# Programs of the build that live and have files or directory in this test's.
left_behind()
{
	local pid used mine=$BATS_TEST_TMPDIR

	while IFS=/ read -r _ _ pid _; do
		used=$(find "/proc/$pid/cwd" "/proc/$pid/fd" -maxdepth 1 \
		    \( -lname "$mine" -o -lname "$mine/*" \) \
		    -print -quit 2>/dev/null) || true
		if [[ -n $used ]]; then
			echo "$pid"
		fi
	done < <(find /proc/[0-9]*/exe -maxdepth 0 -lname "$BUILD/*" \
	    2>/dev/null)
}

# What the sanitizers wrote; UBSan knows no log_path beside ASan, and a child
# without rights can't write one.  A client that is killed while LeakSanitizer
# looks at its end has no leak.
sanitizer_reports()
{
	local files=("$BATS_TEST_TMPDIR"/sanitizer.*)
	local report='ERROR: (Address|Leak)Sanitizer|runtime error:'
	report+='|WARNING: ThreadSanitizer|FATAL: ThreadSanitizer'
	report+='|Sanitizer:DEADLYSIGNAL|ERROR: Can.t open file'

	[[ ! -e ${files[0]} ]] ||
	    grep -hv 'Unable to get registers from thread' "${files[@]}"
	grep -hE -A 30 "$report" "$BATS_TEST_TMPDIR"/stderr* 2>/dev/null ||
	    true
}

nobody_left()
{
	[[ -z $(left_behind) ]]
}

# What the last server said, where the test has failed.
show_messages()
{
	[[ -n ${BATS_TEST_COMPLETED-} || ! -s ${SERVER_STDERR-} ]] ||
	    tail -n 20 "$SERVER_STDERR" >&2
}

# Lets bash say here, and not between the results of tests, which of its
# background processes were killed.
forget_ended()
{
	local pid

	for pid in $(jobs -p); do
		! gone "$pid" || wait "$pid" || true
	done
}

# Stops the last server, if it still runs, and the others without asking;
# nobody may be left then, and no sanitizer may have said anything.
common_teardown()
{
	local pid left status=0

	show_messages
	if [[ -n $SERVER_PID ]] && ! gone "$SERVER_PID"; then
		stop_server || status=1
	fi
	for pid in ${SERVERS[@]+"${SERVERS[@]}"}; do
		gone "$pid" || kill -TERM "$pid"
	done
	if ! wait_until 5 nobody_left; then
		mapfile -t left < <(left_behind)
		echo "left behind:"
		show_processes "${left[@]}" >&2 || true
		kill -KILL "${left[@]}" || true
		status=1
	fi
	forget_ended
	if [[ -n $(sanitizer_reports) ]]; then
		sanitizer_reports >&2
		status=1
	fi
	return "$status"
}

teardown()
{
	common_teardown
}
