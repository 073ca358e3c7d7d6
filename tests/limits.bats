#!/usr/bin/env bats
# How much a client may take, where a program sets that: bytes, fields and
# requests; and how many connections.

load helper
load process
load limits

get=$'GET /pid HTTP/1.1\r\nHost: x\r\n\r\n'

# So many bytes.
fill()
{
	printf "%*s" "$1" '' | tr ' ' a
}

# The statuses of what answers standard input, on one line.
statuses()
{
	raw -k | sed -n 's,^HTTP/1.1 \(...\) .*,\1,p' | paste -sd ' '
}

# A request whose line has so many bytes.
with_line()
{
	printf 'GET /pid?%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' \
	    "$(fill $(($1 - 20)))"
}

# Whose longest field has so many.
with_field()
{
	printf 'GET /pid HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
	printf 'A: %s\r\n\r\n' "$(fill $(($1 - 5)))"
}

# That has so many fields.
with_fields()
{
	printf 'GET /pid HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
	printf 'A: b\r\n%.0s' $(seq $(($1 - 2)))
	printf '\r\n'
}

# Whose head has so many bytes.
with_head()
{
	local left=$(($1 - 49)) step=$(($1 > 10000 ? 5000 : 500))

	printf 'GET /pid HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
	while ((left > 2 * step)); do
		printf 'A: %s\r\n' "$(fill $((step - 5)))"
		left=$((left - step))
	done
	printf 'A: %s\r\n\r\n' "$(fill $((left - 5)))"
}

# Whose body has so many.
with_body()
{
	printf 'POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
	printf 'Content-Length: %d\r\n\r\n%s' "$1" "$(fill "$1")"
}

with_chunks()
{
	printf 'POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
	printf 'Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n%x\r\n%s\r\n' \
	    $(($1 - 1)) "$(fill $(($1 - 1)))"
	printf '0\r\n\r\n'
}

# Fails unless a request at the limit is accepted, and one beyond refused.
assert_limit()
{
	local limit=$1 status=$2 with=$3

	assert_equal "$with $limit: $("$with" "$limit" | statuses)" \
	    "$with $limit: 200"
	assert_equal "$with more: $("$with" "$((limit + 1))" | statuses)" \
	    "$with more: $status"
	get /pid
}

@test "limits that are lower than the defaults" {
	serve max_request_line_bytes=64 max_field_bytes=50 max_fields=4 \
	    max_header_bytes=120 max_body_bytes=10
	assert_limit 64 414 with_line
	assert_limit 50 431 with_field
	assert_limit 4 431 with_fields
	stop_server
	serve max_header_bytes=120 max_body_bytes=10
	assert_limit 120 431 with_head
	assert_limit 10 413 with_body
	assert_limit 10 413 with_chunks
}

@test "limits that are higher than the defaults" {
	serve max_request_line_bytes=60000 max_field_bytes=60000 \
	    max_header_bytes=100000 max_body_bytes=3000000
	assert_limit 60000 414 with_line
	assert_limit 60000 431 with_field
	assert_limit 100000 431 with_head
	assert_limit 3000000 413 with_body
	assert_limit 3000000 413 with_chunks
}

@test "a hundred fields are the most there can be" {
	serve max_fields=1000
	assert_limit 100 431 with_fields
}

@test "the last request a connection is kept for is told so" {
	local i

	serve max_requests=3
	run raw -k "$get$get$get$get$get"
	assert_success
	assert_equal "$(grep -c '^HTTP/1.1 200' <<<"$output")" 3
	assert_equal "$(grep -c '^Connection: close' <<<"$output")" 1
	assert_equal "$(grep -n '^\(HTTP\|Connection\)' <<<"$output" |
	    tail -n 1 | cut -d : -f 2)" Connection
	# One after the other, too: curl connects anew for each fourth.
	run get "/pid?[1-9]" -o /dev/null -w '%{num_connects}'
	assert_output 100100100
}

@test "a connection is for one request if that is the limit" {
	serve max_requests=1
	run raw -k "$get"
	assert_success
	assert_line --partial 'Connection: close'
}

@test "what was pipelined behind the last request does not cut its answer" {
	local fd len

	serve max_requests=1
	exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'GET /known?16000000 HTTP/1.1\r\nHost: h\r\n\r\n' >&"$fd"
	head -c 1000 <&"$fd" >"$BATS_TEST_TMPDIR/got"
	printf 'GET / HTTP/1.1\r\nHost: h\r\n\r\n' >&"$fd"
	cat <&"$fd" >>"$BATS_TEST_TMPDIR/got"
	exec {fd}>&-
	len=$(sed '1,/^\r$/d' "$BATS_TEST_TMPDIR/got" | wc -c)
	assert_equal "$len" 16000000
}

# Whether a client is answered.
admitted()
{
	get /pid -o /dev/null "$@" 2>/dev/null
}

# Fails unless a client is closed without an answer.
assert_not_admitted()
{
	run get /pid
	# Empty reply, or a reset, as there was a request to read.
	[[ $status -eq 52 || $status -eq 56 ]] ||
	    fail "curl: $status: $output"
	refute_output --partial HTTP
}

# Clients that are all answered and keep their connections.
keep()
{
	local n=$2

	slow "$1" -n "$n" "${@:3}" "$get"
	wait_until 5 says_of "$1" "^answered $n$"
}

@test "an address has so many connections, in all children together" {
	serve connections_per_address=6 -n 3
	keep first 6
	for _ in 1 2 3 4 5; do
		assert_not_admitted
	done
	assert_equal "$(ends_of first)" ''
	run ! says connection
}

@test "a connection that ends makes room for another" {
	local one

	serve connections_per_address=3 -n 2
	keep two 2
	keep one 1
	one=$CLIENT
	assert_not_admitted
	kill -KILL "$one"
	wait_until 3 admitted
	keep another 1
	assert_not_admitted
	assert_equal "$(ends_of two)" ''
}

@test "however they end, they are counted no longer" {
	serve connections_per_address=4 read_header_timeout=200 \
	    read_timeout=200 write_timeout=200 -i 200 max_header_bytes=100
	# At once, at the end of their time, and by those who are refused.
	for _ in 1 2 3 4 5 6; do
		assert_equal "$(statuses <<<"$(with_head 101)")" 431
	done
	slow silent -n 2 ''
	slow head GET
	slow body $'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n'
	wait_until 5 ended silent 2
	wait_until 5 ended head 1
	wait_until 5 ended body 1
	slow reader -b 4096 -r 1 \
	    $'GET /known?50000000 HTTP/1.1\r\nHost: x\r\n\r\n'
	slow idle -n 3 "$get"
	wait_until 5 ended idle 3
	wait_until 5 logged known
	wait_until 3 admitted
	slow again -n 4 GET
	wait_until 5 ended again 4
	assert_equal "$(ends_of again | grep -c ' 408$')" 4
}

ended()
{
	[[ $(ends_of "$1" | wc -l) -eq $2 ]]
}

logged()
{
	grep -q -- "$1" "$LOG"
}

@test "without a limit an address may have any number" {
	serve -n 2
	keep many 200
}

@test "-m counts a client of IPv4 at every socket as one" {
	local url

	[[ -e /proc/net/if_inet6 ]] || skip 'no IPv6 here'
	start_server -q -n 2 -m 3 -l :0 -l 127.0.0.1:0 "$BATS_TEST_TMPDIR"
	url=http://127.0.0.1:$(sed -n \
	    's/.*listening on .*, 127.0.0.1:\([0-9]*\).*/\1/p' \
	    "$SERVER_STDERR")
	keep three 3
	assert_not_admitted
	run get "$url/"
	[[ $status -eq 52 || $status -eq 56 ]]
	# Others are not affected.
	get "http://[::1]:$PORT/" -o /dev/null
	get "$URL/" -o /dev/null --interface 127.0.0.2
}

@test "-m does not count at a unix socket" {
	local i s=$BATS_TEST_TMPDIR/s

	start_server -q -n 1 -m 1 -l "unix:$s" "$BATS_TEST_TMPDIR"
	for i in 1 2 3; do
		client "unix.$i" socat -t 30 "EXEC:cat /dev/zero,fdin=3" \
		    "UNIX-CONNECT:$s"
	done
	wait_until 3 title_is "$(children_of "$SERVER_PID")" \
	    'httpserve: child 1 [3 connections]'
	get http://x/ --unix-socket "$s" -o /dev/null
}

@test "when a child is killed its connections are counted no longer" {
	local child before lost

	serve connections_per_address=8 -n 2
	keep first 8 -d 20
	before=$(children_of "$SERVER_PID")
	child=${before%%$'\n'*}
	kill -KILL "$child"
	wait_until 5 has_new_child "$child"
	lost=$(ends_of first | wc -l)
	((lost > 0 && lost < 8)) || fail "the child had $lost of 8"
	keep second "$lost"
	assert_not_admitted
	assert_equal "$(ends_of first | wc -l)" "$lost"
	assert_equal "$(ends_of second)" ''
}

# Whether two children start with one that is not this.
has_new_child()
{
	local n

	n=$(grep -c '^child . starts$' "$SERVER_STDOUT")
	[[ $n -eq 3 ]] && gone "$1"
}

@test "a child that drains and its successor count right, too" {
	local child

	serve connections_per_address=4 -n 1
	keep first 4
	assert_not_admitted
	child=$(children_of "$SERVER_PID")
	kill -TERM "$child"
	wait_until 5 has_successor "$child"
	wait_until 5 ended first 4
	keep second 4
	assert_not_admitted
}

has_successor()
{
	gone "$1" && says '^child 1 starts$' "$SERVER_STDOUT" &&
	    [[ $(grep -c '^child 1 starts$' "$SERVER_STDOUT") -eq 2 ]]
}

# A tenth of the time at the cap of 8, the half with 7, all of it with 6.
@test "idle connections go sooner near the cap, but no more than fill it" {
	local ms=()

	serve -c 8 -i 1500
	keep idle 8
	wait_until 10 ended idle 8
	mapfile -t ms < <(ends_of idle | awk '{ print $2 }' | sort -n)
	echo "# ${ms[*]}"
	((ms[0] < 700 && ms[1] < 1400)) || fail 'they stay'
	((ms[2] > 1400)) || fail 'too many go'
	assert_equal "$(ends_of idle | grep -cv ' 200$')" 0
}

@test "below three quarters of the cap they do not" {
	serve -c 8 -i 800
	keep idle 6 -d 20
	wait_until 10 ended idle 6
	ends_of idle | awk '$2 < 780 { exit 1 }'
}
