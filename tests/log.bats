#!/usr/bin/env bats
# The access log: a line a request, whole, and harmless.

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	log=$BATS_TEST_TMPDIR/log
	mkdir "$root"
	echo text >"$root/file"
}

# A line in Combined Log Format, with nothing of a peer unescaped.
DATE='\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}(:[0-9]{2}){3} [+-][0-9]{4}\]'
TEXT='"([ !#-[]|\]|[\^-~]|\\x[0-9a-f]{2})*"'
COMBINED="^[0-9a-f.:]+ - - $DATE $TEXT [1-5][0-9]{2} [0-9]+ $TEXT $TEXT\$"

# Waits until a log has so many lines, and checks each.
assert_log()
{
	wait_until 5 lines_are "$1" "$2" || true
	assert_equal "$(wc -l <"$2")" "$1" || return
	run -1 grep -vE -m 3 "$COMBINED" "$2"
}

lines_are()
{
	(($(wc -l <"$2") == $1))
}

@test "a line has whom, when, what, the status, the bytes and by what" {
	local line

	start_server -n 1 "$root"
	get '/file?a=b' -A 'agent/1.0 (x)' -e http://example.com/x
	assert_log 1 "$SERVER_STDOUT"
	line=$(cat "$SERVER_STDOUT")
	assert_equal "${line%% [*}" '127.0.0.1 - -'
	assert_equal "${line#*] }" '"GET /file?a=b HTTP/1.1" 200 5 "http://exa'`
	    `'mple.com/x" "agent/1.0 (x)"'
	line=${line#*[}
	line=${line%%]*}
	line=$(date -d "${line//\// }" +%s 2>/dev/null ||
	    date -d "$(sed -e 's|/| |g' -e 's|:| |' <<<"$line")" +%s)
	(($(date +%s) - line < 60 && $(date +%s) - line >= -1))
}

@test "the time is local, with its distance from UTC" {
	TZ=Asia/Kolkata start_server -n 1 "$root"
	[[ -e /usr/share/zoneinfo/Asia/Kolkata ]] || skip "no time zones"
	get /file
	assert_log 1 "$SERVER_STDOUT"
	grep -qF ' +0530] ' "$SERVER_STDOUT"
}

@test "what is not there is a dash" {
	start_server -n 1 "$root"
	get /file -A ''
	assert_log 1 "$SERVER_STDOUT"
	grep -qF '" 200 5 "-" "-"' "$SERVER_STDOUT"
}

@test "every kind of answer has its line" {
	start_server -n 1 "$root"
	get /missing -o /dev/null
	get /file -I -o /dev/null
	get / -X POST -o /dev/null
	get / -X NONSENSE -o /dev/null
	raw 'no request\r\n\r\n' >"$BATS_TEST_TMPDIR/answer"
	raw 'GET /file HTTP/1.1\r\n\r\n' >"$BATS_TEST_TMPDIR/answer"
	assert_log 6 "$SERVER_STDOUT"
	run sed -e 's/.*] "/"/' -e 's/ [0-9]* "-" .*//' "$SERVER_STDOUT"
	assert_output - <<-'END'
	"GET /missing HTTP/1.1" 404
	"HEAD /file HTTP/1.1" 200
	"POST / HTTP/1.1" 405
	"NONSENSE / HTTP/1.1" 501
	"no request" 400
	"GET /file HTTP/1.1" 400
	END
	grep -qE '"HEAD /file HTTP/1.1" 200 0 ' "$SERVER_STDOUT"
}

@test "a client's bytes can not forge a line, a field or a terminal" {
	local agent=$'x" 200 0 "a\\b\e[31m\xff\xc3\xa9\tend'

	start_server -n 1 "$root"
	get /file -A "$agent" -o /dev/null
	raw 'GET /"\033[2J\\ HTTP/1.1\r\nHost: x\r\n\r\n' \
	    >"$BATS_TEST_TMPDIR/answer"
	raw 'evil\n127.0.0.1 - - forged\r\n\r\n' >"$BATS_TEST_TMPDIR/answer"
	raw '\001\002\003\377\000\r\n\r\n' >"$BATS_TEST_TMPDIR/answer"
	wait_until 5 lines_are 4 "$SERVER_STDOUT" || true
	cat -v "$SERVER_STDOUT"
	assert_log 4 "$SERVER_STDOUT"
	run -1 grep -P '[^\x20-\x7e]' "$SERVER_STDOUT"
}

@test "long fields are cut, and the line stays whole" {
	local long

	long=$(printf '%07000d' 0)
	start_server -n 1 "$root"
	get "/$long" -A "$long" -e "$long" -o /dev/null
	get /file -A "$(printf '\xff%.0s' {1..7000})" -o /dev/null
	assert_log 2 "$SERVER_STDOUT"
	awk 'length > 4096 { exit 1 }' "$SERVER_STDOUT"
}

@test "a line is there within a tenth of a second" {
	local since

	start_server -n 1 -L "$log" "$root"
	get /file -H 'Connection: close'
	since=$(now_ms)
	wait_until 3 lines_are 1 "$log"
	assert_within 300 "$since"
}

@test "a client that goes away in the middle has its line, with what it got" {
	local bytes

	make_large_file "$root/large"
	start_server -n 1 "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	kill -KILL "$CLIENT"
	assert_log 1 "$SERVER_STDOUT"
	bytes=$(awk '{ print $10 }' "$SERVER_STDOUT")
	((bytes > 0 && bytes < 33554432))
}

@test "the log is made with mode 0640, and appended to" {
	echo before >"$log"
	chmod 600 "$log"
	start_server -n 1 -L "$log" "$root"
	get /file
	wait_until 3 lines_are 2 "$log"
	assert_equal "$(head -n 1 "$log")" before
	assert_equal "$(stat -c %a "$log")" 600
	stop_server
	umask 022
	start_server -n 1 -L "$log.2" "$root"
	assert_equal "$(stat -c %a "$log.2")" 640
}

@test "-q writes none, -L - writes to standard output" {
	start_server -q -n 1 -L "$log" "$root"
	get /file
	stop_server
	[[ ! -s $log && ! -s $SERVER_STDOUT ]]
	start_server -n 1 -L - "$root"
	get /file
	assert_log 1 "$SERVER_STDOUT"
}

# Has clients do 4,000 requests in all, each with a number of its own and a
# line of a length of its own.
many_requests()
{
	local i padding

	for i in 1 2 3 4 5 6 7 8; do
		padding=$(printf "%0$((i * i * 40))d" 0)
		client "many.$i" curl -sS --max-time 20 -A "$padding" \
		    -o /dev/null "$URL/file?$i-[1-250]&$padding"
		client "more.$i" curl -sS --max-time 20 -H 'Connection: close' \
		    -A "$padding" -o /dev/null "$URL/file?$i-[251-500]"
	done
	for i in "${BACKGROUND[@]}"; do
		client_status "$i" 20
	done
}

# Fails unless a log has each of those requests once.
assert_each_once()
{
	assert_log 4000 "$1" || return
	grep -oE 'file\?[1-8]-[0-9]+' "$1" | sort -u |
	    wc -l >"$BATS_TEST_TMPDIR/distinct"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/distinct")" 4000
}

@test "eight children tear no line in a file" {
	start_server -n 8 -L "$log" "$root"
	many_requests
	assert_each_once "$log"
}

@test "eight children tear no line in a pipe" {
	local reader

	mkfifo "$log"
	client reader cat "$log"
	reader=$CLIENT
	BACKGROUND=()
	start_server -n 8 -L "$log" "$root"
	many_requests
	assert_each_once "$BATS_TEST_TMPDIR/reader"
	stop_server
	client_status "$reader" 5
}

@test "under load there is a line for each request" {
	local done_ lines

	start_server -n 8 -L "$log" "$root"
	run wrk -t 2 -c 64 -d 1s "$URL/file"
	assert_success
	[[ $output =~ ([0-9]+)\ requests\ in ]]
	done_=${BASH_REMATCH[1]}
	stop_server
	lines=$(wc -l <"$log")
	echo "$done_ requests, $lines lines"
	# At its end wrk leaves up to 64 without reading their answers.
	((lines >= done_ && lines <= done_ + 64))
	run -1 grep -vE -m 3 "$COMBINED" "$log"
}

@test "a full disk costs lines, and is said once" {
	start_server -n 1 -L /dev/full "$root"
	for _ in 1 2 3; do
		assert_equal "$(get /file -H 'Connection: close')" text
		wait_until 3 says 'access log: lines are lost: No space left'
	done
	assert_equal "$(get '/file?[1-200]' | wc -l)" 200
	stop_server
	assert_equal "$(grep -c 'access log' "$SERVER_STDERR")" 1
}

@test "a log whose reader is gone costs lines, and not the server" {
	mkfifo "$log"
	client reader cat "$log"
	start_server -n 1 -L "$log" "$root"
	get /file
	wait_until 3 lines_are 1 "$BATS_TEST_TMPDIR/reader"
	kill -KILL "$CLIENT"
	wait_until 3 gone "$CLIENT"
	get /file
	wait_until 3 says 'access log: lines are lost: Broken pipe'
	client reader.2 cat "$log"
	wait_until 3 works_again
	says 'access log: works again, [0-9]+ lines? (was|were) lost'
	run ! says died
}

works_again()
{
	get /file -o /dev/null
	[[ -s $BATS_TEST_TMPDIR/reader.2 ]]
}

@test "on a unix socket the client is unix:" {
	start_server -n 1 -l "unix:$BATS_TEST_TMPDIR/s" "$root"
	get /file --unix-socket "$BATS_TEST_TMPDIR/s"
	wait_until 3 lines_are 1 "$SERVER_STDOUT"
	grep -q '^unix: - - \[' "$SERVER_STDOUT"
}

@test "IPv4 clients of a dual-stack socket have their address" {
	start_server -n 1 -l :0 "$root"
	get /file
	assert_log 1 "$SERVER_STDOUT"
	grep -q '^127\.0\.0\.1 - - \[' "$SERVER_STDOUT"
}
