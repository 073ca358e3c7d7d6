#!/usr/bin/env bats
# Logs that are opened anew on SIGUSR1, by hand and by logrotate(8).

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	logs=$BATS_TEST_TMPDIR/logs
	mkdir "$root" "$logs"
	echo text >"$root/file"
}

# Whether no process of the server has a file open any more.
nobody_has()
{
	local pid

	for pid in "$SERVER_PID" $(children_of "$SERVER_PID"); do
		if find "/proc/$pid/fd" -lname "$1" | grep -q .; then
			return 1
		fi
	done
}

# Renames the log and has the server open it anew.
rotate_by_hand()
{
	mv "$logs/access.log" "$logs/$1"
	kill -USR1 "$SERVER_PID"
	wait_until 5 test -e "$logs/access.log"
	wait_until 5 nobody_has "$logs/$1"
}

@test "SIGUSR1: lines go to a new file, and messages" {
	start_server -n 8 -L "$logs/access.log" "$root"
	get /before -o /dev/null
	rotate_by_hand old.log
	get /after -o /dev/null
	stop_server
	grep -q 'GET /before' "$logs/old.log"
	grep -q 'GET /after' "$logs/access.log"
	assert_equal "$(cat "$logs"/*.log | wc -l)" 2
	assert_equal "$(stat -c %a "$logs/access.log")" 640
}

@test "SIGUSR1 under load: no line is torn or lost" {
	local i lines requests

	start_server -n 8 -L "$logs/access.log" "$root"
	client wrk wrk -t 2 -c 64 -d 60s "$URL/file"
	for i in 1 2 3 4 5; do
		wait_until 5 test -s "$logs/access.log"
		rotate_by_hand "old.$i.log"
	done
	kill -INT "$CLIENT"
	client_status "$CLIENT" 20
	stop_server
	requests=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' \
	    "$BATS_TEST_TMPDIR/wrk")
	lines=$(cat "$logs"/*.log | wc -l)
	echo "$requests requests, $lines lines"
	((lines >= requests && lines <= requests + 64))
	run -1 grep -vhE '^127\.0\.0\.1 - - \[[^]]*\] "GET /file HTTP/1\.1" 200 5 "-" "-"$' "$logs"/*.log
}

@test "SIGUSR1: a log that can't be opened is said, and the old one goes on" {
	start_server -n 2 -L "$logs/access.log" "$root"
	mv "$logs" "$logs.away"
	kill -USR1 "$SERVER_PID"
	wait_until 5 says 'No such file or directory'
	get /file
	stop_server
	grep -q 'GET /file' "$logs.away/access.log"
}

# The configuration that is installed, for the logs of this test.
logrotate_config()
{
	sed -e "s|/var/log/httpserve|$logs|" -e '/systemctl/d' \
	    -e 's|if \[ -d /run/systemd/system \]|if false|' \
	    -e "s|/run/httpserve.pid|$BATS_TEST_TMPDIR/pid|" \
	    "$TOP/etc/httpserve.logrotate" |
	    awk '/if false/ { print "\t\tif false; then"; print "\t\t\t:"
		skip = 1; next } /elif/ { skip = 0 } !skip' \
	    >"$BATS_TEST_TMPDIR/logrotate"
	chmod 600 "$BATS_TEST_TMPDIR/logrotate"
	LOGROTATE=(logrotate -s "$BATS_TEST_TMPDIR/state"
	    "$BATS_TEST_TMPDIR/logrotate")
}

@test "logrotate takes the configuration that is installed" {
	PATH+=:/usr/sbin
	command -v logrotate >/dev/null || skip "no logrotate"
	cp "$TOP/etc/httpserve.logrotate" "$BATS_TEST_TMPDIR/conf"
	chmod 600 "$BATS_TEST_TMPDIR/conf"
	run logrotate -d -s "$BATS_TEST_TMPDIR/state" "$BATS_TEST_TMPDIR/conf"
	assert_success
	refute_output --regexp 'error|unknown|bad'
	assert_output --partial 'rotating pattern: /var/log/httpserve/*.log'
}

@test "logrotate rotates: the new file has its mode, the older is compressed" {
	local n

	PATH+=:/usr/sbin
	command -v logrotate >/dev/null || skip "no logrotate"
	logrotate_config
	start_server -n 4 -p "$BATS_TEST_TMPDIR/pid" -L "$logs/access.log" \
	    "$root"
	for n in 1 2 3; do
		get "/file?$n"
		wait_until 5 grep -q "file?$n" "$logs/access.log"
		run "${LOGROTATE[@]}" -f
		assert_success
		wait_until 5 test -e "$logs/access.log"
		assert_equal "$(stat -c %a "$logs/access.log")" 640
		wait_until 5 nobody_has "$logs/access.log.1"
		grep -q "file?$n" "$logs/access.log.1"
	done
	zcat "$logs/access.log.3.gz" | grep -q 'file?1'
	zcat "$logs/access.log.2.gz" | grep -q 'file?2'
}
