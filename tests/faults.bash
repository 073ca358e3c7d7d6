# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154	# what tests set and use
# What tests of shortages share; load it after process.
#
#	need_shim			skips where nothing can be preloaded
#	start_faulty [option...] root	httpserve behind the shim, no fault yet
#	fault key=value...		one call fails, until...
#	no_fault			none does
#	seen call, injected call	how often
#	note_whole, assert_whole	the server is as it was
#	row faults says may key=value...	a row of the table

FAULTS=$BUILD/faults
SHIM=$FAULTS/shim.so

need_shim()
{
	[[ -z ${SANITIZE-} ]] ||
	    skip "a sanitizer has malloc(3) and its kin for itself"
	table=$BATS_TEST_TMPDIR/faults.table
	"$FAULTS/control" "$table" new
	chmod 666 "$table"
}

start_faulty()
{
	start_with "LD_PRELOAD=$SHIM FAULTS=$table" "$@"
}

fault()
{
	"$FAULTS/control" "$table" set "$@"
}

no_fault()
{
	"$FAULTS/control" "$table" clear
}

seen()
{
	"$FAULTS/control" "$table" show |
	    awk -v c="$1" '$1 == c { n = $2 } END { print n + 0 }'
}

injected()
{
	"$FAULTS/control" "$table" show |
	    awk -v c="$1" '$1 == c { n = $3 } END { print n + 0 }'
}

has_injected()
{
	(($(injected "$1") >= $2))
}

# The children by their process ids, on a line.
children_line()
{
	children_of "$SERVER_PID" | sort -n | paste -sd ' '
}

descriptors()
{
	local pid fds

	for pid; do
		fds=("/proc/$pid/fd/"*)
		echo "${#fds[@]}"
	done | paste -sd ' '
}

# Processor time of the server's processes, in microseconds.
cpu_us()
{
	local pid

	for pid in "$SERVER_PID" $(children_of "$SERVER_PID"); do
		cat "/proc/$pid"/task/*/schedstat 2>/dev/null || true
	done | awk '{ ns += $1 } END { printf "%d\n", ns / 1000 }'
}

# Kilobytes that a process has for itself.
anonymous_kb()
{
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

note_whole()
{
	local pid

	WHOLE_CHILDREN=$(children_line)
	# shellcheck disable=SC2086
	WHOLE_FDS=$(descriptors "$SERVER_PID" $WHOLE_CHILDREN)
	WHOLE_KB=
	for pid in $WHOLE_CHILDREN; do
		WHOLE_KB+=" $(anonymous_kb "$pid")"
	done
}

# A file that came into the cache meanwhile is one more.
has_whole_fds()
{
	local before now i

	read -ra before <<<"$WHOLE_FDS"
	# shellcheck disable=SC2046
	read -ra now <<<"$(descriptors "$SERVER_PID" $(children_line))"
	for i in "${!before[@]}"; do
		((now[i] <= before[i] + 2)) || return 1
	done
}

# A client of each child is answered; the queue has them in turn.
all_answer()
{
	local i

	for i in 1 2 3 4; do
		[[ $(get /file -H 'Connection: close' 2>/dev/null) == \
		    "$(<"$root/file")" ]] || return 1
	done
}

# The same children, with as many descriptors, and not much more memory.
assert_whole()
{
	local pid kb

	wait_until 5 all_answer
	assert_equal "$(children_line)" "$WHOLE_CHILDREN"
	wait_until 5 has_whole_fds || fail "descriptors, were $WHOLE_FDS"
	# shellcheck disable=SC2086
	set -- $WHOLE_KB
	for pid in $WHOLE_CHILDREN; do
		kb=$(anonymous_kb "$pid")
		((kb < $1 + 8192)) || fail "memory: $1 KiB, now $kb"
		shift
	done
}

# How many lines the server has said.
lines_said()
{
	wc -l <"$SERVER_STDERR"
}

# What of it is new, without numbers.
new_lines()
{
	tail -n "+$(($1 + 1))" "$SERVER_STDERR"
}

start_clients()
{
	rm -f "$BATS_TEST_TMPDIR/clients"
	client clients "$FAULTS/clients" "$@" -t $((5 * SLOW)) "$PORT" \
	    "${PATHS[@]}"
	CLIENTS=$CLIENT
	wait_until 10 clients_are_ready
	grep -qx ready "$BATS_TEST_TMPDIR/clients" ||
	    fail "clients: $(cat "$BATS_TEST_TMPDIR/clients.err")"
}

clients_are_ready()
{
	grep -qsx ready "$BATS_TEST_TMPDIR/clients" || gone "$CLIENTS"
}

end_clients()
{
	local status=0

	kill -TERM "$CLIENTS"
	client_status "$CLIENTS" 20 || status=$?
	((status == 0)) || fail "clients: $(cat "$BATS_TEST_TMPDIR/clients" \
	    "$BATS_TEST_TMPDIR/clients.err")"
}

# How many requests of the clients ended so.
ended()
{
	sed -n "s/^$1 //p" "$BATS_TEST_TMPDIR/clients"
}

# A line of the table, which "make faults" shows.
tell()
{
	printf '%-46s %6s %6s %6s %5s %5s %6s %4s %5s %4s %4s %4s\n' "$@" |
	    tee -a "${FAULTS_TABLE:-/dev/null}"
}

tell_head()
{
	tell '' calls failed right busy refd closed torn wrong said 'cpu%' 'back'
}

tell_what_head()
{
	printf '\n%-62s %6s  %s\n' '' failed 'what happened' |
	    tee -a "${FAULTS_TABLE:-/dev/null}"
}

# A line of it in words: the fault, how many calls failed, what became of that.
tell_what()
{
	printf '%-62s %6s  %s\n' "$1" "$(injected "$2")" "$3" |
	    tee -a "${FAULTS_TABLE:-/dev/null}"
}

# With a table all of it is run, else what is marked by an asterisk.
is_wanted()
{
	[[ $1 == \** || -n ${FAULTS_TABLE-} ]]
}

IDLE=4

# Lets a call fail under load, until it has so many times; then all has to be
# as it was.  may is what clients may see beside right answers, and says
# matches what the server says of it, in so few lines.
row()
{
	local says=$1 may=$2 before call start_us busy_us start end back
	local said how name
	shift 2

	name="$*"
	call=${1#call=}
	before=$(lines_said)
	note_whole
	start_clients -i "$IDLE" -k 2 -o 2 -p 2
	fault "$@"
	start_us=$(cpu_us) start=$(now_ms)
	wait_until 10 has_injected "$call" "${TIMES:-20}"
	busy_us=$(($(cpu_us) - start_us)) end=$(now_ms)
	no_fault
	wait_until 5 all_answer
	back=$(($(now_ms) - end))
	end_clients
	assert_whole
	said=$(($(lines_said) - before))
	tell "$name" "$(seen "$call")" "$(injected "$call")" \
	    "$(ended right)" "$(ended busy)" "$(ended refused)" \
	    "$(ended closed)" "$(ended torn)" \
	    "$(ended wrong)+$(ended stuck)" "$said" $((busy_us / 10 / (end - start + 1))) \
	    "$back"
	for how in busy refused closed torn; do
		[[ " $may " == *" $how "* ]] ||
		    assert_equal "$how $(ended $how)" "$how 0"
	done
	(($(ended right) > 0))
	assert_equal "kept $(ended kept)" "kept $IDLE"
	((said <= 3)) || fail "said: $(new_lines "$before")"
	[[ $says == - ]] || says "$says" || fail "not said: $says"
	((busy_us / 10 < 50 * (end - start + 1))) ||
	    fail "used $busy_us us in $((end - start)) ms"
}

# A server's life in which the n-th of a call fails, and no other: it starts,
# answers, reloads, answers, opens its log anew, and stops.  It may leave at
# the start, with a reason and a status of sysexits(3); a crash it may not.
# Sets LIFE to what came of it.
live_without()
{
	local call=$1 error=$2 nth=$3 status=0 to=$BATS_TEST_TMPDIR/life

	fault call="$call" error="$error" after=$((nth - 1)) count=1 "${@:4}"
	: >"$to.err"
	LD_PRELOAD=$SHIM FAULTS=$table "$BUILD/httpserve" -l 127.0.0.1:0 \
	    -n 2 -L "$to.log" "$root" >"$to.out" 2>"$to.err" </dev/null 3>&- &
	SERVER_PID=$!
	SERVERS=("$SERVER_PID")
	SERVER_STDERR=$to.err
	wait_until 10 ready_or_gone httpserve ||
	    fail "hangs at its start: $call $nth"
	LIFE=start
	if ready_line httpserve >/dev/null; then
		LIFE=run
		live_on "$call" "$nth"
		kill -TERM "$SERVER_PID"
	fi
	wait_until 10 gone "$SERVER_PID" || fail "hangs at its end: $call $nth"
	wait "$SERVER_PID" || status=$?
	if [[ $LIFE == run ]]; then
		((status == 0)) || fail "$call $nth: $status"
	else
		((status == 0 || (status >= 64 && status <= 78))) ||
		    fail "$call $nth: status $status: $(cat "$to.err")"
		[[ -s $to.err ]] || fail "$call $nth: no reason"
	fi
	if grep -E 'died of|while serving' "$to.err"; then
		fail "$call $nth"
	fi
}

# What is asked and told of one that serves: it may refuse an answer once.
live_on()
{
	local url

	url=$(ready_line httpserve)
	url=${url#*listening on }
	url=http://${url%% *}
	curl -s --max-time 5 "$url/file" "$url/sub/" \
	    >"$BATS_TEST_TMPDIR/life.1" || true
	kill -HUP "$SERVER_PID"
	wait_until 10 says 'reloaded|going on as before' ||
	    fail "no reload: $1 $2"
	kill -USR1 "$SERVER_PID"
	curl -s --max-time 5 -o "$BATS_TEST_TMPDIR/life.2" "$url/large" ||
	    true
	curl -s --max-time 5 --retry 3 --retry-all-errors --retry-delay 0 \
	    -f -o "$BATS_TEST_TMPDIR/life.3" "$url/file" ||
	    fail "no answer at the end: $1 $2"
	cmp "$BATS_TEST_TMPDIR/life.3" "$root/file"
}

tell_sweep_head()
{
	printf '\n%-46s %6s %6s %6s %6s\n' '' calls lives start all |
	    tee -a "${FAULTS_TABLE:-/dev/null}"
}

# The numbers of some fifty calls out of so many.
spread()
{
	seq 1 $(($1 / 50 + 1)) "$1"
}

# Lives without the calls of these numbers, or for a table without each of
# them, and says how many lives ended at the start, with a reason, and how
# many went on to the end.
sweep()
{
	local call=$1 error=$2 some=$3 n='' k started=0 ran=0

	some=${some//[-,]/ }
	if [[ -n ${FAULTS_TABLE-} ]]; then
		live_without "$call" 0 1 "${@:4}"
		n=$(seen "$call")
		some=$(spread "$n")
	fi
	for k in $some; do
		live_without "$call" "$error" "$k" "${@:4}"
		if [[ $LIFE == run ]]; then
			ran=$((ran + 1))
		else
			started=$((started + 1))
		fi
	done
	printf '%-46s %6s %6s %6s %6s\n' "$call $error ${*:4}" "$n" \
	    $((ran + started)) "$started" "$ran" |
	    tee -a "${FAULTS_TABLE:-/dev/null}"
}
