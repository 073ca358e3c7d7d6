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

# The same as an object of JSON.
TEXT='("([] !#-[^-~]|\\["\]|\\u[0-9a-f]{4})*"|null)'
JSON='^\{"time":"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{3}Z",'
JSON+='"remote_addr":"[0-9a-f.:]+","user":null,"method":("[^"\]+"|null),'
JSON+="\"target\":$TEXT,\"protocol\":(\"HTTP/1\.[01]\"|null),"
JSON+='"status":[1-5][0-9]{2},"bytes":[0-9]+,"duration":[0-9]+\.[0-9]{3},'
JSON+="\"host\":$TEXT,\"referer\":$TEXT,\"user_agent\":$TEXT\}\$"

# The first lines of a file that match no pattern.  Of bytes, for which grep
# takes a tenth of the time.
mismatches()
{
	LC_ALL=C grep -vE -m 3 "$1" "$2"
}

# Waits until a log has so many lines, and checks each.
assert_log()
{
	wait_until 5 lines_are "$1" "$2" || true
	assert_equal "$(wc -l <"$2")" "$1" || return
	run -1 mismatches "$COMBINED" "$2"
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

# bats test_tags=alone
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
	start_server -q -n 1 "$root"
	get /file
	stop_server
	[[ ! -s $SERVER_STDOUT ]]
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

# Has wrk send requests for some seconds, stops the server, and fails unless a
# log has a line for each and every one matches.  At its end wrk leaves up to
# one answer on each of its 64 connections unread, which it does not count.
assert_all_logged()
{
	local lines load requests pattern=$2

	load=$(wrk -t 2 -c 64 -d "${3}s" -H 'User-Agent: a "wrk"' "$URL/file") ||
	    return
	[[ $load =~ ([0-9]+)\ requests\ in ]] || return
	requests=${BASH_REMATCH[1]}
	stop_server || return
	[[ $1 != "$log" ]] || sync "$log"
	if [[ -n ${READER-} ]]; then
		client_status "$READER" 10 || return
	fi
	lines=$(wc -l <"$1")
	echo "$requests requests, $lines lines"
	((lines >= requests && lines <= requests + 64)) || return
	run ! says 'access log'
	run -1 mismatches "$pattern" "$1"
}

# A reader of a pipe at $log.
start_reader()
{
	mkfifo "$log"
	client reader cat "$log"
	READER=$CLIENT
	BACKGROUND=()
}

@test "under load there is a whole line for each request: a file" {
	start_server -n 8 -L "$log" "$root"
	assert_all_logged "$log" "$COMBINED" 1
}

@test "under load there is a whole line for each request: a pipe" {
	start_reader
	start_server -n 8 -L "$log" "$root"
	assert_all_logged "$BATS_TEST_TMPDIR/reader" "$COMBINED" 1
}

@test "under load there is a whole line for each request: JSON" {
	start_server -n 8 -j -L "$log" "$root"
	assert_all_logged "$log" "$JSON" 1
	jq -es 'length > 100 and all(.status == 200)' "$log"
}

@test "under load there is a whole line for each request: JSON, a pipe" {
	start_reader
	start_server -n 8 -j -L "$log" "$root"
	assert_all_logged "$BATS_TEST_TMPDIR/reader" "$JSON" 1
}

@test "a full disk costs lines, is said once, and counted" {
	start_server -n 1 -L /dev/full "$root"
	for _ in 1 2 3; do
		assert_equal "$(get /file -H 'Connection: close')" text
		wait_until 3 says 'access log: lines are lost: No space left'
	done
	assert_equal "$(get '/file?[1-200]' | wc -l)" 200
	stop_server
	assert_equal "$(grep -c 'lines are lost' "$SERVER_STDERR")" 1
	says 'access log: 203 lines were lost$'
	assert_equal "$(grep -c 'access log' "$SERVER_STDERR")" 2
}

# A file system of the test's own at $disk.
mount_disk()
{
	(($(id -u) == 0)) || skip "only root can mount a file system"
	disk=$BATS_TEST_TMPDIR/disk
	mkdir "$disk"
	mount -t tmpfs -o "size=$1" tmpfs "$disk" ||
	    skip "no file system can be mounted here"
}

take_all_but()
{
	fallocate -l $(($(stat -f -c '%a * %S' "$disk") - $1)) "$disk/ballast"
}

# Leaves so many bytes of it.  What children still had to write may come
# between looking and taking.
fill_disk()
{
	rm -f "$disk/ballast"
	wait_until 3 take_all_but "$1"
}

teardown()
{
	local pid

	for pid in ${BACKGROUND[@]+"${BACKGROUND[@]}"}; do
		gone "$pid" || kill -KILL "$pid"
	done
	common_teardown || return
	[[ -z ${disk-} ]] || umount "$disk"
}

disk_is_full()
{
	(($(stat -f -c %a "$disk") == 0))
}

@test "a disk that fills up and is emptied tears no line, by 8 children" {
	local i lost=0 n requests=0 total

	mount_disk 64m
	start_server -n 8 -L "$disk/log" "$root"
	for i in 1 2 3; do
		fill_disk 262144
		run wrk -t 2 -c 64 -d 1s "$URL/file"
		assert_success
		[[ $output =~ ([0-9]+)\ requests\ in ]]
		requests=$((requests + BASH_REMATCH[1]))
		wait_until 3 says 'access log: lines are lost: No space left'
		wait_until 3 disk_is_full
		rm "$disk/ballast"
		wait_until 5 works_again_times "$i"
	done
	stop_server
	assert_equal "$(grep -c 'lines are lost' "$SERVER_STDERR")" 3
	run -1 mismatches "$COMBINED" "$disk/log"
	while read -r n; do
		lost=$((lost + n))
	done < <(sed -n 's/.*again, \([0-9]*\) line.*/\1/p' "$SERVER_STDERR")
	total=$(grep -c 'GET /file' "$disk/log")
	echo "$requests requests, $total lines, $lost lost"
	((lost > 0))
	((total + lost >= requests && total + lost <= requests + 3 * 64))
}

works_again_times()
{
	get /again -H 'Connection: close' -o /dev/null
	(($(grep -c 'works again' "$SERVER_STDERR") == $1))
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
	wait_until 5 works_again '[0-9]+ lines? (was|were)'
	run ! says died
}

# Whether a further line has it say so, which it does in a later second.
works_again()
{
	get /again -H 'Connection: close' -o /dev/null
	says "access log: works again, $1 lost\$"
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

@test "JSON: a line is an object, with what a line in Combined has and more" {
	local since

	since=$(date +%s)
	start_server -n 1 -j "$root"
	get '/file?a=b' -A 'agent/1.0 (x)' -e http://example.com/x \
	    -H 'Host: example.com:81'
	get /missing -0 -A '' -H 'Host:' -o /dev/null
	raw 'no request\r\n\r\n' >"$BATS_TEST_TMPDIR/answer"
	wait_until 5 lines_are 3 "$SERVER_STDOUT"
	run -1 mismatches "$JSON" "$SERVER_STDOUT"
	run jq -c 'del(.time, .duration) | [.[]]' "$SERVER_STDOUT"
	assert_output - <<-'END'
	["127.0.0.1",null,"GET","/file?a=b","HTTP/1.1",200,5,"example.com:81","http://example.com/x","agent/1.0 (x)"]
	["127.0.0.1",null,"GET","/missing","HTTP/1.0",404,14,"",null,null]
	["127.0.0.1",null,null,"no request",null,400,16,"",null,null]
	END
	jq -es --argjson since "$since" 'all(.duration < 1 and
	    (.time | sub("\\.[0-9]*Z$"; "Z") | fromdate) - $since < 60)' \
	    "$SERVER_STDOUT"
}

@test "JSON: the duration is that of the answer" {
	make_large_file "$root/large"
	start_server -n 1 -j "$root"
	slow_download "$BATS_TEST_TMPDIR/got"
	client_status "$CLIENT" 20
	wait_until 5 lines_are 1 "$SERVER_STDOUT"
	jq -e '.duration > 0.5 and .duration < 20' "$SERVER_STDOUT"
}

@test "JSON: what a client sends comes back from it" {
	# shellcheck disable=SC1003	# backslashes at an end
	local agent agents=($'a"b' 'a\b' 'a\\' $'\u00e9\u20ac\U1f600'
	    $'\x80\xff' 'a\xff' $'a\xc3' '{"a":1}' "$(printf '%07000d' 0)")

	start_server -n 1 -j "$root"
	for agent in "${agents[@]}"; do
		get /file -A "$agent" -o /dev/null
	done
	raw '\001\002\003\377\000\r\n\r\n' >"$BATS_TEST_TMPDIR/answer"
	wait_until 5 lines_are $((${#agents[@]} + 1)) "$SERVER_STDOUT"
	run -1 mismatches "$JSON" "$SERVER_STDOUT"
	run -1 grep -P '[^\x20-\x7e]' "$SERVER_STDOUT"
	run jq -r 'if .method then .user_agent[:20] else .target end' \
	    "$SERVER_STDOUT"
	assert_output - <<-'END'
	a"b
	a\b
	a\\x5c
	é€😀
	\x80\xff
	a\x5cxff
	a\xc3
	{"a":1}
	00000000000000000000
	\x01\x02\x03\xff\x00
	END
}

# Sends what makes other servers' logs unreadable.
be_hostile()
{
	local agent method target

	# shellcheck disable=SC1003	# backslashes at an end
	for agent in 'a"b\c' $'\xff\xfe' '{"a":1}' '-' '"' '\' $'\xc2\x80' \
	    '] "GET / HTTP/1.1" 200 1 "' "$(printf '%07000d' 0)" '%s%n' \
	    "$(printf '\xff%.0s' {1..7000})" "' OR 1=1 --"; do
		get /file -A "$agent" -e "$agent" -o /dev/null
	done
	# shellcheck disable=SC1003
	for target in '/"' '/\' '/ a b' '*' 'http://h/x' '/%00' '?' '/..' \
	    "/?$(printf '%07000d' 0)" $'/\xff'; do
		for method in GET OPTIONS M-SEARCH get '"'; do
			printf '%s %s HTTP/1.1\r\nHost: h\r\n\r\n' \
			    "$method" "$target" | raw >/dev/null
		done
	done
	for target in '\000\001' 'GET' '-' '"' '\026\003\001' '\377' '' \
	    'SSH-2.0-x' 'GET / HTTP/2.0' 'PRI * HTTP/2.0' 'A=B' '\n'; do
		printf '%b\r\n\r\n' "$target" | raw >/dev/null
	done
}

# What GoAccess counts of a log: those it could read, and those it could not.
goaccess_counts()
{
	goaccess "$@" --no-progress --no-global-config \
	    -o "$BATS_TEST_TMPDIR/report.json" >/dev/null 2>&1 || return
	jq -c '.general | [.valid_requests, .failed_requests]' \
	    "$BATS_TEST_TMPDIR/report.json"
}

@test "GoAccess reads every line of a hostile log" {
	command -v goaccess >/dev/null || skip "no goaccess"
	start_server -n 2 -L "$log" "$root"
	be_hostile
	stop_server
	(($(wc -l <"$log") > 40))
	assert_equal "$(goaccess_counts "$log" --log-format=COMBINED)" \
	    "[$(wc -l <"$log"),0]"
}

@test "GoAccess reads every line of a hostile log in JSON" {
	command -v goaccess >/dev/null || skip "no goaccess"
	start_server -n 2 -j -L "$log" "$root"
	be_hostile
	stop_server
	run -1 mismatches "$JSON" "$log"
	assert_equal "$(goaccess_counts "$log" --date-format=%Y-%m-%d \
	    --time-format=%H:%M:%S --log-format='{"time":"%dT%t.%^",
	    "remote_addr":"%h","user":"%e","target":"%U",
	    "status":"%s","bytes":"%b","duration":"%T","host":"%v",
	    "referer":"%R","user_agent":"%u"}')" \
	    "[$(wc -l <"$log"),0]"
}

# Prepares a name space where /dev is the test's own, so that /dev/log is ours.
private_dev()
{
	(($(id -u) == 0)) || skip "only root can have a /dev of its own"
	command -v socat >/dev/null || skip "no socat"
	dev=$BATS_TEST_TMPDIR/dev
	mkdir "$dev"
	mknod -m 666 "$dev/null" c 1 3 || skip "no devices"
	: >"$dev/null" || skip "no devices"
	unshare -m mount --bind "$dev" /dev || skip "no name spaces"
}

# httpserve with that /dev.
start_server_there()
{
	local wrapper=$BATS_TEST_TMPDIR/bin/httpserve

	mkdir -p "${wrapper%/*}"
	printf '#!/bin/sh\n%s\nexec "%s" "$@"\n' \
	    "mount --bind $dev /dev" "$BUILD/httpserve" >"$wrapper.there"
	printf '#!/bin/sh\nexec unshare -m "%s" "$@"\n' "$wrapper.there" \
	    >"$wrapper"
	chmod +x "$wrapper" "$wrapper.there"
	start_program "$wrapper" -l 127.0.0.1:0 "$@"
}

# Collects datagrams, a line each, in $BATS_TEST_TMPDIR/syslog.
start_syslogd()
{
	rm -f "$dev/log"
	client syslogd socat -u "UNIX-RECV:$dev/log" \
	    "OPEN:$BATS_TEST_TMPDIR/datagrams,creat,append"
	SYSLOGD=$CLIENT
	wait_until 5 test -S "$dev/log"
}

syslog_has()
{
	sed 's/<[0-9]*>[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]* /\n&/g' \
	    "$BATS_TEST_TMPDIR/datagrams" >"$BATS_TEST_TMPDIR/syslog"
	(($(grep -cE -- "$2" "$BATS_TEST_TMPDIR/syslog") >= $1))
}

HEAD='[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} httpserve\[[0-9]+\]: '

@test "-L syslog sends a datagram a line, -e syslog one a message" {
	private_dev
	start_syslogd
	start_server_there -n 2 -L syslog:local3 "$root"
	get /file -A agent
	wait_until 5 syslog_has 1 \
	    "^<158>${HEAD}127.0.0.1 - - .*\"GET /file HTTP/1.1\" 200 5 .*\"agent\"$"
	stop_server
	"$BATS_TEST_TMPDIR/bin/httpserve" -l 127.0.0.1:0 -q -e syslog "$root" \
	    >/dev/null 2>"$BATS_TEST_TMPDIR/stderr.2" 3>&- &
	SERVER_PID=$!
	SERVERS+=("$SERVER_PID")
	wait_until 5 syslog_has 1 "^<30>${HEAD}listening on "
	[[ ! -s $BATS_TEST_TMPDIR/stderr.2 ]]
}

@test "a syslogd that is slow or gone stops nothing, and is found again" {
	local lost

	private_dev
	start_syslogd
	start_server_there -n 2 -L syslog "$root"
	get /file
	wait_until 5 syslog_has 1 GET
	kill -STOP "$SYSLOGD"
	assert_equal "$(get '/file?[1-1000]' | wc -l)" 1000
	kill -CONT "$SYSLOGD"
	wait_until 5 syslog_has 1001 GET
	run ! says 'access log'
	kill -KILL "$SYSLOGD"
	wait_until 5 gone "$SYSLOGD"
	assert_equal "$(get '/file?[1-100]' -H 'Connection: close' |
	    wc -l)" 100
	wait_until 5 says 'access log: lines are lost: Connection refused'
	assert_equal "$(grep -c 'access log' "$SERVER_STDERR")" 1
	start_syslogd
	wait_until 5 works_again '[0-9]+ lines were'
	wait_until 5 syslog_has 1 'GET /again'
	# A child may have had some of them when it was back, and sent those.
	lost=$(awk '/works again/ { n += $6 } END { print n }' "$SERVER_STDERR")
	wait_until 5 syslog_has "$((1101 - lost))" 'GET /file'
}

@test "sites send with facilities of their own, and find syslogd again" {
	private_dev
	start_syslogd
	cat >"$BATS_TEST_TMPDIR/conf" <<-END
	root = "$root"
	access_log = none
	site "a" { access_log = "syslog:local1" }
	site "b" { access_log = "syslog:local2" }
	END
	start_server_there -n 1 -f "$BATS_TEST_TMPDIR/conf"
	get /file -H 'Host: a'
	get /file -H 'Host: b'
	wait_until 5 syslog_has 1 "^<142>${HEAD}.*GET /file"
	wait_until 5 syslog_has 1 "^<150>${HEAD}.*GET /file"
	kill -KILL "$SYSLOGD"
	wait_until 5 gone "$SYSLOGD"
	start_syslogd
	get /again -H 'Host: a' -o /dev/null
	get /again -H 'Host: b' -o /dev/null
	wait_until 5 syslog_has 1 "^<142>${HEAD}.*GET /again"
	wait_until 5 syslog_has 1 "^<150>${HEAD}.*GET /again"
	run ! says 'access log'
}

MESSAGE='^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}\.[0-9]{3}Z'
MESSAGE+=' (err|warning|notice|info|debug) httpserve\[[0-9]+\]: .+$'

# Starts httpserve with $errors as its error log: the ready line is there.
start_with_error_log()
{
	"$BUILD/httpserve" -e "$errors" -l 127.0.0.1:0 "$@" "$root" >/dev/null 2>&1 3>&- &
	SERVER_PID=$!
	SERVERS+=("$SERVER_PID")
	wait_until 10 grep -qs 'listening on' "$errors"
}

@test "-e: messages in a file have time, priority and process" {
	errors=$BATS_TEST_TMPDIR/errors
	start_with_error_log -n 8 -v
	grep -q 'info httpserve.*: listening on' "$errors"
	stop_server
	run -1 mismatches "$MESSAGE" "$errors"
	grep -q ' debug ' "$errors"
	grep -qE ' info httpserve\[[0-9]+\]: stopped$' "$errors"
	assert_equal "$(stat -c %a "$errors")" 640
}

@test "-w: the level of messages" {
	run -64 "$BUILD/httpserve" -w loud
	assert_output --partial '-w loud: give a level: alert, crit'
	errors=$BATS_TEST_TMPDIR/errors
	"$BUILD/httpserve" -l 127.0.0.1:0 -w warning -e "$errors" "$root" \
	    3>&- >/dev/null 2>&1 &
	SERVER_PID=$!
	SERVERS+=("$SERVER_PID")
	wait_until 5 has_new_children "$SERVER_PID" "$(nproc)"
	kill -KILL "$(children_of "$SERVER_PID" | head -n 1)"
	wait_until 5 grep -q 'died of signal 9' "$errors"
	stop_server
	run -1 grep -v ' \(err\|warning\) ' "$errors"
}

@test "wrong names of logs are refused" {
	run -64 "$BUILD/httpserve" -L syslog:nobody
	assert_output --partial '-L syslog:nobody: nobody is no facility'
	run -64 "$BUILD/httpserve" -e ''
	assert_output --partial 'give a file, syslog or -'
	run -73 "$BUILD/httpserve" -e /nonexistent/log
	assert_output --partial 'error log /nonexistent/log: No such file'
}

# Messages of the log, of those from one level on.
messages_are_json()
{
	jq -e 'has("time") and has("level") and has("program") and has("pid")
	    and has("message")' "$1" >/dev/null
}

@test "messages are objects of JSON, too, of the level and above" {
	local child conf=$BATS_TEST_TMPDIR/conf messages=$BATS_TEST_TMPDIR/messages

	printf '%s\n' "root = \"$root\"" 'children = 1' 'access_log = none' \
	    "error_log = \"$messages\"" 'error_log_format = json' >"$conf"
	"$BUILD/httpserve" -f "$conf" -l 127.0.0.1:0 3>&- &
	SERVER_PID=$! SERVER_STDERR=$messages
	SERVERS+=("$SERVER_PID")
	wait_until 10 says '"listening on '
	child=$(children_of "$SERVER_PID")
	kill -KILL "$child"
	wait_until 5 says 'died of signal 9'
	messages_are_json "$messages"
	run jq -r 'select(.level == "err") | .message' "$messages"
	assert_output --regexp "^child 1 \\(pid $child\\) died of signal 9 "
	stop_server
	# On standard error, and from a level on.
	sed -i '/^error_log =/d; $a log_level = err' "$conf"
	SERVER_STDERR=$BATS_TEST_TMPDIR/stderr
	"$BUILD/httpserve" -f "$conf" -l "unix:$BATS_TEST_TMPDIR/socket" \
	    2>"$SERVER_STDERR" 3>&- &
	SERVER_PID=$!
	SERVERS+=("$SERVER_PID")
	wait_until 10 has_children "$SERVER_PID" 1
	kill -KILL "$(children_of "$SERVER_PID")"
	wait_until 5 says 'died of signal 9'
	messages_are_json "$SERVER_STDERR"
	run ! says listening
}
