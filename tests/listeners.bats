#!/usr/bin/env bats
# What listens, and what else is the process's own, is changed by a reload of
# the file: nobody who waits is lost.  And the PROXY protocol by the file.

load helper
load process

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	conf=$BATS_TEST_TMPDIR/httpserve.conf
	mkdir root
	echo text >root/file
}

# Writes the file: its lines but the root; @ stands for the test's directory.
write_conf()
{
	printf 'root = "%s/root"\n%s\n' "$PWD" "${1//@/$PWD}" >"$conf"
}

said_times()
{
	grep -cE -- "$1" "$SERVER_STDERR" || true
}

is_over()
{
	(($(said_times 'reloaded |reload.*going on as before') > $1))
}

# A reload with these lines; is it done, or refused?
reload()
{
	local before

	before=$(said_times 'reloaded |reload.*going on as before')
	write_conf "$1"
	kill -HUP "$SERVER_PID"
	wait_until 10 is_over "$before"
}

# The ports of all listeners, of a message or of the last.
last_ports()
{
	grep 'listening on' "$SERVER_STDERR" | tail -n 1 |
	    grep -oE '127\.0\.0\.[0-9]+:[0-9]+' | sed 's/.*://'
}

dial()
{
	exec {FD}<>"/dev/tcp/127.0.0.1/$1"
}

# The master's.
count_sockets()
{
	find "/proc/$SERVER_PID/fd" -lname 'socket:*' | wc -l
}

@test "addresses come and go, TCP and unix, under a load on one that stays" {
	local first second before

	write_conf 'listen = {"127.0.0.1:0", "unix:@/old"}
	children = 2'
	make_large_file root/large
	start_program "$BUILD/httpserve" -q -f "$conf"
	before=$(count_sockets)
	# shellcheck disable=SC2153	# start_program sets it
	first=$PORT
	start_load "$PWD/root" -d 0 -p 2
	reload 'listen = {"127.0.0.1:0", "unix:@/new", "127.0.0.2:0"}
	children = 2'
	says 'reloaded \(2 children\)$'
	second=$(last_ports | tail -n 1)
	assert_equal "$(get "http://127.0.0.2:$second/file")" text
	assert_equal "$(get http://x/file --unix-socket new)" text
	[[ ! -e old ]]
	reload 'listen = {"127.0.0.1:0", "unix:@/old"}
	children = 2'
	[[ ! -e new ]]
	assert_equal "$(get http://x/file --unix-socket old)" text
	run ! get "http://127.0.0.2:$second/file"
	assert_equal "$(get "http://127.0.0.1:$first/file")" text
	end_load
	assert_equal "$(counted losses)" 0
	run ! says 'died|gave up|cut|killed'
	title_is "$SERVER_PID" \
	    "httpserve: master [127.0.0.1:$first, unix:$PWD/old]"
	wait_until 5 has_children "$SERVER_PID" 2
	assert_equal "$(count_sockets)" "$before"
}

# A child that has one connection, and may have no more, leaves the others in
# the queues.
@test "who waits in the queue of a listener that goes is answered" {
	local fds=() fd child

	write_conf 'listen = {"127.0.0.1:0", "127.0.0.2:0", "unix:@/old"}
	children = 1
	connections = 1'
	start_program "$BUILD/httpserve" -q -f "$conf"
	child=$(children_of "$SERVER_PID")
	dial "$PORT"
	fds+=("$FD")
	printf 'GET /file HTTP/1.1\r\nHost:' >&"$FD"
	wait_until 5 has_connection "$child"
	for _ in 1 2 3; do
		dial "$PORT"
		fds+=("$FD")
		printf 'GET /file HTTP/1.1\r\nHost: x\r\n' >&"$FD"
		printf 'Connection: close\r\n\r\n' >&"$FD"
	done
	client unix get http://x/file --unix-socket old
	wait_until 5 waits_at old
	reload 'listen = {"127.0.0.2:0"}
	children = 1
	connections = 1'
	says 'reloaded \(1 child\)$'
	wait_until 5 refused
	printf ' x\r\n\r\n' >&"${fds[0]}"
	for fd in "${fds[@]}"; do
		run timeout $((5 * SLOW)) cat <&"$fd"
		assert_success
		assert_line text
	done
	client_status "$CLIENT" 5
	assert_equal "$(<unix)" text
	wait_until 5 gone "$child"
	run ! says 'died|gave up|cut|killed'
}

has_connection()
{
	title_is "$1" 'httpserve: child 1 [1 connection]'
}

# Whether a client is in the queue of a unix socket.
waits_at()
{
	[[ $(ss -xln | awk -v path="$PWD/$1" '$5 == path { print $3 }') == 1 ]]
}

@test "an address in use leaves everything as it was, and nothing behind" {
	local before fds

	write_conf 'listen = {"127.0.0.1:0", "unix:@/old"}'
	start_program "$BUILD/httpserve" -q -f "$conf"
	before=$(children_of "$SERVER_PID")
	fds=$(find "/proc/$SERVER_PID/fd" | wc -l)
	reload "listen = {\"unix:@/new\", \"127.0.0.1:$PORT\"}
	pidfile = \"@/pid\""
	says "listen on 127.0.0.1:$PORT: Address already in use"
	assert_equal "$(children_of "$SERVER_PID")" "$before"
	assert_equal "$(find "/proc/$SERVER_PID/fd" | wc -l)" "$fds"
	[[ ! -e new && ! -e pid ]]
	assert_equal "$(get /file)" text
	assert_equal "$(get http://x/file --unix-socket old)" text
	reload 'listen = {"127.0.0.1:0", "fd:web"}'
	says 'address fd:web: the service manager has passed no such socket'
	assert_equal "$(get /file)" text
}

# They have no room for the stack of a thread.
@test "a reload whose children fail gives up the listeners that came" {
	local kb

	[[ -z ${SANITIZE-} ]] || skip "sanitizers map all memory there is"
	write_conf 'listen = {"127.0.0.1:0", "unix:@/old"}'
	start_program "$BUILD/httpserve" -q -n 2 -f "$conf"
	kb=$(awk '$1 == "VmSize:" { print $2 }' "/proc/$SERVER_PID/status")
	prlimit --pid "$SERVER_PID" --as="$(((kb + 2048) * 1024)):"
	reload 'listen = {"127.0.0.1:0", "unix:@/new"}'
	says 'reload: acceptor thread: .*: going on as before'
	[[ ! -e new ]]
	assert_equal "$(get http://x/file --unix-socket old)" text
	assert_equal "$(get /file)" text
	prlimit --pid "$SERVER_PID" --as="unlimited:"
	reload 'listen = {"127.0.0.1:0", "unix:@/new"}'
	assert_equal "$(get http://x/file --unix-socket new)" text
	[[ ! -e old ]]
}

@test "the user, the pidfile and the timeouts are those of the file" {
	local child

	((EUID == 0)) || skip "only root can be somebody else"
	chmod 755 "$PWD" root
	write_conf 'listen = {"127.0.0.1:0"}
	children = 1
	pidfile = "@/pid.1"'
	start_program "$BUILD/httpserve" -q -f "$conf"
	assert_equal "$(<pid.1)" "$SERVER_PID"
	reload 'listen = {"127.0.0.1:0"}
	children = 1
	user = nobody
	pidfile = "@/pid.2"
	hang_timeout = 1
	shutdown_timeout = 1
	connections_per_address = 1'
	assert_equal "$(<pid.2)" "$SERVER_PID"
	[[ ! -e pid.1 ]]
	child=$(pgrep -n -P "$SERVER_PID")
	assert_equal "$(ps -o user= -p "$child")" nobody
	dial "$PORT"
	printf 'GET /file HTTP/1.1\r\nHost: x\r\n\r\n' >&"$FD"
	read -r -t $((5 * SLOW)) -u "$FD" _
	run ! get /file
	kill -STOP "$child"
	wait_until 10 says "\\(pid $child\\) has been stopped for .*: aborted$"
	exec {FD}>&-
	wait_until 5 gone "$child"
	wait_until 5 get /file
	reload 'listen = {"127.0.0.1:0"}
	children = 1
	shutdown_timeout = 1'
	child=$(pgrep -n -P "$SERVER_PID")
	assert_equal "$(ps -o user= -p "$child")" root
	[[ ! -e pid.2 ]]
	dial "$PORT"
	printf 'GET /file HTTP/1.1\r\nHost: x\r\n\r\nGET' >&"$FD"
	read -r -t $((5 * SLOW)) -u "$FD" _
	kill -TERM "$SERVER_PID"
	wait_until 4 gone "$SERVER_PID"
	wait "$SERVER_PID"
}

@test "chroot is that of the file" {
	local child

	((EUID == 0)) || skip "only root can change its root directory"
	chmod 755 "$PWD" root
	write_conf 'listen = {"127.0.0.1:0"}
	user = nobody'
	start_program "$BUILD/httpserve" -q -n 1 -f "$conf"
	reload 'listen = {"127.0.0.1:0"}
	user = nobody
	chroot = "@"'
	child=$(pgrep -n -P "$SERVER_PID")
	assert_equal "$(readlink "/proc/$child/root")" "$PWD"
	assert_equal "$(get /file)" text
	reload 'listen = {"127.0.0.1:0"}
	user = nobody'
	child=$(pgrep -n -P "$SERVER_PID")
	assert_equal "$(readlink "/proc/$child/root")" /
	assert_equal "$(get /file)" text
}

# What HAProxy in front of a port says, as the access log has it.
start_haproxy()
{
	cat >haproxy.cfg <<-END
	defaults
	    mode http
	    timeout connect 10s
	    timeout client 10s
	    timeout server 10s
	listen front
	    bind unix@$PWD/front
	    server back $1 $2
	END
	rm -f front
	client haproxy haproxy -db -f haproxy.cfg
	wait_until 10 test -S front
}

logged()
{
	[[ $(grep -c "^$1 .*\"GET /$2 HTTP" log) -ge 1 ]]
}

@test "the PROXY protocol at one address, and not at another" {
	local ports

	write_conf 'listen = {"127.0.0.1:0"}
	listen_proxy = {"127.0.0.2:0", "unix:@/proxied"}
	proxy_protocol = {127.0.0.1, unix}
	access_log = "@/log"'
	start_program "$BUILD/httpserve" -n 1 -f "$conf"
	ports=$(last_ports | tail -n 1)
	assert_equal "$(get /file?plain)" text
	wait_until 5 logged 127.0.0.1 'file?plain'
	run ! get "http://127.0.0.2:$ports/file"
	run raw "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\\r\\nGET /file HTTP/1.1\\r\\n"
	assert_line --partial '400'
	assert_equal "$(get "http://127.0.0.2:$ports/file?v1" \
	    --haproxy-protocol)" text
	wait_until 5 logged 127.0.0.1 'file?v1'
	for how in send-proxy send-proxy-v2; do
		start_haproxy "unix@$PWD/proxied" "$how"
		assert_equal "$(get "http://x/file?$how" \
		    --unix-socket front)" text
		kill "$CLIENT"
		wait_until 5 gone "$CLIENT"
	done
}

@test "a reload changes who may speak the PROXY protocol, and where" {
	local port

	write_conf 'listen = {"127.0.0.1:0"}
	listen_proxy = {"127.0.0.2:0"}
	proxy_protocol = {192.0.2.1}'
	start_program "$BUILD/httpserve" -q -n 1 -f "$conf"
	port=$(last_ports | tail -n 1)
	run ! get "http://127.0.0.2:$port/file" --haproxy-protocol
	reload 'listen = {"127.0.0.1:0"}
	listen_proxy = {"127.0.0.2:0"}
	proxy_protocol = {127.0.0.1, "127.0.0.2"}'
	assert_equal "$(get "http://127.0.0.2:$port/file" \
	    --haproxy-protocol)" text
	# One that is refused leaves it.
	reload "listen = {\"127.0.0.1:0\", \"127.0.0.2:0\", \"127.0.0.1:$PORT\"}"
	assert_equal "$(get "http://127.0.0.2:$port/file" \
	    --haproxy-protocol)" text
	reload 'listen = {"127.0.0.1:0", "127.0.0.2:0"}'
	assert_equal "$(get "http://127.0.0.2:$port/file")" text
	reload 'listen = {"127.0.0.1:0"}
	listen_proxy = {"127.0.0.2:0"}
	proxy_protocol = {127.0.0.0/8}'
	run ! get "http://127.0.0.2:$port/file"
	assert_equal "$(get "http://127.0.0.2:$port/file" \
	    --haproxy-protocol)" text
}

@test "the PROXY protocol goes on behind SIGUSR2" {
	local old port

	write_conf 'listen = {"127.0.0.1:0"}
	listen_proxy = {"127.0.0.2:0"}
	proxy_protocol = {127.0.0.0/8}
	pidfile = "@/pid"'
	start_program "$BUILD/httpserve" -q -n 1 -f "$conf"
	old=$SERVER_PID
	port=$(last_ports | tail -n 1)
	kill -USR2 "$old"
	wait_until 10 gone "$old"
	wait_until 5 test -s pid
	run ! get "http://127.0.0.2:$port/file"
	assert_equal "$(get "http://127.0.0.2:$port/file" \
	    --haproxy-protocol)" text
	assert_equal "$(get /file)" text
	SERVER_PID=$(<pid)
	kill "$SERVER_PID"
	wait_until 10 gone "$SERVER_PID"
	SERVER_PID=
}

@test "listen_proxy without networks, networks without it, one in both" {
	write_conf 'listen_proxy = {":8080"}'
	run "$BUILD/httpserve" -t -f "$conf"
	assert_failure 78
	assert_output "httpserve: $conf:2: listen_proxy without proxy_protocol\
 lets nobody in; give the proxies' addresses there"
	write_conf 'proxy_protocol = {all}'
	run "$BUILD/httpserve" -t -f "$conf"
	assert_output --partial ':2: proxy_protocol is for addresses of listen_'
	write_conf 'listen = {":8080"} listen_proxy = {":8080"}
	proxy_protocol = {10.0.0.1/8}'
	run "$BUILD/httpserve" -t -f "$conf"
	assert_line --partial ':2: listen_proxy = ":8080": this address is in'
	assert_line --partial ':3: proxy_protocol = "10.0.0.1/8": '
	write_conf 'listen_proxy = {":8080"}
	proxy_protocol = {all}'
	"$BUILD/httpserve" -f "$conf" -T >all
	grep -qx 'listen_proxy = {":8080"}' all
	grep -qx 'proxy_protocol = {all}' all
	"$BUILD/httpserve" -f "$conf" -l :8081 -t
}
