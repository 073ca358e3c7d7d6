#!/usr/bin/env bats
# The file server's options, -o, as httpserve(8) has them in FILE OPTIONS.

load helper

setup()
{
	umask 022
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
}

serve()
{
	start_server -q -n 1 "$@" "$root"
}

# Fetches a path as it stands, into the files head and body, and its status
# into $code.
get()
{
	local path=$1

	shift
	code=$(curl -sS --max-time $((10 * SLOW)) --path-as-is \
	    -D "$BATS_TEST_TMPDIR/head" -o "$BATS_TEST_TMPDIR/body" \
	    -w '%{http_code}' "$@" "$URL$path")
}

# The values of a field of the last answer.
field()
{
	sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$BATS_TEST_TMPDIR/head"
}

body()
{
	cat "$BATS_TEST_TMPDIR/body"
}

# Fails unless a path has this answer: a status, and a body if one is named.
assert_answer()
{
	get "$2"
	assert_equal "$2 $code" "$2 $1" || return
	if (($# > 2)); then
		assert_equal "$2 $(body)" "$2 $3"
	fi
}

# Makes files that contain their own names.
make_files()
{
	local path

	for path; do
		mkdir -p "$(dirname "$root/$path")"
		printf %s "$path" >"$root/$path"
	done
}

# Fails unless httpserve does not start with an option, and says in one line
# what is wrong with it.
assert_refused()
{
	run --separate-stderr timeout 10 "$BUILD/httpserve" \
	    -l 127.0.0.1:0 -o "$1" "$root"
	assert_equal "$1: $status" "$1: 64" || return
	assert_equal "$output" '' || return
	# shellcheck disable=SC2154	# run sets it
	assert_equal "$stderr" "httpserve: -o ${3-$1}: $2"
}

# The options' names from the source, the manual page, and the daemon.
names_in_source()
{
	sed -n 's/^\t{ "\([a-z_]*\)",.*/\1/p' "$TOP/src/config.c"
}

names_in_manual()
{
	sed -n '/^\.Sh FILE OPTIONS/,/^\.Sh LIMITS/s/^\.It Cm \([a-z_]*\).*/\1/p' \
	    "$TOP/man/httpserve.8"
}

names_in_message()
{
	timeout 10 "$BUILD/httpserve" -o nosuch "$root" 2>&1 |
	    sed 's/.* one of //' | tr -d ' ' | tr , '\n'
}

@test "source, manual page and message have the same options" {
	names_in_source >"$BATS_TEST_TMPDIR/source"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/source") -ge 10 ]]
	sort -c "$BATS_TEST_TMPDIR/source"
	diff "$BATS_TEST_TMPDIR/source" <(names_in_manual)
	diff "$BATS_TEST_TMPDIR/source" <(names_in_message)
}

@test "an option that there is not, and all that there are: status 64" {
	local all option

	all='cache_bytes, dotfiles, error_page, extension, fallback, '
	all+='follow_links, header, index, listing, status, type'
	for option in '' nosuch nosuch=yes Listing list listing_ listings=no \
	    =; do
		assert_refused "$option" "no such option; give one of $all"
	done
}

@test "a value that is none, and what to give: status 64" {
	local option wants long

	while IFS='|' read -r option wants; do
		assert_refused "$option" "give $wants"
	done <<-'END'
		cache_bytes|a number of bytes, such as 16m
		cache_bytes=|a number of bytes, such as 16m
		cache_bytes=x|a number of bytes, such as 16m
		cache_bytes=-1|a number of bytes, such as 16m
		cache_bytes=+1|a number of bytes, such as 16m
		cache_bytes=16x|a number of bytes, such as 16m
		cache_bytes=99999999999g|a number of bytes, such as 16m
		dotfiles=maybe|yes or no
		dotfiles=2|yes or no
		error_page|a status and a path, such as "404 /404.html"
		error_page=404|a status and a path, such as "404 /404.html"
		error_page=/404.html|a status and a path, such as "404 /404.html"
		error_page=399 /x|a status and a path, such as "404 /404.html"
		error_page=600 /x|a status and a path, such as "404 /404.html"
		error_page=4040 /x|a status and a path, such as "404 /404.html"
		error_page=404 404.html|a status and a path, such as "404 /404.html"
		extension=html|an extension with its dot, such as .html
		extension=.|an extension with its dot, such as .html
		extension=./html|an extension with its dot, such as .html
		fallback=index.html|a path, such as /index.html
		follow_links=ja|yes or no
		header|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		header=*|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		header=* X-A|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		header=* : x|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		header=* X A: x|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		header=* Date: x|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		header=* connection: x|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		header=* Content-Length: 1|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		header=* Transfer-Encoding: x|a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding
		index=a/b|a file name, such as index.html
		listing=never|yes or no
		listing=yes no|yes or no
		type|an extension and a media type, such as "gltf model/gltf+json"
		type=gltf|an extension and a media type, such as "gltf model/gltf+json"
		type=.gltf model/gltf+json|an extension and a media type, such as "gltf model/gltf+json"
		type=gltf model|an extension and a media type, such as "gltf model/gltf+json"
		type=tar.gz a/b|an extension and a media type, such as "gltf model/gltf+json"
	END
	assert_refused $'header=* X-A: x\r\nX-B: y' \
	    'give a pattern and a field, such as "*.css Cache-Control: max-age=3600", but none of Date, Connection, Content-Length and Transfer-Encoding' \
	    'header=* X-A: x\r\nX-B: y'
	long=$(printf 'index=%09000d' 0)
	assert_refused "$long" 'give a file name, such as index.html'
}

@test "many options are too many: status 64" {
	local options=()

	for _ in {1..257}; do
		options+=(-o listing)
	done
	run --separate-stderr timeout 10 "$BUILD/httpserve" -l 127.0.0.1:0 \
	    "${options[@]}" "$root"
	assert_equal "$status" 64
	assert_equal "$stderr" \
	    'httpserve: -o listing: more than 256 options'
}

@test "values that are good: yes and no, sizes, and none" {
	serve -o listing -o listing=YES -o listing=on -o 'listing no' \
	    -o listing=off -o dotfiles -o follow_links=No -o cache_bytes=0 \
	    -o cache_bytes=1k -o cache_bytes=1g -o 'cache_bytes=12345' \
	    -o index= -o extension= -o fallback= -o 'error_page=404 /x' \
	    -o 'error_page=599 /x' -o 'header=* X-Empty:'
	assert_answer 404 /
	make_files file
	assert_answer 200 /file file
}

@test "without options: index.html, listings, nothing hidden or outside" {
	make_files index.html dir/file .hidden about.html
	echo secret >"$BATS_TEST_TMPDIR/secret"
	ln -s ../secret "$root/out"
	serve
	assert_answer 200 / index.html
	assert_answer 200 /dir/
	assert_answer 404 /.hidden
	assert_answer 404 /about
	assert_answer 404 /out
	assert_equal "$(field Cache-Control)" ''
}

@test "listing=no: a directory without an index is 404" {
	make_files dir/file site/index.html
	serve -o listing=no
	assert_answer 404 /
	assert_answer 404 /dir/
	assert_answer 301 /dir
	assert_answer 200 /dir/file dir/file
	assert_answer 200 /site/ site/index.html
}

@test "index names the file that stands for its directory" {
	make_files a/index.html a/home.txt b/index.html
	serve -o index=home.txt
	assert_answer 200 /a/ a/home.txt
	assert_equal "$(field Content-Type)" 'text/plain; charset=utf-8'
	assert_answer 200 /b/
	run -0 body
	assert_output --partial 'Index of /b/'
}

@test "index= is none: all directories are listed" {
	make_files a/index.html
	serve -o index=
	assert_answer 200 /a/
	run -0 body
	assert_output --partial 'Index of /a/'
}

@test "an index that is no file name is not found" {
	local name

	make_files a/file
	for name in . ..; do
		serve -o "index=$name"
		assert_answer 200 /a/
		run -0 body
		assert_output --partial 'Index of /a/'
		stop_server
	done
}

@test "dotfiles=yes serves and lists them, but not . and .." {
	local path

	make_files .htaccess .git/config dir/.x/y .well-known/z
	echo secret >"$BATS_TEST_TMPDIR/secret"
	serve -o dotfiles=yes
	for path in .htaccess .git/config dir/.x/y .well-known/z; do
		assert_answer 200 "/$path" "$path"
	done
	assert_answer 301 /.git
	assert_answer 200 /
	run -0 body
	assert_output --partial '.htaccess'
	assert_output --partial '.git/'
	refute_output --partial 'href="./"'
	assert_answer 200 /dir/
	run -0 body
	assert_output --partial '.x/'
	for path in /../secret /%2e%2e/secret /.git/../../secret; do
		get "$path"
		[[ $code == 40[04] ]] || fail "$path: $code"
	done
	assert_answer 200 /.
	assert_answer 200 /.git/..
}

# Has links in the root that lead out of it.
make_links()
{
	mkdir "$BATS_TEST_TMPDIR/outside"
	printf outside >"$BATS_TEST_TMPDIR/outside/file"
	mkfifo "$BATS_TEST_TMPDIR/outside/fifo"
	ln -s ../outside/file "$root/file"
	ln -s "$BATS_TEST_TMPDIR/outside" "$root/dir"
	ln -s ../outside/fifo "$root/fifo"
	ln -s loop "$root/loop"
	ln -s nowhere "$root/nowhere"
}

@test "follow_links=yes follows links out of the root, and lists them" {
	make_links
	serve -o follow_links=yes
	assert_answer 200 /file outside
	assert_answer 200 /dir/file outside
	assert_answer 301 /dir
	assert_answer 200 /dir/
	run -0 body
	assert_output --partial 'href="file"'
	assert_answer 200 /
	run -0 body
	assert_output --partial 'href="file"'
	assert_output --partial 'href="dir/"'
	refute_output --partial 'fifo'
	assert_answer 404 /fifo
	assert_answer 404 /dir/fifo
	assert_answer 404 /loop
	assert_answer 404 /nowhere
	get /../outside/file
	[[ $code == 40[04] ]] || fail "$code"
	printf edited >"$BATS_TEST_TMPDIR/outside/file"
	assert_answer 200 /file edited
}

@test "follow_links=no does not follow them" {
	make_links
	serve -o follow_links=no
	for path in /file /dir/file /dir /dir/ /fifo /loop; do
		assert_answer 404 "$path"
	done
}

@test "type gives an extension its media type, over all tables" {
	make_files scene.GLTF page.html a.txt b.none
	serve -o 'type=gltf model/gltf+json' -o 'type=html text/x-own' \
	    -o 'type=txt text/plain' -o 'type=txt application/x-last' \
	    -o $'type=none\tapplication/x-tab'
	get /scene.GLTF
	assert_equal "$(field Content-Type)" model/gltf+json
	get /page.html
	assert_equal "$(field Content-Type)" 'text/x-own; charset=utf-8'
	get /a.txt
	assert_equal "$(field Content-Type)" application/x-last
	get /b.none
	assert_equal "$(field Content-Type)" application/x-tab
}

@test "a header goes by the path's pattern, or by the media type" {
	make_files a.css dir/b.css dir/c.html d.png
	serve -o 'header=* X-All: 1' -o 'header=*.css X-Css: 1' \
	    -o 'header=/dir/* X-Dir: 1' -o 'header=/a.css X-One: 1' \
	    -o 'header=text/* X-Text: 1' -o 'header=TEXT/html X-Html: 1' \
	    -o 'header=image/png X-Png: 1' -o 'header=/b.css X-Never: 1' \
	    -o 'header=css X-Never: 1'
	fields()
	{
		get "$@"
		sed -n 's/^X-\([A-Z][a-z]*\): 1\r$/\1/p' \
		    "$BATS_TEST_TMPDIR/head" | sort | tr '\n' ' '
	}
	assert_equal "$(fields /a.css)" 'All Css One Text '
	assert_equal "$(fields /dir/b.css)" 'All Css Dir Text '
	assert_equal "$(fields //dir//b.css)" 'All Css Dir Text '
	assert_equal "$(fields /dir/c.html)" 'All Dir Html Text '
	assert_equal "$(fields /d.png)" 'All Png '
	assert_equal "$(fields /dir/)" 'All Dir Html Text '
	# Of what is no file it is the type of the page that says so.
	assert_equal "$(fields /dir)" 'All Text '
	assert_equal "$(fields /missing.css)" 'All Css Text '
	assert_equal "$(fields /missing.png -H 'Accept: text/html')" \
	    'All Html Text '
}

@test "a header for a type is the listing's, page or JSON" {
	mkdir "$root/dir"
	serve -o 'header=text/html X-Type: page' \
	    -o 'header=application/json X-Type: json'
	get /dir/
	assert_equal "$(field X-Type)" page
	get /dir/ -H 'Accept: application/json'
	assert_equal "$(field X-Type)" json
	get /dir/ -H 'Accept: application/json' --head
	assert_equal "$(field X-Type)" json
}

@test "of headers for one name the last that matches counts" {
	make_files a.css b.html
	serve -o 'header=* X-Who: all' -o 'header=text/css x-who: css' \
	    -o 'header=*.css X-Other: first' -o 'header=* X-Other: second' \
	    -o 'header=/b.html X-Who:   spaced  out'
	get /a.css
	assert_equal "$(field X-Who)" css
	assert_equal "$(field X-Other)" second
	get /b.html
	assert_equal "$(field X-Who)" 'spaced  out'
	assert_equal "$(field X-Other)" second
}

@test "a header replaces what the server sets; Vary is added to" {
	make_files a.css a.css.gz b.css
	serve -o 'header=*.css Content-Type: text/x-own' \
	    -o 'header=* X-Content-Type-Options: none' \
	    -o 'header=* Vary: Origin' -o 'header=*.css Accept-Ranges: none'
	get /a.css
	assert_equal "$(field Content-Type)" text/x-own
	assert_equal "$(field X-Content-Type-Options)" none
	assert_equal "$(field Accept-Ranges)" none
	assert_equal "$(field Vary)" $'Accept-Encoding\nOrigin'
	get /b.css
	assert_equal "$(field Vary)" Origin
	get /missing
	assert_equal "$code $(field Vary)" $'404 Accept\nOrigin'
}

@test "headers are on errors, redirects, 405 and OPTIONS, too" {
	local html text

	mkdir "$root/dir"
	make_files file
	serve -o 'header=* X-All: 1' -o 'header=/* X-Path: 1' \
	    -o 'header=text/html X-Html: 1' -o 'header=text/plain X-Text: 1' \
	    -o 'header=* Upgrade: a'
	# With the types of the pages for browsers and for others.
	while read -r want html text path options; do
		# shellcheck disable=SC2086	# words
		get "$path" $options
		assert_equal "$want $path $code" "$want $path $want"
		assert_equal "$path $(field Connection)" "$path upgrade"
		assert_equal "$path $(field X-All)$(field X-Path)" "$path 11"
		assert_equal "$path $(field X-Html) $(field X-Text)" \
		    "$path ${html/-/} ${text/-/}"
	done <<-END
		200 - - /file
		200 1 - /dir/
		301 - 1 /dir
		301 1 - /dir -H Accept:text/html
		404 - 1 /missing
		404 1 - /missing -H Accept:text/html
		404 - 1 /missing/
		405 - 1 /file -X POST
		405 1 - /file -X POST -H Accept:text/html
		204 - - /file -X OPTIONS
		412 - 1 /file -H If-Match:"x"
		416 1 - /file -r 99- -H Accept:text/html
	END
}

@test "a header for a type is that of an error's own page" {
	make_files 404.html 405.png file
	serve -o 'error_page=404 /404.html' -o 'error_page=405 /405.png' \
	    -o 'header=text/html Content-Security-Policy: frame-src x' \
	    -o 'header=image/* X-Image: 1' -o 'header=text/* X-Text: 1' \
	    -o 'header=text/html Cache-Control: max-age=60'
	assert_answer 404 /missing 404.html
	assert_equal "$(field Content-Security-Policy)" 'frame-src x'
	assert_equal "$(field X-Text)$(field Cache-Control)" 1
	get /missing --head
	assert_equal "$code $(field X-Text)$(field X-Image)" '404 1'
	get /file -X POST
	assert_equal "$code $(field X-Text)$(field X-Image)" '405 1'
	assert_equal "$(field X-Image)" 1
	rm "$root/404.html"
	assert_answer 404 /missing '404 Not Found'
	assert_equal "$(field Content-Security-Policy)$(field X-Text)" 1
}

# Asks with bytes that can't be read, for the status and what there is of the
# field that "*" has and of that of paths.
refused()
{
	raw "$1" >"$BATS_TEST_TMPDIR/answer"
	tr -d '\r' <"$BATS_TEST_TMPDIR/answer" |
	    sed -n 's,^HTTP/1.1 \([0-9]*\) .*,\1,p; s/^\(X-.*\|Expires\): .*/\1/p' |
	    grep -v X-Content-Type-Options | paste -sd ' '
}

unreadable=('400|GET / HTTP/1.1\r\n\r\n'
    '400|GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'
    '400|GET  / HTTP/1.1\r\nHost: a\r\n\r\n'
    '501|MAKE / HTTP/1.1\r\nHost: a\r\n\r\n'
    '505|GET / HTTP/2.0\r\nHost: a\r\n\r\n'
    "414|GET /$(printf '%9000s' '' | tr ' ' a) HTTP/1.1\r\nHost: a\r\n\r\n"
    "431|GET / HTTP/1.1\r\nA: $(printf '%9000s' '' | tr ' ' a)\r\n\r\n")

@test "headers are on answers to what could not be read" {
	local case

	make_files file
	serve -o 'header=* X-All: 1' -o 'header=/* X-Path: 1' \
	    -o 'header=* Expires: 0' -o 'header=*/* X-Slash: 1' \
	    -o 'header=text/plain X-Text: 1' -o 'header=text/html X-Html: 1'
	for case in "${unreadable[@]}"; do
		assert_equal "$(refused "${case#*|}")" \
		    "${case%%|*} X-All X-Text"
	done
}

@test "an error page is that of what could not be read, too" {
	local case options=()

	make_files file
	# Larger than what is kept in memory, and than a socket takes at once.
	yes 'This is the page.' | head -c 5000000 >"$root/page"
	for case in "${unreadable[@]}"; do
		options+=(-o "error_page=${case%%|*} /page")
	done
	serve -o 'header=* X-All: 1' "${options[@]}" \
	    -o 'header=application/octet-stream X-Bytes: 1'
	for case in "${unreadable[@]}"; do
		assert_equal "$(refused "${case#*|}")" \
		    "${case%%|*} X-All X-Bytes"
		sed '1,/^\r$/d' "$BATS_TEST_TMPDIR/answer" | cmp - "$root/page"
	done
	# Behind one that can be read, and for HEAD without its body.
	raw 'GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET\r\n\r\n' \
	    >"$BATS_TEST_TMPDIR/answer"
	assert_equal "$(grep -ao 'HTTP/1.1 [24]00 ' "$BATS_TEST_TMPDIR/answer" |
	    paste -sd ,)" 'HTTP/1.1 200 ,HTTP/1.1 400 '
	tail -c 5000000 "$BATS_TEST_TMPDIR/answer" | cmp - "$root/page"
	raw 'HEAD / HTTP/1.1\r\n\r\n' >"$BATS_TEST_TMPDIR/answer"
	assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/answer")" $'\r'
	rm "$root/page"
	assert_equal "$(refused 'GET\r\n\r\n')" '400 X-All'
	assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/answer")" '400 Bad Request'
}

@test "Cache-Control and Expires are for files, 206 and 304, not for errors" {
	local etag

	make_files file dir/x
	serve -o 'header=* Cache-Control: max-age=3600' \
	    -o 'header=/* expires: 0' -o 'error_page=404 /file' \
	    -o 'header=text/html CACHE-CONTROL: no-cache'
	get /file
	assert_equal "$(field Cache-Control) $(field Expires)" 'max-age=3600 0'
	etag=$(field ETag)
	get /file --head
	assert_equal "$(field Cache-Control) $(field Expires)" 'max-age=3600 0'
	get /file -r 0-1
	assert_equal "$code $(field Cache-Control) $(field Expires)" \
	    '206 max-age=3600 0'
	get /file -H "If-None-Match: $etag"
	assert_equal "$code $(field Cache-Control) $(field Expires)" \
	    '304 max-age=3600 0'
	get /dir/
	assert_equal "$code $(field Cache-Control) $(field Expires)" \
	    '200 no-cache 0'
	get /file -H 'If-Match: "x"'
	assert_equal "$code $(field Cache-Control)$(field Expires)" '412 '
	get /file -r 99-
	assert_equal "$code $(field Cache-Control)$(field Expires)" '416 '
	get /missing
	assert_equal "$code $(field Cache-Control)$(field Expires)" '404 '
	assert_equal "$(body)" file
	get /file -X POST
	assert_equal "$code $(field Cache-Control)$(field Expires)" '405 '
	get /dir
	assert_equal "$code $(field Cache-Control) $(field Expires)" \
	    '301 max-age=3600 0'
}

@test "error_page is the body of its status, with the type of its name" {
	make_files e/404.html e/405.txt file
	serve -o 'error_page=404 /e/404.html' -o 'error_page=405 /e/405.txt' \
	    -o 'error_page=412 /e//404.html' -o 'error_page=416 /e/405.txt'
	assert_answer 404 /missing e/404.html
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
	assert_equal "$(field X-Content-Type-Options)" nosniff
	assert_equal "$(field ETag)$(field Last-Modified)" ''
	assert_answer 404 /missing/ e/404.html
	get /file -X POST
	assert_equal "$code $(body)" '405 e/405.txt'
	assert_equal "$(field Content-Type)" 'text/plain; charset=utf-8'
	assert_equal "$(field Allow)" 'GET, HEAD, OPTIONS'
	get /file -H 'If-Match: "x"'
	assert_equal "$code $(body)" '412 e/404.html'
	get /file -r 99-
	assert_equal "$code $(body)" '416 e/405.txt'
	assert_equal "$(field Content-Range)" 'bytes */4'
	assert_answer 200 /e/404.html e/404.html
}

@test "a fallback's Accept and that of the built-in page are one" {
	make_files app.html
	serve -o fallback=/app.html
	get /missing.png
	assert_equal "$code $(field Vary)" '404 Accept'
}

# One page for all, in place of two of which Accept chooses.
@test "an error page does not vary by Accept, but for what does" {
	make_files 400.html 404.html app.html
	serve -o 'error_page=400 /400.html' -o 'error_page=404 /404.html' \
	    -o fallback=/app.html -o 'header=* Vary: X-Odd'
	run -0 raw 'GET / HTTP/1.1\r\n\r\n'
	assert_line --index 0 $'HTTP/1.1 400 Bad Request\r'
	assert_equal "${lines[-1]}" 400.html
	assert_line $'Vary: X-Odd\r'
	refute_line --regexp '^Vary: Accept'
	run -0 raw 'TRACE / HTTP/1.1\r\nHost: h\r\n\r\n'
	assert_line --index 0 $'HTTP/1.1 501 Not Implemented\r'
	assert_line $'Vary: Accept\r'
	# Here it is the fallback, by whose Accept there could be one.
	get /missing.png
	assert_equal "$code $(body)" '404 404.html'
	assert_equal "$(field Vary)" $'Accept\nX-Odd'
	get /file -X POST
	assert_equal "$code $(field Vary)" $'405 Accept\nX-Odd'
}

@test "an error page is the whole, whatever is asked of the path" {
	make_files 404.html
	serve -o 'error_page=404 /404.html'
	get /missing -r 0-1
	assert_equal "$code $(body)" '404 404.html'
	assert_equal "$(field Content-Range)$(field Accept-Ranges)" ''
	get /missing -H 'If-None-Match: *'
	assert_equal "$code $(body)" '404 404.html'
	run -0 curl -sSI -o /dev/null -D "$BATS_TEST_TMPDIR/head" \
	    -w '%{http_code} %{size_download}' "$URL/missing"
	assert_output '404 0'
	assert_equal "$(field Content-Length)" 8
	gzip -k "$root/404.html"
	get /missing -H 'Accept-Encoding: gzip'
	assert_equal "$code $(body)" '404 404.html'
	assert_equal "$(field Content-Encoding)" ''
}

@test "an error page shows its changes at once; without it there is another" {
	make_files e/404.html
	serve -o 'error_page=404 /e/404.html'
	assert_answer 404 /missing e/404.html
	printf edited.txt >"$root/e/404.html"
	assert_answer 404 /missing edited.txt
	rm "$root/e/404.html"
	assert_answer 404 /missing '404 Not Found'
	assert_equal "$(field Content-Type)" 'text/plain; charset=utf-8'
	mkdir "$root/e/404.html"
	assert_answer 404 /missing '404 Not Found'
	rmdir "$root/e/404.html"
	mkfifo "$root/e/404.html"
	assert_answer 404 /missing '404 Not Found'
	rm "$root/e/404.html"
	ln -s ../../stdout "$root/e/404.html"
	assert_answer 404 /missing '404 Not Found'
	rm "$root/e/404.html"
	make_files e/404.html
	assert_answer 404 /missing e/404.html
}

@test "an error page that may not be read is the built-in one" {
	(($(id -u) == 0)) || skip "only root can be nobody"
	make_files 404.html 403.html locked
	chmod 0 "$root/404.html" "$root/locked"
	serve -u nobody -o 'error_page=404 /404.html' \
	    -o 'error_page=403 /403.html'
	assert_answer 404 /missing '404 Not Found'
	assert_answer 403 /locked 403.html
}

@test "a large error page arrives whole" {
	head -c 100000 /dev/urandom >"$root/404.bin"
	serve -o 'error_page=404 /404.bin'
	assert_answer 404 /missing
	cmp "$BATS_TEST_TMPDIR/body" "$root/404.bin"
	get /missing --head
	assert_equal "$code $(field Content-Length)" '404 100000'
}

@test "fallback answers what may be a page of the application" {
	local path

	make_files app.html dir/file assets/style.css
	serve -o fallback=/app.html
	for path in /missing /a/b/c /v1.2/users /dir/missing /dir/file/x \
	    /missing/; do
		assert_answer 200 "$path" app.html
	done
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
	for path in /missing.js /assets/missing.css /a/b.c /favicon.ico; do
		assert_answer 404 "$path"
		get "$path" -H 'Accept: text/html,application/xhtml+xml,*/*'
		assert_equal "$path $code $(body)" "$path 200 app.html"
		get "$path" -H 'Accept: */*'
		assert_equal "$path $code" "$path 404"
		get "$path" -H 'Accept: text/html;q=0, */*'
		assert_equal "$path $code" "$path 404"
		get "$path" -H 'Accept: text/plain;q=0.5' -H 'Accept: text/html'
		assert_equal "$path $code" "$path 200"
	done
	assert_answer 200 /dir/file dir/file
	assert_answer 301 /dir
	assert_answer 200 /dir/
	run -0 body
	assert_output --partial 'Index of /dir/'
	get /missing -X POST
	assert_equal "$code" 405
}

@test "fallback is a file like any: HEAD, ETag, 304, ranges, codings" {
	local etag

	make_files app.html
	serve -o fallback=//app.html -o 'header=/app.html X-App: 1'
	get /a/route
	etag=$(field ETag)
	assert_not_equal "$etag" ''
	assert_equal "$(field X-App)" 1
	get /a/route --head
	assert_equal "$code $(field Content-Length)" '200 8'
	wait_until 5 stable_etag
	get /other/route -H "If-None-Match: $(field ETag)"
	assert_equal "$code" 304
	get /other/route -r 0-2
	assert_equal "$code $(body)" '206 app'
	printf packed >"$root/app.html.gz"
	get /a/route -H 'Accept-Encoding: gzip'
	assert_equal "$(field Content-Encoding) $(body)" 'gzip packed'
	printf edited >"$root/app.html"
	rm "$root/app.html.gz"
	assert_answer 200 /a/route edited
}

stable_etag()
{
	local first

	get /app.html
	first=$(field ETag)
	get /app.html
	[[ $(field ETag) == "$first" ]]
}

@test "fallback that is missing is 404; what may not be read stays 403" {
	make_files locked/x
	chmod 0 "$root/locked/x"
	(($(id -u) == 0)) || skip "only root can be nobody"
	serve -u nobody -o fallback=/app.html -o 'error_page=404 /e.html' \
	    -o listing=no
	assert_answer 404 /missing '404 Not Found'
	make_files e.html
	assert_answer 404 /missing e.html
	make_files app.html
	assert_answer 200 /missing app.html
	assert_answer 403 /locked/x
	# A directory that is not listed is not found.
	assert_answer 200 /locked/ app.html
}

@test "extension is added where there is no such file" {
	make_files about.html both both.html dir/x dir.html a/index.html \
	    sub/page.html
	serve -o extension=.html
	assert_answer 200 /about about.html
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
	assert_answer 200 /about.html about.html
	assert_answer 200 /both both
	assert_answer 200 /dir dir.html
	assert_answer 200 /dir/
	assert_answer 200 /dir/x dir/x
	assert_answer 301 /a
	assert_answer 200 /sub/page sub/page.html
	assert_answer 404 /about/
	assert_answer 404 /missing
	assert_answer 404 /.html
	get /about -r 0-4
	assert_equal "$code $(body)" '206 about'
	get /about -H 'If-None-Match: *'
	assert_equal "$code" 304
	get /about --head
	assert_equal "$code $(field Content-Length)" '200 10'
	get "$(printf '%4090s' '' | tr ' ' /)about"
	assert_equal "$code $(body)" '200 about.html'
	rm "$root/about.html"
	assert_answer 404 /about
	printf packed >"$root/about.html.gz"
	get /about -H 'Accept-Encoding: gzip'
	assert_equal "$code $(body)" '200 packed'
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
}

@test "what may not be read is not replaced by its extension" {
	(($(id -u) == 0)) || skip "only root can be nobody"
	make_files locked locked.html free free.html
	chmod 0 "$root/locked" "$root/free.html"
	serve -u nobody -o extension=.html
	assert_answer 403 /locked
	assert_answer 200 /free free
}

@test "extension and fallback: the file first" {
	make_files about.html app.html
	serve -o extension=.html -o fallback=/app.html
	assert_answer 200 /about about.html
	assert_answer 200 /other app.html
}
