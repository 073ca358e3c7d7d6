#!/usr/bin/env bats
# Conditional requests for files: RFC 9110, 13.

load helper

EARLIER='Sun, 06 Nov 1994 08:49:36 GMT'
THEN='Sun, 06 Nov 1994 08:49:37 GMT'
LATER='Sun, 06 Nov 1994 08:49:38 GMT'

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	printf 'hello\n' >"$root/file.txt"
	touch -d "$THEN" "$root/file.txt"
	start_server -q -n 1 "$root"
	get /file.txt
	etag=$(field ETag)
	[ -n "$etag" ]
}

# Fetches a path, into the files head and body, and its status into $code.
get()
{
	local path=$1

	shift
	code=$(curl -sS --max-time $((10 * SLOW)) \
	    -D "$BATS_TEST_TMPDIR/head" -o "$BATS_TEST_TMPDIR/body" \
	    -w '%{http_code}' "$@" "$URL$path")
}

# The value of a field of the last answer.
field()
{
	sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$BATS_TEST_TMPDIR/head"
}

# Fails unless the file is answered with a status to these fields, to GET and
# to HEAD.
assert_status()
{
	local want=$1 name args=()

	shift
	for name; do
		args+=(-H "$name")
	done
	get /file.txt "${args[@]}"
	[ "$code" -eq "$want" ] || fail "GET, $*: $code, not $want"
	get /file.txt "${args[@]}" --head
	[ "$code" -eq "$want" ] || fail "HEAD, $*: $code, not $want"
}

# The fields of the last answer, without those that are the message's own.
description()
{
	sed -e 1d -e '/^Date: /Id' -e '/^Content-Length: /Id' \
	    "$BATS_TEST_TMPDIR/head"
}

@test "If-None-Match with the file's ETag is 304" {
	assert_status 304 "If-None-Match: $etag"
	assert_status 304 "If-None-Match: W/$etag"
	assert_status 304 'If-None-Match: *'
	assert_status 200 'If-None-Match: "other"'
	assert_status 200 'If-None-Match;'
}

@test "If-None-Match can be a list, with commas in its tags" {
	assert_status 304 "If-None-Match: \"a\", $etag"
	assert_status 304 "If-None-Match: \"a,b\",W/\"c\",,$etag,"
	assert_status 304 'If-None-Match: "a"' "If-None-Match: $etag"
	assert_status 200 'If-None-Match: "a", "b"'
	assert_status 200 "If-None-Match: \"a,$etag\""
	# What is no list matches nothing.
	assert_status 200 "If-None-Match: ${etag//\"/}"
	assert_status 200 "If-None-Match: $etag, x"
	assert_status 200 "If-None-Match: *, $etag"
}

@test "If-Modified-Since with the file's date, or a newer one, is 304" {
	assert_status 304 "If-Modified-Since: $THEN"
	assert_status 304 "If-Modified-Since: $LATER"
	assert_status 304 'If-Modified-Since: Fri, 31 Dec 2999 23:59:59 GMT'
	assert_status 200 "If-Modified-Since: $EARLIER"
}

@test "If-Modified-Since has three forms, and what has none is ignored" {
	assert_status 304 'If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT'
	assert_status 200 'If-Modified-Since: Sunday, 06-Nov-94 08:49:36 GMT'
	assert_status 304 'If-Modified-Since: Sun Nov  6 08:49:37 1994'
	assert_status 200 'If-Modified-Since: Sun Nov  6 08:49:36 1994'
	assert_status 200 'If-Modified-Since: tomorrow'
	assert_status 200 'If-Modified-Since;'
	assert_status 200 "If-Modified-Since: $LATER, $LATER"
	assert_status 200 "If-Modified-Since: $LATER" \
	    "If-Modified-Since: $LATER"
}

@test "If-Match with another ETag is 412" {
	assert_status 200 "If-Match: $etag"
	assert_status 200 "If-Match: \"a,b\", $etag"
	assert_status 200 'If-Match: *'
	assert_status 412 'If-Match: "other"'
	assert_status 412 "If-Match: W/$etag"
	assert_status 412 "If-Match: ${etag//\"/}"
}

@test "If-Unmodified-Since with an older date is 412" {
	assert_status 412 "If-Unmodified-Since: $EARLIER"
	assert_status 412 'If-Unmodified-Since: Sun Nov  6 08:49:36 1994'
	assert_status 200 "If-Unmodified-Since: $THEN"
	assert_status 200 "If-Unmodified-Since: $LATER"
	assert_status 200 'If-Unmodified-Since: yesterday'
}

@test "of several conditions those count that RFC 9110, 13.2.2 says" {
	local other='"other"'

	assert_status 200 "If-Match: $etag" "If-Unmodified-Since: $EARLIER"
	assert_status 412 "If-Match: $other" "If-Unmodified-Since: $LATER"
	assert_status 200 "If-None-Match: $other" "If-Modified-Since: $LATER"
	assert_status 304 "If-None-Match: $etag" \
	    "If-Modified-Since: $EARLIER"
	assert_status 412 "If-None-Match: $etag" "If-Match: $other"
	assert_status 412 "If-Modified-Since: $LATER" "If-Match: $other"
	assert_status 412 "If-None-Match: $etag" \
	    "If-Unmodified-Since: $EARLIER"
	assert_status 304 "If-None-Match: $etag" "If-Match: $etag"
	assert_status 304 "If-None-Match: $etag" 'Range: bytes=0-1'
	assert_status 412 "If-Match: $other" 'Range: bytes=0-1'
	assert_status 304 "If-None-Match: $etag" 'Range: bytes=99-'
	assert_status 412 "If-Match: $other" 'Range: bytes=99-'
}

@test "304 has the fields of 200, and neither length nor body" {
	local expected

	get /file.txt
	expected=$(description)
	get /file.txt -H "If-None-Match: $etag"
	assert_equal "$code" 304
	assert_equal "$(description)" "$expected"
	assert_equal "$(field Content-Length)" ''
	assert_equal "$(field ETag)" "$etag"
	assert_equal "$(field Last-Modified)" "$THEN"
	[ -n "$(field Date)" ]
	run -0 raw "GET /file.txt HTTP/1.1\r\nHost: h\r\n" \
	    'If-None-Match: *\r\nConnection: close\r\n\r\n'
	[ "$(tail -n 1 <<<"$output")" = $'\r' ] || fail "$output"
}

@test "412 has a page of its own, and none of the file's fields" {
	local name

	get /file.txt -H 'If-Match: "other"'
	assert_equal "$code" 412
	assert_equal "$(cat "$BATS_TEST_TMPDIR/body")" \
	    '412 Precondition Failed'
	for name in ETag Last-Modified Accept-Ranges; do
		assert_equal "$(field "$name")" ''
	done
}

@test "the connection is kept after 304 and 412" {
	run -0 curl -sS --max-time $((10 * SLOW)) -o /dev/null \
	    -w '%{http_code} %{num_connects}\n' \
	    -H "If-None-Match: $etag" "$URL/file.txt" \
	    --next -sS -o /dev/null -w '%{http_code} %{num_connects}\n' \
	    -H 'If-Match: "other"' "$URL/file.txt" \
	    --next -sS -o /dev/null -w '%{http_code} %{num_connects}\n' \
	    "$URL/file.txt"
	assert_output $'304 1\n412 0\n200 0'
}

@test "a file that was changed is answered anew, if only by a nanosecond" {
	printf 'HELLO\n' >"$root/file.txt"
	touch -d '1994-11-06 08:49:37.000000001 UTC' "$root/file.txt"
	assert_status 200 "If-None-Match: $etag"
	assert_status 412 "If-Match: $etag"
	get /file.txt -H "If-None-Match: $etag"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/body")" HELLO
	assert_not_equal "$(field ETag)" "$etag"
}

# A date of HTTP, as date(1) is told.
http_date()
{
	LC_ALL=C date -u -d "$1" '+%a, %d %b %Y %H:%M:%S GMT'
}

@test "a file from the future is as new as the answer" {
	touch -d '+1 hour' "$root/file.txt"
	assert_status 200 "If-Modified-Since: $(http_date '-1 minute')"
	assert_status 304 "If-Modified-Since: $(http_date '+30 minutes')"
	assert_status 412 "If-Unmodified-Since: $(http_date '-1 minute')"
	get /file.txt
	assert_status 304 "If-None-Match: $(field ETag)"
}

@test "the date of a file from the future is Date, and 304 has it, too" {
	local fields

	touch -d '+1 hour' "$root/file.txt"
	for fields in X: If-None-Match:* Range:bytes=0-1; do
		get /file.txt -H "$fields"
		assert_equal "$fields $(field Last-Modified)" \
		    "$fields $(field Date)"
		get /file.txt -H "$fields" --head
		assert_equal "HEAD, $fields $(field Last-Modified)" \
		    "HEAD, $fields $(field Date)"
	done
}

@test "the date of this second is not taken for a version's name" {
	local date

	touch -d '+1 hour' "$root/file.txt"
	get /file.txt
	date=$(field Last-Modified)
	# Of the future there may be others that had it.
	assert_status 200 "If-Modified-Since: $date"
	assert_status 412 "If-Unmodified-Since: $date"
	assert_status 200 'Range: bytes=0-1' "If-Range: $date"
	assert_status 304 'If-Modified-Since: Fri, 31 Dec 2999 23:59:59 GMT'
	# Nor is one that was changed in it, and answered, dated by it.
	while
		touch "$root/file.txt"
		get /file.txt
		date=$(field Last-Modified)
		(($(date -d "$date" +%s) >= $(stat -c %Y "$root/file.txt")))
	do
		:
	done
	assert_status 200 "If-Modified-Since: $date"
	assert_status 412 "If-Unmodified-Since: $date"
	assert_status 200 'Range: bytes=0-1' "If-Range: $date"
}

@test "an index has conditions as a file has" {
	mkdir "$root/site"
	cp -p "$root/file.txt" "$root/site/index.html"
	get /site/ -H "If-None-Match: $etag"
	assert_equal "$code" 304
	get /site/ -H 'If-Match: "other"'
	assert_equal "$code" 412
}

@test "a listing has conditions, but neither a tag nor a date for them" {
	mkdir "$root/dir"
	get /dir/ -H 'If-Match: "other"'
	assert_equal "$code" 412
	get /dir/ -H 'If-None-Match: *'
	assert_equal "$code" 304
	assert_equal "$(field Cache-Control), $(field Vary)" 'no-cache, Accept'
	get /dir/ -H 'If-Match: *' -H 'If-None-Match: "other"' \
	    -H "If-Modified-Since: $LATER" -H "If-Unmodified-Since: $EARLIER"
	assert_equal "$code" 200
}

@test "what is no document has no conditions" {
	local condition

	mkdir "$root/dir"
	for condition in 'If-None-Match: *' 'If-Match: "other"' \
	    "If-Modified-Since: $LATER" "If-Unmodified-Since: $EARLIER"; do
		get /dir -H "$condition"
		assert_equal "$code" 301
		get /missing -H "$condition"
		assert_equal "$code" 404
		get /file.txt -H "$condition" -X POST
		assert_equal "$code" 405
		get /file.txt -H "$condition" -X OPTIONS
		assert_equal "$code" 204
	done
}

@test "curl -z and --etag-compare, wget -N: what is known is not sent again" {
	local got=$BATS_TEST_TMPDIR/got

	get /file.txt -z "$THEN"
	assert_equal "$code" 304
	get /file.txt -z "-$EARLIER"
	assert_equal "$code" 412
	get /file.txt --etag-save "$BATS_TEST_TMPDIR/etag"
	get /file.txt --etag-compare "$BATS_TEST_TMPDIR/etag"
	assert_equal "$code" 304

	mkdir "$got"
	run -0 wget -N -P "$got" "$URL/file.txt"
	cmp "$got/file.txt" "$root/file.txt"
	run -0 wget -N -P "$got" "$URL/file.txt"
	assert_output --partial 304
	echo changed >"$root/file.txt"
	run -0 wget -N -P "$got" "$URL/file.txt"
	cmp "$got/file.txt" "$root/file.txt"
}
