#!/usr/bin/env bats
# The access logs of sites, by httpserve.conf(5).

load helper
load process

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	conf=$BATS_TEST_TMPDIR/httpserve.conf
	mkdir www logs
	echo text >www/file
}

# Writes the file from standard input; @ stands for the test's directory.
write_conf()
{
	sed "s,@,$BATS_TEST_TMPDIR,g" >"$conf"
}

serve_conf()
{
	write_conf
	start_server -n 2 -f "$conf"
}

# Asks a host for a path.
ask()
{
	get "${2-/file}" -H "Host: $1" -o /dev/null "${@:3}"
}

# The request lines of a log in Combined Log Format, and the statuses.
lines_of()
{
	sed -E 's/.*\] "(.*)" ([0-9]+) [0-9]+ "-" .*/\1 \2/' "logs/$1"
}

lines_are()
{
	(($(cat "${@:2}" | wc -l) == $1))
}

# SIGHUP, until the server says what came of it.
reload()
{
	local before

	before=$(grep -cE 'reloaded|as before' "$SERVER_STDERR" || true)
	kill -HUP "$SERVER_PID"
	wait_until 10 said_more "$before"
}

said_more()
{
	(($(grep -cE 'reloaded|as before' "$SERVER_STDERR") > $1))
}

@test "sites have logs to themselves, share one, have none, or that of the top" {
	serve_conf <<-'END'
	root = "@/www"
	status = "/status"
	access_log = "@/logs/top"
	site "a" { access_log = "@/logs/a" }
	site "b" {
		access_log = "@/logs/b"
		access_log_format = json
		location "/x/" { listing = no }
	}
	site "c" { access_log = "@/logs/a" }
	site "d" { access_log = none }
	site "e" { }
	site "f" { access_log = "@/logs/top" }
	END
	for host in a b c d e f nobody; do
		ask "$host" "/file?$host"
	done
	ask b /x/missing
	get /status -o /dev/null
	raw 'GET /file?none HTTP/1.1\r\n\r\n' >answer
	raw 'GET /file HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n' \
	    >answer
	stop_server
	run lines_of a
	assert_output - <<-'END'
	GET /file?a HTTP/1.1 200
	GET /file?c HTTP/1.1 200
	END
	run sort <(lines_of top)
	assert_output - <<-'END'
	GET /file HTTP/1.1 400
	GET /file?e HTTP/1.1 200
	GET /file?f HTTP/1.1 200
	GET /file?nobody HTTP/1.1 421
	GET /file?none HTTP/1.1 400
	GET /status HTTP/1.1 200
	END
	assert_equal "$(jq -r '"\(.host) \(.target) \(.status)"' logs/b |
	    paste -sd ,)" "b /file?b 200,b /x/missing 404"
	assert_equal "$(stat -c %a logs/a)" 640
	assert_equal "$(find logs -type f | wc -l)" 3
}

@test "where the top has no log a site may have one" {
	serve_conf <<-'END'
	root = "@/www"
	access_log = none
	site "a" { access_log = "@/logs/a" }
	site "b" { access_log_format = json }
	site "c" { access_log = "-" }
	END
	ask a
	ask b
	ask c /file?c
	stop_server
	assert_equal "$(lines_of a)" "GET /file HTTP/1.1 200"
	assert_equal "$(grep -c . "$SERVER_STDOUT")" 1
	grep -q '"GET /file?c HTTP' "$SERVER_STDOUT"
}

@test "the command line's log and format are those of all sites" {
	write_conf <<-'END'
	root = "@/www"
	access_log = "@/logs/top"
	site "a" { access_log = "@/logs/a" access_log_format = json }
	END
	start_server -f "$conf" -L logs/all
	ask a
	stop_server
	assert_equal "$(find logs -type f)" logs/all
	assert_equal "$(lines_of all)" "GET /file HTTP/1.1 200"
	run "$BUILD/httpserve" -f "$conf" -q -T
	refute_output --partial logs/
	run "$BUILD/httpserve" -f "$conf" -j -T
	assert_output --partial "access_log = \"$BATS_TEST_TMPDIR/logs/a\""
	assert_equal "$(grep -c "^ *access_log_format" <<<"$output")" 1
}

@test "-T prints what sites say of logs, and it says the same" {
	write_conf <<-'END'
	root = "@/www"
	site "a" { access_log = "@/logs/a" access_log_format = json }
	site "b" { access_log = none }
	END
	"$BUILD/httpserve" -f "$conf" -T >first
	"$BUILD/httpserve" -f first -T >second
	diff first second
	assert_equal "$(grep -c '^    access_log = none$' first)" 1
	assert_equal "$(grep -c '^    access_log_format = json$' first)" 1
}

# What -t says of the file on standard input, without the file's name.
faults()
{
	write_conf
	run -78 "$BUILD/httpserve" -t -f "$conf"
	output=${output//httpserve: $conf:/}
	output=${output//$BATS_TEST_TMPDIR/@}
}

@test "what is wrong with the logs of sites is said, all at once" {
	local i

	faults <<-'END'
	root = "@/www"
	access_log = "@/logs/top"
	site "a" { access_log = relative }
	site "b" { access_log = "@/nowhere/b" }
	site "c" { access_log_format = xml }
	site "d" { access_log_format = json }
	site "e" { access_log = "@/logs/e" }
	site "f" { access_log = "@/logs/e"
		access_log_format = json }
	site "g" { error_log = "@/logs/g"
		location "/" { access_log = none } }
	END
	assert_output - <<-'END'
	3: access_log = "relative": give a path that begins with a slash
	4: access_log = "@/nowhere/b": @/nowhere: No such file or directory; make that directory first
	5: access_log_format = "xml": give combined or json
	6: access_log_format = "json": "@/logs/top" is combined at the top; a log has one format, so give this site another
	9: access_log_format = "json": "@/logs/e" is combined for the site in line 7; a log has one format, so give this site another
	10: "error_log" can't stand in a site, but at the top of the file
	11: "access_log" can't stand in a location, but at the top of the file and in a site
	END
	faults < <(echo 'root = "@/www"'; for i in {1..66}; do
		echo "site \"s$i\" { access_log = \"@/logs/$i\" }"; done)
	assert_output '65: access_log = "@/logs/64": this is one more than the 64 logs that there may be; let sites share one: in json a line has its host'
	assert_equal "$(find logs -type f)" ''
}

# Whether all processes of the server have this file open, or none.
all_have()
{
	local pid

	for pid in "$SERVER_PID" $(children_of "$SERVER_PID"); do
		find "/proc/$pid/fd" -lname "$BATS_TEST_TMPDIR/$1" |
		    grep -q . || return
	done
}

nobody_has()
{
	local pid

	for pid in "$SERVER_PID" $(children_of "$SERVER_PID"); do
		if find "/proc/$pid/fd" -lname "$BATS_TEST_TMPDIR/$1" |
		    grep -q .; then
			return 1
		fi
	done
}

@test "SIGUSR1 opens all logs anew; one that can't be goes on as it was" {
	mkdir logs/dir
	serve_conf <<-'END'
	root = "@/www"
	access_log = "@/logs/top"
	site "a" { access_log = "@/logs/a" }
	site "b" { access_log = "@/logs/dir/b" }
	END
	mv logs/a logs/a.1
	mv logs/top logs/top.1
	mv logs/dir logs/away
	kill -USR1 "$SERVER_PID"
	wait_until 5 nobody_has logs/a.1
	wait_until 5 nobody_has logs/top.1
	wait_until 5 all_have logs/a
	says "$BATS_TEST_TMPDIR/logs/dir/b: No such file or directory"
	for host in a b x; do
		ask "$host" '/file?[1-20]' -H 'Connection: close'
	done
	stop_server
	assert_equal "$(wc -l <logs/a)" 20
	assert_equal "$(wc -l <logs/top)" 20
	assert_equal "$(wc -l <logs/away/b)" 20
	assert_equal "$(cat logs/*.1 | wc -l)" 0
}

@test "a site's log that is full is said with its name, and is the site's alone" {
	ln -s /dev/full logs/a
	serve_conf <<-'END'
	root = "@/www"
	access_log = "@/logs/top"
	site "a" { access_log = "@/logs/a" }
	site "b" { access_log = "@/logs/b" }
	END
	for host in a b x; do
		ask "$host" '/file?[1-20]' -H 'Connection: close'
	done
	wait_until 5 says "access log $PWD/logs/a: lines are lost: No space left"
	wait_until 5 lines_are 20 logs/b
	wait_until 5 lines_are 20 logs/top
	rm logs/a
	kill -USR1 "$SERVER_PID"
	wait_until 5 all_have logs/a
	wait_until 5 works_again
	stop_server
	assert_equal "$(grep -c 'access log' "$SERVER_STDERR")" 2
}

# Lines of a later second than those that were lost tell it.
works_again()
{
	ask a
	says "access log $PWD/logs/a: works again, 20 lines were lost\$"
}

# Asks a host until there is the file "enough"; how often, stands in a file.
keep_asking()
{
	local n=0

	until [[ -e enough ]]; do
		ask "$1" '/file?[1-20]' || return
		((n += 20))
	done
	echo "$n" >"asked.$1"
}

@test "logs come and go by reloads under load, and no line is lost" {
	local i

	write_conf <<-'END'
	root = "@/www"
	access_log = "@/logs/top"
	site "a" { access_log = "@/logs/a" }
	site "b" { }
	END
	cp "$conf" conf.1
	write_conf <<-'END'
	root = "@/www"
	access_log = "@/logs/top"
	site "b" { access_log = "@/logs/b" }
	site "a" { access_log = "@/logs/c" access_log_format = json }
	END
	cp "$conf" conf.2
	start_server -n 2 -f "$conf"
	client one keep_asking a
	one=$CLIENT
	client two keep_asking b
	for i in 1 2 1 2; do
		cp "conf.$i" "$conf"
		reload
	done
	touch enough
	client_status "$one" 10
	client_status "$CLIENT" 10
	says 'reloaded'
	run nobody_has logs/a
	assert_success
	stop_server
	echo "a: $(<asked.a), b: $(<asked.b)"
	assert_equal "$(cat logs/* | wc -l)" $(($(<asked.a) + $(<asked.b)))
	assert_equal "$(cat logs/a logs/c | wc -l)" "$(<asked.a)"
	assert_equal "$(cat logs/b logs/top | wc -l)" "$(<asked.b)"
	run -1 grep -v ' "GET /file?[0-9]* HTTP/1.1" 200 5 "-" "curl[^"]*"$' \
	    logs/a logs/b logs/top
	assert_equal "$(jq .status logs/c | sort -u)" 200
}

@test "a reload that can't open a log changes nothing" {
	serve_conf <<-'END'
	root = "@/www"
	access_log = "@/logs/top"
	site "a" { access_log = "@/logs/a" }
	END
	mkdir logs/b
	write_conf <<-'END'
	root = "@/www"
	access_log = "@/logs/top"
	site "a" { access_log = "@/logs/c" }
	site "b" { access_log = "@/logs/b" }
	END
	reload
	says "access log $PWD/logs/b: Is a directory"
	ask a
	stop_server
	assert_equal "$(lines_of a)" "GET /file HTTP/1.1 200"
}
