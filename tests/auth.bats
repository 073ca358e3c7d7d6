#!/usr/bin/env bats
# Basic authentication, by a program that has it in front of a handler.

load helper
load process

# Passwords "right", but for "uwe", as mkpasswd(1) and htpasswd(1) hash them.
setup()
{
	users=$BATS_TEST_TMPDIR/users
	cat >"$users" <<-'END'
	# Users of this test.

	bea:$2b$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC
	six:$6$rounds=1000$saltsalt$dfMP2LY3oP.RCle.MrovYod7J5ZWd7wa2WJOtw1cdMugHgIZ8H3PUFaxN7fS6Rbcl4YomrlE/fCkobwA8g/as/:her remark
	ada:$5$rounds=1000$saltsalt$yYZoCURThim4Yn132s/3Pu/.JQpY6iHeknDBMqNKKs2
	yes:$y$j75$saltsaltsalt$JgXGEvaVKJtrzlii6lV0d08JFiXyB9rZrqkr77fHU.D
	uwe:$2b$04$abcdefghijklmnopqrstuuQYEk91mE9jD3s0Fa6l8hqSxfClgS2VO
	END
	slow_hash='$2y$12$abcdefghijklmnopqrstuu3ZNTWactmkRXVB8K.1w4IlxX.O8lI12'
}

start_auth()
{
	start_program "$PROGRAMS/handlers" "$@" 127.0.0.1:0 \
	    / "auth $users Staff | whom" /open whom \
	    /user "auth $users S | user" \
	    /json "log 1 | auth $users S | whom"
}

# The status of a login, or of none.
login()
{
	get / -o /dev/null -w '%{http_code}' ${1:+-u "$1"} "${@:2}"
}

# From another address each time: an address may not be wrong so often.
login_is()
{
	local from=127.1.$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1))

	[[ $(login "$1" --interface "$from") == "$2" ]]
}

@test "who says no password is asked for it" {
	start_auth
	run get / -i
	assert_line --index 0 $'HTTP/1.1 401 Unauthorized\r'
	assert_line $'WWW-Authenticate: Basic realm="Staff", charset="UTF-8"\r'
	assert_line '401 Unauthorized'
}

@test "users are let in by their password, with each kind of hash" {
	local user

	start_auth
	for user in bea six ada yes; do
		assert_equal "$(get / -u "$user:right")" 127.0.0.1
		# And again, which is not compared any more.
		assert_equal "$(get / -u "$user:right")" 127.0.0.1
		assert_equal "$(login "$user:wrong")" 401
		assert_equal "$(login "$user:")" 401
	done
	assert_equal "$(login uwe:grün)" 200
}

@test "who is let in is named to handlers and in the log, and nobody else" {
	local log=$BATS_TEST_TMPDIR/log user

	echo 'u "we':"$(sed -n 's/^uwe://p' "$users")" >>"$users"
	start_auth -n 1 -L "$log" -L "json:$log.json"
	for user in bea:right bea:right 'u "we:grün'; do
		assert_equal "$(get /user -u "$user")" "${user%:*}"
	done
	get /json -u 'u "we:grün'
	get /json -u bea:wrong
	get /user -u bea:wrong
	get /user
	# The connection goes on without a name.
	raw 'GET /user HTTP/1.1\r\nHost: x\r\n' \
	    'Authorization: Basic YmVhOnJpZ2h0\r\n\r\n' \
	    'GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' \
	    >"$BATS_TEST_TMPDIR/answer"
	stop_server
	assert_equal "$(jq -c .user "$log.json" | paste -sd ,)" \
	    '"u \"we",null'
	run sed 's/^[^ ]* - \(.*\) \[.*" \([0-9]*\) .* "-" .*/\1 \2/' "$log"
	assert_output - <<-'END'
	bea 200
	bea 200
	u\x20\x22we 200
	- 401
	- 401
	bea 200
	- 200
	END
}

@test "who does not exist is not let in, whatever is said" {
	local user

	start_auth
	for user in nobody '' '#' '# Users of this test.' BEA bea:right:x; do
		assert_equal "$(login "$user:right")" 401
	done
}

@test "fields that are no login are asked for one, and cost nothing" {
	local field

	start_auth
	for field in '' Basic 'Basic ' 'Basic !' 'Basic YmVh' 'Basic YmVhOn' \
	    'Bearer YmVhOnJpZ2h0' 'Basic YmVhOnJpZ2h0 x' 'BasicYmVhOnJpZ2h0' \
	    'Basic YmVhOnJpZ2h0AA==' "Basic $(yes A | head -c 4000 |
	    tr -d '\n')"; do
		assert_equal "$(login '' -H "Authorization: $field")" 401
	done
	assert_equal "$(login '' -H 'authorization: bAsIc  YmVhOnJpZ2h0')" 200
}

@test "a body, and requests behind, wait with the login" {
	start_auth
	assert_equal "$(login bea:right -d body)" 200
	assert_equal "$(login bea:wrong -d body)" 401
	assert_equal "$(login ada:right -d body -H 'Expect: 100-continue')" 200
	run raw 'GET /open HTTP/1.1\r\nHost: x\r\n\r\n' \
	    'GET / HTTP/1.1\r\nHost: x\r\n' \
	    'Authorization: Basic eWVzOnJpZ2h0\r\n\r\n' \
	    'GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
	assert_equal "$(grep -c '^HTTP/1.1 200' <<<"$output")" 3
}

@test "a changed file counts within a second" {
	start_auth
	assert_equal "$(login bea:right)" 200
	sed -i '/^bea/d' "$users"
	wait_until 3 login_is bea:right 401
	assert_equal "$(login six:right)" 200
	printf 'new:%s\n' "$slow_hash" >>"$users"
	wait_until 3 login_is new:right 200
}

@test "a file that is gone, or wrong, lets nobody in, and is logged once" {
	start_auth
	assert_equal "$(login bea:right)" 200
	mv "$users" "$users.old"
	wait_until 3 login_is bea:right 500
	assert_equal "$(login '')" 500
	echo 'bea:right' >"$users"
	mv "$users.old" "$users"
	wait_until 3 login_is bea:right 200
	echo 'bea:right' >"$users"
	wait_until 3 login_is bea:right 500
	assert_equal "$(login bea:right)" 500
	run grep -c 'nobody is let in' "$SERVER_STDERR"
	assert_output 2
	run cat "$SERVER_STDERR"
	assert_output --partial "passwords: $users: No such file or directory:"
	assert_output --partial "passwords: $users:1: no hash of bcrypt"
	assert_output --partial "passwords: $users: can be read again"
}

@test "a file that is not there, or has what is not safe, is refused" {
	assert_refused 'No such file' /none
	assert_refused 'users:1: no "user:hash"' "$users" bea
	assert_refused 'users:1: no "user:hash"' "$users" ':$6$a$b'
	assert_refused 'users:2: no hash of bcrypt' "$users" '' bea:right
	assert_refused 'a hash of MD5, which is broken' "$users" \
	    'bea:$apr1$saltsalt$OG5hyMyBUJvzvY1jGHVFn0'
	assert_refused 'a hash of MD5, which is broken' "$users" \
	    'bea:$1$saltsalt$SWh2jK7VNoHg7Y0vgbCuG/'
	assert_refused 'no hash of bcrypt' "$users" 'bea:{SHA}abc='
	assert_refused 'no hash of bcrypt' "$users" 'bea:abJnggxhB/yWI'
	assert_refused 'cost 4 to 15' "$users" "bea:${slow_hash/12/16}"
	assert_refused 'takes too long' "$users" \
	    'bea:$6$rounds=5000001$saltsalt$abc'
	assert_refused '60 characters' "$users" "bea:${slow_hash}a"
	assert_refused 'cost 4 to 15' "$users" "bea:${slow_hash/12/03}"
	assert_refused "can't check" "$users" 'bea:$6$salt!$abc'
	ln -sf "$BATS_TEST_TMPDIR" "$users"
	assert_refused 'Invalid argument' "$users"
}

# assert_refused why file [line...]
assert_refused()
{
	local why=$1

	if (($# > 2)); then
		printf '%s\n' "${@:3}" >"$2"
	fi
	run timeout 10 "$PROGRAMS/handlers" 127.0.0.1:0 \
	    / "auth $2 Staff | whom" </dev/null 3>&-
	assert_equal "$status" 78 || return
	assert_output --partial "$why"
}

@test "a client that sends wrong passwords has to wait" {
	start_auth -n 2
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		assert_equal "$(login bea:wrong -H 'Connection: close')" 401
	done
	run get / -i -u bea:wrong
	assert_line --index 0 $'HTTP/1.1 429 Too Many Requests\r'
	assert_line --regexp '^Retry-After: [1-5]'$'\r''$'
	# Another client does not.
	assert_equal "$(login bea:right --interface 127.0.0.2)" 200
}

@test "who sends the right password never has to wait" {
	start_auth
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
		touch "$users"
		assert_equal "$(login six:right)" 200
		assert_equal "$(login ada:right)" 200
	done
}

# So many logins of users that do not exist, each from an address of its own.
flood()
{
	local i

	for ((i = 0; i < $1; i++)); do
		printf '%s\n' next "interface = 127.1.$((i / 250)).$((i % 250 + 1))" \
		    "url = $URL/" "user = u$i:p" 'output = /dev/null' \
		    'write-out = "%{http_code}\n"'
	done | curl -sS -K - -Z --parallel-max 50 --parallel-immediate \
	    2>/dev/null
}

# bats test_tags=alone
@test "a flood of logins does not hold up the other clients of a child" {
	local since

	printf 'new:%s\n' "$slow_hash" >"$users"
	start_auth
	client flood flood 3000
	# curl reads all of that first.
	wait_until 20 test -s "$BATS_TEST_TMPDIR/flood"
	for _ in {1..41}; do
		since=$(now_ms)
		assert_equal "$(get /open)" 127.0.0.1
		echo $(($(now_ms) - since))
	done | sort -n >"$BATS_TEST_TMPDIR/times"
	# The median, with what curl takes to start: a comparison takes 250 ms.
	(($(sed -n 21p "$BATS_TEST_TMPDIR/times") < 100 * SLOW))
	# Some were compared, the rest was turned away.
	grep -q 503 "$BATS_TEST_TMPDIR/flood"
}

@test "clients that go away are not waited for" {
	printf 'new:%s\n' "$slow_hash" >"$users"
	start_auth
	for _ in 1 2 3 4; do
		run get / -u "u$RANDOM:p" --max-time 0.01 -o /dev/null
	done
	assert_equal "$(login new:right)" 200
}

@test "a server that is stopped finishes the login that is under way" {
	printf 'new:%s\n' "$slow_hash" >"$users"
	start_auth
	client one login new:right
	wait_until 5 is_comparing "$(children_of "$SERVER_PID")"
	stop_server
	client_status "$CLIENT" 5
	assert_equal "$(<"$BATS_TEST_TMPDIR/one")" 200
}

# Whether a child has the thread that compares passwords.
is_comparing()
{
	grep -qx verifier "/proc/$1"/task/*/comm
}
