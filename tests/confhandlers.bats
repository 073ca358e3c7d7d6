#!/usr/bin/env bats
# What the configuration file says of handlers: what answers, what stands in
# front of that, and the fields and error pages of all of it.

load helper
load process
load conf



# The status that a path of a host is answered with; curl's options follow.
code()
{
	local host=$1 path=$2

	shift 2
	get "$path" -H "Host: $host" -o /dev/null -w '%{http_code}' ${1+"$@"}
}

# The lines of a head, by host and path.
head_of()
{
	local host=$1 path=$2

	shift 2
	get "$path" -H "Host: $host" -o /dev/null -D - ${1+"$@"} | tr -d '\r'
}

make_users()
{
	htpasswd -cbB -C 4 users u p 2>/dev/null
	htpasswd -cbB -C 4 others o p 2>/dev/null
}

@test "redirect: a status or 302, what the pattern has, and the query" {
	serve_conf <<-'END'
	site "moved" { redirect = "301 https://new/{path...}{?}"
		location "/stays" { respond = "200 here" }
	}
	site "*" {
		root = "@/www"
		location "/old/{rest...}" { redirect = "/new/{rest...}" }
		location "/p" { redirect = "308 /q{?}" }
	}
	END
	run head_of moved '/a%20b/c?d=e'
	assert_line 'HTTP/1.1 301 Moved Permanently'
	assert_line 'Location: https://new/a%20b/c?d=e'
	assert_equal "$(field moved / Location)" https://new/
	assert_equal "$(page moved /stays)" here
	run head_of x /old/a/b
	assert_line 'HTTP/1.1 302 Found'
	assert_line 'Location: /new/a/b'
	assert_equal "$(code x '/p?a')" 308
	assert_equal "$(field x '/p?a' Location)" '/q?a'
	assert_equal "$(page x /)" www
}

@test "redirect, respond and gone at the top are for every host" {
	serve_conf <<-'END'
	redirect = "301 https://example.org/{path...}"
	END
	assert_equal "$(field x /a/b Location)" https://example.org/a/b
	stop_server
	serve_conf <<-'END'
	respond = "503 back at noon"
	header = "* Retry-After: 3600"
	END
	assert_equal "$(code x /a)" 503
	assert_equal "$(get /)" 'back at noon'
	assert_equal "$(field x / Retry-After)" 3600
	stop_server
	serve_conf <<-'END'
	gone = yes
	END
	assert_equal "$(code x /a)" 410
}

@test "respond: with conditions, but neither a tag nor a date for them" {
	serve_conf <<-'END'
	site "text" { respond = "200 text" }
	site "error" { respond = "503 error" }
	END
	assert_equal "$(code text / -H 'If-Match: "x"')" 412
	assert_equal "$(code text / -H 'If-None-Match: *')" 304
	assert_equal "$(code text / -H 'If-None-Match: *' -X POST)" 412
	assert_equal "$(code text / -H 'If-None-Match: "x"')" 200
	assert_equal "$(code error / -H 'If-Match: "x"')" 503
}

@test "what answers is the innermost's, and is taken back" {
	serve_conf <<-'END'
	respond = "200 top"
	respond_type = text/x-top
	site "plain" { }
	site "gone" { gone = yes
		location "/back" { gone = no }
		location "/json" { respond = "200 {}" respond_type = "application/json" }
		location "/root/" { root = "@/www" }
		location "/same" { header = "* X: x" }
	}
	site "root" { root = "@/www"
		location "/index.html" { root = "" }
	}
	END
	assert_equal "$(page plain /)" top
	assert_equal "$(field plain / Content-Type)" text/x-top
	assert_equal "$(code gone /)" 410
	assert_equal "$(code gone /same)" 410
	assert_equal "$(page gone /back)" top
	assert_equal "$(page gone /json)" '{}'
	assert_equal "$(field gone /json Content-Type)" application/json
	assert_equal "$(code gone /root/)" 404
	assert_equal "$(page root /)" www
	assert_equal "$(page root /index.html)" top
	assert_equal "$(page root /style.css)" css
}

@test "OPTIONS: respond and gone answer it, of a site with no locations also *" {
	local star

	serve_conf <<-'END'
	site "gone" { gone = yes }
	site "most" { gone = yes location "/back" { root = "@/www" } }
	site "text" { respond = "200 text" }
	site "to" { redirect = "/there" }
	site "root" { root = "@/www"
		location "/gone" { gone = yes }
		location "/text" { respond = "200 text" }
	}
	END
	for star in 'gone 410' 'most 204' 'text 200' 'to 204' 'root 204'; do
		assert_equal "${star% *} $(code "${star% *}" / -X OPTIONS \
		    --request-target '*')" "$star"
	done
	assert_equal "$(code gone / -X OPTIONS)" 410
	assert_equal "$(code root /gone -X OPTIONS)" 410
	assert_equal "$(code root /text -X OPTIONS)" 200
	assert_equal "$(code root / -X OPTIONS)" 204
}

@test "access: rules of a location come before its site's, and the top's" {
	serve_conf <<-'END'
	access = {"deny 127.0.0.6"}
	site "all" { root = "@/www"
		location "/in" { access = "allow 127.0.0.7" respond = "200 in" }
		location "/back" { access = {"", "deny 127.0.0.8"} respond = "200 back" }
		location "/open" { access = "" respond = "200 open" }
	}
	site "few" { access = "allow 127.0.0.7" root = "@/www"
		location "/a" { respond = "200 a" }
		location "/b" { access = "deny 127.0.0.7" respond = "200 b" }
		location "/c" { access = "allow 127.0.0.6" respond = "200 c" }
	}
	END
	local host path client want

	while read -r host path client want; do
		run code "$host" "$path" --interface "127.0.0.$client"
		[[ $output == "$want" ]] ||
		    fail "$host$path by $client is $output, not $want"
	done <<-'END'
	all / 6 403
	all / 7 200
	all /in 7 200
	all /in 6 403
	all /in 8 403
	all /back 6 200
	all /back 8 403
	all /open 6 200
	few / 7 200
	few / 6 403
	few / 8 403
	few /a 7 200
	few /a 8 403
	few /b 7 403
	few /c 6 200
	few /c 7 200
	none / 6 403
	none / 7 421
	END
}

@test "auth: the innermost file counts, and is taken back" {
	make_users
	serve_conf <<-'END'
	auth = "@/users"
	auth_realm = top
	site "a" { root = "@/www"
		location "/open" { auth = "" respond = "200 open" }
		location "/others" { auth = "@/others" auth_realm = "more" }
		location "/realm" { auth_realm = "again" respond = "200 r" }
	}
	site "b" { auth = "" root = "@/www" }
	END
	assert_equal "$(code a /)" 401
	assert_equal "$(field a / WWW-Authenticate)" \
	    'Basic realm="top", charset="UTF-8"'
	assert_equal "$(code a / -u u:p)" 200
	assert_equal "$(code a / -u u:x)" 401
	assert_equal "$(page a /open)" open
	assert_equal "$(code a /others -u u:p)" 401
	assert_equal "$(code a /others -u o:p)" 404
	assert_equal "$(field a /others WWW-Authenticate)" \
	    'Basic realm="more", charset="UTF-8"'
	assert_equal "$(field a /realm WWW-Authenticate)" \
	    'Basic realm="again", charset="UTF-8"'
	assert_equal "$(code a /realm -u u:p)" 200
	assert_equal "$(code b /)" 200
	assert_equal "$(code none /)" 401
	assert_equal "$(code none / -u u:p)" 421
}

# preflight host path method [option...]: the head that it is answered with.
preflight()
{
	local host=$1 path=$2 method=$3

	shift 3
	head_of "$host" "$path" -X OPTIONS -H 'Origin: https://app' \
	    -H "Access-Control-Request-Method: $method" ${1+"$@"}
}

@test "cors: in front of passwords, and of patterns with a method" {
	make_users
	serve_conf <<-'END'
	site "a" { root = "@/www"
		location "GET /get" {
			cors_origin = {"https://app", "https://two"}
			cors_field = X-Key
			cors_expose = {ETag, X-Id}
			cors_max_age = 60
			cors_credentials = yes
			auth = "@/users"
			respond = "200 get"
		}
		location "PUT /get" { cors_origin = "https://other" cors_method = PUT }
		location "/any" { cors_origin = "*" respond = "200 any" }
	}
	site "b" { cors_origin = "https://app" cors_method = PUT
		location "PUT /put" { respond = "200 put" }
		location "PUT /back" { cors_origin = "" respond = "200 put" }
		location "PUT /more" { cors_origin = "https://two" cors_method = "DELETE"
		    respond = "200 more" }
	}
	END
	run preflight a /get GET
	assert_line 'HTTP/1.1 204 No Content'
	assert_line 'Access-Control-Allow-Origin: https://app'
	assert_line 'Access-Control-Allow-Headers: X-Key'
	assert_line 'Access-Control-Max-Age: 60'
	assert_line 'Access-Control-Allow-Credentials: true'
	run preflight a /get PUT
	assert_line 'HTTP/1.1 403 Forbidden'
	refute_line --partial Access-Control
	run head_of a /get -H 'Origin: https://app'
	assert_line 'HTTP/1.1 401 Unauthorized'
	assert_line 'Access-Control-Allow-Origin: https://app'
	assert_line 'Access-Control-Expose-Headers: ETag, X-Id'
	assert_equal "$(code a /get -u u:p -H 'Origin: https://app')" 200
	run head_of a /any -H 'Origin: https://app'
	assert_line 'Access-Control-Allow-Origin: *'
	run preflight a / GET
	refute_line --partial Access-Control
	assert_line 'Allow: GET, HEAD, OPTIONS'
	run preflight b /put PUT
	assert_line 'HTTP/1.1 204 No Content'
	assert_line 'Access-Control-Allow-Methods: GET, HEAD, POST, PUT'
	run preflight b /back PUT
	refute_line --partial Access-Control
	run preflight b /more PUT
	assert_line 'Access-Control-Allow-Methods: GET, HEAD, POST, DELETE, PUT'
	run preflight b /nosuch PUT
	assert_line 'HTTP/1.1 204 No Content'
	run head_of b /nosuch -H 'Origin: https://app'
	assert_line 'HTTP/1.1 404 Not Found'
	assert_line 'Access-Control-Allow-Origin: https://app'
}

# How many of n requests, one a connection, were answered by a status.
count()
{
	local n=$1 want=$2 i

	shift 2
	for ((i = 0; i < n; i++)); do
		code "$@" -H 'Connection: close'
		echo
	done | grep -c "$want" || true
}

@test "rate_limit: all children count together, and so do all sections" {
	write_conf <<-'END'
	children = 4
	rate_limit = "20/h"
	site "a" { root = "@/www"
		location "/few" { rate_limit = "5/h" respond = "200 few" }
		location "/free" { rate_limit = "" respond = "200 free" }
		location "/own" { rate_limit = {"", "1/h burst 3"} respond = "200 own" }
	}
	END
	# shellcheck disable=SC2154	# setup sets it
	start_program "$BUILD/httpserve" -q -l 127.0.0.1:0 -f "$conf"
	assert_equal "$(count 7 200 a /few)" 5
	# Those seven count for the top, too.
	assert_equal "$(count 18 200 a /)" 13
	assert_equal "$(code a /)" 429
	run head_of a /
	assert_line --regexp '^Retry-After: [0-9]+$'
	assert_equal "$(code none /)" 429
	assert_equal "$(count 3 200 a /free)" 3
	assert_equal "$(count 5 200 a /own)" 3
	assert_equal "$(code a / --interface 127.0.0.9)" 200
	# A reload is no new burst, but another limit is.
	sed -i 's/burst 3/burst 4/' "$conf"
	reload
	assert_equal "$(count 3 429 a /few)" 3
	assert_equal "$(code a /)" 429
	assert_equal "$(count 5 200 a /own)" 4
	echo 'site "b" { rate_limit = nonsense }' >>"$conf"
	reload
	assert_equal "$(code a /)" 429
}

# What has been sent for a header, by host and path, and what there is of it.
@test "fields and error pages are on whatever answers" {
	local path want options

	make_users
	echo page >www/error.html
	serve_conf <<-'END'
	header = {"* X-All: all", "* Vary: X-Odd", "text/plain X-Plain: plain"}
	site "a" { root = "@/www"
		error_page = {"401 /error.html", "403 /error.html", "404 /error.html",
		    "405 /error.html", "410 /error.html", "429 /error.html"}
		location "/auth" { auth = "@/users" }
		location "/access" { access = "deny all" }
		location "/gone" { gone = yes }
		location "/rate" { rate_limit = "1/h" gone = yes }
		location "/text" { respond = "200 text" }
		location "/own" { respond = "404 own" }
		location "/to" { redirect = "/there" }
		location "/slash/" { respond = "200 slash" }
		location "/404" { header = "* Cache-Control: no-store" }
	}
	site "b" { location "PUT /a" { root = "@/www" error_page = "404 /error.html" } }
	site "c" { root = "@/www" error_page = "405 /error.html"
		location "PUT /{x}" { gone = yes }
		location "GET /only/" { gone = yes } }
	site "d" { root = "@/www" error_page = "410 /error.html"
		location "/" { gone = yes cors_origin = "https://app" } }
	END
	code a /rate >rate
	while read -r path want options; do
		run head_of "${path%%:*}" "${path#*:}" --path-as-is
		assert_line --index 0 --regexp "^HTTP/1.1 $want "
		assert_equal "$(grep -c '^X-All: all$' <<<"$output")" 1
		assert_equal "$(grep -c '^Vary: X-Odd$' <<<"$output")" 1
		if [[ $options == page ]]; then
			[[ $(get "${path#*:}" -H "Host: ${path%%:*}") == page ]] ||
			    fail "$path has not its error page"
			assert_line --partial 'Content-Type: text/html'
			refute_line 'Vary: Accept'
		fi
	done <<-'END'
	a:/ 200
	a:/nosuch 404 page
	a:/404 404 page
	a:/auth 401 page
	a:/access 403 page
	a:/gone 410 page
	a:/rate 429 page
	a:/text 200
	a:/own 404
	a:/to 302
	a:/slash 301
	a://slash/ 301
	b:/a 405
	b:/x 404
	c:/index.html 200
	nosuch:/ 421
	END
	assert_equal "$(get /own -H 'Host: a')" own
	run raw 'GET\r\n\r\n'
	assert_line --index 0 --regexp '^HTTP/1.1 400 '
	assert_line $'X-All: all\r'
	assert_equal "$(field a /text X-Plain)" plain
	assert_equal "$(field a /own X-Plain)" plain
	assert_equal "$(field a /404 Cache-Control)" ''
	run head_of c /only/ -X POST
	assert_line 'HTTP/1.1 405 Method Not Allowed'
	assert_line 'Allow: GET, HEAD, OPTIONS'
	assert_line 'X-All: all'
	run head_of a / -X OPTIONS
	assert_line 'X-All: all'
	# What else they vary by stays.
	run head_of d / -H 'Origin: https://app'
	assert_line --index 0 --regexp '^HTTP/1.1 410 '
	assert_line 'Vary: Origin'
	refute_line 'Vary: Accept'
	run head_of b /x
	assert_line 'Vary: Accept'
}

# Neither its path nor its host is known, though one may stand there.
@test "what can't be read has what the top has, but for paths, and its pages" {
	local want

	echo page >www/error.html
	serve_conf <<-'END'
	header = {"* X-All: all", "/* X-Path: path", "text/* X-Type: type",
	    "* Cache-Control: no-cache"}
	root = "@/www"
	error_page = {"400 /error.html", "417 /error.html", "421 /error.html",
	    "501 /error.html"}
	site "a" { header = "* X-Site: site" root = "@/other" }
	END
	for want in 400 417 421 501 505; do
		case $want in
		400)	run raw 'GET /\\ HTTP/1.1\r\nHost: a\r\n\r\n' ;;
		417)	run raw 'GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n' ;;
		421)	run raw 'GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n' ;;
		501)	run raw 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n' ;;
		505)	run raw 'GET / HTTP/2.0\r\nHost: a\r\n\r\n' ;;
		esac
		assert_line --index 0 --regexp "^HTTP/1.1 $want "
		assert_line $'X-All: all\r'
		assert_line $'X-Type: type\r'
		refute_line --regexp '^(X-Path|X-Site|Cache-Control): '
		((want == 505)) || assert_line page
	done
	assert_equal "$(field a / X-All) $(field a / X-Path)" 'all path'
	assert_equal "$(field a / X-Site) $(field a / X-Type)" 'site type'
}

# Sections with two answers, values that are none, and what does not fit.
@test "what is wrong with handlers is said, with line and mend" {
	make_users
	echo u:plain >plain
	assert_faults \
	    '3: redirect: there is "root" already, in line 2' \
	    '4: gone: there is "respond" already, in line 4' <<-'END'
	site "a" {
		root = "@/www"
		redirect = "/a"
		location "/" { respond = "200 a" gone = yes }
	}
	END
	assert_faults \
	    '1: redirect = "303 /a": ' '2: redirect = "relative": ' \
	    '3: the pattern "/a/{x}" has no {y}' \
	    '4: the pattern "/b" has no {path}' <<-'END'
	redirect = "303 /a" site "a" {
		location "/a" { redirect = relative }
		location "/a/{x}" { redirect = "/{y}" }
		location "/b" { }
	redirect = "/{path...}" }
	END
}

# Passwords of each kind, and a file that changes, within the whole sandbox.
# Where one can be another user, it is nobody in another root directory.
@test "auth in the sandbox: bcrypt, SHA-512, yescrypt, and what has changed" {
	local keys='' root=$BATS_TEST_TMPDIR user

	if ((EUID == 0)); then
		chmod 755 "$root" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
		keys=$'chroot = "@"\nuser = nobody\n'
	fi
	make_users
	cat >>users <<-'END'
	six:$6$rounds=1000$saltsalt$dfMP2LY3oP.RCle.MrovYod7J5ZWd7wa2WJOtw1cdMugHgIZ8H3PUFaxN7fS6Rbcl4YomrlE/fCkobwA8g/as/
	yes:$y$j75$saltsaltsalt$JgXGEvaVKJtrzlii6lV0d08JFiXyB9rZrqkr77fHU.D
	END
	write_conf <<-END
	$keys
	children = 2
	site "a" { root = "@/www" auth = "@/users" }
	END
	start_program "$BUILD/httpserve" -q -l 127.0.0.1:0 -f "$conf"
	for user in u:p six:right yes:right; do
		assert_equal "$(code a / -u "$user")" 200
		assert_equal "$(code a / -u "${user}x")" 401
	done
	# As htpasswd(1) does it, and as editors do.
	htpasswd -bB -C 4 users new p 2>/dev/null
	wait_until 5 lets_in new
	cp others next
	mv next users
	wait_until 10 lets_in o
	wait_until 5 lets_in u 401
	((EUID != 0)) || keeps_former_users
}

# From another address each time: an address may not be wrong so often.
lets_in()
{
	[[ $(count 4 "${2-200}" a / -u "$1:p" --interface \
	    "127.1.$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1))") == 4 ]]
}

# A file that the children may not read is not one that nobody is in.
keeps_former_users()
{
	chmod 600 users
	wait_until 5 lets_in_and_says o \
	    'users: Permission denied: going on with those of before'
	reload
	says "$conf:[0-9]*: auth: .*/users: Permission denied for nobody, who has to read it"
	lets_in o
	chmod 644 users
	wait_until 5 lets_in_and_says o 'users: can be read again'
}

lets_in_and_says()
{
	lets_in "$1" && says "$2"
}
