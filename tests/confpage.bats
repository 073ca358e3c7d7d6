#!/usr/bin/env bats
# The examples of httpserve.conf(5) and of README.md do what is said of them:
# each is served as it stands, but for where its directories are and its ports.
# shellcheck disable=SC2154	# conf, and what run sets

load helper
load process
load conf

# What the manual page has between .Bd and .Ed, the nth of these.
page_file()
{
	awk -v n="$1" '/^\.Bd -literal/ { on = 1; i++; next }
	    /^\.Ed/ { on = 0 }
	    on && i == n' "$TOP/man/httpserve.conf.5" | sed 's/\\e/\\/g'
}

readme_file()
{
	awk -v n="$1" '/^```/ { on = !on; i += on; next }
	    on && i == n' "$TOP/README.md"
}

# Makes files, each with its name as its content, below the directory of the
# test, which stands for "/".
make_files()
{
	local file

	for file; do
		mkdir -p "$BATS_TEST_TMPDIR/${file%/*}"
		echo "${file##*/}" >"$BATS_TEST_TMPDIR/$file"
	done
}

# Serves one of these files.  Only root can be www-data.
serve_example()
{
	local user='^$'

	((EUID == 0)) || user='^user'
	"$@" | sed "s,/\(srv\|var\|run\|etc\)/,$BATS_TEST_TMPDIR&,g
	    s/\"\(:http\|:8080\)\"/\"127.0.0.1:0\"/; /$user/d" >"$conf"
	if grep -q '^listen' "$conf"; then
		start_program "$BUILD/httpserve" -f "$conf"
	else
		start_server -f "$conf"
	fi
}

# The status and body of an answer.
answer()
{
	get "$2" -H "Host: $1" -w '%{http_code}' "${@:3}" | tr '\n' ' '
}

@test "page: one directory, to everybody" {
	make_files srv/www/index.html
	serve_example page_file 1
	assert_equal "$(page localhost)" index.html
	assert_equal "$(page example.org)" index.html
}

# Of the page, and what README.md has of it.
assert_clean_urls()
{
	assert_equal "$(page example.org /about)" about.html
	assert_equal "$(page www.example.org /about)" about.html
	assert_equal "$(answer example.org /nosuch)" '404.html 404'
	assert_equal "$(field example.org /assets/a.js Cache-Control)" \
	    'max-age=31536000, immutable'
	assert_equal "$(field example.org /about Cache-Control)" ''
	assert_equal "$(page localhost /)" 421
}

@test "page: sites by host, locations by method and path" {
	make_files srv/example/{about,404}.html srv/example/assets/a.js \
	    srv/files/downloads/file srv/others/{index.html,dir/file}
	mkdir -p run var/log/httpserve
	serve_example page_file 2
	assert_clean_urls
	for path in /about /nosuch /assets/a.js /downloads/file; do
		assert_equal "$(field example.org "$path" \
		    X-Content-Type-Options)" nosniff
	done
	assert_equal "$(page example.org /downloads/file)" file
	[[ $(page example.org /downloads/) == *'href="file"'* ]]
	assert_equal "$(answer example.org /downloads/file -X POST \
	    -o /dev/null)" 405
	assert_equal "$(page a.example.org)" index.html
	assert_equal "$(page a.example.org /dir/file)" file
	assert_equal "$(page a.example.org /dir/)" 404
	assert_equal "$(curl -sS --unix-socket run/httpserve.sock \
	    http://example.org/about)" about.html
	wait_until 3 grep -q 421 var/log/httpserve/access.log
	if ((EUID == 0)); then
		run ps -o user:20= --ppid "$SERVER_PID"
		assert_line www-data
	fi
}

assert_application()
{
	local path

	for path in / /index.html /users/7; do
		assert_equal "$(page localhost "$path")" index.html
		assert_equal "$(field localhost "$path" Cache-Control)" \
		    no-cache
	done
	assert_equal "$(page localhost /assets/a.js)" a.js
	assert_equal "$(field localhost /assets/a.js Cache-Control)" \
	    'max-age=31536000, immutable'
	assert_equal "$(page localhost /assets/nosuch.js)" 404
}

@test "page: an application that routes in the browser" {
	make_files srv/app/index.html srv/app/assets/a.js
	serve_example page_file 3
	assert_application
}

@test "page: a default site beside others" {
	make_files srv/www/index.html srv/static/dir/a.css
	serve_example page_file 4
	assert_equal "$(page localhost)" index.html
	assert_equal "$(page example.org)" index.html
	assert_equal "$(field example.org / Access-Control-Allow-Origin)" ''
	assert_equal "$(page static.example.org /dir/a.css)" a.css
	assert_equal "$(field static.example.org /dir/a.css \
	    Access-Control-Allow-Origin)" '*'
	assert_equal "$(page static.example.org /dir/)" 404
}

@test "page: files that are read by GET alone, and nothing else" {
	make_files srv/files/pub/a srv/files/secret
	serve_example page_file 5
	assert_equal "$(page files.example.org /pub/a)" a
	assert_equal "$(answer files.example.org /pub/a -I -o /dev/null)" 200
	assert_equal "$(answer files.example.org /pub/a -X PUT \
	    -o /dev/null)" 405
	assert_equal "$(page files.example.org /secret)" 404
	assert_equal "$(page localhost /pub/a)" 421
}

@test "README: pages with clean URLs, whose assets are cached for good" {
	make_files srv/example/{about,404}.html srv/example/assets/a.js
	serve_example readme_file 1
	assert_clean_urls
}

@test "README: an application that routes in the browser" {
	make_files srv/app/index.html srv/app/assets/a.js
	serve_example readme_file 2
	assert_application
}

answers_or_gone()
{
	gone "$CLIENT" || get "$1" -o /dev/null 2>/dev/null
}

# HAProxy at a port that is free, in front of the socket.
start_haproxy()
{
	local front

	for _ in 1 2 3 4 5; do
		front=127.0.0.1:$((RANDOM % 20000 + 10000))
		cat >haproxy.cfg <<-END
		defaults
		    mode http
		    timeout connect 10s
		    timeout client 10s
		    timeout server 10s
		listen front
		    bind $front
		    $(grep -o 'http-request .*' "$TOP/README.md")
		    server back unix@$BATS_TEST_TMPDIR/run/httpserve.sock
		END
		client haproxy haproxy -db -f haproxy.cfg
		URL=http://$front
		wait_until 10 answers_or_gone "$URL"
		if ! gone "$CLIENT"; then
			return
		fi
	done
	fail "haproxy: $(cat "$BATS_TEST_TMPDIR/haproxy.err")"
}

@test "README: several sites behind HAProxy" {
	make_files srv/www/index.html srv/static/dir/a.css srv/files/pub/a
	make_files srv/files/intern/b
	mkdir run etc
	htpasswd -cbB -C 4 etc/httpserve.htpasswd u p 2>/dev/null
	chmod 755 . "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	serve_example readme_file 3
	start_haproxy
	assert_equal "$(page localhost)" index.html
	assert_equal "$(page static.example.org /dir/a.css)" a.css
	assert_equal "$(page static.example.org /dir/)" 404
	# HAProxy writes names of fields in lower case.
	assert_equal "$(field static.example.org /dir/a.css \
	    access-control-allow-origin)" '*'
	assert_equal "$(page files.example.org /pub/a)" a
	assert_equal "$(page files.example.org /a)" 404
	assert_equal "$(page files.example.org /intern/b)" 401
	assert_equal "$(answer files.example.org /intern/b -u u:p)" 'b 200'
	assert_equal "$(field example.org '/a?b' location)" \
	    'https://www.example.org/a?b'
	assert_equal "$(field example.org / strict-transport-security)" \
	    max-age=31536000
	# Whose a request is comes from the proxy, and from nobody else.
	echo 'site "nine" { access = "allow 127.0.0.9" respond = "200 nine" }' \
	    >>"$conf"
	reload
	assert_equal "$(answer nine / --interface 127.0.0.9)" nine200
	assert_equal "$(answer nine / --interface 127.0.0.8 \
	    -H 'X-Forwarded-For: 127.0.0.9' -o /dev/null)" 403
}

@test "page: what has moved, what is gone, and who is let in" {
	local api=/api/a host=www.example.org

	make_files srv/www/{index,401,404}.html srv/www/api/a srv/www/intern/b
	mkdir run etc
	htpasswd -cbB -C 4 etc/httpserve.htpasswd u p 2>/dev/null
	serve_example page_file 6
	sed -i "s/^listen.*/listen = \"127.0.0.1:0\"/
	    s,192.0.2.0/24,127.0.0.9," "$conf"
	stop_server
	start_program "$BUILD/httpserve" -f "$conf"
	assert_equal "$(field old.example.org '/a?b' Location)" \
	    'https://www.example.org/a?b'
	assert_equal "$(field old.example.org / Strict-Transport-Security)" \
	    max-age=31536000
	assert_equal "$(page $host)" index.html
	assert_equal "$(answer $host /nosuch)" '404.html 404'
	assert_equal "$(field $host /blog/2020/first Location)" /posts/first
	assert_equal "$(page $host /2019/)" 410
	assert_equal "$(page $host /health)" well
	assert_equal "$(page $host /intern/b)" 403
	assert_equal "$(answer $host /intern/b --interface 127.0.0.9)" \
	    '401.html 401'
	assert_equal "$(answer $host /intern/b --interface 127.0.0.9 -u u:p)" \
	    'b 200'
	run get "$api" -H "Host: $host" -X OPTIONS -D - \
	    -H 'Origin: https://app.example.org' \
	    -H 'Access-Control-Request-Method: GET' \
	    -H 'Access-Control-Request-Headers: x-api-key'
	assert_line --regexp '^HTTP/1.1 204 '
	assert_line --partial 'Access-Control-Allow-Headers: X-Api-Key'
	assert_equal "$(page $host $api)" a
}

# Each key's own, in a file of its own.
@test "the one-line example of each key is loaded" {
	local line key

	make_files srv/www/{404,403,index}.html
	mkdir -p var/log/httpserve run etc
	htpasswd -cbB -C 4 etc/httpserve.htpasswd u p 2>/dev/null
	sed -n 's/^\.Dl //p' "$TOP/man/httpserve.conf.5" |
	    sed 's/\\(dq/"/g' >lines
	while IFS= read -r line; do
		key=${line%% *}
		{
			echo "$line"
			[[ $key == @(root|redirect|respond|gone) ]] ||
			    echo 'root = /srv/www'
			[[ $key != chroot ]] || echo 'user = nobody'
			[[ $key != listen_proxy ]] || echo 'proxy_protocol = all'
			[[ $key != proxy_protocol ]] || echo 'listen_proxy = ":1"'
		} | sed "s,/\(srv\|var\|run\|etc\)/,$BATS_TEST_TMPDIR&,g" \
		    >"$conf"
		run "$BUILD/httpserve" -t -f "$conf"
		assert_output "$conf: ok"
	done <lines
	(($(wc -l <lines) > 30))
}
