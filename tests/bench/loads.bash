# shellcheck shell=bash
# shellcheck disable=SC2154	# $root and $work are whose file this is part of
# The loads.  Each is a function load_NAME that says with `sample' what one
# server made of it in one round, and a line of `loads':
#
#	name figure base server goal title
#
# The server is judged by that figure; one that begins with + is better when
# it is more.  A goal is a multiple of the base's figure in the same round, or
# with a "p" of the best peer's, or with a "=" a number of its own.  The load
# runs on the processor $LOAD_CPU, SECONDS_EACH for each server and round.

loads()
{
	cat <<-'END'
	keep64 cpu_us limit httpserve 1.10 1 KiB, kept alive, 64 clients
	keep256 cpu_us limit httpserve 1.10 1 KiB, kept alive, 256 clients
	notmodified cpu_us limit httpserve 1.10 304, kept alive, 64 clients
	oneshot cpu_us limit httpserve 1.10 1 KiB, one request a connection
	pipelined cpu_us limit httpserve 3.00 1 KiB, 16 requests pipelined
	100k cpu_us limit httpserve 1.10 100 KiB, kept alive, 16 clients
	10m +mib_s limit httpserve p1.00 10 MiB, 4 clients
	idle bytes - httpserve =300 an idle kept-alive connection
	children cpu_us httpserve httpserve-2 1.05 a directory's listing, from 1 to 2 children
	slow p99 - httpserve p1.00 1,000 slow readers and a 1 GiB download
	new p99 - httpserve =10000 new connections while 64 clients saturate
	log cpu_us httpserve httpserve-log 1.10 access log on
	sandbox cpu_us httpserve-unconfined httpserve 1.02 sandbox on
	END
}

servers_of()
{
	case $1 in
	children)	echo httpserve httpserve-2 ;;
	idle | slow)	echo httpserve "${PEERS[@]}" ;;
	oneshot)	echo limit limit-fresh httpserve "${PEERS[@]}" ;;
	log)		echo httpserve httpserve-log ;;
	sandbox)	echo httpserve-unconfined httpserve ;;
	*)		echo limit httpserve "${PEERS[@]}" ;;
	esac
}

# How the limit is told what to answer with: by an answer of httpserve's.
answer_options()
{
	case $1 in
	notmodified)	printf '%s\n' -f \
			    "If-Modified-Since: $(modified_date)" ;;
	oneshot)	echo -1 ;;
	esac
}

# A figure of $server in $load, in this round.
sample()
{
	printf '%s\t%d\t%s\t%s\t%s\n' "$load" "$round" "$server" "$1" "$2" |
	    tee -a "$out/samples.tsv" >>"$work/last"
}

last_sample()
{
	awk -v name="$1" '$4 == name { value = $5 } END { print value }' \
	    "$work/last"
}

# The servers of a load that are wanted and here, in order.
servers_here()
{
	local name

	for name in $(servers_of "$1"); do
		if [[ -n $wanted && " $wanted " != *" ${name%%-*} "* ]]; then
			continue
		fi
		if server_installed "$name"; then
			echo "$name"
		fi
	done
}

# The limit answers as httpserve does, byte for byte.
prepare_limit()
{
	local options result=0

	# For server_command().
	# shellcheck disable=SC2034
	LIMIT_OPTIONS=()
	# shellcheck disable=SC2034
	[[ $1 != oneshot ]] || LIMIT_OPTIONS=(-o)
	mapfile -t options < <(answer_options "$1")
	start_server httpserve || return
	"$BUILD/bench/probe" -o "$work/answer" ${options[@]+"${options[@]}"} \
	    "${PORT[httpserve]}" "$(path_of "$1")" >/dev/null || result=1
	stop_server httpserve
	return "$result"
}

path_of()
{
	case $1 in
	100k)	echo /100k ;;
	10m)	echo /large/10m ;;
	*)	echo /1k ;;
	esac
}

# The document root, unless it is there.  Its files are old, and have been
# for long enough that every server takes them to be settled: httpserve has
# files that were changed within two seconds read anew for each answer.
make_root()
{
	if [[ ! -e $root/done ]]; then
		mkdir -p "$root/large"
		head -c 1024 /dev/urandom >"$root/1k"
		head -c 1024 /dev/urandom >"$root/index.html"
		head -c 102400 /dev/urandom >"$root/100k"
		head -c 10485760 /dev/urandom >"$root/large/10m"
		truncate -s 1G "$root/large/1g"
		mkdir "$root/directory"
		(cd "$root/directory" && seq -f 'file%g' 200 | xargs touch)
		: >"$root/done"
		find "$root" -exec touch -d '2026-01-01 00:00:00 UTC' {} +
		chmod -R go=u-w "$root"
	fi
	while (($(date +%s) - $(stat -c %Z "$root") < 4)); do
		sleep 0.1
	done
}

modified_date()
{
	LC_ALL=C date -u -d "@$(stat -c %Y "$root/1k")" \
	    '+%a, %d %b %Y %H:%M:%S GMT'
}

# A client whose times are to be the server's: it does not wait for the
# processor where that may be had.
first_on_load_cpu()
{
	if chrt -f 1 true 2>/dev/null; then
		set -- chrt -f 1 "$@"
	fi
	taskset -c "$LOAD_CPU" "$@"
}

# Runs wrk(1) on a server, for requests a second, CPU time for each, and the
# times; what is behind the path goes to wrk.
run_wrk()
{
	local server=$1 path=$2 depth=$3 before after line
	local requests us errors p50 p99 p999
	shift 3

	before=$(cpu_ns "${PID[$server]}")
	line=$(taskset -c "$LOAD_CPU" wrk -t 1 -d "$SECONDS_EACH" \
	    -s tests/bench/load.lua "$@" \
	    "http://127.0.0.1:${PORT[$server]}$path" -- "$depth" |
	    grep ^wrk) || return
	after=$(cpu_ns "${PID[$server]}")
	read -r _ requests us errors p50 p99 p999 <<<"$line"
	((requests > 0)) || return
	sample requests "$requests"
	sample rps "$(ratio "$requests * 1000000" "$us")"
	sample cpu_us "$(ratio "($after - $before)" "$requests * 1000")"
	sample p50 "$p50"
	sample p99 "$p99"
	sample p999 "$p999"
	sample errors "$errors"
}

ratio()
{
	awk "BEGIN { printf \"%.6g\n\", ($1) / ($2) }"
}

load_keep64()
{
	run_wrk "$1" /1k 1 -c 64
}

load_keep256()
{
	run_wrk "$1" /1k 1 -c 256
}

load_notmodified()
{
	run_wrk "$1" /1k 1 -c 64 -H "If-Modified-Since: $(modified_date)"
}

load_oneshot()
{
	run_wrk "$1" /1k 1 -c 64 -H 'Connection: close'
}

load_pipelined()
{
	run_wrk "$1" /1k 16 -c 64
}

load_100k()
{
	run_wrk "$1" /100k 1 -c 16
}

load_10m()
{
	local rps

	run_wrk "$1" /large/10m 1 -c 4 || return
	rps=$(last_sample rps)
	sample mib_s "$(ratio "$rps * 10" 1)"
}

load_log()
{
	load_keep64 "$1"
}

load_sandbox()
{
	load_keep64 "$1"
}

# Holds connections open, each with one request answered.
hold()
{
	: >"$work/hold.$2"
	"$BUILD/programs/hold" "${PORT[$1]}" "$2" >"$work/hold.$2" \
	    2>"$work/hold.$2.err" </dev/null 3>&- &
	HELD+=("$!")
	wait_for_line ^held "$work/hold.$2" "$!"
}

wait_for_line()
{
	local tries

	for ((tries = 0; tries < 500; tries++)); do
		if grep -q "$1" "$2"; then
			return
		fi
		kill -0 "$3" 2>/dev/null || break
		sleep 0.02
	done
	echo "bench: not said: $1: $(cat "$2.err")" >&2
	return 1
}

end_held()
{
	local pid

	for pid in "${HELD[@]}"; do
		kill -TERM "$pid" 2>/dev/null || true
		wait "$pid" || true
	done
	HELD=()
}

# What the last of many connections add: what the first ones do is made once.
# A server that has had so many before may have kept their memory.
load_idle()
{
	local first=1000 more=${IDLE_CONNECTIONS:-5000} before after status=0

	HELD=()
	stop_server "$1"
	start_server "$1" || return
	hold "$1" "$first" && before=$(memory_bytes "${PID[$1]}") &&
	    hold "$1" "$more" && after=$(memory_bytes "${PID[$1]}") ||
	    status=1
	end_held
	((status == 0)) || return
	sample bytes "$(ratio "$after - $before" "$more")"
}

# A directory's listing: much work for the server and little for the client.
# Two children have two processors, of which the client takes his part of one:
# so it is not by their requests a second that they are judged, but by what
# each costs, which grows when they wait for each other's caches and locks.
load_children()
{
	local pid

	for pid in $(tree_of "${PID[$1]}"); do
		taskset -a -p -c "$SERVER_CPU,$LOAD_CPU" "$pid" >/dev/null
	done
	run_wrk "$1" /directory/ 1 -c 16
}

# One request each millisecond, while others do their worst.  How many there
# are is the probe's choice, so what is told beside the times is how busy that
# keeps the server, which may have little to do or all it can.
probe()
{
	local server=$1 before begin name value
	shift

	before=$(cpu_ns "${PID[$server]}")
	begin=$(date +%s%N)
	while read -r name value; do
		case $name in
		p50 | p99 | p999)	sample "$name" "$value" ;;
		esac
	done < <(first_on_load_cpu "$BUILD/bench/probe" "$@" \
	    "${PORT[$server]}" /1k)
	sample busy "$(ratio "100 * ($(cpu_ns "${PID[$server]}") - $before)" \
	    "$(date +%s%N) - $begin")"
}

load_slow()
{
	local request=$'GET /large/10m HTTP/1.1\r\nHost: localhost\r\n\r\n'

	HELD=()
	# Or the first server of the first round has it read from the disk.
	cat "$root/large/1g" >/dev/null
	: >"$work/slow"
	taskset -c "$LOAD_CPU" "$BUILD/programs/slow" -b 4096 -r 2048 -i 1000 -n 1000 \
	    "${PORT[$1]}" "$request" >"$work/slow" 2>"$work/slow.err" \
	    </dev/null 3>&- &
	HELD+=("$!")
	if wait_for_line ^answered "$work/slow" "$!"; then
		taskset -c "$LOAD_CPU" wrk -t 1 -c 1 -d 3600 \
		    "http://127.0.0.1:${PORT[$1]}/large/1g" >/dev/null 2>&1 \
		    </dev/null 3>&- &
		HELD+=("$!")
		probe "$1" -i 1000 -n $((SECONDS_EACH * 1000))
	fi
	end_held
}

# A connection each 5 ms.
load_new()
{
	HELD=()
	taskset -c "$LOAD_CPU" wrk -t 1 -c 64 -d 3600 \
	    "http://127.0.0.1:${PORT[$1]}/1k" >/dev/null 2>&1 \
	    </dev/null 3>&- &
	HELD+=("$!")
	probe "$1" -1 -i 5000 -n $((SECONDS_EACH * 200))
	end_held
}
