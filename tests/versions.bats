#!/usr/bin/env bats
# Files that change while they are fetched: every answer is a version that was
# there.  A run that failed is repeated with its seed and operations:
#
#	mkdir root; httpserve -n 2 -q -l 127.0.0.1:8080 root &
#	versions -s seed -n operations 8080 root

load helper

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	start_server -q -n 2 "$root"
}

# Edits and fetches; then every kind of answer has to be among what came.  By
# chance, or where the other process had little of the processors, some are not
# in the first round.
assert_versions()
{
	local all=$BATS_TEST_TMPDIR/all

	for _ in 1 2 3 4 5; do
		edit_and_fetch "$@"
		[[ -n $(missing_answers "$all") ]] || return 0
	done
	fail "no $(missing_answers "$all"): $(cat "$all")"
}

edit_and_fetch()
{
	local status=0

	timeout $((55 * SLOW)) "$BUILD/programs/versions" -n 3000 \
	    -w $((10 * SLOW)) "$@" "$PORT" "$root" \
	    >"$BATS_TEST_TMPDIR/versions" || status=$?
	if ((status != 0)); then
		fail "status $status: $(cat "$BATS_TEST_TMPDIR/versions")"
	fi
	cat "$BATS_TEST_TMPDIR/versions" >>"$BATS_TEST_TMPDIR/all"
	rm -rf "${root:?}"/*
}

missing_answers()
{
	local answer

	for answer in 200 206 304 404 412 416; do
		grep -q "^answers: $answer: [1-9]" "$1" || echo "$answer"
	done
}

@test "an answer is the version that is there, between edits and across them" {
	assert_versions
}

@test "an answer is a version that was there, while another process edits" {
	assert_versions -c
}

@test "an answer is the right coding of the version that is there" {
	assert_versions -z
}

@test "an answer is a coding of a version, while another process edits" {
	assert_versions -cz
}
