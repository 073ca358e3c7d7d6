# shellcheck shell=bash
# shellcheck disable=SC2154	# $root and $work are whose file this is part of
# The servers that are compared, each with one worker and as fast as its
# manual knows to make it: files opened once, no access log, connections kept.
#
#	server_installed name	whether it can be started here
#	start_server name	on $root; sets PID[name] and PORT[name], or
#				neither when it fails
#	is_running name
#	stop_server name	one, and
#	stop_servers		all that run
#	cpu_ns pid		of a process and all its descendants
#	memory_bytes pid	PSS of these
#
# Their files go to $work.  Each runs on the processors of $SERVER_CPU, with
# one worker, or, of httpserve and nginx, $CHILDREN.  nginx writes which of
# them has served a request to $NGINX_LOG, if there is one.

# Those that serve files.  The limit is tests/bench/limit.c.
# shellcheck disable=SC2034
PEERS=(h2o nginx lighttpd apache go)

declare -A PID=() PORT=()

server_installed()
{
	case $1 in
	apache)	[[ -x /usr/sbin/apache2 ]] ;;
	go)	command -v go >/dev/null ;;
	h2o | nginx | lighttpd)
		PATH=$PATH:/usr/sbin command -v "$1" >/dev/null ;;
	*)	true ;;
	esac
}

# A port that nobody has, below those that the kernel gives to clients: the
# peers take no port 0.
free_port()
{
	local port

	while port=$((20000 + RANDOM % 10000)); do
		if ! { : <"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; then
			echo "$port"
			return
		fi
	done
}

# sendfile is on from the size on where it wins: a small file is cheaper to read
# and write.  Between them 100 KiB took 23 us by it and 36 without, whatever
# output_buffers were, and 33 with tcp_nopush, which joins head and file; that
# cost 10 MiB a fifth more, too.
configure_nginx()
{
	cat <<-END
		daemon off;
		$( ((EUID != 0)) || echo "user root;")
		worker_processes ${CHILDREN:-1};
		worker_rlimit_nofile $(ulimit -n);
		pid $work/nginx.pid;
		error_log stderr crit;
		events {
			worker_connections $(($(ulimit -n) / 2));
			multi_accept on;
		}
		http {
			types { text/html html; }
			default_type application/octet-stream;
			log_format child '\$pid';
			access_log ${NGINX_LOG:-off}${NGINX_LOG:+ child};
			sendfile off;
			tcp_nodelay on;
			keepalive_requests 1000000000;
			keepalive_timeout 600;
			open_file_cache max=1000 inactive=600s;
			open_file_cache_valid 600s;
			client_body_temp_path $work/nginx.tmp;
			proxy_temp_path $work/nginx.tmp;
			fastcgi_temp_path $work/nginx.tmp;
			uwsgi_temp_path $work/nginx.tmp;
			scgi_temp_path $work/nginx.tmp;
			server {
				listen 127.0.0.1:$1 deferred backlog=4096;
				root $root;
				location / { }
				location = /100k { sendfile on; }
				location /large/ {
					sendfile on;
					sendfile_max_chunk 2m;
				}
			}
		}
	END
}

configure_h2o()
{
	cat <<-END
		num-threads: 1
		max-connections: $(($(ulimit -n) / 2))
		pid-file: $work/h2o.pid
		error-log: $work/h2o.log
		tcp-fastopen: 0
		http1-request-timeout: 600
		$( ((EUID != 0)) || echo "user: root")
		hosts:
		  "localhost":
		    listen:
		      host: 127.0.0.1
		      port: $1
		    paths:
		      "/":
		        file.dir: $root
		        file.send-compressed: OFF
	END
}

configure_lighttpd()
{
	cat <<-END
		server.document-root = "$root"
		server.bind = "127.0.0.1"
		server.port = $1
		server.errorlog = "$work/lighttpd.log"
		server.network-backend = "sendfile"
		server.stat-cache-engine = "inotify"
		server.max-keep-alive-requests = 1000000000
		server.max-keep-alive-idle = 600
		server.max-fds = $(ulimit -n)
		server.max-connections = $(($(ulimit -n) / 2))
		server.listen-backlog = 4096
		server.defer-accept = 10
		index-file.names = ( "index.html" )
		mimetype.assign = (
			".html" => "text/html",
			"" => "application/octet-stream"
		)
	END
}

# Its threads are the worker: event has one for each request under way.
configure_apache()
{
	local modules=/usr/lib/apache2/modules

	cat <<-END
		ServerRoot $work
		ServerName localhost
		DefaultRuntimeDir $work
		PidFile $work/apache.pid
		ErrorLog $work/apache.log
		LogLevel crit
		Listen 127.0.0.1:$1
		ListenBackLog 4096
		LoadModule mpm_event_module $modules/mod_mpm_event.so
		LoadModule authz_core_module $modules/mod_authz_core.so
		LoadModule mime_module $modules/mod_mime.so
		LoadModule dir_module $modules/mod_dir.so
		LoadModule file_cache_module $modules/mod_file_cache.so
		$( ((EUID != 0)) || printf '%s\n' "User www-data" \
		    "Group www-data")
		StartServers 1
		ServerLimit 1
		ThreadLimit 256
		ThreadsPerChild 256
		MinSpareThreads 1
		MaxSpareThreads 256
		MaxRequestWorkers 256
		AsyncRequestWorkerFactor 1000
		MaxConnectionsPerChild 0
		KeepAlive On
		MaxKeepAliveRequests 0
		KeepAliveTimeout 600
		HostnameLookups Off
		EnableSendfile On
		EnableMMAP On
		TypesConfig /dev/null
		AddType text/html .html
		DirectoryIndex index.html
		DocumentRoot $root
		<Directory $root>
			AllowOverride None
			Options FollowSymLinks
			Require all granted
		</Directory>
		MMapFile $root/index.html $root/1k $root/100k
		CacheFile $root/large/10m
	END
}

# The command of a server, in the foreground, with a port for those that need
# one; what is behind the first dash of a name says what is other than usual.
server_command()
{
	local name=$1 port=$2 conf=$work/$1.conf
	local own=("$BUILD/httpserve" -l 127.0.0.1:0 -n "${CHILDREN:-1}"
	    -p "$work/$1.pid")

	case $name in
	httpserve)	COMMAND=("${own[@]}" -q "$root") ;;
	httpserve-log)	COMMAND=("${own[@]}" -L "$work/access.log" "$root") ;;
	httpserve-unconfined)
			COMMAND=("${own[@]}" -q -x all "$root") ;;
	httpserve-2)	COMMAND=("${own[@]}" -q -n 2 "$root") ;;
	limit)		COMMAND=("$BUILD/bench/limit" "${LIMIT_OPTIONS[@]}"
			    "$work/answer") ;;
	limit-fresh)	COMMAND=("$BUILD/bench/limit" -o -s "$root/1k"
			    "$work/answer") ;;
	nginx)		COMMAND=(nginx -p "$work" -c "$conf") ;;
	h2o)		COMMAND=(h2o -c "$conf") ;;
	lighttpd)	COMMAND=(lighttpd -D -f "$conf") ;;
	apache)		COMMAND=(apache2 -D FOREGROUND -f "$conf") ;;
	go)		COMMAND=(env GOMAXPROCS=1 "$work/peer"
			    "127.0.0.1:$port" "$root") ;;
	*)		echo "bench: no server is called $name" >&2
			return 1 ;;
	esac
	if [[ $(type -t "configure_$name") == function ]]; then
		"configure_$name" "$port" >"$conf"
	fi
}

# Go's own file server, made once.
build_go()
{
	[[ -x $work/peer ]] || GOCACHE=$work/gocache GO111MODULE=off \
	    go build -o "$work/peer" tests/bench/peer.go
}

# Whether it has said where it listens, or answers there, or is gone.
is_up()
{
	local said

	if [[ $1 == httpserve* || $1 == limit* ]]; then
		said=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' \
		    "$work/$1.err")
		PORT[$1]=$said
		[[ -n $said ]]
	else
		"$BUILD/bench/probe" "${PORT[$1]}" /1k >/dev/null 2>&1
	fi
}

start_server()
{
	local name=$1 port tries

	port=$(free_port)
	[[ $name != go ]] || build_go || return
	server_command "$name" "$port" || return
	PORT[$name]=$port
	: >"$work/$name.err"
	PATH=$PATH:/usr/sbin taskset -c "$SERVER_CPU" "${COMMAND[@]}" \
	    >"$work/$name.out" 2>"$work/$name.err" </dev/null 3>&- &
	PID[$name]=$!
	for ((tries = 0; tries < 500; tries++)); do
		if is_up "$name"; then
			return
		fi
		kill -0 "${PID[$name]}" 2>/dev/null || break
		sleep 0.02
	done
	echo "bench: $name does not start: $(cat "$work/$name.err")" >&2
	stop_server "$name"
	return 1
}

# Whether it was started, and has not died since.
is_running()
{
	[[ -n ${PID[$1]-} ]] && kill -0 "${PID[$1]}" 2>/dev/null
}

stop_server()
{
	kill -TERM "${PID[$1]}" 2>/dev/null || true
	wait "${PID[$1]}" 2>/dev/null || true
	unset "PID[$1]" "PORT[$1]"
}

stop_servers()
{
	local name

	for name in "${!PID[@]}"; do
		kill -TERM "${PID[$name]}" 2>/dev/null || true
	done
	for name in "${!PID[@]}"; do
		wait "${PID[$name]}" 2>/dev/null || true
	done
	PID=() PORT=()
}

# A process and all that descend from it.
tree_of()
{
	local pid

	echo "$1"
	for pid in $(pgrep -P "$1"); do
		tree_of "$pid"
	done
}

# From the scheduler, in nanoseconds, of every thread: proc(5).  Those that
# have ended are not in it: no server here ends any under load.
cpu_ns()
{
	local pid

	for pid in $(tree_of "$1"); do
		cat /proc/"$pid"/task/*/schedstat 2>/dev/null || true
	done | awk '{ ns += $1 } END { printf "%.0f\n", ns }'
}

memory_bytes()
{
	local pid

	for pid in $(tree_of "$1"); do
		cat "/proc/$pid/smaps_rollup"
	done | awk '/^Pss:/ { kib += $2 } END { printf "%.0f\n", kib * 1024 }'
}
