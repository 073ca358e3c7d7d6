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

	# How long a listing is only GET finds out: RFC 9110, 9.3.2.
	fields()
	{
		grep -Eiv '^date:' "$BATS_TEST_TMPDIR/head" |
		    if [[ $path == /dir/ ]]; then
			grep -Eiv '^(content-length|transfer-encoding):'
		    else
			cat
		    fi
	}

	echo text >"$root/file.txt"
	mkdir "$root/dir" "$root/site"
	echo home >"$root/site/index.html"
	# What is just made has a tag for each answer.
	touch -d yesterday "$root/file.txt" "$root/site/index.html"

	for path in /file.txt /dir /dir/ /site/ /missing; do
		get "$path"
		fields >"$BATS_TEST_TMPDIR/expected"
		get "$path" --head -o /dev/null
		diff "$BATS_TEST_TMPDIR/expected" <(fields)
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
	# One from the future is as new as its answer: RFC 9110, 8.8.2.1.
	touch -d '+1 year' "$root/file"
	assert_answer 200 /file
	assert_equal "$(field Last-Modified)" "$(field Date)"
	# One of this very second may yet change within it.
	touch "$root/file"
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
	mkdir -p "$root/locked" "$root/dir/index.html" "$root/fifo" \
	    "$root/out" "$root/loop"
	echo home >"$root/locked/index.html"
	chmod 0 "$root/locked/index.html"
	mkfifo "$root/fifo/index.html"
	ln -s ../../secret "$root/out/index.html"
	ln -s index.html "$root/loop/index.html"
	echo secret >"$BATS_TEST_TMPDIR/secret"

	assert_answer 403 /locked/
	for path in /dir/ /fifo/ /out/ /loop/; do
		assert_answer 200 "$path"
		run cat "$BATS_TEST_TMPDIR/body"
		assert_output --partial "Index of $path"
	done
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

@test "slashes in a row are one, however many" {
	local n slashes

	mkdir -p "$root/dir/sub" "$root/list"
	echo home >"$root/dir/index.html"
	for n in 1 2 4081 4082 4096 8000; do
		slashes=$(printf '%*s' "$n" '' | tr ' ' /)
		assert_answer 200 "${slashes}dir/"
		assert_body "$root/dir/index.html"
		assert_answer 200 "/dir${slashes}index.html"
		assert_answer 200 "/list$slashes"
		run cat "$BATS_TEST_TMPDIR/body"
		assert_output --partial '<title>Index of /list/'
		assert_answer 301 "/dir${slashes}sub"
		assert_equal "$(field Location)" /dir/sub/
		get "/dir$slashes" -X OPTIONS
		assert_equal "$code $(field Accept-Ranges)" '204 bytes'
	done
}

# Makes a directory whose path has this length, slashes and all, into $deep,
# and a file in it: as far at a time as one path may lead.
make_deep()
{
	local half

	half=$(printf '%0200d/' {1..10})
	deep=$half$half
	deep+=$(printf '%0*d' $(($1 - ${#deep} - 2)) 0)
	mkdir -p "$root/$half"
	(cd "$root/$half" && mkdir -p "${deep:${#half}}" &&
	    echo home >"${deep:${#half}}/index.html")
	deep=/$deep/
	assert_equal "${#deep}" "$1"
}

@test "an index whose path is too long is not replaced by a listing" {
	make_deep 4085
	assert_answer 200 "$deep"
	run cat "$BATS_TEST_TMPDIR/body"
	assert_output home
	make_deep 4086
	assert_answer 404 "$deep"
	assert_answer 404 "$deep//"
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

@test "OPTIONS says what is allowed, and what can be had in parts" {
	local path ranges

	mkdir "$root/dir" "$root/site"
	echo text | tee "$root/file" >"$root/site/index.html"
	while read -r path ranges; do
		get '' -X OPTIONS --request-target "$path"
		assert_equal "$code" 204
		assert_equal "$(field Allow)" 'GET, HEAD, OPTIONS'
		assert_equal "$path $(field Accept-Ranges)" "$path $ranges"
	done <<-'END'
		/file bytes
		/site/ bytes
		/dir/
		/dir
		/missing
		*
	END
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
