#!/usr/bin/env bats
# Behind a proxy: whose a connection, or a request, really is.

load helper
load process

V2='\r\n\r\n\x00\r\nQUIT\n'
REQUEST='GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

# A server that says whose connection it is, to proxies of 127.0.0.1.
start_behind()
{
	log=$BATS_TEST_TMPDIR/access.log
	start_program "$PROGRAMS/handlers" -L "$log" -p 127.0.0.1 \
	    ${1+"$@"} 127.0.0.1:0 / whom
}

# Starts HAProxy in front of the server, with these words behind its address;
# sets FRONT to its own.
start_haproxy()
{
	local config=$BATS_TEST_TMPDIR/haproxy.cfg front

	for _ in 1 2 3 4 5; do
		front=127.0.0.1:$((RANDOM % 20000 + 10000))
		cat >"$config" <<-END
		defaults
		    mode http
		    timeout connect 10s
		    timeout client 10s
		    timeout server 10s
		    ${2-}
		listen front
		    bind $front
		    server back 127.0.0.1:$PORT $1
		END
		client haproxy haproxy -db -f "$config"
		FRONT=http://$front
		wait_until 10 answers_or_gone "$FRONT"
		if ! gone "$CLIENT"; then
			return
		fi
	done
	fail "haproxy: $(cat "$BATS_TEST_TMPDIR/haproxy.err")"
}

answers_or_gone()
{
	gone "$CLIENT" || get "$1" -o /dev/null 2>/dev/null
}

@test "HAProxy says whose a connection is, by version 1 and by version 2" {
	local version

	for version in send-proxy send-proxy-v2 \
	    'send-proxy-v2 check check-send-proxy inter 100ms' \
	    'send-proxy-v2 proxy-v2-options unique-id,crc32c'; do
		start_behind
		start_haproxy "$version" 'unique-id-format %[uuid()]'
		assert_equal "$(get "$FRONT" --interface 127.0.0.9)" 127.0.0.9
		assert_equal "$(get "$FRONT" --interface 127.0.0.8)" 127.0.0.8
		stop_server
		grep -q '^127.0.0.9 - - .*"GET / HTTP/1.1" 200' "$log"
	done
}

@test "a client of HAProxy counts, not HAProxy" {
	start_behind -c 1
	start_haproxy send-proxy-v2
	# One connection each, kept by HAProxy for the next request.
	assert_equal "$(get "$FRONT" --interface 127.0.0.9)" 127.0.0.9
	assert_equal "$(get "$FRONT" --interface 127.0.0.8)" 127.0.0.8
}

@test "a header in front of the request, in one piece and in many" {
	local header piece

	start_behind
	for header in 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n' \
	    "$V2"'\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\x00\x01\x00\x02'
	do
		run raw "$header$REQUEST"
		assert_line 192.0.2.1
		for piece in 1 7 13 20; do
			run split_raw "$piece" "$header" "$REQUEST"
			assert_line 192.0.2.1
		done
	done
	run raw "PROXY TCP6 2001:db8::1 ::1 1 2\\r\\n$REQUEST"
	assert_line 2001:db8::1
	run raw "PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\\r\\n$REQUEST"
	assert_line 192.0.2.7
	# The proxy's own connections.
	run raw "$V2"'\x20\x00\x00\x00'"$REQUEST"
	assert_line 127.0.0.1
	run raw "PROXY UNKNOWN\\r\\n$REQUEST"
	assert_line 127.0.0.1
}

# split_raw n header request: the first n bytes alone, read before the rest.
split_raw()
{
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	printf %b "$2" | head -c "$1" >&9
	wait_until 5 has_read_all
	printf %b "$2$3" | tail -c "+$(($1 + 1))" >&9
	timeout $((5 * SLOW)) cat <&9
	exec 9>&-
}

# Whether nothing waits to be read on the server's side of any connection.
has_read_all()
{
	ss -Htn state established "sport = :$PORT" |
	    awk '{ n++; waits += $1 } END { exit !(n > 0 && waits == 0) }'
}

@test "requests that follow on the connection are the client's, too" {
	start_behind
	run raw 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n' \
	    'GET / HTTP/1.1\r\nHost: x\r\n\r\n' "$REQUEST"
	assert_equal "$(grep -cx 192.0.2.1 <<<"$output")" 2
	wait_until 3 logged_as 2 192.0.2.1
}

logged_as()
{
	[[ $(grep -c "^$2 " "$log") == "$1" ]]
}

@test "without a header, or with a wrong one, the connection is closed" {
	local bytes

	start_behind
	for bytes in "$REQUEST" "PROXY TCP4 192.0.2.1\\r\\n$REQUEST" \
	    "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\\n$REQUEST" \
	    "$V2"'\x22\x00\x00\x00'"$REQUEST" "$V2"'\x21\x11\x00\x00'"$REQUEST"
	do
		run raw -k "$bytes"
		assert_output ''
		[[ $status != 124 ]]
	done
	# A second header is no request.
	run raw 'PROXY UNKNOWN\r\nPROXY UNKNOWN\r\n'"$REQUEST"
	assert_line --regexp '^HTTP/1.1 400 '
}

@test "who is no trusted proxy is closed, whatever it says" {
	start_program "$PROGRAMS/handlers" -p 10.0.0.0/8 -p 127.0.0.3 \
	    127.0.0.1:0 / whom
	run raw "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\\r\\n$REQUEST"
	assert_output ''
	run get / --haproxy-protocol --interface 127.0.0.3
	assert_output 127.0.0.3
}

@test "a header that does not come in time costs the connection" {
	start_program "$PROGRAMS/handlers" -t 300 -p 127.0.0.1 127.0.0.1:0 \
	    / whom
	run raw -k 'PROXY TCP4 192.0.2.1'
	assert_success
	assert_output ''
}

@test "a server that is stopped does not wait for a request behind a header" {
	start_behind
	exec 9<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n' >&9
	wait_until 5 has_read_all
	stop_server
	exec 9>&-
}

@test "what is no network of proxies is refused" {
	run timeout 10 "$PROGRAMS/handlers" -p x 127.0.0.1:0 / whom </dev/null \
	    3>&-
	assert_equal "$status" 69
	assert_output 'handlers: proxies in "x": no address'
}

# A server that believes proxies of 127.0.0.0/30 and 10.0.0.0/8 by that field.
start_forwarded()
{
	log=$BATS_TEST_TMPDIR/access.log
	start_program "$PROGRAMS/handlers" -L "$log" 127.0.0.1:0 \
	    / "forwarded $1 127.0.0.0/30 10.0.0.0/8 | whom" \
	    /rate "forwarded $1 127.0.0.1 | rate 1 3600 1 | whom" \
	    /access "forwarded $1 127.0.0.1 | access +192.0.2.1 | whom"
}

@test "HAProxy says whose a request is, by X-Forwarded-For" {
	start_forwarded X-Forwarded-For
	start_haproxy '' 'option forwardfor'
	assert_equal "$(get "$FRONT" --interface 127.0.0.9)" 127.0.0.9
	# What the client says itself stands to the left.
	assert_equal "$(get "$FRONT" --interface 127.0.0.9 \
	    -H 'X-Forwarded-For: 192.0.2.1')" 127.0.0.9
	wait_until 3 logged_as 2 127.0.0.9
}

@test "the field counts in the log, in limits and for access" {
	start_forwarded X-Forwarded-For
	assert_equal "$(get / -H 'X-Forwarded-For: 192.0.2.1, 10.0.0.7')" \
	    192.0.2.1
	assert_equal "$(get / -H 'X-Forwarded-For: 192.0.2.1' \
	    -H 'x-forwarded-for: 2001:db8::1')" 2001:db8::1
	wait_until 3 logged_as 1 192.0.2.1
	wait_until 3 logged_as 1 2001:db8::1
	assert_equal "$(get /rate -H 'X-Forwarded-For: 192.0.2.1')" 192.0.2.1
	assert_equal "$(get /rate -H 'X-Forwarded-For: 192.0.2.2')" 192.0.2.2
	run get /rate -H 'X-Forwarded-For: 192.0.2.2'
	assert_output '429 Too Many Requests'
	assert_equal "$(get /access -H 'X-Forwarded-For: 192.0.2.1')" 192.0.2.1
	run get /access
	assert_output '403 Forbidden'
}

@test "a request without the field, on the same connection, is the proxy's" {
	start_forwarded X-Forwarded-For
	run raw 'GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\n' \
	    '\r\n' 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' 'GET\r\n\r\n'
	assert_line 192.0.2.1
	assert_line 127.0.0.1
	# And so is the one that is none.
	wait_until 3 logged_as 2 127.0.0.1
}

@test "who is no proxy, and the field that does not count, are not believed" {
	start_forwarded Forwarded
	run get / --interface 127.0.0.9 -H 'Forwarded: for=192.0.2.1'
	assert_output 127.0.0.9
	run get / -H 'X-Forwarded-For: 192.0.2.1'
	assert_output 127.0.0.1
	run get / -H 'Forwarded: for=192.0.2.1;proto=https, for=10.0.0.1'
	assert_output 192.0.2.1
	run get / -H 'Forwarded: for=192.0.2.1, for=unknown'
	assert_output 127.0.0.1
}

@test "a field Forwarded with an error is 400, from a proxy" {
	start_forwarded Forwarded
	run get / -H 'Forwarded: for="x, for=192.0.2.1'
	assert_output '400 Bad Request'
	run get / --interface 127.0.0.9 -H 'Forwarded: for="x, for=192.0.2.1'
	assert_output 127.0.0.9
}
