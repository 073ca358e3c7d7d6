#!/usr/bin/env bats
# The ready-made handlers, by a program that has them at paths of a mux.

load helper
load process

# start_handlers [option...] [pattern chain]...
start_handlers()
{
	local options=()

	while [[ ${1-} == -* ]]; do
		options+=("$1" "$2")
		shift 2
	done
	start_program "$PROGRAMS/handlers" ${options[@]+"${options[@]}"} \
	    127.0.0.1:0 "$@"
}

head_of()
{
	local path=$1
	shift

	get "$path" -D - -o /dev/null --path-as-is "$@"
}

# What the program says to arguments that it refuses.
assert_refused()
{
	local why=$1
	shift

	run timeout 10 "$PROGRAMS/handlers" 127.0.0.1:0 "$@" </dev/null 3>&-
	assert_equal "$status" 78 || return
	assert_output --partial "$why"
}

# Fails unless a path leads there, by this status.
assert_leads()
{
	local path=$1 code=$2 to=$3
	shift 3

	run head_of "$path" "$@"
	assert_line --index 0 --regexp "^HTTP/1.1 $code " || return
	assert_line "Location: $to"$'\r'
}

@test "a redirect has each of its statuses, and a small page" {
	local code

	start_handlers /301 'redirect 301 /new' /302 'redirect 302 /new' \
	    /307 'redirect 307 /new' /308 'redirect 308 https://example.org/'
	for code in 301 302 307; do
		assert_leads "/$code" "$code" /new
	done
	assert_leads /308 308 https://example.org/ -X POST -d body
	run get /302
	assert_output '302 Found'
	run get /302 -I
	assert_line $'Content-Length: 10\r'
	assert_line $'Location: /new\r'
}

@test "a redirect takes what the path and the query have along" {
	start_handlers '/old/{rest...}' 'redirect 301 /new/{rest...}{?}' \
	    '/item/{id}' 'redirect 302 https://example.org/i?id={id}&a=b{&}#{id}' \
	    '/drop/' 'redirect 302 /there'
	assert_leads /old/a/b 301 /new/a/b
	assert_leads /old/ 301 /new/
	assert_leads '/old/a?b=c&d=%20' 301 '/new/a?b=c&d=%20'
	assert_leads '/old/a?' 301 '/new/a?'
	assert_leads '/item/7?x=y' 302 \
	    'https://example.org/i?id=7&a=b&x=y#7'
	assert_leads /item/7 302 'https://example.org/i?id=7&a=b#7'
	assert_leads /drop/a?b 302 /there
}

@test "what is taken along is encoded as its place needs" {
	start_handlers '/p/{rest...}' 'redirect 302 /{rest}' \
	    '/q/{v}' 'redirect 302 /s?q={v}'
	assert_leads '/p/a%20b%0d%0aX:%20y' 302 '/a%20b%0D%0AX:%20y'
	assert_leads '/p/%3Fa%23b' 302 '/%3Fa%23b'
	assert_leads '/p/a%2Fb' 302 '/a%2Fb'
	assert_leads '/p/%C3%A4' 302 '/%C3%A4'
	assert_leads '/q/a%26b=c+d%2Fe' 302 '/s?q=a%26b%3Dc%2Bd%2Fe'
}

@test "no request makes a redirect lead to another host" {


	start_handlers '/{rest...}' 'redirect 302 /{rest}' \
	    '/x/{rest...}' 'redirect 302 https://example.org/{rest}'
	for path in //evil.org /%2F%2Fevil.org /%5C%5Cevil.org '/%5Cevil.org' \
	    /%09/evil.org /./%2Fevil.org /.//evil.org '/[]' /%0a/evil.org \
	    /a/..//evil.org /http:%2F%2Fevil.org ///evil.org/%2e%2e; do
		run head_of "$path"
		assert_line --regexp '^Location: /([^/\\].*)?'$'\r''$'
	done
	for path in /x//@evil.org /x/@evil.org /x/.evil.org /x/%40evil.org \
	    /x/:80; do
		run head_of "$path" -L --max-redirs 0
		assert_line --regexp \
		    '^Location: (/x/|https://example\.org/)[^/]'
	done
}

@test "a target that could not lead anywhere, or anywhere at all, is refused" {
	local target

	for target in //evil.org '{x}' 'https://{x}/' 'https://a{x}' \
	    'http://a.{x}/' new ftp://a/ 'javascript:{x}' 'http://u@h/' '*'; do
		assert_refused 'slash' '/{x}' "redirect 301 $target"
	done
	for target in '/{' '/{}' '/{x-y}' '/{x..}' '/}{'; do
		assert_refused 'braces' '/{x}' "redirect 301 $target"
	done
	for target in '/{?}{x}' '/?a{?}' '/{&}' '/#{?}' '/{?}{&}'; do
		assert_refused '{?} stands' '/{x}' "redirect 301 $target"
	done
	for target in '/a\b' $'/\t' '/ä' '/a%2' '/#a#b' '/"'; do
		assert_refused 'encoded' '/{x}' "redirect 301 $target"
	done
	assert_refused '302, 307' /x 'redirect 303 /y'
	assert_refused 'has no {y}' '/{x}' 'redirect 301 /{y}'
}

@test "a fixed answer has its status, type and text, for every method" {
	start_handlers /a 'fixed 200 - some words' \
	    /b 'fixed 503 text/html <p>later' /c 'fixed 204 -' \
	    /d 'fixed 200 application/json {"a":[1, 2]}' /e 'fixed 405 - no'
	run get /a -i
	assert_line --index 0 $'HTTP/1.1 200 OK\r'
	assert_line $'Content-Type: text/plain; charset=utf-8\r'
	assert_line 'some words'
	run get /b -i -X POST -d body
	assert_line --index 0 $'HTTP/1.1 503 Service Unavailable\r'
	assert_line $'Content-Type: text/html\r'
	assert_line '<p>later'
	run get /b -I
	assert_line $'Content-Length: 8\r'
	run get /c -i
	assert_line --index 0 $'HTTP/1.1 204 No Content\r'
	refute_output --partial Content-
	assert_equal "$(get /d | jq -c .a)" '[1,2]'
	run get /e -i
	assert_line $'Allow: \r'
	assert_line no
}

@test "a fixed answer that would mean nothing is refused" {
	assert_refused 'status is' / 'fixed 199 - a'
	assert_refused 'needs a redirect' / 'fixed 301 - a'
	assert_refused 'more than a text' / 'fixed 401 - a'
	assert_refused 'more than a text' / 'fixed 426 - a'
	assert_refused 'has no text' / 'fixed 204 - a'
	assert_refused 'no media type' / 'fixed 200 text a'
}

@test "gone is 410" {
	start_handlers /old/ gone
	run get /old/a -i
	assert_line --index 0 $'HTTP/1.1 410 Gone\r'
	assert_line '410 Gone'
}

@test "access is by the first network that has the client" {
	start_handlers /a 'access +127.0.0.0/8 -all | whom' \
	    /b 'access -127.0.0.1 +all | whom' \
	    /c 'access -127.0.0.2 +127.0.0.0/8 | whom' \
	    /d 'access +127.0.0.2 -127.0.0.0/8 | whom'
	assert_equal "$(get /a)" 127.0.0.1
	run get /b -i
	assert_line --index 0 $'HTTP/1.1 403 Forbidden\r'
	assert_line '403 Forbidden'
	assert_equal "$(get /c)" 127.0.0.1
	run get /c --interface 127.0.0.2
	assert_output '403 Forbidden'
	assert_equal "$(get /d --interface 127.0.0.2)" 127.0.0.2
	run get /d
	assert_output '403 Forbidden'
}

@test "who is in no network is let in where all rules deny, and else not" {
	start_handlers /a 'access -10.0.0.0/8 | whom' \
	    /b 'access -10.0.0.0/8 +192.0.2.0/24 | whom' \
	    /c 'access +::/0 | whom'
	assert_equal "$(get /a)" 127.0.0.1
	for path in /b /c; do
		run get "$path"
		assert_output '403 Forbidden'
	done
}

@test "an IPv4 client on an IPv6 socket is one of IPv4" {
	start_program "$PROGRAMS/handlers" :0 \
	    /a 'access +127.0.0.1 | whom' /b 'access +::1 | whom'
	assert_equal "$(get /a)" 127.0.0.1
	run get /b
	assert_output '403 Forbidden'
}

@test "a unix socket's clients are of the network unix" {
	start_program "$PROGRAMS/handlers" "unix:$BATS_TEST_TMPDIR/s" \
	    /a 'access +unix | whom' /b 'access +0.0.0.0/0 +::/0 | whom' \
	    /c 'access -unix +all | whom'
	assert_equal "$(get /a --unix-socket "$BATS_TEST_TMPDIR/s")" unix:
	for path in /b /c; do
		run get "$path" --unix-socket "$BATS_TEST_TMPDIR/s"
		assert_output '403 Forbidden'
	done
}

@test "what is no network is refused" {
	assert_refused 'no address' / 'access +example.org | whom'
	assert_refused 'a prefix is' / 'access +10.0.0.0/33 | whom'
	assert_refused 'bits behind' / 'access +10.0.0.1/8 | whom'
}

# How many of so many requests to a path, one after the other or by several
# clients of curl, were let in.
let_in()
{
	local path=$1 count=$2
	shift 2

	get "$path?[1-$count]" -o /dev/null -w '%{http_code}\n' "$@" \
	    2>/dev/null | grep -c 200
}

@test "a client has its burst in all children, then 429 and when to retry" {
	start_handlers -n 4 / 'rate 1 3600 20 | whom'
	run let_in / 100 -Z --parallel-immediate --parallel-max 10 \
	    -H 'Connection: close'
	assert_output 20
	run get / -i
	assert_line --index 0 $'HTTP/1.1 429 Too Many Requests\r'
	assert_line --regexp '^Retry-After: 3[56][0-9][0-9]'$'\r''$'
	# Another client has its own.
	run let_in / 30 --interface 127.0.0.2
	assert_output 20
}

@test "a client is let in again at its rate" {
	local since

	start_handlers / 'rate 20 1 1 | whom'
	since=$(now_ms)
	get / -o /dev/null
	wait_until 5 let_in_again
	# 20 a second are 50 ms each, less what curl took to start.
	for _ in 1 2 3; do
		wait_until 5 let_in_again
	done
	(($(now_ms) - since >= 150))
}

let_in_again()
{
	[[ $(get /) == 127.0.0.1 ]]
}

@test "limits are each handler's own, and none of who has no address" {
	start_program "$PROGRAMS/handlers" "unix:$BATS_TEST_TMPDIR/s" \
	    / 'rate 1 3600 1 | whom'
	run let_in / 5 --unix-socket "$BATS_TEST_TMPDIR/s"
	assert_output 5
	stop_server
	start_handlers /a 'rate 1 3600 1 | whom' /b 'rate 1 3600 2 | whom'
	run let_in /a 5
	assert_output 1
	run let_in /b 5
	assert_output 2
}

@test "a rate of nothing is refused" {
	assert_refused 'a rate is' / 'rate 0 1 1 | whom'
	assert_refused 'a rate is' / 'rate 1 0 1 | whom'
	assert_refused 'a rate is' / 'rate 1000000000 1 1 | whom'
	assert_refused 'a burst is' / 'rate 1 1 0 | whom'
}

# preflight path origin [field...]
preflight()
{
	head_of "$1" -X OPTIONS -H "Origin: $2" \
	    -H 'Access-Control-Request-Method: PUT' "${@:3}"
}

@test "pages of the origins that are allowed may read, others may not" {
	start_handlers / 'cors https://a.example http://b.example:8080 expose:X-One expose:X-Two | whom'
	for origin in https://a.example http://b.example:8080; do
		run head_of / -H "Origin: $origin"
		assert_line "Access-Control-Allow-Origin: $origin"$'\r'
		assert_line $'Access-Control-Expose-Headers: X-One, X-Two\r'
		assert_line $'Vary: Origin\r'
		refute_output --partial Credentials
	done
	for origin in http://a.example https://a.example.evil \
	    https://a.example:8443 HTTPS://A.EXAMPLE null '*' ''; do
		run head_of / -H "Origin: $origin"
		assert_line --index 0 $'HTTP/1.1 200 OK\r'
		refute_output --partial Access-Control
		assert_line $'Vary: Origin\r'
	done
	run head_of /
	refute_output --partial Access-Control
	assert_line $'Vary: Origin\r'
}

@test "with * any page may read, and no cache has to tell them apart" {
	start_handlers / 'cors * | whom' /gone 'cors * | gone'
	run head_of / -H 'Origin: https://a.example'
	assert_line $'Access-Control-Allow-Origin: *\r'
	refute_output --partial Vary
	# Errors can be read, too.
	run head_of /gone -H 'Origin: https://a.example'
	assert_line --index 0 $'HTTP/1.1 410 Gone\r'
	assert_line $'Access-Control-Allow-Origin: *\r'
}

@test "the origin stays among what files and listings depend on" {
	mkdir "$BATS_TEST_TMPDIR/root"
	echo text >"$BATS_TEST_TMPDIR/root/a"
	gzip -k "$BATS_TEST_TMPDIR/root/a"
	start_handlers / "cors https://a.example | files $BATS_TEST_TMPDIR/root"
	for path in /a / /none; do
		run head_of "$path" -H 'Origin: https://a.example'
		assert_line $'Access-Control-Allow-Origin: https://a.example\r'
		assert_line $'Vary: Origin\r'
		assert_line --regexp '^Vary: Accept'
	done
}

@test "a browser that asks first is told what it may" {
	start_handlers / 'cors https://a.example method:PUT method:DELETE field:X-One field:Content-Type age:600 credentials | gone'
	run preflight / https://a.example
	assert_line --index 0 $'HTTP/1.1 204 No Content\r'
	assert_line $'Access-Control-Allow-Origin: https://a.example\r'
	assert_line $'Access-Control-Allow-Credentials: true\r'
	assert_line $'Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE\r'
	assert_line $'Access-Control-Allow-Headers: X-One, Content-Type\r'
	assert_line $'Access-Control-Max-Age: 600\r'
	assert_line $'Vary: Origin\r'
	run preflight / https://b.example
	assert_line --index 0 $'HTTP/1.1 403 Forbidden\r'
	refute_output --partial Access-Control
	assert_line $'Vary: Origin\r'
	# An OPTIONS that is none is the next handler's.
	run head_of / -X OPTIONS
	assert_line --index 0 $'HTTP/1.1 410 Gone\r'
}

@test "origins that no browser sends, and * with credentials, are refused" {
	local origin

	for origin in example.org https:// https://a/ https://A.example \
	    'https://u@a' HTTPS://a https:a ://a; do
		assert_refused 'an origin is' / "cors $origin | whom"
	done
	for origin in https://a:443 http://a:80 https://a:; do
		assert_refused 'leave out the port' / "cors $origin | whom"
	done
	assert_refused 'in a sandbox' / 'cors null | whom'
	assert_refused 'every site' / 'cors * credentials | whom'
	assert_refused 'every site' / 'cors credentials * | whom'
	assert_refused 'every site' / 'cors https://a credentials field:* | whom'
	assert_refused 'no method' / 'cors https://a method:A/B | whom'
	assert_refused 'no name' / 'cors https://a expose:* | whom'
}
