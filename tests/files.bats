#!/usr/bin/env bats
# The file server: files, directories and listings below a root, and that
# nothing else is reached.

load helper

# The server runs as nobody where it can, so that modes bind it.
setup()
{
	local user=()

	umask 022
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
	if (($(id -u) == 0)); then
		user=(-u nobody)
	fi
	start_server -q -n 1 ${user[@]+"${user[@]}"} "$root"
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

# Fails unless a path is answered with a status.
assert_answer()
{
	get "$2"
	[ "$code" -eq "$1" ] || fail "$2: $code, not $1"
}

# The value of a field of the last answer.
field()
{
	sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$BATS_TEST_TMPDIR/head"
}

assert_body()
{
	cmp "$BATS_TEST_TMPDIR/body" "$1"
}

# The links of the last listing, decoded from HTML, one a line.
links()
{
	grep -o '<a href="[^"]*"' "$BATS_TEST_TMPDIR/body" |
	    sed -e 's/^<a href="//' -e 's/"$//' -e "s/&#39;/'/g" \
	    -e 's/&amp;/\&/g'
}

# The names that the last listing shows, as HTML, one a line.
names()
{
	sed -n 's|.*<a href="[^"]*">\(.*\)</a>.*|\1|p' "$BATS_TEST_TMPDIR/body"
}

@test "files arrive byte for byte, with their length" {
	local name

	printf 'hello\n' >"$root/small"
	: >"$root/empty"
	printf '\0\r\n\377' >"$root/bytes"
	head -c 5242880 /dev/urandom >"$root/big"
	mkdir "$root/a dir"
	cp "$root/small" "$root/a dir/50% of it?"

	for name in small empty bytes big 'a%20dir/50%25%20of%20it%3F'; do
		assert_answer 200 "/$name"
		assert_body "$root/$(printf '%b' "${name//%/\\x}")"
		assert_equal "$(field Content-Length)" \
		    "$(wc -c <"$BATS_TEST_TMPDIR/body")"
	done
}

@test "a file that is replaced or removed shows in the next answer" {
	echo one >"$root/file"
	assert_answer 200 /file
	assert_body "$root/file"
	echo three >"$root/new"
	mv "$root/new" "$root/file"
	assert_answer 200 /file
	assert_body "$root/file"
	rm "$root/file"
	assert_answer 404 /file
}

@test "the media type goes by the name, and is not to be guessed" {
	local row

	mkdir "$root/dir.html"
	for row in page.html:'text/html; charset=utf-8' \
	    PAGE.HTML:'text/html; charset=utf-8' \
	    notes.txt:'text/plain; charset=utf-8' image.png:image/png \
	    dir.html/none:application/octet-stream \
	    a.b.unknown-type:application/octet-stream; do
		echo '<b>' >"$root/${row%%:*}"
		assert_answer 200 "/${row%%:*}"
		assert_equal "$(field Content-Type)" "${row#*:}"
		assert_equal "$(field X-Content-Type-Options)" nosniff
	done
}

@test "HEAD has the fields of GET and no body" {
	local path

	echo text >"$root/file.txt"
	mkdir "$root/dir" "$root/site"
	echo home >"$root/site/index.html"

	for path in /file.txt /dir /dir/ /site/ /missing; do
		get "$path"
		grep -iv '^date:' "$BATS_TEST_TMPDIR/head" \
		    >"$BATS_TEST_TMPDIR/expected"
		get "$path" --head -o /dev/null
		diff "$BATS_TEST_TMPDIR/expected" \
		    <(grep -iv '^date:' "$BATS_TEST_TMPDIR/head")
		run -0 curl -sS -I --max-time $((10 * SLOW)) -o /dev/null \
		    -w '%{size_download}' "$URL$path"
		assert_output 0
	done
}

@test "Last-Modified is the file's, and never later than Date" {
	echo text >"$root/file"
	touch -d '1994-11-06 08:49:37 UTC' "$root/file"
	assert_answer 200 /file
	assert_equal "$(field Last-Modified)" 'Sun, 06 Nov 1994 08:49:37 GMT'
	touch -d '+1 year' "$root/file"
	assert_answer 200 /file
	[ "$(date -d "$(field Last-Modified)" +%s)" -le \
	    "$(date -d "$(field Date)" +%s)" ]
}

@test "the ETag is strong, and tells size and mtime to the nanosecond" {
	local first

	echo text >"$root/file"
	touch -d '2020-01-01 00:00:00.000000001 UTC' "$root/file"
	cp -p "$root/file" "$root/twin"
	assert_answer 200 /file
	first=$(field ETag)
	[[ $first =~ ^\"[0-9a-f]+-5\"$ ]] || fail "ETag: $first"
	assert_answer 200 /twin
	assert_equal "$(field ETag)" "$first"
	touch -d '2020-01-01 00:00:00.000000002 UTC' "$root/file"
	assert_answer 200 /file
	assert_not_equal "$(field ETag)" "$first"
	echo longer >"$root/twin"
	touch -d '2020-01-01 00:00:00.000000001 UTC' "$root/twin"
	assert_answer 200 /twin
	assert_not_equal "$(field ETag)" "$first"
}

@test "a directory without its slash redirects, within the site, query kept" {
	local row

	mkdir -p "$root/dir/sub" "$root/evil.example" "$root/a b%2" \
	    "$root/\\evil" "$root/"$'x\r\nSet-Cookie: y'
	for row in '/dir /dir/' '/dir/sub /dir/sub/' \
	    '/dir?a=1&b=/../ /dir/?a=1&b=/../' '/dir? /dir/?' \
	    '//evil.example /evil.example/' \
	    '///evil.example?q /evil.example/?q' \
	    '/x/..//evil.example /evil.example/' \
	    '/a%20b%252 /a%20b%252/' '/%5Cevil /%5Cevil/' \
	    '/x%0D%0ASet-Cookie:%20y /x%0D%0ASet-Cookie:%20y/'; do
		assert_answer 301 "${row% *}"
		assert_equal "$(field Location)" "${row#* }"
		assert_equal "$(field Set-Cookie)" ''
	done
}

@test "a directory answers its index.html" {
	mkdir "$root/site" "$root/linked"
	echo home >"$root/site/index.html"
	ln -s ../site/index.html "$root/linked/index.html"
	assert_answer 200 /site/
	assert_body "$root/site/index.html"
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
	assert_answer 200 /site/index.html
	assert_answer 200 /linked/
	assert_body "$root/site/index.html"
}

@test "an index that may not be read is 403, one that is no file is none" {
	mkdir -p "$root/locked" "$root/dir/index.html" "$root/fifo" "$root/out"
	echo home >"$root/locked/index.html"
	chmod 0 "$root/locked/index.html"
	mkfifo "$root/fifo/index.html"
	ln -s ../../secret "$root/out/index.html"
	echo secret >"$BATS_TEST_TMPDIR/secret"

	assert_answer 403 /locked/
	for path in /dir/ /fifo/ /out/; do
		assert_answer 200 "$path"
		run cat "$BATS_TEST_TMPDIR/body"
		assert_output --partial "Index of $path"
	done
}

@test "a listing shows directories first, then files in order" {
	mkdir "$root/z-dir" "$root/b-dir"
	touch "$root/f10" "$root/f9" "$root/a"
	ln -s z-dir "$root/c-link"
	assert_answer 200 /
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
	run names
	assert_output "$(printf '%s\n' b-dir/ c-link/ z-dir/ a f9 f10)"
	run cat "$BATS_TEST_TMPDIR/body"
	assert_output --partial '<title>Index of /</title>'
	assert_output --partial '<!DOCTYPE html>'
}

@test "a listing shows size and date" {
	head -c 1536 /dev/zero >"$root/file"
	touch -d '1994-11-06 08:49:37 UTC' "$root/file"
	assert_answer 200 /
	run grep 'href="file"' "$BATS_TEST_TMPDIR/body"
	assert_output --partial '<td>1.5K</td><td>1994-11-06 08:49</td>'
}

@test "a listing leads to its parent, but not above the root" {
	mkdir -p "$root/dir/sub"
	assert_answer 200 /dir/sub/
	run links
	assert_output ../
	assert_answer 200 //
	run links
	assert_output dir/
}

@test "a listing leaves out what a client can not have" {
	mkdir "$root/.well-known" "$root/.git"
	touch "$root/.hidden" "$root/..data" "$root/file"
	echo secret >"$BATS_TEST_TMPDIR/secret"
	mkfifo "$root/fifo"
	ln -s ../secret "$root/out"
	ln -s /etc/passwd "$root/absolute"
	ln -s fifo "$root/fifo-link"
	ln -s loop "$root/loop"
	ln -s gone "$root/dangling"
	ln -s .git "$root/hidden-link"
	assert_answer 200 /
	run links
	assert_output "$(printf '%s\n' .well-known/ hidden-link/ file)"
}

@test "hostile names are shown harmless, and their links lead to them" {
	local dir=$root/'<b>"&'\'' 100%' href name
	local names=('<script>alert(1)' '"onmouseover="x' "it's" '&lt;' 'a&lt.b'
	    '%2e%2e' '100%' 'a#b' 'a?b' ' two  spaces ' 'java:script' '*' '\x'
	    $'new\nline' $'tab\tescape\e[m' $'f\xfcr' $'\xff\xfe' 'für' '日本' '-n'
	    $'\x7f' '~' $'+a=b;c,d!$()' '[x]{y}|z^`')

	mkdir "$dir"
	for name in "${names[@]}"; do
		printf '%s' "$name" >"$dir/$name"
	done
	assert_answer 200 '/%3Cb%3E%22&%27%20100%25/'
	iconv -f utf-8 -t utf-8 "$BATS_TEST_TMPDIR/body" >/dev/null
	run -1 grep -aF -e '<script' -e '<b>' -e '"onm' -e "it's" \
	    "$BATS_TEST_TMPDIR/body"
	run -1 grep -aP '[\x00-\x08\x0b-\x1f\x7f]' "$BATS_TEST_TMPDIR/body"
	grep -qF 'href="a&amp;lt.b">a&amp;lt.b<' "$BATS_TEST_TMPDIR/body"
	run grep -c $'^<tr><td>.*</td></tr>$' "$BATS_TEST_TMPDIR/body"
	assert_output "$((${#names[@]} + 1))"

	links | grep -v '^\.\./$' >"$BATS_TEST_TMPDIR/links"
	while read -r href; do
		assert_answer 200 "/%3Cb%3E%22&%27%20100%25/$href"
		printf '%s\0' "$(cat "$BATS_TEST_TMPDIR/body")"
	done <"$BATS_TEST_TMPDIR/links" >"$BATS_TEST_TMPDIR/got"
	cmp <(printf '%s\0' "${names[@]}" | LC_ALL=C sort -z) \
	    <(LC_ALL=C sort -z "$BATS_TEST_TMPDIR/got")
}

@test "a directory of 5,000 files is listed whole" {
	(cd "$root" && seq -f 'file-%05.0f' 5000 | xargs touch)
	assert_answer 200 /
	links >"$BATS_TEST_TMPDIR/links"
	cmp "$BATS_TEST_TMPDIR/links" <(seq -f 'file-%05.0f' 5000)
}

@test "a FIFO, a socket or a device is 404 at once" {
	local listener path

	mkfifo "$root/fifo"
	(cd "$root" && exec nc -lU socket) 3>&- &
	listener=$!
	wait_until 5 test -S "$root/socket"
	kill "$listener"
	wait "$listener" || true
	ln -s fifo "$root/link"
	mknod "$root/zero" c 1 5 || ln -s nothing "$root/zero"
	for path in /fifo /fifo/ /link /socket /zero; do
		get "$path" --max-time $((2 * SLOW))
		assert_equal "$code" 404
	done
}

@test "links inside the root work, links out of it do not" {
	local path

	mkdir "$root/dir"
	echo text >"$root/file"
	echo secret >"$BATS_TEST_TMPDIR/secret"
	ln -s file "$root/in"
	ln -s ../file "$root/dir/up"
	ln -s dir "$root/link"
	ln -s ../secret "$root/out"
	ln -s .. "$root/out-dir"
	ln -s dir/../../secret "$root/round"
	ln -s "$BATS_TEST_TMPDIR/secret" "$root/absolute"
	ln -s /proc/self/root/etc/passwd "$root/magic"
	ln -s loop "$root/loop"

	for path in /in /dir/up /link/up; do
		assert_answer 200 "$path"
		assert_body "$root/file"
	done
	for path in /out /out-dir /out-dir/ /out-dir/secret /round /absolute \
	    /magic /loop; do
		assert_answer 404 "$path"
	done
}

@test "no target climbs out of the root" {
	local path

	mkdir -p "$root/a/b"
	echo secret >"$BATS_TEST_TMPDIR/secret"
	for path in /../secret /a/../../secret /a/b/../../../secret \
	    /%2e%2e/secret /.%2e/secret /%2E./secret /a/..%2f../secret \
	    /..%2fsecret /..%5csecret '/..\secret' //../secret \
	    /a//..//..//secret /%252e%252e/secret /./../secret /.../secret \
	    /a/b/..%2f..%2f..%2fsecret '/..;/secret' /..%c0%afsecret \
	    "/$BATS_TEST_TMPDIR/secret"; do
		get "$path"
		[[ $code == 40[04] ]] || fail "$path: $code"
		run -1 grep secret "$BATS_TEST_TMPDIR/body"
	done
}

@test "dot segments stay inside, and an encoded slash does not separate" {
	mkdir "$root/a"
	echo text >"$root/file"
	cp "$root/file" "$root/a/file"
	assert_answer 200 /a/../file
	assert_answer 200 /./a/%2e%2e/file
	assert_answer 200 /a//file
	assert_answer 404 /a%2ffile
	assert_answer 404 /a%2Ffile
}

@test "what may not be read is 403" {
	echo text >"$root/file"
	mkdir "$root/dir" "$root/search"
	echo text >"$root/dir/file"
	echo text >"$root/search/file"
	chmod 0 "$root/file" "$root/dir"
	chmod 111 "$root/search"
	assert_answer 403 /file
	assert_answer 403 /dir
	assert_answer 403 /dir/
	assert_answer 403 /dir/file
	assert_answer 403 /search/
	assert_answer 200 /search/file
	chmod 755 "$root/dir" "$root/search"
}

@test "names that begin with a dot are 404, but for .well-known" {
	local path

	mkdir -p "$root/.git" "$root/a/.b" "$root/.well-known/.x"
	touch "$root/.git/config" "$root/.htpasswd" "$root/a/.b/file" \
	    "$root/.well-known/security.txt" "$root/.well-known/.x/file" \
	    "$root/.well-known.bak"
	for path in /.git /.git/ /.git/config /.htpasswd /%2ehtpasswd \
	    /a/.b/file /.well-known/.x/file /.well-known.bak; do
		assert_answer 404 "$path"
	done
	assert_answer 200 /.well-known/security.txt
	assert_answer 301 /.well-known
	assert_answer 200 /.well-known/
}

@test "what is not there is 404, also with a slash or a long name" {
	echo text >"$root/file"
	assert_answer 404 /missing
	assert_answer 404 /missing/
	assert_answer 404 /file/
	assert_answer 404 /file/more
	assert_answer 404 "/$(printf '%0256d' 0)"
	assert_answer 404 "/$(printf '%05000d/' 0)"
	assert_answer 404 "/$(printf 'a/%.0s' {1..2500})"
	assert_answer 200 /file
}

@test "other methods are 405 and say which are allowed" {
	local method

	echo text >"$root/file"
	for method in POST PUT DELETE PATCH; do
		get /file -X "$method"
		assert_equal "$code" 405
		assert_equal "$(field Allow)" 'GET, HEAD, OPTIONS'
	done
	assert_answer 200 /file
	assert_body "$root/file"
}

@test "OPTIONS says what is allowed, of a file and of the server" {
	echo text >"$root/file"
	get /file -X OPTIONS
	assert_equal "$code" 204
	assert_equal "$(field Allow)" 'GET, HEAD, OPTIONS'
	get '' -X OPTIONS --request-target '*'
	assert_equal "$code" 204
	assert_equal "$(field Allow)" 'GET, HEAD, OPTIONS'
}

# One request of each kind that opens something.
request_all()
{
	assert_answer 200 /file
	get /file --head -o /dev/null
	assert_answer 301 /dir
	assert_answer 200 /dir/
	assert_answer 200 /site/
	assert_answer 404 /fifo
	assert_answer 404 /out
	assert_answer 404 /missing
	assert_answer 403 /locked
	assert_answer 403 /closed/
}

descriptors()
{
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

descriptors_are()
{
	(($(descriptors "$1") == $2))
}

@test "descriptors do not pile up" {
	local before child

	mkdir "$root/dir" "$root/site" "$root/closed"
	touch "$root/file" "$root/dir/file" "$root/site/index.html" \
	    "$root/locked"
	mkfifo "$root/fifo" "$root/dir/fifo"
	ln -s ../file "$root/dir/link"
	ln -s ../.. "$root/out"
	chmod 0 "$root/locked"
	chmod 311 "$root/closed"
	child=$(children_of "$SERVER_PID")
	[ -n "$child" ]
	before=$(descriptors "$child")

	request_all
	wait_until 5 descriptors_are "$child" "$before"
	chmod 755 "$root/closed"
}
