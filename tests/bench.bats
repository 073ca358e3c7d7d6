#!/usr/bin/env bats
# The benchmarks' tools: that they measure at all, and that a request which
# costs more is noticed.  What the figures are is for "make bench" to say.

load helper

setup()
{
	export BUILD
	out=$BATS_TEST_TMPDIR/out
	cd "$TOP" || return
}

# Runs the benchmarks as briefly as can be, beside nobody but the limit and a
# peer that ends as soon as it is started.
bench()
{
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho broken >&2\n' >"$BATS_TEST_TMPDIR/bin/h2o"
	chmod +x "$BATS_TEST_TMPDIR/bin/h2o"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH IDLE_CONNECTIONS=100 \
	    timeout $((50 * SLOW)) tests/bench/run -n 1 -s 1 \
	    -w 'limit httpserve h2o' -o "$out" "$@"
}

# A figure of the JSON report.
figure()
{
	jq -e ".loads[] | select(.name == \"$1\").servers.$2.$3" \
	    "$out/report.json"
}

needs_instruments()
{
	[[ -z ${SANITIZE-} ]] || skip "valgrind runs no sanitizer"
	command -v valgrind strace >/dev/null || skip "no valgrind, no strace"
}

@test "a benchmark reports as text, as JSON and as a chart" {
	bench keep64 2>"$BATS_TEST_TMPDIR/err"
	grep -qx 'bench: h2o does not start: broken' "$BATS_TEST_TMPDIR/err"
	run ! figure keep64 h2o 'rps > 0'

	# What was measured before stays, and what is measured again does not.
	cp "$out/samples.tsv" "$BATS_TEST_TMPDIR/before"
	bench idle
	bench idle >"$BATS_TEST_TMPDIR/report"
	cat "$BATS_TEST_TMPDIR/report"
	grep -vF idle "$out/samples.tsv" | cmp - "$BATS_TEST_TMPDIR/before"
	(($(grep -c ^idle "$out/samples.tsv") == 1))
	cmp "$BATS_TEST_TMPDIR/report" "$out/report.txt"
	grep -qx '1 KiB, kept alive, 64 clients' "$out/report.txt"
	grep -qE '^httpserve +[0-9]+ +[0-9]+\.[0-9]+ ' "$out/report.txt"
	grep -qE '^cpu_us: .* x limit, goal 1.10: (met|missed)$' \
	    "$out/report.txt"

	figure keep64 httpserve 'rps > 0'
	figure keep64 httpserve 'cpu_us > 0'
	figure keep64 httpserve 'p999 > 0'
	figure keep64 httpserve 'errors == 0'
	figure keep64 limit 'ratio_to_base == 1'
	figure idle httpserve 'bytes != null'

	grep -q '^<svg xmlns="http://www.w3.org/2000/svg"' "$out/chart.svg"
	grep -q '>httpserve</text>$' "$out/chart.svg"
	[[ $(tail -n 1 "$out/chart.svg") == '</svg>' ]]
}

@test "a load that does not exist is told, with status 64" {
	run -64 bench none
	assert_output 'bench: no load is called none'
}

@test "a request that costs more than its budget is noticed" {
	local budgets=$BATS_TEST_TMPDIR/budgets

	needs_instruments
	export REQUESTS=1000
	tests/bench/check -w -b "$budgets" kept
	cat "$budgets"

	# It was cheaper by 10 %; so few requests vary by more than 1 %.
	awk '$1 == "kept" { $2 = int($2 / 1.1) } { print }' "$budgets" \
	    >"$budgets.low"
	run tests/bench/check -b "$budgets.low" kept
	assert_failure 1
	assert_line --regexp '^kept .*\+[0-9.]+% .* over$'

	# By another compiler only the calls are compared, of which one request
	# in five made one less.
	awk '$1 == "built" { $2 = "elsewhere:" }
	    $1 == "kept" { $3 -= 0.2 } { print }' "$budgets.low" \
	    >"$budgets.calls"
	run tests/bench/check -b "$budgets.calls" kept
	assert_failure 1
	assert_line --partial 'instructions are not compared: this is '

	# Where that is not enough it is a failure, as where nothing is compared.
	awk '$1 == "built" { $2 = "elsewhere:" } { print }' "$budgets" \
	    >"$budgets.strict"
	run -1 tests/bench/check -s -b "$budgets.strict" kept
	assert_line --partial 'these budgets are of another build'
	SANITIZE=address run -0 tests/bench/check kept
	SANITIZE=address run -1 tests/bench/check -s kept
	assert_output --partial 'bench-check: skipped: '

	run tests/bench/check -b "$budgets" pipelined
	assert_failure 1
	assert_line 'pipelined has no budget: check -w records one'
}

# A child that has just started may not have run yet on a busy machine: one of
# three tries has to be good.
@test "connections spread evenly over the children, by their own count" {
	local served woken idlest busiest

	for _ in 1 2 3; do
		tests/bench/spread -n 8 -w httpserve 400 \
		    >"$BATS_TEST_TMPDIR/table"
		cat "$BATS_TEST_TMPDIR/table"
		read -r _ _ served woken idlest busiest _ \
		    < <(grep '^httpserve  *8 ' "$BATS_TEST_TMPDIR/table")
		((served == 400))
		((idlest < 20 || busiest > 100)) || break
	done
	((idlest >= 20 && busiest <= 100))
	awk "BEGIN { exit !($woken >= 0.9 && $woken <= 1.5) }"
}
