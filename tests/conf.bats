#!/usr/bin/env bats
# The configuration file: what it says is done, and what is wrong with it is
# said, all at once, with its line.

load helper
load process
load conf

# shellcheck disable=SC2154	# conf, and what run sets

@test "-t says that a file is well, and opens no socket" {
	write_conf <<-'END'
	listen = "unix:@/socket"
	pidfile = "@/pid"
	access_log = "@/log"
	root = "@/www"
	END
	run "$BUILD/httpserve" -t -f "$conf"
	assert_success
	assert_output "$conf: ok"
	[[ ! -e socket && ! -e pid && ! -e log ]]
}

@test "-t without a file is refused" {
	run "$BUILD/httpserve" -t
	assert_failure 64
	assert_output 'httpserve: -t: give the file to check with -f'
}

@test "a file that is not there is status 78" {
	run "$BUILD/httpserve" -f nosuch
	assert_failure 78
	assert_output 'httpserve: nosuch: No such file or directory'
}

@test "without a site the top is what is served, for every host" {
	serve_conf <<-'END'
	root = "@/www"
	END
	assert_equal "$(page localhost)" www
	assert_equal "$(page example.org)" www
}

@test "a site is chosen by Host: exact, the longest star, a star alone" {
	mkdir one two three
	echo one >one/index.html
	echo two >two/index.html
	echo three >three/index.html
	serve_conf <<-'END'
	site "*" { root = "@/www" }
	site "example.org www.example.org" { root = "@/one" }
	site "*.example.org" { root = "@/two" }
	site "*.a.example.org" { root = "@/three" }
	END
	assert_equal "$(page localhost)" www
	assert_equal "$(page example.org)" one
	assert_equal "$(page EXAMPLE.org:80)" one
	assert_equal "$(page example.org.)" one
	assert_equal "$(page www.example.org)" one
	assert_equal "$(page b.example.org)" two
	assert_equal "$(page c.b.example.org)" two
	assert_equal "$(page a.example.org)" two
	assert_equal "$(page c.a.example.org)" three
	assert_equal "$(page xexample.org)" www
	assert_equal "$(page .example.org)" two
	assert_equal "$(page org)" www
	assert_equal "$(raw 'GET / HTTP/1.0\r\n\r\n' | tail -n 1)" www
}

@test "a host that no site has is misdirected: 421" {
	serve_conf <<-'END'
	site "example.org" { root = "@/www" }
	END
	assert_equal "$(page example.org)" www
	assert_equal "$(page localhost)" 421
}

@test "a location adds to its site, as a site does to the top" {
	serve_conf <<-'END'
	header = "* X-Top: top"
	header += {"* X-All: top"}
	listing = no
	site "*" {
		root = "@/www"
		header = {"* X-Site: site", "* X-All: site"}
		location "/sub/" {
			header = "* X-Location: location"
			listing = yes
		}
		location "/other/{name}" { root = "@" }
	}
	END
	mkdir www/sub www/empty
	assert_equal "$(field x / X-Top)" top
	assert_equal "$(field x / X-Site)" site
	assert_equal "$(field x / X-All)" site
	assert_equal "$(field x / X-Location)" ''
	assert_equal "$(field x /sub/ X-Top)" top
	assert_equal "$(field x /sub/ X-Site)" site
	assert_equal "$(field x /sub/ X-Location)" location
	assert_equal "$(page x /empty/)" 404
	[[ $(page x /sub/) == *'Index of'* || $(page x /sub/) == */sub/* ]]
	assert_equal "$(page x /other/index.html)" other
	assert_equal "$(page x /other/)" 404
}

# All file servers keep their cache and their media types in common.
@test "sites with files of one name, and types of their own, stay apart" {
	cp www/index.html www/a.myodd
	cp other/index.html other/a.myodd
	serve_conf <<-'END'
	site "a" { root = "@/www" type = "myodd text/x-a" }
	site "b" { root = "@/other" type = "myodd text/x-b"
		location "/style.css" { root = "@/www" header = "* X-B: b" } }
	site "c" { root = "@/www" }
	END
	for _ in 1 2; do
		assert_equal "$(page a /a.myodd)" www
		assert_equal "$(page b /a.myodd)" other
		assert_equal "$(page c /a.myodd)" www
		assert_equal "$(field a /a.myodd Content-Type)" \
		    'text/x-a; charset=utf-8'
		assert_equal "$(field b /a.myodd Content-Type)" \
		    'text/x-b; charset=utf-8'
		assert_equal "$(field c /a.myodd Content-Type)" \
		    application/octet-stream
		assert_equal "$(page b /style.css)" css
		assert_equal "$(field b /style.css X-B)" b
		assert_equal "$(field a /style.css X-B)" ''
	done
}

# The locations share the descriptor of their site's root.
@test "a root that is a link and moves is followed by all locations" {
	ln -s www now
	serve_conf <<-'END'
	site "*" { root = "@/now"
		location "/a/" { listing = no }
		location "/index.html" { header = "* X: x" } }
	END
	assert_equal "$(page x)" www
	assert_equal "$(page x /index.html)" www
	ln -sfn other now
	assert_equal "$(page x /index.html)" other
	assert_equal "$(page x)" other
}

@test "the status is shown on this machine, of every site" {
	serve_conf <<-'END'
	status = /status
	site "localhost" { root = "@/www" }
	END
	[[ $(page localhost /status) == *children* ]]
	assert_equal "$(page localhost /)" www
	assert_equal "$(page b /)" 421
}

@test "what no pattern's method has is 405, with Allow" {
	serve_conf <<-'END'
	site "*" { location "PUT /a" { root = "@/www" } }
	END
	assert_equal "$(page x /a)" 405
	assert_equal "$(field x /a Allow)" 'OPTIONS, PUT'
	assert_equal "$(page x /b)" 404
}

@test "the command line takes the limits of the file back" {
	write_conf <<-'END'
	connections_per_address = 3
	requests_per_child = 4
	hang_timeout = 5
	status = /status
	root = "@/www"
	END
	"$BUILD/httpserve" -T -f "$conf" -m 0 -R 0 -H 0 -o status= >all
	grep -qx 'connections_per_address = 0' all
	grep -qx 'requests_per_child = 0' all
	grep -qx 'hang_timeout = 0' all
	grep -qx 'status = ""' all
}

@test "the command line counts more than the file" {
	write_conf <<-'END'
	children = 3
	listen = "127.0.0.1:1"
	root = "@/nosuch"
	listing = yes
	site "*" { listing = yes }
	END
	mkdir www/sub
	start_server -q -n 1 -o listing=no -f "$conf" www
	assert_equal "$(children_of "$SERVER_PID" | wc -w)" 1
	assert_equal "$(page x)" www
	assert_equal "$(page x /sub/)" 404
}

# Each row is a broken file, and what is said of it: "line: a part of the text".
# A row ends with a line of ==; the lines below -- are of the answer.
broken_files()
{
	cat <<-'END'
	childs = 2
	--
	1: did you mean "children"?
	==
	root = "@/www"
	indx = a
	listng = yes
	nonsense = 1
	--
	2: did you mean "index"?
	3: did you mean "listing"?
	4: there is no "nonsense" at the top of the file; give one of listen, listen_proxy, 
	==
	children = none
	root = "@/www"
	--
	1: children = "none": give a number from 1 to 4096
	==
	children = 0
	connections = 1000001
	connections_per_address = -1
	shutdown_timeout = 1.5
	read_header_timeout = 0
	write_timeout = "10 s"
	idle_timeout = ""
	min_rate = 0x10
	max_requests = 0
	root = "@/www"
	--
	1: give a number from 1 to 4096
	2: give a number from 1 to 1000000
	3: give a number from 0 to 1000000
	4: give a number of seconds from 0 to 86400
	5: give a number of seconds from 1 to 86400
	6: give a number of seconds from 1 to 86400
	7: give a number of seconds from 1 to 86400
	8: give a number from 1 to 1000000000
	9: give a number from 1 to 1000000000
	==
	listen = {":80", "8080", "::1:80", "[::1", "unix:relative"}
	root = "@/www"
	--
	1: listen = "8080": missing colon; write :8080
	1: listen = "::1:80": IPv6 addresses need brackets; write [::1]:80
	1: missing ']'; write [host]:port
	1: relative path; write unix:/path
	==
	listen = ":65536"
	listen = ":nosuchservice"
	root = "@/www"
	--
	1: write a number to 65535
	2: write a port's number
	==
	user = nosuchuser
	root = "@/www"
	--
	1: user = "nosuchuser": user nosuchuser: no such user; give one of this system
	==
	pidfile = relative
	access_log = relative
	error_log = "@/nosuch/log"
	root = "@/www"
	--
	1: give a path that begins with a slash
	2: give a path that begins with a slash
	3: No such file or directory; make that directory first
	==
	access_log = "syslog:nosuch"
	root = "@/www"
	--
	1: give one such as daemon or local0
	==
	status = "/a?b"
	root = "@/www"
	--
	1: status = "/a?b": give a path, such as /status, that has no ?
	==
	status = /a/../b
	root = "@/www"
	--
	1: status = "/a/../b": give a path
	==
	listen = {":8080", "[::1]:8080", ":0", ":0"}
	listen += "[::1]:8080"
	root = "@/www"
	--
	2: listen = "[::1]:8080": this address is there already; give it once
	==
	access_log_format = common
	log_level = loud
	status = here
	detach = maybe
	sandbox = {seccomp, selinux}
	root = "@/www"
	--
	1: give combined or json
	2: give alert, crit, err, warning, notice, info or debug
	3: give a path, such as /status
	4: give yes or no
	5: give some of capabilities, landlock, seccomp and no_new_privs, or none
	==
	chroot = "@/nosuch"
	user = nobody
	root = "@/www"
	--
	1: chroot = "@/nosuch": No such file or directory; give a directory
	==
	listing = maybe
	dotfiles = 2
	follow_links = never
	cache_bytes = lots
	extension = html
	fallback = index.html
	index = "a/b"
	root = "@/www"
	--
	1: give yes or no
	2: give yes or no
	3: give yes or no
	4: give a number of bytes, such as 16m
	5: give an extension with its dot, such as .html
	6: give a path, such as /index.html
	7: give a file name, such as index.html
	==
	error_page = "404"
	error_page = {"200 /a", "404 /style.css"}
	header = {"* X-A: a", "X-A: a"}
	type = "png"
	root = "@/www"
	--
	1: give a status and a path, such as "404 /404.html"
	2: error_page = "200 /a": give a status
	3: header = "X-A: a": give a pattern and a field
	4: give an extension and a media type
	==
	root = "@/www"
	error_page = {"404 /style.css", "403 /no"}
	error_page += "410 /"
	fallback = /../secret
	site "a" { fallback = /style.css }
	site "b" { root = "@/other" fallback = /style.css
		location "/c" { error_page = "404 /style.css" } }
	site "c" { error_page = "404 /.c" }
	--
	2: error_page = "403 /no": there is no file @/www/no; make it
	3: error_page = "410 /": there is no file @/www/; make it
	4: fallback = "/../secret": there is no file @/www/../secret
	6: fallback = "/style.css": there is no file @/other/style.css
	7: error_page = "404 /style.css": there is no file @/other/style.css
	8: error_page = "404 /.c": there is no file @/www/.c
	==
	fallback = /nosuch
	site "a" { root = "@/www" }
	site "b" { root = "@/other" }
	--
	1: fallback = "/nosuch": there is no file /nosuch in any root
	==
	detach = yes
	error_log = "-"
	root = "@/www"
	--
	2: error_log = "-": behind detach there is no standard error; give a file
	==
	chroot = "@/www"
	root = "@/www"
	--
	1: chroot: who stays root can leave it; give a user
	==
	header = "* Content-Length: 1"
	root = "@/www"
	--
	1: but none of Date, Connection, Content-Length and Transfer-Encoding
	==
	# nothing at all
	--
	1: there is nothing to serve; give a root, redirect, respond or gone, or a site
	==
	root = relative
	--
	1: give a path that begins with a slash
	==
	root = "@/nosuch"
	--
	1: No such file or directory; give a directory
	==
	root = "@/www/index.html"
	--
	1: Not a directory; give a directory
	==
	root = "@/www"
	root = "@/other"
	--
	2: there is "root" already, in line 1; give it once
	==
	site "*" {
	}
	--
	1: site "*" has nothing to serve; give it, or the top, a root, redirect, respond or gone, or it a location
	==
	site "*" {
	location "/" {
	}
	}
	--
	2: location "/" has nothing to serve; give it, or its site, a root, redirect, respond or gone
	==
	root = "@/www"
	site "example.org:80" { }
	site "http://example.org" { }
	site "*example.org" { }
	site "a.*.org" { }
	site "" { }
	--
	2: without a port
	3: site "http://example.org": give a host such as example.org
	4: site "*example.org": give a host
	5: site "a.*.org": give a host
	6: site "": give a host
	==
	root = "@/www"
	site "a b" { }
	site "c A" { }
	site "b" { }
	site "*" { }
	site "*" { }
	--
	3: there is a site "A" already, in line 2
	4: there is a site "b" already, in line 2
	6: there is a site "*" already, in line 5
	==
	root = "@/www"
	site "a" { }
	site "a" { }
	--
	3: there is a site "a" already, in line 2
	==
	root = "@/www"
	site "a a" { }
	--
	2: there is a site "a" already, in line 2
	==
	root = "@/www"
	site "*" {
		location "/a" { }
		location "/a" { }
		location "/b/{x}/c" { }
		location "/b/c/{x}" { }
	}
	--
	4: conflicts with "/a": both match /a, and all the same requests; the other is in line 3
	6: conflicts with "/b/{x}/c"
	==
	root = "@/www"
	site "*" {
		location "a" { }
		location "GET" { }
		location "/{a" { }
		location "/{a...}/b" { }
		location "/a//b" { }
		location "/a?b" { }
		location "GE(T /a" { }
		location "/{x}/{x}" { }
		location "" { }
	}
	--
	3: there is no path: it begins with a slash
	4: there is no path: it begins with a slash
	5: it ends in a brace
	6: can only stand at the end
	7: paths are matched without empty segments
	8: a pattern has neither query nor fragment
	9: this is no method
	10: there is a wildcard of this name already
	11: there is no path: it begins with a slash
	==
	root = "@/www"
	site "*" {
		location "example.org/" { }
	}
	--
	3: location "example.org/": a host is the site's
	==
	site "*" {
		children = 3
		root = "@/www"
		location "/" { user = root }
	}
	--
	2: "children" can't stand in a site, but at the top of the file
	4: "user" can't stand in a location, but at the top of the file
	==
	root = "@/www"
	location "/" { }
	--
	2: a location can't stand at the top of the file, but in a site
	==
	site "a" {
		root = "@/www"
	site "b" { }
	--
	3: a site can't stand in a site, but at the top of the file; is a } missing before?
	==
	site "a" {
		root = "@/www"

	--
	1: this { is not closed; a } is missing
	==
	site "a" { root = "@/www"
		location "/" {
	}
	--
	1: this { is not closed; a } is missing
	==
	root = "@/www"
	}
	--
	2: a } that closes nothing
	==
	root = "@/www
	listing = yes
	--
	1: this string does not end on its line; a quote is missing
	==
	root = '@/www
	--
	1: this string does not end on its line; a quote is missing
	==
	# one
	/* two
	three
	root = "@/www"
	--
	2: this comment does not end; */ is missing
	==
	root "@/www"
	--
	1: "root" needs = and a value
	==
	root = "@/www"
	listing
	index = a
	--
	2: "listing" needs = and a value
	==
	listing =
	--
	1: "listing" needs a value behind =
	==
	listing =
	index = a
	root = "@/www"
	--
	1: "listing" needs a value behind =
	==
	listen = {":80"
	root = "@/www"
	--
	1: the list of "listen" is not closed; a } is missing
	==
	listen = {":80", ":81"
	--
	1: the list of "listen" is not closed; a } is missing
	==
	listing = {yes}
	--
	1: "listing" has one value; write it without braces
	==
	listing += yes
	--
	1: "listing" has one value; write = and not +=
	==
	site { root = "@/www" }
	--
	1: a site needs a name in quotes before its brace
	==
	site "a" "b" { root = "@/www" }
	--
	1: a site needs one name in quotes, and its keys in braces behind that
	==
	site *.org { root = "@/www" }
	--
	1: a star or a plus has to stand in quotes
	==
	type = x model/gltf+json
	--
	1: a star or a plus has to stand in quotes
	==
	header = * X-A: a
	--
	1: a star or a plus has to stand in quotes
	==
	root = "a\1"
	--
	1: a backslash before a digit
	==
	root = "${HOME"
	--
	1: ${ begins the name of a variable
	==
	root = "@/${NO_SUCH_VARIABLE:-www}"
	index = "${NO_SUCH_VARIABLE}"
	--
	2: there is no such variable in the environment
	==
	Root = "@/www"
	--
	1: did you mean "root"?
	==
	nosuch = {a, b}
	children = x
	--
	1: there is no "nosuch" at the top of the file
	2: children = "x": give a number from 1 to 4096
	==
	sites "a" {
		root = "@/nosuch"
		locaton "/a" { childs = 3 index = "a/b" }
	}
	--
	1: there is no "sites" at the top of the file; did you mean "site"?
	2: root = "@/nosuch": No such file or directory
	3: there is no "locaton" in a site; did you mean "location"?
	3: there is no "childs" in a location; give one of root, 
	3: index = "a/b": give a file name
	==
	"" = a
	root = "@/www"
	--
	1: there is no "" at the top of the file
	==
	root = "@/www"
	site "a" { "" = begin }
	--
	2: there is no "" in a site
	==
	root = "@/www"
	index = "a
	--
	2: this string does not end on its line; a quote is missing
	==
	listing = yes, no
	header = "* A: a", "* B: b"
	root = "@/www"
	--
	1: "listing" has one value; put it in quotes where it has a comma
	2: "header" needs braces around its values
	==
	include("other.conf")
	listng = yes
	--
	1: there is no "include" at the top of the file
	2: did you mean "listing"?
	==
	rot = "@/www
	root "@/www"
	header = {"* A: a" "* B: b"
	    "* C: c"}
	listen = {":80",, "x"}
	index = a b
	children = none
	site "a" { location "/a" { idx } }
	site "b" { root = "@/nosuch" listing = maybe }
	site { foo = 1 }
	site "c"
	site = d
	} = {
	listing yes
	dotfiles = yes
	--
	1: this string does not end on its line
	1: there is no "rot" at the top of the file; did you mean "root"?
	2: "root" needs = and a value
	3: a comma is missing behind "* A: a", or quotes around
	5: "," can't stand here in a list
	6: "b" can't stand here; a value with blanks needs quotes
	7: children = "none": give a number
	8: there is no "idx" in a location
	9: root = "@/nosuch": No such file or directory
	9: listing = "maybe": give yes or no
	10: a site needs a name in quotes before its brace
	10: there is no "foo" in a site
	11: a site needs its keys in braces behind its name
	12: a site needs a name in quotes, and its keys in braces
	13: a } that closes nothing
	==
	root = "@/www"
	site "a {
		listng = yes
	}
	site *.org { children = 2 }
	--
	2: this string does not end on its line
	3: did you mean "listing"?
	5: a star or a plus has to stand in quotes
	5: "children" can't stand in a site
	==
	root = "@/www"
	site "a" {
		location "/a" {
			listing = no
		location "/b" {
	location "/c" { }
	--
	2: this { is not closed; a } is missing
	5: a location can't stand in a location, but in a site; is a } missing before?
	6: a location can't stand in a location
	==
	root = "@/www"
	site "a" {
		location "/a" {
			location "/b" { listng = no }
			site "b" { listing = maybe }
		}
		location "/a" { }
	}
	children = 0
	--
	4: a location can't stand in a location, but in a site
	4: there is no "listng" in a location; did you mean "listing"?
	5: a site can't stand in a location, but at the top of the file
	7: conflicts with "/a"
	9: children = "0": give a number
	==
	END
}

@test "what is wrong with each of many files is said, with line and mend" {
	local line file='' part=file files=0 failed=0
	local -a answer=()

	while IFS= read -r line; do
		case $line in
		--)	part=answer ;;
		==)	assert_faults "${answer[@]}" <<<"${file%$'\n'}" || {
				echo "$file" >&2
				failed=1
			}
			((++files))
			part=file file='' answer=() ;;
		*)	if [[ $part == file ]]; then
				file+=$line$'\n'
			else
				answer+=("${line//@/$BATS_TEST_TMPDIR}")
			fi ;;
		esac
	done < <(broken_files)
	((files >= 50))
	((failed == 0))
}

@test "an error page has to be in one of the roots that it is for" {
	write_conf <<-'END'
	error_page = "404 /style.css"
	root = "@/other"
	site "a" { }
	site "b" { root = "@/www" }
	END
	run "$BUILD/httpserve" -t -f "$conf"
	assert_output "$conf: ok"
}

@test "what the user may not enter, list or read is refused" {
	((EUID == 0)) || skip "only root can be somebody else"
	mkdir -m 700 closed
	mkdir -m 711 searched
	echo page >searched/page
	echo page >www/page
	chmod 600 www/page
	assert_faults '3: root = "'"$PWD"'/closed": user nobody may not enter it; change its mode, or give another user' \
	    '4: user nobody may not list it; change its mode, or say listing = no' \
	    '7: root = "/": not below chroot' \
	    '8: error_page = "404 /page": user nobody may not read '"$PWD/www/page" <<-'END'
	user = nobody
	chroot = "@"
	site "a" { root = "@/closed" }
	site "b" { root = "@/searched" }
	site "c" { root = "@/searched" listing = no fallback = /page }
	site "d" { root = "@/www" }
	site "e" { root = "/" }
	site "f" { root = "@/www" error_page = "404 /page" }
	END
	write_conf <<-'END'
	root = "@/closed"
	END
	run "$BUILD/httpserve" -t -f "$conf"
	assert_success
	run "$BUILD/httpserve" -t -f "$conf" -u nobody
	assert_failure 78
	run timeout 10 "$BUILD/httpserve" -l 127.0.0.1:0 -u nobody closed
	assert_failure 77
	assert_output 'httpserve: root directory closed: user nobody may not enter it'
	chgrp nogroup closed
	chmod 770 closed
	run "$BUILD/httpserve" -t -f "$conf" -u nobody:nogroup
	assert_success
}

# What the manual page has between .Bd and .Ed, one file after the other, each
# followed by ==; or its lines of .Dl.
page_files()
{
	awk '/^\.Bd -literal/ { on = 1; next }
	    /^\.Ed/ { on = 0; print "=="; next }
	    on' "$TOP/man/httpserve.conf.5" | sed 's/\\e/\\/g'
}

page_lines()
{
	sed -n 's/^\.Dl //p' "$TOP/man/httpserve.conf.5" |
	    sed 's/\\(dq/"/g'
}

# The directories of the page and of the sample, below that of the test.
make_directories()
{
	mkdir -p srv/www srv/example srv/files/downloads srv/others srv/app \
	    srv/static srv/files/pub var/www var/log/httpserve run etc
	htpasswd -cbB -C 4 etc/httpserve.htpasswd u p 2>/dev/null
	# The sample's user opens it by its path.
	chmod 755 . "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	touch srv/example/404.html srv/app/index.html srv/www/404.html \
	    srv/www/{401,403,index}.html var/www/{404,index}.html
}

assert_well()
{
	sed "s,/\(srv\|var\|run\|etc\)/,$BATS_TEST_TMPDIR&,g" >"$conf"
	run --separate-stderr "$BUILD/httpserve" -t -f "$conf"
	# shellcheck disable=SC2154	# run sets it
	[[ $status -eq 0 ]] || fail "$(cat "$conf"): $stderr"
}

@test "the examples of the manual page are well, and so are its keys" {
	local line file='' files=0

	make_directories
	while IFS= read -r line; do
		if [[ $line != == ]]; then
			file+=$line$'\n'
			continue
		fi
		assert_well <<<"$file"
		((++files))
		file=''
	done < <(page_files)
	((files == 6))
	while IFS= read -r line; do
		file=$line
		[[ $line == @(root|redirect|respond|gone)\ * ]] ||
		    file+=$'\nroot = /srv/www'
		[[ $line != chroot* ]] || file+=$'\nuser = nobody'
		[[ $line != listen_proxy* ]] || file+=$'\nproxy_protocol = all'
		[[ $line != proxy_protocol* ]] ||
		    file+=$'\nlisten_proxy = ":8082"'
		assert_well <<<"$file"
	done < <(page_lines)
}

# The files of README.md, as page_files has the page's.
readme_files()
{
	awk '/^```/ { if (on) print "=="; on = !on; next }
	    on' "$TOP/README.md"
}

@test "the files of README.md are well" {
	local line file='' files=0

	make_directories
	while IFS= read -r line; do
		if [[ $line != == ]]; then
			file+=$line$'\n'
			continue
		fi
		assert_well <<<"$file"
		((++files))
		file=''
	done < <(readme_files)
	((files == 3))
}

@test "the second example of the manual page does what it says" {
	make_directories
	echo about >srv/example/about.html
	echo none >srv/example/404.html
	mkdir srv/example/assets
	echo js >srv/example/assets/a.js
	echo file >srv/files/downloads/file
	echo other >srv/others/index.html
	page_files | sed '1,/==/d; /^==/,$d; /^user/d; /^listen/d
	    s,/\(srv\|var\|run\)/,'"$BATS_TEST_TMPDIR"'&,g' >"$conf"
	start_server -f "$conf"
	assert_equal "$(page example.org /about)" about
	assert_equal "$(get /x -H 'Host: www.example.org')" none
	assert_equal "$(field example.org /x X-Content-Type-Options)" nosniff
	assert_equal "$(field example.org /assets/a.js Cache-Control)" \
	    'max-age=31536000, immutable'
	assert_equal "$(field example.org /about Cache-Control)" ''
	assert_equal "$(page example.org /downloads/file)" file
	[[ $(page example.org /downloads/) == *file* ]]
	assert_equal "$(page a.example.org /)" other
	assert_equal "$(page localhost /)" 421
	wait_until 3 grep -q 421 var/log/httpserve/access.log
}

# What the manual page says of a key, in one line.
page_item()
{
	awk -v key="$1" '/^ *[a-z_]+ = / { on = $1 == key } /^[A-Z]/ { on = 0 }
	    on' page.txt | tr -s ' \n' ' '
}

# What the page has to say of a default, as -T prints it.
default_in_words()
{
	case "$1 $2" in
	'children '*)	echo 'default one for each processor' ;;
	'user ""')	echo 'default who started the server' ;;
	'listen {":http"}')
		echo 'default the sockets .* none .:http' ;;
	'sandbox '*)
		tr -d '{}' <<<"default all: $2" | sed 's/, /,? (and )?/g' ;;
	*' "-"')	echo "-' is standard [a-z]+, the default" ;;
	*' ""' | *' {}')
		echo 'default none' ;;
	*)	echo "default ${2//[\"]/}" ;;
	esac
}

# The names of keys: in the page, with an example each; and in the code.
@test "the manual page has the keys of the code, with defaults" {
	local key value

	"$BUILD/httpserve" -T >all
	sed -n 's/ = .*//p' all | sort >code
	sed -n 's/^\.It Ic \([a-z_]*\) = .*/\1/p' \
	    "$TOP/man/httpserve.conf.5" | sort >page
	diff code page
	page_lines | sed 's/ = .*//' | sort >examples
	diff code examples
	mandoc -Tascii -O width=1000 "$TOP/man/httpserve.conf.5" | col -bx |
	    sed 's/\([0-9]\),\([0-9]\)/\1\2/g' >page.txt
	while read -r key _ value; do
		[[ $key != root ]] || value='""'
		page_item "$key" |
		    grep -qE -- "$(default_in_words "$key" "$value")([ ,;.']|$)" ||
		    fail "the page has not that $key is $value:" \
		    "$(page_item "$key")"
	done <all
}

@test "the sample file is well, has each key of the code, and serves its root" {
	make_directories
	echo sample >var/www/index.html
	assert_well <"$TOP/etc/httpserve.conf"
	mkdir -p srv/example.org
	# Without the comments before what is commented out, too.
	sed 's/^#\([a-z}\t]\)/\1/; s/^chroot.*//' "$TOP/etc/httpserve.conf" \
	    >uncommented
	assert_well <uncommented
	sed -n 's/^#*\t*\([a-z_]*\) = .*/\1/p' "$TOP/etc/httpserve.conf" |
	    sort -u >sample
	"$BUILD/httpserve" -T | sed -n 's/ = .*//p' | sort | diff - sample
	sed "s,/var/,$BATS_TEST_TMPDIR&,g" "$TOP/etc/httpserve.conf" >"$conf"
	start_server -f "$conf"
	assert_equal "$(page x)" sample
}

@test "a reload applies sites, children and logs" {
	write_conf <<-'END'
	children = 1
	access_log = "@/first"
	site "a" { root = "@/www" }
	END
	start_server -f "$conf"
	assert_equal "$(page a)" www
	assert_equal "$(page b)" 421
	write_conf <<-'END'
	children = 2
	access_log = "@/second"
	access_log_format = json
	error_log = "@/messages"
	log_level = debug
	sandbox = none
	site "b" { root = "@/other" header = "* X: x" }
	END
	kill -HUP "$SERVER_PID"
	wait_until 10 says 'reloaded \(2 children\)' messages
	assert_equal "$(page a)" 421
	assert_equal "$(page b)" other
	assert_equal "$(field b / X)" x
	wait_until 5 has_children "$SERVER_PID" 2
	wait_until 5 grep -q '"status":421' second
	assert_equal "$(grep -c 421 first)" 1
	run find "/proc/$SERVER_PID/fd" -lname "$BATS_TEST_TMPDIR/first"
	assert_output ''
	mv second third
	kill -USR1 "$SERVER_PID"
	wait_until 5 test -e second
	wait_until 5 test -e messages
	get / -H 'Host: b' -o /dev/null
	wait_until 5 grep -q '"host":"b"' second
}

@test "sites with roots below another root directory" {
	local outside

	((EUID == 0)) || skip "only root can be somebody else"
	outside=$(mktemp -d)
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	write_conf <<-'END'
	chroot = "@"
	user = nobody
	site "a" { root = "@/www" location "/index.html" { listing = no } }
	site "b" { root = "@/other" }
	END
	start_server -q -f "$conf"
	assert_equal "$(page a)" www
	assert_equal "$(page a /index.html)" www
	assert_equal "$(page b)" other
	mv www www.old
	cp -r other www
	reload
	assert_equal "$(page a)" other
	assert_equal "$(page a /index.html)" other
	sed -i "s,$BATS_TEST_TMPDIR/other,$outside," "$conf"
	reload
	says "$conf:4: root = \"$outside\": not below chroot $BATS_TEST_TMPDIR;"
	rmdir "$outside"
	sed -i 's/^user.*//' "$conf"
	reload
	says "$conf:1: chroot: who stays root can leave it; give a user"
}

@test "a reload with an error says it, with its line, and changes nothing" {
	local before

	serve_conf <<-'END'
	site "a" { root = "@/www" }
	END
	before=$(children_of "$SERVER_PID")
	write_conf <<-'END'
	site "a" { root = "@/other" }
	site "a" { root = "@/nosuch" }
	END
	reload
	says "^httpserve: $conf:2: .*nosuch.*: No such file"
	says "^httpserve: $conf:2: there is a site \"a\" already, in line 1"
	assert_equal "$(page a)" www
	assert_equal "$(children_of "$SERVER_PID")" "$before"
	write_conf <<-'END'
	site "a" { root = "@/other
	END
	reload
	says "^httpserve: $conf:1: this string does not end"
	write_conf <<-'END'
	site "a" { root = "@/other" }
	END
	reload
	assert_equal "$(page a)" other
}

@test "a reload that would detach is refused" {
	write_conf <<-'END'
	root = "@/www"
	END
	start_server -q -f "$conf"
	write_conf <<-'END'
	root = "@/other"
	detach = yes
	END
	reload
	says "$conf:2: detach has changed, which takes a restart"
	assert_equal "$(page a)" www
}

@test "what listens is another by SIGUSR2, by the file" {
	local old

	write_conf <<-'END'
	listen = {"127.0.0.1:0"}
	root = "@/www"
	END
	start_program "$BUILD/httpserve" -q -f "$conf"
	old=$SERVER_PID
	write_conf <<-'END'
	listen = {"127.0.0.1:0", "unix:@/socket"}
	root = "@/other"
	END
	kill -USR2 "$old"
	wait_until 10 gone "$old"
	assert_equal "$(page a)" other
	assert_equal "$(curl -sS --unix-socket socket http://x/)" other
	SERVER_PID=$(pgrep -f "^httpserve: master .*$BATS_TEST_TMPDIR/socket")
	kill "$SERVER_PID"
	wait_until 10 gone "$SERVER_PID"
	SERVER_PID=
}

@test "-T prints a file that says the same" {
	write_conf <<-'END'
	listen = {":8080", 'unix:@/socket'}
	user = "root"
	header = "* X-Odd: \"a\\b\" \${HOME} $ 'c'"
	site "* b" { root = "@/www"
		location "/{x...}" { fallback = /index.html } }
	END
	"$BUILD/httpserve" -f "$conf" -T >first
	"$BUILD/httpserve" -f first -T >second
	diff first second
	grep -qF '\"a\\b\" \${HOME} $ '"'c'" first
	grep -qx 'shutdown_timeout = 30' first
	"$BUILD/httpserve" -n 3 -q -x seccomp -d -w debug -g 0 -c 7 \
	    -e syslog:local0 -p pid -o dotfiles -o header='* A: b' www -T >first
	"$BUILD/httpserve" -f first -T >second
	diff first second
	grep -qx 'sandbox = {capabilities, landlock, no_new_privs}' first
	grep -qx 'shutdown_timeout = 0' first
	grep -qx 'dotfiles = yes' first
	grep -qx 'access_log = none' first
}

# So many sites of a file, each with that root, where # is its number.
make_sites()
{
	local i

	for ((i = 1; i <= $1; i++)); do
		echo "site \"s$i\" { root = \"${2/\#/$i}\" }"
	done
}

@test "more roots than the soft limit on descriptors, and room beside them" {
	mkdir www/r{1..1100}
	echo last >www/r1100/index.html
	make_sites 1100 "@/www/r#" | write_conf
	(ulimit -Sn 1024 && "$BUILD/httpserve" -t -f "$conf")
	echo 'connections = 1000' >>"$conf"
	start_with 'prlimit --nofile=1024:2048' -q -n 1 -f "$conf"
	assert_equal "$(page s1100)" last
	says '410 connections a child, not 1000: the limit is 2048 descriptors$'
}

@test "a root of many sites is opened once" {
	make_sites 300 "@/www" | write_conf
	start_with 'prlimit --nofile=200' -q -n 1 -f "$conf"
	assert_equal "$(page s1)" www
	assert_equal "$(page s300)" www
	mv www away
	mv other www
	assert_equal "$(page s300)" www
	kill -HUP "$SERVER_PID"
	wait_until 5 says '^httpserve: reloaded '
	assert_equal "$(page s1)" other
	assert_equal "$(page s300)" other
}

@test "-T says what a site and a location have from outside" {
	write_conf <<-'END'
	root = "@/www"
	header = "* A: a"
	listing = no
	site "a" {
		header = "* B: b"
		location "/" { header = "* C: c" listing = yes }
	}
	END
	"$BUILD/httpserve" -f "$conf" -T >all
	grep -qx 'listen = {":http"}' all
	run sed -n '/^site/,$ { /root\|header\|index\|listing\|[{}]$/p }' all
	assert_output - <<-END
	site "a" {
	    # root = "$PWD/www"
	    # header = {"* A: a"}
	    header = {"* B: b"}
	    # index = "index.html"
	    # listing = no
	    location "/" {
	        # root = "$PWD/www"
	        # header = {"* A: a", "* B: b"}
	        header = {"* C: c"}
	        # index = "index.html"
	        listing = yes
	    }
	}
	END
}

# A file of so many sites with ten locations each, the last of them localhost.
make_large_sites()
{
	awk -v n="$1" -v root="$PWD/www" 'BEGIN {
		print "root = \"" root "\"\nchildren = 1"
		for (i = 1; i <= n; i++) {
			host = i == n ? "localhost" : "s" i ".example.org"
			print "site \"" host "\" {"
			for (j = 0; j < 10; j++)
				print "location \"/l" j "/\" {" \
				    " header = \"* X: " j "\" }"
			print "location \"/style.css\" { index = x }\n}"
		}
	}' >"$conf"
}

# The CPU time that a command took, itself and its children, in milliseconds.
cpu_ms()
{
	local TIMEFORMAT='%U %S'

	{ time "$@" >/dev/null; } 2>&1 | awk '{ print int(($1 + $2) * 1000) }'
}

# bats test_tags=alone
@test "1,000 sites with 10 locations each are loaded within a second" {
	local ms

	[[ -z ${SANITIZE-} ]] || skip "a sanitizer takes its time"
	make_large_sites 1000
	ms=$(cpu_ms "$BUILD/httpserve" -t -f "$conf")
	echo "$ms ms"
	((ms > 0 && ms < 1000 * SLOW))
}

# Nanoseconds of CPU that the child of a server has had.
child_ns()
{
	cat "/proc/$(children_of "$1")"/task/*/schedstat |
	    awk '{ n += $1 } END { printf "%.0f\n", n }'
}

# The least of some times for a thousand requests to the last site.
least_ns()
{
	local before least=0 ns

	for _ in 1 2 3 4 5 6 7 8; do
		before=$(child_ns "$1")
		"$BUILD/bench/probe" -n 1024 -p 16 "$2" /style.css >/dev/null
		ns=$(($(child_ns "$1") - before))
		((least > 0 && least < ns)) || least=$ns
	done
	echo "$least"
}

@test "a request with 1,000 sites costs what it does with one" {
	local one one_port many

	make_large_sites 1
	start_server -q -f "$conf"
	one=$SERVER_PID one_port=$PORT
	make_large_sites 1000
	start_server -q -f "$conf"
	one=$(least_ns "$one" "$one_port")
	many=$(least_ns "$SERVER_PID" "$PORT")
	echo "$((one / 1024)) ns, and with 1,000 sites $((many / 1024))"
	((many < one * 3 / 2))
}
