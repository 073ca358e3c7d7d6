#!/usr/bin/env bats
# Files that change while they are being sent: the answer is one version of the
# length that was promised, or the connection closes.

load helper
load process

# What the sockets' buffers can't hold.
SIZE=48000000

setup()
{
	ROOT=$BATS_TEST_TMPDIR/root
	mkdir "$ROOT"
	seq 100000000 | head -c $SIZE >"$ROOT/file"
	cp "$ROOT/file" "$BATS_TEST_TMPDIR/old"
	start_server -n 1 -q "$ROOT"
}

# Fetches the file; what is read of it waits, behind the first byte, for the
# test to go on, or to end the server.
fetch_in_halves()
{
	set -o pipefail
	curl -sS "$@" "$URL/file" | {
		head -c 1
		until [[ -e $BATS_TEST_TMPDIR/go ]] || gone "$SERVER_PID"; do
			sleep 0.02
		done
		cat
	}
}

# Begins that, and stops in the middle.
fetch_half()
{
	rm -f "$BATS_TEST_TMPDIR/go" "$BATS_TEST_TMPDIR/got"
	client got fetch_in_halves "$@"
	wait_until 3 test -s "$BATS_TEST_TMPDIR/got"
}

# Fails unless the rest comes, too, or only as much as says that it is not all:
# curl's 18 is a partial file.
assert_fetched()
{
	local result=0

	touch "$BATS_TEST_TMPDIR/go"
	client_status "$CLIENT" 10 || result=$?
	assert_equal "$result" "$1"
}

assert_old()
{
	assert_fetched 0
	cmp "$BATS_TEST_TMPDIR/got" "$BATS_TEST_TMPDIR/old"
}

assert_cut()
{
	assert_fetched 18
}

@test "a file that is replaced or removed is sent as it was" {
	fetch_half
	echo new >"$ROOT/new"
	mv "$ROOT/new" "$ROOT/file"
	assert_old
	run get "$URL/file"
	assert_output new

	cp "$BATS_TEST_TMPDIR/old" "$ROOT/file"
	fetch_half
	rm "$ROOT/file"
	assert_old
}

@test "a file that grows is sent as long as it was" {
	fetch_half
	seq 100000 >>"$ROOT/file"
	assert_old
}

@test "a file that is truncated closes that connection, and no other" {
	local child

	child=$(children_of "$SERVER_PID")
	fetch_half
	: >"$ROOT/file"
	assert_cut
	run get "$URL/file"
	assert_success
	assert_output ''
	assert_equal "$(children_of "$SERVER_PID")" "$child"
}

@test "a file that is written over is not sent as if it were one" {
	fetch_half
	printf x | dd of="$ROOT/file" bs=1 seek=$((SIZE - 100)) conv=notrunc \
	    status=none
	assert_cut
}

@test "nor is one that is written anew, and longer" {
	fetch_half
	seq 7 100000000 | head -c $((SIZE + 1000)) >"$ROOT/file"
	assert_cut
}

@test "nor is a part of it" {
	fetch_half -r 1-
	printf x | dd of="$ROOT/file" bs=1 conv=notrunc status=none
	assert_cut
}
