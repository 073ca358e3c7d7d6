#!/usr/bin/env bats
# Options, and what is said about wrong ones.

load helper

@test "-V prints the version" {
	run "$BUILD/httpserve" -V
	assert_success
	assert_output "httpserve 0.1.0"
}

@test "an unknown option shows the usage: status 64" {
	run --separate-stderr "$BUILD/httpserve" -Z
	assert_equal "$status" 64
	assert_equal "$output" ''
	# shellcheck disable=SC2154	# run sets it
	[[ $stderr == *"usage: httpserve [-dqvV]"* ]]
}
