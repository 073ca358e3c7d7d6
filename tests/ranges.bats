#!/usr/bin/env bats
# Parts of files: RFC 9110, 14 and 15.3.7.

load helper
load browser

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	printf 0123456789 >"$root/ten.txt"
	touch -d '1994-11-06 08:49:37 UTC' "$root/ten.txt"
	start_server -n 1 "$root"
}

teardown()
{
	stop_browser
	common_teardown
}

# Fetches a path, into the files head and body, and its status into $code.
get()
{
	local path=$1

	shift
	code=$(curl -sS --max-time $((30 * SLOW)) \
	    -D "$BATS_TEST_TMPDIR/head" -o "$BATS_TEST_TMPDIR/body" \
	    -w '%{http_code}' "$@" "$URL$path")
}

# The value of a field of the last answer.
field()
{
	sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$BATS_TEST_TMPDIR/head"
}

size_of()
{
	stat -c %s "$1"
}

# The bytes from first to last of a file.
bytes()
{
	local file=$1 first=$2 last=$3

	tail -c +$((first + 1)) "$file" | head -c $((last - first + 1))
}

# Fails unless the last answer is the bytes from first to last of a file.
assert_range()
{
	local file=$1 first=$2 last=$3

	assert_equal "$code" 206
	assert_equal "$(field Content-Range)" \
	    "bytes $first-$last/$(size_of "$file")"
	assert_equal "$(field Content-Length)" $((last - first + 1))
	cmp "$BATS_TEST_TMPDIR/body" <(bytes "$file" "$first" "$last")
}

# The boundary of the last answer, which has to be one of multipart/byteranges.
boundary()
{
	local type

	type=$(field Content-Type)
	[[ $type =~ ^multipart/byteranges\;\ boundary=([0-9a-f]{16})$ ]] ||
	    fail "Content-Type: $type"
	echo "${BASH_REMATCH[1]}"
}

# What stands before a part: its boundary, and its own fields.
part_head()
{
	printf -- '--%s\r\nContent-Type: %s\r\n' "$1" "$2"
	printf 'Content-Range: bytes %d-%d/%d\r\n\r\n' "$3" "$4" "$5"
}

# Fails unless the last answer is these ranges of a file, each "first-last",
# as multipart/byteranges of a type; not a byte more or less.
assert_parts()
{
	local file=$1 type=$2 mark range size expected line=''

	shift 2
	assert_equal "$code" 206
	assert_equal "$(field Content-Range)" ''
	expected=$BATS_TEST_TMPDIR/expected
	size=$(size_of "$file")
	mark=$(boundary)
	for range; do
		printf '%s' "$line"
		part_head "$mark" "$type" "${range%-*}" "${range#*-}" "$size"
		bytes "$file" "${range%-*}" "${range#*-}"
		line=$'\r\n'
	done >"$expected"
	printf '\r\n--%s--\r\n' "$mark" >>"$expected"
	assert_equal "$(field Content-Length)" "$(size_of "$expected")"
	cmp "$BATS_TEST_TMPDIR/body" "$expected"
}

# Fails unless the last answer is the whole of a file.
assert_whole()
{
	assert_equal "$code" 200
	assert_equal "$(field Content-Range)" ''
	cmp "$BATS_TEST_TMPDIR/body" "$1"
}

# The fields of the last answer, without those of its part and of its message.
description()
{
	sed -e 1d -e '/^Date: /Id' -e '/^Content-/Id' "$BATS_TEST_TMPDIR/head"
}

@test "one range: from here to there, to the end, the last so many" {
	local range

	while read -r range first last; do
		get /ten.txt -r "$range"
		assert_range "$root/ten.txt" "$first" "$last"
	done <<-END
		0-0	0 0
		3-5	3 5
		9-9	9 9
		0-	0 9
		4-	4 9
		-1	9 9
		-4	6 9
		-10	0 9
		-99	0 9
		5-99	5 9
		0-9	0 9
	END
}

@test "a range of a large file is those bytes" {
	local range

	head -c 5000000 /dev/urandom >"$root/large"
	while read -r range first last; do
		get /large -r "$range"
		assert_range "$root/large" "$first" "$last"
	done <<-END
		0-4999999	0 4999999
		1-		1 4999999
		-4999998	2 4999999
		1234567-4000000	1234567 4000000
		4999999-	4999999 4999999
		100-32867	100 32867
		100-32868	100 32868
	END
}

@test "every answer with a file says that it takes ranges" {
	get /ten.txt
	assert_equal "$(field Accept-Ranges)" bytes
	get /ten.txt -r 0-1
	assert_equal "$(field Accept-Ranges)" bytes
	get /ten.txt --head
	assert_equal "$(field Accept-Ranges)" bytes
}

@test "206 has the fields of 200" {
	local expected

	get /ten.txt
	expected=$(description)
	get /ten.txt -r 0-1
	assert_equal "$(description)" "$expected"
	assert_equal "$(field Content-Type)" 'text/plain; charset=utf-8'
	get /ten.txt -r 0-1,3-4
	assert_equal "$(description)" "$expected"
}

@test "several ranges are the parts of one body, in the order asked for" {
	local type='text/plain; charset=utf-8'

	get /ten.txt -r 0-1,4-5
	assert_parts "$root/ten.txt" "$type" 0-1 4-5
	get /ten.txt -r 9-9,0-0,4-5
	assert_parts "$root/ten.txt" "$type" 9-9 0-0 4-5
	get /ten.txt -r ' 1-1 , ,7-'
	assert_parts "$root/ten.txt" "$type" 1-1 7-9
	# They were asked for apart.
	get /ten.txt -r 3-4,0-2
	assert_parts "$root/ten.txt" "$type" 3-4 0-2
}

@test "parts of a large file are exact, wherever buffers end" {
	local size=3000000 type=application/octet-stream

	head -c "$size" /dev/urandom >"$root/large"
	get /large -r "0-999999,2000000-2999999,1500000-1500000"
	assert_parts "$root/large" "$type" 0-999999 2000000-2999999 \
	    1500000-1500000
	for end in 32500 32600 32640 32700 32768; do
		get /large -r "0-$end,$((end + 2))-$((end + 40000)),-1"
		assert_parts "$root/large" "$type" "0-$end" \
		    "$((end + 2))-$((end + 40000))" 2999999-2999999
	done
}

@test "ranges that overlap are merged, in place of the first" {
	local type='text/plain; charset=utf-8'

	get /ten.txt -r 0-6,4-8
	assert_range "$root/ten.txt" 0 8
	get /ten.txt -r 2-4,0-3
	assert_range "$root/ten.txt" 0 4
	get /ten.txt -r 9-9,0-6,2-4
	assert_parts "$root/ten.txt" "$type" 9-9 0-6
	get /ten.txt -r 4-5,9-9,0-0,5-6
	assert_parts "$root/ten.txt" "$type" 4-6 9-9 0-0
}

@test "of ranges that are beyond the file, the others are answered" {
	get /ten.txt -r 99-,2-3
	assert_range "$root/ten.txt" 2 3
	get /ten.txt -r -0,1-1,50-60,8-
	assert_parts "$root/ten.txt" 'text/plain; charset=utf-8' 1-1 8-9
}

@test "each answer with parts has a boundary of its own" {
	local first

	get /ten.txt -r 0-1,4-5
	first=$(field Content-Type)
	get /ten.txt -r 0-1,4-5
	assert_not_equal "$(field Content-Type)" "$first"
}

@test "parts end where they say: the connection is kept" {
	run -0 curl -sS --max-time $((10 * SLOW)) -r 0-1,4-5 \
	    -o /dev/null -o /dev/null -w '%{http_code} %{num_connects}\n' \
	    "$URL/ten.txt" "$URL/ten.txt"
	assert_output $'206 1\n206 0'
	run -0 raw 'GET /ten.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1,' \
	    '4-5\r\n\r\nGET /ten.txt HTTP/1.1\r\nHost: h\r\n' \
	    'Range: bytes=7-8\r\nConnection: close\r\n\r\n'
	assert_output --regexp $'--\r\nHTTP/1.1 206 Partial Content\r\n.*\n78$'
}

@test "parts for HTTP/1.0 have a length, too" {
	get /ten.txt -0 -r 0-1,4-5
	assert_parts "$root/ten.txt" 'text/plain; charset=utf-8' 0-1 4-5
}

@test "what is no range, or only an attack's, is ignored" {
	local many value

	many=$(printf '%s,' 0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9 0-0 1-1 \
	    2-2 3-3 4-4 5-5 6-6)
	for value in bytes= bytes=- bytes=x bytes=5-3 bytes=1 bytes=0-1,x \
	    'bytes 0-1' items=0-1 none bytes=0-1-2 "bytes=$many" \
	    bytes=0-,0-,0-; do
		get /ten.txt -H "Range: $value"
		assert_whole "$root/ten.txt"
	done
	get /ten.txt -H 'Range: bytes=0-1' -H 'Range: bytes=3-4'
	assert_whole "$root/ten.txt"
}

@test "what is beyond the file is 416, and says how long it is" {
	local range

	for range in 10- 10-20 99-,50-60 -0 18446744073709551616-; do
		get /ten.txt -r "$range"
		assert_equal "$code" 416
		assert_equal "$(field Content-Range)" 'bytes */10'
		assert_equal "$(field ETag)$(field Last-Modified)" ''
		assert_equal "$(cat "$BATS_TEST_TMPDIR/body")" \
		    '416 Range Not Satisfiable'
	done
}

@test "an empty file has no ranges" {
	: >"$root/empty"
	get /empty -r 0-
	assert_equal "$code" 416
	assert_equal "$(field Content-Range)" 'bytes */0'
	get /empty -r -1
	assert_whole "$root/empty"
}

@test "HEAD answers as if there were no Range" {
	local range

	for range in 0-1 0-1,4-5 99-; do
		get /ten.txt --head -r "$range"
		assert_equal "$code" 200
		assert_equal "$(field Content-Length)" 10
		assert_equal "$(field Content-Range)" ''
	done
}

@test "listings, redirects and errors have no ranges" {
	mkdir "$root/dir"
	get /dir/ -r 0-1
	assert_equal "$code" 200
	grep -q '</html>' "$BATS_TEST_TMPDIR/body"
	get /dir -r 0-1
	assert_equal "$code" 301
	get /missing -r 0-1
	assert_equal "$code" 404
	get /ten.txt -r 0-1 -X POST
	assert_equal "$code" 405
}

@test "If-Range with the file's ETag or date: a part, else the whole" {
	local etag value

	get /ten.txt
	etag=$(field ETag)
	for value in "$etag" 'Sun, 06 Nov 1994 08:49:37 GMT' \
	    'Sun Nov  6 08:49:37 1994'; do
		get /ten.txt -r 2-3 -H "If-Range: $value"
		assert_range "$root/ten.txt" 2 3
		get /ten.txt -r 99- -H "If-Range: $value"
		assert_equal "$code" 416
	done
	for value in "W/$etag" '"other"' '*' "$etag, $etag" "${etag//\"/}" \
	    'Sun, 06 Nov 1994 08:49:38 GMT' 'Sun, 06 Nov 1994 08:49:36 GMT' \
	    soon; do
		get /ten.txt -r 2-3 -H "If-Range: $value"
		assert_whole "$root/ten.txt"
		get /ten.txt -r 99- -H "If-Range: $value"
		assert_whole "$root/ten.txt"
	done
	echo changed >"$root/ten.txt"
	get /ten.txt -r 2-3 -H "If-Range: $etag"
	assert_whole "$root/ten.txt"
}

@test "If-Range with the date of this second: the whole" {
	touch -d '+1 hour' "$root/ten.txt"
	get /ten.txt
	get /ten.txt -r 2-3 -H "If-Range: $(field Last-Modified)"
	assert_whole "$root/ten.txt"
}

# Starts a download of parts of a file of 64 MiB that takes long, and waits
# until it is under way: its process id is in $client.
start_slow_parts()
{
	truncate -s 64M "$root/large" || skip 'no sparse files here'
	curl -sS --max-time $((30 * SLOW)) --limit-rate 4M \
	    -r 0-33554431,33554433- \
	    -o "$BATS_TEST_TMPDIR/got" "$URL/large" \
	    2>"$BATS_TEST_TMPDIR/curl" 3>&- &
	client=$!
	wait_until 10 test -s "$BATS_TEST_TMPDIR/got"
}

@test "a file that shrinks while parts of it are sent costs the connection" {
	local child status=0

	child=$(children_of "$SERVER_PID")
	start_slow_parts
	truncate -s 1000 "$root/large"
	wait "$client" || status=$?
	# Partial file.
	assert_equal "$status" 18
	get /ten.txt -r 2-3
	assert_range "$root/ten.txt" 2 3
	assert_equal "$(children_of "$SERVER_PID")" "$child"
}

descriptors_are()
{
	(($(find "/proc/$1/fd" -mindepth 1 | wc -l) == $2))
}

@test "descriptors do not pile up, also when a client goes away" {
	local before child

	child=$(children_of "$SERVER_PID")
	before=$(find "/proc/$child/fd" -mindepth 1 | wc -l)
	start_slow_parts
	kill "$client"
	wait "$client" || true
	get /ten.txt -r 2-3
	get /ten.txt -r 0-1,4-5
	get /ten.txt -r 99-
	get /ten.txt -H 'If-None-Match: *'
	get /ten.txt -H 'If-Match: "other"'
	get /ten.txt --head -r 0-1,4-5
	# The large file stays open for whoever is next.
	wait_until 5 descriptors_are "$child" $((before + 1))
}

@test "ranges beyond 4 GiB are exact" {
	local at gib=$((1 << 30)) size=$((6 << 30))

	truncate -s "$size" "$root/sparse" || skip 'no sparse files here'
	for at in $((2 * gib - 4)) $((4 * gib - 4)) $((size - 8)); do
		printf 'at %s' "${at: -5}" | dd of="$root/sparse" bs=1 \
		    seek="$at" conv=notrunc status=none
	done
	for at in $((2 * gib - 6)) $((4 * gib - 6)) $((4 * gib)) \
	    $((size - 12)); do
		get /sparse -r "$at-$((at + 11))"
		assert_range "$root/sparse" "$at" $((at + 11))
	done
	get /sparse -r -8
	assert_range "$root/sparse" $((size - 8)) $((size - 1))
	get /sparse -r "$((size - 100000))-"
	assert_range "$root/sparse" $((size - 100000)) $((size - 1))
	get /sparse -r "$size-"
	assert_equal "$code" 416
	assert_equal "$(field Content-Range)" "bytes */$size"
	get /sparse --head
	assert_equal "$(field Content-Length)" "$size"
}

@test "parts beyond 4 GiB are exact" {
	local gib=$((1 << 30)) size=$((6 << 30)) type=application/octet-stream
	local first frame mark

	truncate -s "$size" "$root/sparse" || skip 'no sparse files here'
	printf marked | dd of="$root/sparse" bs=1 seek=$((5 * gib)) \
	    conv=notrunc status=none
	first=$((5 * gib - 2))
	get /sparse -r "$first-$((first + 9)),0-1,-3"
	assert_parts "$root/sparse" "$type" "$first-$((first + 9))" 0-1 \
	    "$((size - 3))-$((size - 1))"

	# A length beyond 4 GiB; the answer itself would take long.
	first=$((5 * gib + 2))
	curl -sS -D "$BATS_TEST_TMPDIR/head" -r "0-$((first - 3)),$first-" \
	    "$URL/sparse" 2>/dev/null | head -c 1000 >/dev/null
	mark=$(boundary)
	frame=$(part_head "$mark" "$type" 0 $((first - 3)) "$size"
	    part_head "$mark" "$type" "$first" $((size - 1)) "$size"
	    printf '\r\n\r\n--%s--\r\n.' "$mark")
	assert_equal "$(field Content-Length)" $((size - 2 + ${#frame} - 1))
}

@test "wget -c and curl -C - resume, and know when they have all" {
	local got=$BATS_TEST_TMPDIR/got

	head -c 3000000 /dev/urandom >"$root/large"
	head -c 1234567 "$root/large" >"$got"
	run -0 wget -c -O "$got" "$URL/large"
	assert_output --partial '206 Partial Content'
	cmp "$got" "$root/large"
	run -0 wget -c -O "$got" "$URL/large"
	assert_output --partial 'already fully retrieved'
	cmp "$got" "$root/large"

	head -c 2345678 "$root/large" >"$got"
	run -0 curl -sS -C - -o "$got" -w '%{http_code} %{size_download}' \
	    "$URL/large"
	assert_output '206 654322'
	cmp "$got" "$root/large"
	curl -sS -C - -o "$got" "$URL/large"
	cmp "$got" "$root/large"
}

@test "aria2c -x 8 fetches a file in pieces" {
	command -v aria2c >/dev/null || skip 'aria2c is not installed'
	head -c 20000000 /dev/urandom >"$root/large"
	run -0 timeout $((30 * SLOW)) aria2c -x 8 -s 8 -k 1M \
	    --no-conf --file-allocation=none -q -d "$BATS_TEST_TMPDIR" \
	    -o got "$URL/large"
	cmp "$BATS_TEST_TMPDIR/got" "$root/large"
}

# A number of four bytes, as RIFF has it.
little_endian()
{
	local i

	for i in 0 8 16 24; do
		printf %b "\\x$(printf %02x $(($1 >> i & 255)))"
	done
}

# Ten minutes of silence, which a browser plays without a codec: 100 MB.
make_sound()
{
	local bytes=$((600 * 44100 * 4))

	{
		printf RIFF
		little_endian $((bytes + 36))
		printf 'WAVEfmt '
		little_endian 16
		printf '\1\0\2\0'	# PCM, stereo
		little_endian 44100
		little_endian $((44100 * 4))
		printf '\4\0\20\0'	# bytes a sample, bits
		printf data
		little_endian "$bytes"
	} >"$1"
	truncate -s $((bytes + 44)) "$1" || skip 'no sparse files here'
}

is_true()
{
	[[ $(evaluate "$1") == true ]]
}

parts_of()
{
	(($(grep -c "\"GET $1 HTTP/1.1\" 206 " "$SERVER_STDOUT") >= $2))
}

@test "a browser seeks in what it has not loaded yet" {
	make_sound "$root/sound.wav"
	echo '<!DOCTYPE html><title>x</title><link rel="icon" href="data:,">' \
	    '<video id="v" src="sound.wav" preload="auto"></video>' \
	    >"$root/page.html"
	start_browser
	browse "$URL/page.html" 800 600
	wait_until 10 is_true 'v.readyState >= 2'
	evaluate 'v.currentTime = 500; 0'
	wait_until 10 is_true '!v.seeking && v.readyState >= 2'
	run evaluate 'v.currentTime + " " + v.duration'
	assert_output '"500 600"'
	run complaints
	assert_output ''
	stop_browser
	# Its start, and where it was sought.
	wait_until 5 parts_of /sound.wav 2
}

# Fails unless what was fetched is the huge file, and removes it.
assert_huge()
{
	cmp "$BATS_TEST_TMPDIR/got" "$root/huge"
	rm "$BATS_TEST_TMPDIR/got"
}

# So much of the huge file is there already.
begin_huge()
{
	cp --sparse=always "$root/huge" "$BATS_TEST_TMPDIR/got"
	truncate -s "$1" "$BATS_TEST_TMPDIR/got"
}

@test "6 GiB are exact by wget -c, curl -C - and aria2c -x 8" {
	local at got=$BATS_TEST_TMPDIR/got

	[[ -n ${HUGE-} ]] || skip 'make check-huge'
	truncate -s 6G "$root/huge" || skip 'no sparse files here'
	for at in 0 1 2 3 4 5; do
		printf 'behind %d GiB' "$at" | dd of="$root/huge" bs=1 \
		    seek="$(((at << 30) + 12345))" conv=notrunc status=none
	done
	begin_huge 1G
	wget -q -c -O "$got" "$URL/huge"
	assert_huge
	begin_huge 4500000000
	curl -sS -C - -o "$got" "$URL/huge"
	assert_huge
	aria2c -x 8 -s 8 -k 1M --no-conf --file-allocation=none -q \
	    -d "$BATS_TEST_TMPDIR" -o got "$URL/huge"
	assert_huge
}
