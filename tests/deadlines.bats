#!/usr/bin/env bats
# How long a client may take: for a head, a body, an answer and between
# requests; and that those who take long keep nobody waiting.
#
# With a read_header_timeout of less than a second connections are accepted at
# once; else the kernel keeps those that say nothing, for whole seconds.

load helper
load process
load limits

post=$'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: '
get=$'GET /pid HTTP/1.1\r\nHost: x\r\n\r\n'
chunked=$'Transfer-Encoding: chunked\r\n\r\n'
# Of each kind where they are to be many: SLOW_CLIENTS=3000 takes a while.
SLOW_CLIENTS=${SLOW_CLIENTS:-150}
# An answer that no socket can buffer.
huge=$'GET /known?50000000 HTTP/1.1\r\nHost: x\r\n\r\n'

logged()
{
	[[ $(grep -cE -- "$1" "$LOG") -eq ${2:-1} ]]
}

# Reads an answer's head from a descriptor.
read_head()
{
	local line

	while read -r -t $((5 * SLOW)) -u "$1" line && [[ $line != $'\r' ]]; do
		printf '%s\n' "${line%$'\r'}"
	done
}

# Fails unless a client has ended so, in about 300 ms: "closed 200 408".
assert_end()
{
	one_end "$1"
	assert_equal "$1: $HOW $STATUSES" "$1: $2"
	assert_took 280 1200
}

@test "a head that is not done in time is answered 408, if it has begun" {
	serve read_header_timeout=300 -i 300
	slow half $'GET /half HTTP/1.1\r\nHost: x\r\n'
	slow bytes -s x $'GET /bytes HTTP/1.1\r\nA: '
	slow fields -s $'A: b\r\n' $'GET /fields HTTP/1.1\r\n'
	slow second "${get}GET /"
	slow silent ''
	slow idle "$get"
	assert_end half 'closed 408'
	assert_end bytes 'closed 408'
	assert_end fields 'closed 408'
	assert_end second 'closed 200 408'
	assert_end idle 'closed 200'
	assert_end silent 'closed '
	assert_equal "$BYTES" 0
	wait_until 3 logged '"GET /half HTTP/1.1" 408 '
	logged '" 408 ' 4
	logged . 6
}

@test "who sends nothing stays in the kernel, and is closed in the end" {
	serve read_header_timeout=$((1000 * SLOW))
	slow silent ''
	wait_until 3 kernel_keeps 1
	get /pid -H 'Connection: close'
	wait_until 3 kernel_keeps 1
	one_end silent
	assert_equal "$BYTES $STATUSES" '0 '
	assert_took $((1000 * SLOW)) 9000
}

kernel_keeps()
{
	[[ $(ss -Htn state syn-recv "sport = :$PORT" | wc -l) -eq $1 ]]
}

@test "a head in pieces that is done in time is answered" {
	serve read_header_timeout=900
	slow head -i 20 -s $'A: b\r\nC:d\r\n\r\n' $'GET /pid HTTP/1.1\r\nHost: '
	wait_until 5 says_of head '^answered 1$'
	slow close -s $'\r\n' $'GET / HTTP/1.1\r\nHost: x\r\nConnection: close'
	one_end close
	assert_equal "$HOW $STATUSES" 'closed 200'
}

@test "the head's time begins with its first byte, also behind an answer" {
	local since

	serve read_header_timeout=400
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n' >&9
	run read_head 9
	assert_line --index 0 'HTTP/1.1 200 OK'
	run ! read -r -t 0.3 -u 9
	since=$(now_ms)
	printf G >&9
	run read_head 9
	assert_line --index 0 'HTTP/1.1 408 Request Timeout'
	assert_line 'Connection: close'
	(($(now_ms) - since >= 380))
	assert_within 1500 "$since"
	exec 9>&-
}

@test "a body that comes too slowly is answered 408, if that still can be" {
	local nobody=${post/body/pid}

	serve read_timeout=300 min_rate=1000
	slow stops "${post}100"$'\r\n\r\nten bytes.'
	slow begins_not "${post}5"$'\r\nExpect: 100-continue\r\n\r\n'
	slow creeps -s x "${post}1000"$'\r\n\r\n'
	slow chunks -s $'1\r\nx\r\n' "${post%Content*}$chunked"
	slow unwanted -s x "${nobody}1000"$'\r\n\r\n'
	slow unwanted_chunks -s $'1\r\nx\r\n' "${nobody%Content*}$chunked"
	assert_end stops 'closed 408'
	assert_end begins_not 'closed 100 408'
	assert_end creeps 'closed 408'
	assert_end chunks 'closed 408'
	assert_end unwanted 'closed 200'
	assert_end unwanted_chunks 'closed 200'
	wait_until 3 logged '"POST /body HTTP/1.1" 408 ' 4
	logged . 6
}

@test "one that comes faster may take any time" {
	local piece

	serve read_timeout=400 min_rate=1000
	piece=$(head -c 400 /dev/zero | tr '\0' x)
	slow body -s "$piece" "${post}12000"$'\r\nConnection: close\r\n\r\n'
	one_end body
	assert_equal "$HOW $STATUSES" 'closed 200'
	assert_took 1400 6000
}

# Whether the server has so many connections.
server_has()
{
	[[ $(ss -Htn state established "sport = :$PORT" | wc -l) -eq $1 ]]
}

# Asks for a large answer, reads nothing until the server has given up, and
# then the rest: the log has to have as many bytes of the body as came.
assert_cut()
{
	local got=$BATS_TEST_TMPDIR/got head since logged

	since=$(now_ms)
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "$1" >&9
	wait_until 3 server_has 1
	# Whatever the loop of the child knew of it, now it knows it.
	get / -H 'Connection: close'
	wait_until 5 server_has 0
	assert_took 460 2000 $(($(now_ms) - since))
	cat <&9 >"$got" || true
	exec 9>&-
	head=$(sed '/^\r$/q' "$got" | wc -c)
	((head > 0 && $(wc -c <"$got") > head)) || fail 'nothing was sent'
	logged=$(awk -v path="$1" '$7 == path { print $10 }' "$LOG")
	assert_equal "$1: $logged" "$1: $(($(wc -c <"$got") - head))"
}

@test "a reader who stops is cut" {
	serve write_timeout=300
	slow reader -b 4096 -i 10000 -r 1 "$huge"
	wait_until 5 logged '"GET /known'
	server_has 0
}

@test "the log has what was sent of a file to a reader who was cut" {
	head -c 10000000 /dev/zero >"$BATS_TEST_TMPDIR/file"
	serve write_timeout=500 -f "$BATS_TEST_TMPDIR/file"
	assert_cut '/range?0:10000000'
}

@test "the log has what was sent of a source to a reader who was cut" {
	serve write_timeout=500
	assert_cut '/known?10000000'
	assert_equal "$(get /sources)" '1 1'
}

@test "the log has what was sent of memory to a reader who was cut" {
	serve write_timeout=500
	assert_cut '/memory?10000000'
}

# How readers of so many bytes an interval of 20 ms fare: of a file, a source
# of a known length, one that gives little at a time, one in chunks, and memory.
read_slowly()
{
	local name

	head -c "$2" /dev/zero >"$BATS_TEST_TMPDIR/file"
	serve write_timeout=400 "min_rate=$1" -f "$BATS_TEST_TMPDIR/file"
	for name in 'range?0:' 'known?' 'pieces?' 'unknown?' 'memory?'; do
		slow "${name%%\?*}" -b 16384 -i 20 -r "$3" \
		    "GET /$name$2 HTTP/1.1"$'\r\nHost: x\r\nConnection: '$(
		    )$'close\r\n\r\n'
	done
}

@test "readers who are slower than the rate are cut" {
	read_slowly 1000000 1000000 200
	wait_until 5 server_has 0
	logged '" 200 [0-9]+ "' 5
}

@test "readers who are faster than the rate may take any time" {
	local name

	read_slowly 20000 800000 10000
	for name in range known pieces unknown memory; do
		one_end "$name"
		((BYTES >= 800000)) || fail "$name: cut behind $BYTES bytes"
		assert_equal "$name $HOW $STATUSES" "$name closed 200"
		assert_took 1200 9000
	done
}

# Sends a message, then a byte each 50 ms for so many ms, and reads then.
send_on()
{
	local until=$(($(now_ms) + $1))

	exec 9<>"/dev/tcp/127.0.0.1/$PORT" || return
	printf '%s' "$2" >&9
	while (($(now_ms) < until)); do
		printf x >&9 || return
		sleep 0.05
	done
	cat <&9
}

# Once for 413, and once for what nobody wants at all.
@test "who was refused and sends on reads the answer when all is sent" {
	local babbler large since

	serve read_timeout=2000
	since=$(now_ms)
	client babbler send_on 20000 $'GET\r\n\r\n'
	babbler=$CLIENT
	# Longer than a silent client could read, and than a body may pause.
	client large send_on 2300 "${post}2000000"$'\r\n\r\n'
	large=$CLIENT
	client unwanted send_on 2300 "${post/body/pid}2000000"$'\r\n\r\n'
	client_status "$CLIENT" 10
	grep '^HTTP/1.1 200 OK' "$BATS_TEST_TMPDIR/unwanted"
	client_status "$large" 10
	grep '^HTTP/1.1 413 ' "$BATS_TEST_TMPDIR/large"
	# But not for ever.
	wait_until 10 gone "$babbler"
	assert_took 3900 8000 $(($(now_ms) - since))
}

@test "an error does not wait for a body that has not ended" {
	local since

	mkdir "$BATS_TEST_TMPDIR/root"
	start_server -q -n 1 "$BATS_TEST_TMPDIR/root"
	since=$(now_ms)
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'POST / HTTP/1.1\r\nHost: x\r\n%s5\r\nhe' "$chunked" >&9
	run read_head 9
	assert_line --index 0 'HTTP/1.1 405 Method Not Allowed'
	assert_line 'Connection: close'
	assert_within 1000 "$since"
	exec 9>&-
}

@test "any other answer waits for that a second at the most" {
	local since

	serve
	since=$(now_ms)
	slow steady -s $'1\r\nx\r\n' "${post/body*/pid HTTP/1.1}"$'\r\n'$(
	    )$'Host: x\r\n'"$chunked"
	wait_until 5 says_of steady '^answered 1$'
	assert_took 980 4000 $(($(now_ms) - since))
}

# So many slow heads, bodies and readers each.
crowd()
{
	slow heads -n "$1" -s x $'GET /pid HTTP/1.1\r\nA: '
	slow bodies -n "$1" -s x "${post}100000"$'\r\n\r\n'
	slow readers -n "$1" -b 4096 -r 1 "$huge"
}

@test "a drain waits for slow clients, but for no longer than they have" {
	serve read_header_timeout=600 read_timeout=600 write_timeout=600 \
	    min_rate=1000000
	crowd 20
	kill -TERM "$SERVER_PID"
	wait_until 5 gone "$SERVER_PID"
	wait "$SERVER_PID"
	assert_equal "$(ends_of heads | grep -c ' 408$')" 20
	assert_equal "$(ends_of bodies | grep -c ' 408$')" 20
	run ! says 'were cut'
	assert_equal "$(grep -c '"GET /known?50000000 HTTP/1.1" 200' "$LOG")" \
	    20
}

@test "a drain cuts slow clients when its own time is over" {
	local since took

	serve -g 400
	crowd 20
	since=$(now_ms)
	kill -TERM "$SERVER_PID"
	wait_until 5 gone "$SERVER_PID"
	took=$(($(now_ms) - since))
	wait "$SERVER_PID"
	assert_took 380 1500 "$took"
	says '^answers: child 1: 60 connections were cut$'
	assert_equal "$(grep -c '"GET /known?50000000 HTTP/1.1" 200' "$LOG")" \
	    20
	wait_until 3 says_of heads '^(closed|reset) [0-9]+ 0$' 20
}

# At a unix socket, as no kernel keeps those back.
@test "a drain does not wait for who was accepted and has said nothing" {
	local s=$BATS_TEST_TMPDIR/s since

	start_program "$PROGRAMS/answers" "unix:$s"
	client silent nc -U "$s"
	wait_until 3 title_is "$(children_of "$SERVER_PID")" \
	    'answers: child 1 [1 connection]'
	since=$(now_ms)
	stop_server
	assert_within 3000 "$since"
}

@test "slow heads, bodies and readers do not delay a good client" {
	serve
	crowd "$SLOW_CLIENTS"
	wait_until 5 title_is "$(children_of "$SERVER_PID")" \
	    "answers: child 1 [$((3 * SLOW_CLIENTS)) connections]"
	assert_undelayed /pid
	wait_until 5 title_is "$(children_of "$SERVER_PID")" \
	    "answers: child 1 [$((3 * SLOW_CLIENTS)) connections]"
}

# Each of a byte, and over and over.
@test "nor do those who ask for hundreds of ranges at once" {
	local request root=$BATS_TEST_TMPDIR/root

	mkdir "$root"
	head -c 1024 /dev/zero >"$root/file"
	start_server -q -n 1 "$root"
	request=$'GET /file HTTP/1.1\r\nHost: x\r\nRange: bytes='
	request+=$(seq -s , 800 | sed 's/[0-9]\+/&-&/g')$'\r\n\r\n'
	slow ranges -n "$SLOW_CLIENTS" -i 500 -s "$request" "$request"
	assert_undelayed /file
	# One whose request was not taken as a whole at once is refused.
	(($(ends_of ranges | wc -l) < SLOW_CLIENTS / 2))
}

# What the kernel keeps for the server's connections: bytes not yet received.
unreceived()
{
	ss -Htn state established "sport = :$PORT" |
	    awk '{ n += $2 } END { print n + 0 }'
}

has_stopped()
{
	local before

	before=$(unreceived)
	((before > 0)) && sleep 0.1 && (($(unreceived) == before))
}

@test "a slow reader does not fill the kernel's memory" {
	local path

	head -c 20000000 /dev/zero >"$BATS_TEST_TMPDIR/file"
	serve -f "$BATS_TEST_TMPDIR/file"
	for path in 'range?0:20000000' 'known?20000000' 'memory?20000000'; do
		slow reader -b 4096 -i 10000 -r 1 \
		    "GET /$path HTTP/1.1"$'\r\nHost: x\r\n\r\n'
		wait_until 5 has_stopped
		(($(unreceived) < 200000)) || fail "$path: $(unreceived) bytes"
		kill -KILL "$CLIENT"
		wait_until 5 server_has 0
	done
}

@test "nor does their end, when their time is over at once" {
	local until

	serve read_header_timeout=900 read_timeout=900 write_timeout=900 \
	    min_rate=1000000
	crowd "$SLOW_CLIENTS"
	until=$(($(now_ms) + 5000 * SLOW))
	until ended_by_408 heads "$SLOW_CLIENTS"; do
		(($(now_ms) < until)) || fail 'they do not end'
		assert_undelayed /pid
	done
	wait_until 5 ended_by_408 bodies "$SLOW_CLIENTS"
	wait_until 5 logged '"GET /known' "$SLOW_CLIENTS"
}

ended_by_408()
{
	says_of "$1" '^closed .* 408$' "$2"
}
