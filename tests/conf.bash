# The daemon with a configuration file: for tests of what that says.
# shellcheck shell=bash disable=SC2154	# run and setup set them

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	conf=$BATS_TEST_TMPDIR/httpserve.conf
	mkdir www other
	echo www >www/index.html
	echo css >www/style.css
	echo other >other/index.html
}

# Writes the file from standard input; @ stands for the test's directory.
write_conf()
{
	sed "s,@,$BATS_TEST_TMPDIR,g" >"$conf"
}

# Starts the server with the file of standard input, at a free port.
serve_conf()
{
	write_conf
	start_server -q -f "$conf"
}

# The body that a host's path is answered with, or a status other than 200.
page()
{
	local answer

	answer=$(get "${2-/}" -H "Host: $1" -w '%{http_code}')
	[[ $answer == *200 ]] || answer=${answer: -3}
	echo "${answer%200}"
}

# The values of a field, by host and path.
field()
{
	get "$2" -H "Host: $1" -o /dev/null -D - | tr -d '\r' |
	    sed -n "s/^$3: //p"
}

# Fails unless the file on standard input is refused, with these lines, each
# "line: text", where text is what the message of this line has in it.
assert_faults()
{
	local line n=0

	write_conf
	run --separate-stderr timeout 10 "$BUILD/httpserve" -t -f "$conf"
	assert_equal "$status" 78 || return
	assert_equal "$output" '' || return
	for line; do
		# shellcheck disable=SC2154	# run sets it
		[[ ${stderr_lines[n++]-} == \
		    "httpserve: $conf:${line%%:*}: "*"${line#*: }"* ]] ||
		    fail "not \"$line\": $stderr" || return
	done
	assert_equal "${#stderr_lines[@]}" "$n"
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
