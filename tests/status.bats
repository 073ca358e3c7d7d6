#!/usr/bin/env bats
# What a running server does: httpserve -s, on a terminal and not, and the page
# of -o status, for people and for Prometheus.

load helper
load process
load browser

setup()
{
	umask 022
	root=$BATS_TEST_TMPDIR/root
	pidfile=$BATS_TEST_TMPDIR/pid
	mkdir "$root"
	printf text >"$root/file"
}

teardown()
{
	local pid

	stop_browser
	for pid in ${BACKGROUND[@]+"${BACKGROUND[@]}"}; do
		gone "$pid" || kill -KILL "$pid"
	done
	common_teardown
}

# A server with a pidfile, and with its page at /status.
serve()
{
	start_server -q -p "$pidfile" -o status=/status "$@" "$root"
}

# Prints what it does, as text.
show()
{
	timeout $((10 * SLOW)) "$BUILD/httpserve" -s -p "$pidfile"
}

# The number in front of or behind words of the summary, such as "requests".
figure()
{
	show | sed -n "2,3s/.*\b$1: \([0-9]*\).*/\1/p;2s/.* \([0-9]*\) $1.*/\1/p"
}

figure_is()
{
	[[ $(figure "$1") == "$2" ]]
}

# A column of the children's lines, by its number.
column()
{
	show | sed '1,5d' | tr -s ' ' | sed 's/^ //' | cut -d ' ' -f "$1"
}

requests()
{
	local i

	for ((i = 0; i < $1; i++)); do
		get /file -o /dev/null || return
	done
}

# Fetches a path into the files head and body, and its status into $code.
fetch()
{
	local path=$1

	shift
	code=$(curl -sS --max-time $((10 * SLOW)) \
	    -D "$BATS_TEST_TMPDIR/head" -o "$BATS_TEST_TMPDIR/body" \
	    -w '%{http_code}' "$@" "$URL$path")
}

field()
{
	sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$BATS_TEST_TMPDIR/head"
}

body()
{
	cat "$BATS_TEST_TMPDIR/body"
}

# A value of the JSON that the page has.
json()
{
	get /status -H 'Accept: application/json' | jq -r "$1"
}

# Fails unless -s leaves with a status, and says one line like that.
assert_refused()
{
	local code=$1 line=$2
	shift 2

	run --separate-stderr timeout 10 "$BUILD/httpserve" -s "$@"
	assert_equal "$* $status" "$* $code" || return
	assert_equal "$output" '' || return
	# shellcheck disable=SC2154	# run sets it
	[[ $stderr =~ ^httpserve:\ $line$ ]] ||
	    fail "httpserve -s $*: says \"$stderr\", not \"$line\""
}

@test "-s shows the server of a pidfile, with exact figures" {
	serve -n 3
	requests 7
	wait_until 3 figure_is requests 7
	run -0 show
	assert_line --index 0 --regexp \
	    "^httpserve 0\.1\.0, process $SERVER_PID, on $ADDRESS, since 20"
	assert_line --index 1 --regexp '^children: 3 \(0 starting, 3 accep'
	assert_line --index 2 --regexp \
	    '^requests: 7 \([0-9.]+/s\); sent: 28 B \([0-9]+ B/s\); log l'
	assert_equal "$(column 1 | paste -sd ' ')" '1 2 3'
	assert_equal "$(column 2 | sort)" "$(children_of "$SERVER_PID" | sort)"
	assert_equal "$(column 3 | sort -u)" accepting
	assert_equal "$(($(column 6 | paste -sd +)))" 7
	run ! grep -q $'\e' <(show)
}

@test "the master has the scoreboard open, and no child" {
	local pid found

	serve -n 2
	for pid in "$SERVER_PID" $(children_of "$SERVER_PID"); do
		found+=" $(find "/proc/$pid/fd" -mindepth 1 \
		    -lname '/memfd:httpserve-scoreboard*' | wc -l)"
	done
	assert_equal "$found" ' 1 0 0'
}

@test "-s shows connections, and what was asked for last" {
	serve -n 1
	hold 3
	wait_until 3 figure_is connections 3
	get '/file?a=1&b' -o /dev/null
	run -0 show
	assert_output --regexp '[0-9]+s ago: 127\.0\.0\.1 GET /file\?a=1&b$'
}

@test "-s shows what is being served, by whom, and for how long" {
	start_program "$PROGRAMS/answers" 127.0.0.1:0
	echo "$SERVER_PID" >"$pidfile"
	client block curl -sS "$URL/block"
	wait_until 3 figure_is serving 1
	run -0 show
	assert_output --regexp 'for [0-9]+s: 127\.0\.0\.1 GET /block'
	kill -KILL "$CLIENT"
	kill -KILL "$(pgrep -P "$SERVER_PID")"
	wait_until 5 figure_is serving 0
}

@test "-s without a pidfile finds all servers" {
	local first

	start_server -q -n 1 "$root"
	first=$SERVER_PID
	start_server -q -n 1 "$root"
	run timeout 10 "$BUILD/httpserve" -s
	assert_line --regexp ", process $first, on 127\.0\.0\.1:"
	assert_line --regexp ", process $SERVER_PID, on $ADDRESS,"
}

@test "-s without a server says so: status 69" {
	unshare -rfp --mount-proc true || skip "no namespaces here"
	run --separate-stderr timeout 10 unshare -rfp --mount-proc \
	    "$BUILD/httpserve" -s
	assert_equal "$status $output" '69 '
	assert_equal "$stderr" "httpserve: no httpserve is running, or none \
that this user may look at: run as root, or as the user of the server"
}

@test "-s with a pidfile that leads to no server: status 69" {
	assert_refused 69 "pidfile $pidfile: No such file or directory" \
	    -p "$pidfile"
	echo text >"$pidfile"
	assert_refused 69 "pidfile $pidfile: holds no process id" -p "$pidfile"
	echo $BASHPID >"$pidfile"
	assert_refused 69 "pidfile $pidfile: process $BASHPID is no running \
httpserve" -p "$pidfile"
	# Nor is who has the scoreboard open, but is not whom it is of.
	start_server -q -n 1 "$root"
	exec {FD}<"$(find "/proc/$SERVER_PID/fd" -mindepth 1 \
	    -lname '/memfd:httpserve-scoreboard*')"
	[[ -e /proc/$BASHPID/fd/$FD ]]
	assert_refused 69 "pidfile $pidfile: process $BASHPID is no running \
httpserve" -p "$pidfile"
	echo 2147483647 >"$pidfile"
	assert_refused 69 "pidfile $pidfile: process 2147483647 is no running \
httpserve" -p "$pidfile"
}

@test "-s of another user's server is not permitted: status 77" {
	local dir

	(($(id -u) == 0)) || skip "only root can be somebody else"
	serve -n 1
	dir=$(mktemp -d)
	chmod 755 "$dir"
	cp "$BUILD/httpserve" "$pidfile" "$dir"
	unset ASAN_OPTIONS TSAN_OPTIONS
	cd /
	run timeout 10 setpriv --reuid nobody --regid nogroup --clear-groups \
	    "$dir/httpserve" -s -p "$dir/pid"
	rm -r "$dir"
	assert_equal "$status" 77
	assert_output --partial "process $SERVER_PID: not this user's: run as"
}

@test "-s goes with -p and nothing else: status 64" {
	local option

	for option in '-c 1' -d '-e x' '-g 1' '-H 1' -j '-L x' '-l :0' '-m 1' '-n 1' \
	    '-o listing' -q '-R 1' '-r /' '-u nobody' -v '-w err' '-x all'; do
		# shellcheck disable=SC2086	# words
		assert_refused 64 "-s shows a running httpserve: ${option% *} \
is for one that is to serve" $option
	done
	assert_refused 64 '-s .*: a root is for one that is to serve' "$root"
}

@test "-s of another version's server says so: status 69" {
	local pid

	client other "$PROGRAMS/otherboard" 9.9
	pid=$CLIENT
	wait_until 5 test -s "$BATS_TEST_TMPDIR/other"
	echo "$pid" >"$pidfile"
	run --separate-stderr show
	assert_equal "$status" 69
	assert_output "process $pid: the running httpserve is of another \
version: 9.9\\^[[2J, not 0.1.0"
	kill "$pid"
}

@test "requests and bytes don't fall when children are replaced" {
	local child

	serve -n 2
	requests 5
	wait_until 3 figure_is requests 5
	child=$(children_of "$SERVER_PID" | head -n 1)
	kill -KILL "$child"
	wait_until 5 figure_is died 1
	assert_equal "$(figure requests)" 5
	kill -HUP "$SERVER_PID"
	wait_until 5 says '^httpserve: reloaded'
	wait_until 5 has_children "$SERVER_PID" 2
	requests 4
	wait_until 3 figure_is requests 9
	run -0 show
	assert_line --partial 'sent: 36 B ('
	assert_equal "$(figure died)" 1
	kill -TTIN "$SERVER_PID"
	wait_until 5 has_children "$SERVER_PID" 3
	kill -TTOU "$SERVER_PID"
	wait_until 5 has_children "$SERVER_PID" 2
	assert_equal "$(figure requests)" 9
}

@test "under load no reading has less than the one before it" {
	local last=0 now i

	make_large_file "$root/large"
	serve -n 2
	start_load "$root"
	for i in {1..40}; do
		if ((i % 4 == 0)); then
			kill -HUP "$SERVER_PID"
		fi
		now=$(figure requests)
		((now >= last)) || fail "$now requests, after $last"
		last=$now
	done
	((last > 0))
	end_load
}

@test "after an upgrade the pidfile's server is the new one" {
	local first

	serve -n 1
	first=$SERVER_PID
	requests 3
	kill -USR2 "$first"
	wait_until 10 gone "$first"
	# It is the successor's soon, not at once.
	wait_until 10 test -s "$pidfile"
	SERVER_PID=$(cat "$pidfile")
	run -0 show
	assert_line --index 0 --partial ", process $SERVER_PID, "
	kill -TERM "$SERVER_PID"
	wait_until 10 gone "$SERVER_PID"
}

@test "what stands in an address reaches no terminal as it is" {
	local socket=$BATS_TEST_TMPDIR/$'a\e[2J<b>'

	serve -n 1 -l "unix:$socket"
	run -0 show
	assert_line --index 0 --partial '/a\^[[2J<b>, since'
	run ! grep -q $'\e' <(show)
	run -0 curl -sS --unix-socket "$socket" -H 'Accept: text/html' \
	    http://localhost/status
	assert_output --partial '/a␛[2J&lt;b&gt;</h1>'
	refute_output --partial '<b>'
	run -0 curl -sS --unix-socket "$socket" -H 'Accept: application/json' \
	    http://localhost/status
	assert_equal "$(jq -r .addresses <<<"$output")" "unix:$socket"
}

# Runs -s on a terminal of so many columns and lines, beside the test, with
# what it writes in the file screen; sets TTY, and KEYS, what is typed.
start_top()
{
	local tty=$BATS_TEST_TMPDIR/tty dir=$BATS_TEST_TMPDIR

	printf '%s\n' '#!/bin/sh' 'trap : INT' "stty cols $1 rows $2; tty >$tty.new" \
	    "stty -g >$dir/before; mv $tty.new $tty" \
	    "'$BUILD/httpserve' -s -p '$pidfile'; echo \$? >$dir/left" \
	    "stty -g >$dir/after" >"$dir/top"
	chmod +x "$dir/top"
	mkfifo "$dir/keys"
	TERM=xterm client script sh -c \
	    "exec script -qefc '$dir/top' '$dir/screen' <'$dir/keys'"
	exec {KEYS}>"$dir/keys"
	wait_until 5 test -e "$tty"
	TTY=$(cat "$tty")
}

# What -s writes first when it takes a terminal, and last.
ENTER=$'\e[?1049h\e[?25l'
LEAVE=$'\e[?25h\e[?1049l'

refreshed()
{
	(($(grep -ao $'\e\[H' "$BATS_TEST_TMPDIR/screen" | wc -l) >= $1))
}

# What it has written last, as lines without their sequences.
last_screen()
{
	local screen

	screen=$(<"$BATS_TEST_TMPDIR/screen")
	printf '%s\n' "${screen##*$'\e[H'}" |
	    sed -e 's/\x1b\[[0-9;]*[A-Za-z]//g' -e 's/\r//'
}

# Fails unless it has left, and the terminal is as it was.
assert_restored()
{
	local screen

	client_status "$CLIENT" 5
	exec {KEYS}>&-
	assert_equal "$(cat "$BATS_TEST_TMPDIR/left")" 0
	cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	screen=$(<"$BATS_TEST_TMPDIR/screen")
	[[ $screen == *"$ENTER"*"$LEAVE"* ]]
	[[ ${screen##*"$LEAVE"} != *$'\e'* ]]
}

@test "on a terminal -s refreshes, and q gives it back" {
	serve -n 2
	start_top 200 30
	wait_until 5 refreshed 2
	run ! cmp -s "$BATS_TEST_TMPDIR/before" <(stty -g -F "$TTY")
	requests 3
	wait_until 5 grep -q 'requests: 3 ' "$BATS_TEST_TMPDIR/screen"
	printf x >&"$KEYS"
	printf q >&"$KEYS"
	assert_restored
}

@test "on a terminal SIGINT, SIGTERM and SIGHUP end it as q does" {
	local sig

	serve -n 1
	for sig in INT TERM HUP; do
		rm -f "$BATS_TEST_TMPDIR"/{tty,keys,screen}
		start_top 80 24
		wait_until 5 refreshed 1
		pkill "-$sig" -t "${TTY#/dev/}" -x httpserve
		assert_restored
	done
}

@test "on a terminal ^C ends it as q does, and ^Z gives it back until fg" {
	local pid

	serve -n 1
	start_top 80 24
	wait_until 5 refreshed 1
	pid=$(pgrep -t "${TTY#/dev/}" -x httpserve)
	kill -TSTP "$pid"
	wait_until 5 is_stopped "$pid"
	cmp "$BATS_TEST_TMPDIR/before" <(stty -g -F "$TTY")
	kill -CONT "$pid"
	wait_until 5 refreshed 2
	run ! cmp -s "$BATS_TEST_TMPDIR/before" <(stty -g -F "$TTY")
	printf '\003' >&"$KEYS"
	assert_restored
}

is_stopped()
{
	[[ $(ps -o stat= -p "$1") == T* ]]
}

# Whether lines of the last screen have these columns at the most, and some do.
is_as_wide_as()
{
	local widest

	widest=$(last_screen | wc -L)
	((widest == $1))
}

is_as_high_as()
{
	(($(last_screen | wc -l) == $1))
}

screen_has()
{
	(($(last_screen | grep -c "$2") == $1))
}

@test "on a terminal lines are cut to its width, also when that changes" {
	serve -n 12
	requests 30
	start_top 50 12
	wait_until 5 is_as_wide_as 50
	stty -F "$TTY" cols 70 rows 30
	wait_until 5 is_as_wide_as 70
	wait_until 5 screen_has 13 accepting
	stty -F "$TTY" cols 60 rows 9
	# stty sets the one, then the other.
	wait_until 5 is_as_high_as 9
	is_as_wide_as 60
	printf q >&"$KEYS"
	assert_restored
}

@test "on a terminal a new width is taken at once" {
	local since columns

	serve -n 2
	start_top 50 12
	wait_until 5 is_as_wide_as 50
	since=$(now_ms)
	for columns in 61 51 62 52 63; do
		stty -F "$TTY" cols "$columns"
		wait_until 5 is_as_wide_as "$columns"
	done
	# The next refresh is a second away, for each.
	assert_within 2500 "$since"
	printf q >&"$KEYS"
	assert_restored
}

@test "on a terminal a server that ends is no end" {
	serve -n 1
	start_top 120 24
	wait_until 5 refreshed 1
	stop_server
	wait_until 5 grep -q "pidfile $pidfile: No such file" \
	    "$BATS_TEST_TMPDIR/screen"
	serve -n 1
	wait_until 5 grep -q ", process $SERVER_PID, on" \
	    "$BATS_TEST_TMPDIR/screen"
	printf q >&"$KEYS"
	assert_restored
}

@test "a dumb terminal is written to once" {
	serve -n 1
	TERM=dumb run -0 script -qefc "'$BUILD/httpserve' -s -p '$pidfile'" \
	    /dev/null </dev/null
	assert_output --partial "process $SERVER_PID, on"
	refute_output --partial $'\e'
}

@test "without -o status there is no page" {
	start_server -q -n 1 "$root"
	fetch /status
	assert_equal "$code" 404
}

@test "the page has three forms: HTML, JSON, and Prometheus' text" {
	local accept type

	serve -n 1
	while IFS='|' read -r type accept; do
		fetch /status -H "Accept: $accept"
		assert_equal "$accept: $code $(field Content-Type)" \
		    "$accept: 200 $type"
		assert_equal "$(field Cache-Control) $(field Vary)" \
		    'no-store Accept'
		assert_equal "$(field X-Content-Type-Options)" nosniff
		assert_equal "$(field ETag)$(field Last-Modified)" ''
	done <<-'END'
		text/plain; version=0.0.4; charset=utf-8|*/*
		text/plain; version=0.0.4; charset=utf-8|
		text/plain; version=0.0.4; charset=utf-8|application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
		text/html; charset=utf-8|text/html,application/xhtml+xml,*/*;q=0.8
		application/json|application/json
		application/json|application/json, text/html;q=0.5
	END
}

@test "the page answers GET and HEAD, never 304, and no other method" {
	serve -n 1
	fetch /status -H 'Accept: text/html'
	run -0 curl -sSI -H 'Accept: text/html' "$URL/status"
	assert_line --index 0 --partial ' 200 OK'
	assert_line --regexp '^Content-Length: [1-9]'
	fetch /status -H 'If-Match: *' \
	    -H 'If-Modified-Since: Tue, 24 Nov 2099 00:00:00 GMT'
	assert_equal "$code" 200
	fetch /status -H 'If-None-Match: *'
	assert_equal "$code" 304
	fetch /status -H 'If-Match: "x"'
	assert_equal "$code" 412
	fetch /status -X POST -d x
	assert_equal "$code $(field Allow)" '405 GET, HEAD, OPTIONS'
	fetch /status -X OPTIONS
	assert_equal "$code $(field Allow)" '204 GET, HEAD, OPTIONS'
	fetch /status/
	assert_equal "$code" 404
	fetch '/status?x' -H 'Accept: application/json'
	assert_equal "$code $(field Content-Type)" '200 application/json'
}

@test "the page's figures are exact, in every form" {
	serve -n 2
	requests 6
	wait_until 3 figure_is requests 6
	run -0 get /status
	assert_line 'httpserve_requests_total 6'
	assert_line 'httpserve_sent_bytes_total 24'
	assert_line 'httpserve_children{state="accepting"} 2'
	assert_line 'httpserve_children_died_total 0'
	assert_line 'httpserve_info{version="0.1.0"} 1'
	assert_equal "$(json '.requests, .pid, (.children | length)' |
	    paste -sd ' ')" "7 $SERVER_PID 2"
	assert_equal "$(json '.requests == ([.children[].requests] | add)')" \
	    true
	assert_equal "$(json '[.children[] | select(.request.under_way)] |
	    map(.request.line)[]')" 'GET /status'
	run -0 get /status -H 'Accept: text/html'
	assert_output --partial '<dt>Requests</dt><dd>10 '
	assert_output --partial "process $SERVER_PID,"
}

@test "promtool finds nothing wrong with the metrics" {
	local promtool=$BUILD/promtool

	[[ -x $promtool ]] || promtool=$(command -v promtool) ||
	    skip "no promtool: make promtool"
	serve -n 2
	requests 3
	run -0 "$promtool" check metrics < <(get /status)
	assert_output ''
	# It can say so.
	run ! "$promtool" check metrics < <(get /status | sed s/_total//)
}

@test "a library's program has the page, too" {
	start_program "$PROGRAMS/answers" -n 3 127.0.0.1:0
	assert_equal "$(json '.children | length')" 3
	assert_equal "$(json .pid)" "$SERVER_PID"
}

# Fails unless /status, asked for so, is what it is without -o status.
assert_not_there()
{
	fetch /status "$@"
	assert_equal "$* $code $(body)" "$* 404 404 Not Found"
}

@test "who comes through a proxy or by a foreign name gets no page" {
	local host

	serve -n 1
	assert_not_there -H 'Forwarded: for=192.0.2.1'
	assert_not_there -H 'X-Forwarded-For: 127.0.0.1'
	assert_not_there -H 'x-forwarded-proto: https'
	assert_not_there -H 'X-Real-IP: 127.0.0.1'
	assert_not_there -H 'Via: 1.1 proxy'
	for host in example.com 192.0.2.1 127.0.0.1.example.com \
	    localhost.example.com 128.0.0.1:80 '[::2]' local \
	    'localhosts:80'; do
		assert_not_there -H "Host: $host"
	done
	for host in localhost LOCALHOST:1 127.0.0.1 127.9.9.9:80 '[::1]' \
	    '[::1]:80'; do
		fetch /status -H "Host: $host"
		assert_equal "$host $code" "$host 200"
	done
	fetch /status -0 -H 'Host:'
	assert_equal "$code" 200
	# What others get is a file like any.
	echo other >"$root/status"
	fetch /status -H 'Via: 1.1 proxy'
	assert_equal "$code $(body)" '200 other'
}

@test "who is not on this machine gets no page" {
	local wrapper=$BATS_TEST_TMPDIR/bin/httpserve code

	unshare -n true 2>/dev/null || skip "no network namespaces here"
	mkdir "${wrapper%/*}"
	printf '%s\n' '#!/bin/sh' "exec unshare -n sh -c 'ip link set lo up
	    ip addr add 192.0.2.1/32 dev lo
	    exec \"\$0\" \"\$@\"' '$BUILD/httpserve' \"\$@\"" >"$wrapper"
	chmod +x "$wrapper"
	start_program "$wrapper" -q -n 1 -l :0 -o status=/status "$root"
	within()
	{
		nsenter -t "$SERVER_PID" -n curl -sS -o /dev/null \
		    -w '%{http_code}' "$@"
	}
	assert_equal "$(within "http://127.0.0.1:$PORT/status")" 200
	assert_equal "$(within "http://localhost:$PORT/status")" 200
	# The name is right, the address is not.
	assert_equal "$(within --resolve "localhost:$PORT:192.0.2.1" \
	    "http://localhost:$PORT/status")" 404
	assert_equal "$(within "http://192.0.2.1:$PORT/file")" 200
	assert_equal "$(within "http://192.0.2.1:$PORT/status")" 404
}

@test "the page lives through a reload" {
	serve -n 2
	requests 4
	kill -HUP "$SERVER_PID"
	wait_until 5 says '^httpserve: reloaded'
	wait_until 5 has_children "$SERVER_PID" 2
	wait_until 3 figure_is requests 4
	assert_equal "$(json .requests)" 4
	assert_equal "$(json '.children | map(.number) | min')" 3
}

@test "log lines that are lost are counted, also when it works again" {
	local log=$BATS_TEST_TMPDIR/log

	[[ -w /dev/full ]] || skip "no /dev/full"
	ln -s /dev/full "$log"
	start_server -L "$log" -p "$pidfile" -o status=/status -n 1 "$root"
	requests 3
	wait_until 5 figure_is 'log lines lost' 3
	rm "$log"
	kill -USR1 "$SERVER_PID"
	wait_until 5 test -e "$log"
	wait_until 5 works_again
	run -0 figure 'log lines lost'
	((output >= 3))
	says 'access log: works again'
}

works_again()
{
	get /file -o /dev/null
	says 'access log: works again'
}

@test "a policy lets the page have its own style and nothing else" {
	local hash

	serve -n 1
	fetch /status -H 'Accept: text/html'
	hash=$(sed -n '/<style>/,/<\/style>/p' "$BATS_TEST_TMPDIR/body" |
	    sed -e 's/^<style>//' -e '$d' | sha256sum | cut -c 1-64 |
	    sed 's/../\\x&/g')
	hash=sha256-$(printf '%b' "$hash" | base64)
	assert_equal "$(field Content-Security-Policy)" "default-src 'none'; \
style-src '$hash'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	run -1 grep -Ei '<script|<img|<link|src=|url\(|@import|://| style=' \
	    "$BATS_TEST_TMPDIR/body"
}

@test "a browser shows the page, on any screen and in both themes" {
	local size theme

	serve -n 3
	requests 20
	start_browser
	for theme in light dark; do
		for size in '1280 800' '390 844' '320 568'; do
			# shellcheck disable=SC2086	# two words
			browse "$URL/status" $size "$theme"
			run evaluate 'document.documentElement.scrollWidth'
			((output <= ${size% *})) || fail "$size: $output wide"
		done
	done
	run complaints
	assert_output ''
	run evaluate 'document.querySelectorAll("tbody tr").length'
	assert_output 3
	run evaluate 'document.querySelectorAll("svg path").length'
	assert_output 1
	run evaluate 'document.scripts.length + document.images.length'
	assert_output 0
}
