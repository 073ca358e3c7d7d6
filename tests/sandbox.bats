#!/usr/bin/env bats
# An intruder in a child's place, with the sandbox as it is by default, and
# without its parts: what may be tried there, and what comes of it.

load helper
load process

INTRUDER_LIB=$BUILD/programs/intruder.so
# As programs/intruder.c has them.
ATTEMPTS=('open /etc/passwd' 'write to the root' fork execve socket connect
    bind 'ptrace the master' 'signal the master')

setup()
{
	root=$BATS_TEST_TMPDIR/root
	log=$BATS_TEST_TMPDIR/log
	mkdir "$root"
	echo text >"$root/file"
	# Only what is there is opened.
	touch "$root"/intrude.{0..8}
	results=$BATS_TEST_TMPDIR/results
	[[ -z ${SANITIZE-} ]] ||
	    skip "a sanitizer needs calls that an intruder makes"
}

# A server with the intruder in it and these options.
start_intruded()
{
	# What was not tried is an error of its own.
	head -c 64 /dev/zero | tr '\0' '\1' >"$results"
	start_with "LD_PRELOAD=$INTRUDER_LIB INTRUDER=$results \
INTRUDER_WRITES=$root/new" -n 1 -L "$log" "$@" "$root"
}

# The errno of an attempt, by its number: what the child has left there.
result_of()
{
	od -An -td4 -j $(($1 * 4)) -N 4 "$results" | tr -d ' '
}

error_name()
{
	case $1 in
	0)	echo works ;;
	1)	echo EPERM ;;
	3)	echo ESRCH ;;
	13)	echo EACCES ;;
	38)	echo ENOSYS ;;
	*)	echo "errno $1" ;;
	esac
}

is_back()
{
	has_children "$SERVER_PID" 1 && get /file -o /dev/null 2>/dev/null
}

# Has the child make an attempt; sets OUTCOME to what came of it.
intrude()
{
	local child result

	child=$(children_of "$SERVER_PID")
	rm -f "$root/new"
	get "/intrude.$1" -o /dev/null 2>/dev/null || true
	result=$(result_of "$1")
	OUTCOME=$(error_name "$result")
	((result == -1)) || return 0
	OUTCOME=works
	wait_until 5 gone "$child"
	if says "\\(pid $child\\) died of signal 31 "; then
		OUTCOME=killed
	fi
	wait_until 10 is_back
}

# Who traces the master does so for as long as it lives.
end_tracer()
{
	local child

	child=$(children_of "$SERVER_PID")
	kill -KILL "$child"
	wait_until 5 gone "$child"
	wait_until 10 is_back
}

# All of them, in a line each of OUTCOMES.
intrude_all()
{
	local i lacks

	OUTCOMES=()
	start_intruded "$@"
	lacks=$(grep -oE 'no (Landlock|seccomp).*' "$SERVER_STDERR") || true
	[[ -z $lacks ]] || skip "$lacks"
	for i in "${!ATTEMPTS[@]}"; do
		intrude "$i"
		OUTCOMES[i]=$OUTCOME
		[[ ${ATTEMPTS[i]} != ptrace* || $OUTCOME != works ]] || end_tracer
	done
}

status_of()
{
	awk -v field="$1:" '$1 == field { print $2 }' \
	    "/proc/$(children_of "$SERVER_PID")/status"
}

# A column of the table by its options, which are "default" for none.
outcomes_are()
{
	local i column=$1 expected
	shift

	if [[ $column == default ]]; then
		intrude_all
	else
		# shellcheck disable=SC2086	# words
		intrude_all $column
	fi
	i=0
	for expected; do
		[[ ${OUTCOMES[i]} == "$expected" ]] || fail \
		    "$column: ${ATTEMPTS[i]}: ${OUTCOMES[i]}, not $expected"
		i=$((i + 1))
	done
	for i in "${!ATTEMPTS[@]}"; do
		figure "$(printf 'sandbox, %-32s %-18s %s' "$column:" \
		    "${ATTEMPTS[i]}" "${OUTCOMES[i]}")"
	done
	figure "$(printf 'sandbox, %-32s NoNewPrivs %s, Seccomp %s, CapEff %s' \
	    "$column:" "$(status_of NoNewPrivs)" "$(status_of Seccomp)" \
	    "$(status_of CapEff)")"
}

@test "by default an intruder fails at each" {
	outcomes_are default EACCES EACCES killed killed ENOSYS ENOSYS killed \
	    killed ENOSYS
	assert_equal "$(status_of NoNewPrivs)" 1
	assert_equal "$(status_of Seccomp)" 2
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		assert_equal "$set $(status_of $set)" "$set 0000000000000000"
	done
	[[ ! -e $root/new ]]
}

@test "without Landlock files are open, and nothing else" {
	outcomes_are '-x landlock' works works killed killed ENOSYS ENOSYS killed \
	    killed ENOSYS
	assert_equal "$(status_of NoNewPrivs) $(status_of Seccomp)" '1 2'
}

@test "without seccomp Landlock keeps the files, TCP and the master" {
	outcomes_are '-x seccomp' EACCES EACCES works EACCES works EACCES \
	    EACCES EPERM EPERM
	assert_equal "$(status_of NoNewPrivs) $(status_of Seccomp)" '1 0'
}

@test "without capabilities' part root keeps them, and the rest holds" {
	outcomes_are '-x capabilities' EACCES EACCES killed killed ENOSYS \
	    ENOSYS killed killed ENOSYS
	((EUID != 0)) || assert_equal "$(status_of CapEff)" \
	    "$(awk '$1 == "CapEff:" { print $2 }' /proc/self/status)"
}

# So it is the sandbox that refuses them, and not the place.
@test "without any part an intruder can do all of it" {
	((EUID == 0)) || skip "only root may trace whom it likes"
	outcomes_are '-x all' works works works works works works works works \
	    works
	assert_equal "$(status_of NoNewPrivs) $(status_of Seccomp)" '0 0'
}

@test "without seccomp and Landlock, no_new_privs is a part of its own" {
	start_intruded -x seccomp -x landlock
	assert_equal "$(status_of NoNewPrivs) $(status_of Seccomp)" '1 0'
	stop_server
	start_intruded -x seccomp -x landlock -x no_new_privs
	assert_equal "$(status_of NoNewPrivs) $(status_of Seccomp)" '0 0'
}
