#!/usr/bin/env bats
# Listings of directories: as a page, as JSON, of any size.

load helper
load process
load browser

# Names that mean something else to a URL, HTML, a terminal or a reader.
HOSTILE=('<script>document.title=1' '<img src=x onerror=document.title=1>'
    '"onmouseover="x' "it's" '&lt;' 'a&lt.b' '%2e%2e' '%2f' '100%' 'a#b' 'a?b'
    ' two  spaces ' 'java:script' 'a:b' '*' '\x' $'new\nline' $'tab\tescape\e[m'
    $'f\xfcr' $'\xff\xfe' $'\xed\xa0\x80' 'für' '日本' 'עברית.txt' '-n' $'\x7f'
    $'c1\xc2\x9b' '~' $'+a=b;c,d!$()' '[x]{y}|z^`' $'annexe\u202etxt.exe'
    $'pop\u2069\u202erid' '🎉👩‍👩‍👧' "$(printf 'n%.0s' {1..255})"
    "$(printf 'ü%.0s' {1..127})")

# Files in directories that are made once for those that want them.
BIG=100000 LARGE=30000

setup()
{
	umask 022
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
}

teardown()
{
	local pid

	stop_browser
	for pid in ${BACKGROUND[@]+"${BACKGROUND[@]}"}; do
		gone "$pid" || kill -KILL "$pid"
	done
	common_teardown
}

# They have few inodes, which take longer to make than names.
make_big()
{
	big=$BATS_FILE_TMPDIR/$1
	if [[ ! -e $big ]]; then
		mkdir -p "$big.new/dir"
		echo small >"$big.new/small"
		(cd "$big.new/dir" && perl -e 'for (1 .. shift) {
			my $name = sprintf("%06d.dat", $_);
			if ($_ % 10000 == 1) {
				open(my $file, ">", $first = $name) or die $!;
			} else {
				link($first, $name) or die $!;
			}
		    }' "$1")
		mv "$big.new" "$big"
	fi
}

# Each file has its own name in it.
make_hostile()
{
	local name

	for name in "${HOSTILE[@]}"; do
		printf '%s' "$name" >"$1/$name"
	done
}

# Fetches a path into the files head and body.
fetch()
{
	local path=$1
	shift

	get "$path" --path-as-is -D "$BATS_TEST_TMPDIR/head" \
	    -o "$BATS_TEST_TMPDIR/body" "$@"
}

fetch_json()
{
	fetch "$@" -H 'Accept: application/json'
	jq -e 'type == "array"' "$BATS_TEST_TMPDIR/body" >/dev/null
}

field()
{
	sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$BATS_TEST_TMPDIR/head"
}

body()
{
	cat "$BATS_TEST_TMPDIR/body"
}

# The values of HTML's attributes or text that come in, unescaped; these and
# the following are of bytes, and without groups: it is a tenth of the time.
unescape()
{
	LC_ALL=C sed -e "s/&#39;/'/g" -e 's/&quot;/"/g' -e 's/&lt;/</g' \
	    -e 's/&gt;/>/g' -e 's/&amp;/\&/g'
}

# The links of the entries on the last page, one a line; and their names, with
# a slash behind a directory's, as they stand in HTML.
rows()
{
	LC_ALL=C grep -aE '^<tr( class="dir")?><th scope="row">' \
	    "$BATS_TEST_TMPDIR/body" || true
}

links()
{
	rows | LC_ALL=C awk 'sub(/.*<a href="/, "") { sub(/".*/, ""); print }' |
	    unescape
}

names()
{
	rows | LC_ALL=C sed -n 's|.*<bdi>\(.*\)</bdi>\(/\?\)</a>.*|\1\2|p'
}

# Fails unless these are the names, in order.
assert_names()
{
	run names
	assert_output "$(printf '%s\n' "$@")"
}

# Whether the last page is whole: its first line, its last, and all its rows.
assert_whole()
{
	[[ $(head -n 1 "$BATS_TEST_TMPDIR/body") == '<!DOCTYPE html>' ]]
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/body") == '</html>' ]]
	[[ $(grep -c '^<tr ' "$BATS_TEST_TMPDIR/body") -eq \
	    $(grep -c '^<tr .*</td></tr>$' "$BATS_TEST_TMPDIR/body") ]]
	assert_equal "$(rows | grep -c '</a></th><td.*</time></td></tr>$')" \
	    "$(rows | wc -l)"
}

descriptors()
{
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

descriptors_are()
{
	(($(descriptors "$1") == $2))
}

resident_kib()
{
	sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

@test "the page names its directory and is made at once" {
	mkdir "$root/a b"
	touch "$root/a b/file"
	start_server -q -n 1 "$root"
	fetch '/a%20b/'
	run body
	assert_output --partial '<title>Index of /a b/</title>'
	assert_output --partial '<h1 aria-current="page"><bdi>a b</bdi></h1>'
	assert_output --partial '<p>0 folders, 1 file</p>'
	assert_whole
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
	assert_equal "$(field Content-Length)" \
	    "$(wc -c <"$BATS_TEST_TMPDIR/body")"
	assert_equal "$(field Transfer-Encoding)" ''
}

# 200 of the longest: their page is more than what is written at a time.
@test "long names are no reason to be late" {
	local name

	name=$(printf 'x%.0s' {1..250})
	(cd "$root" && seq -f "$name%05.0f" 200 | xargs touch)
	start_server -q -n 1 "$root"
	fetch /
	assert_whole
	[ "$(field Content-Length)" -gt 100000 ]
	links | cmp - <(seq -f "$name%05.0f" 200)
}

@test "the page needs nothing but itself, and says so" {
	local hash

	start_server -q -n 1 "$root"
	fetch /
	hash=$(sed -n '/<style>/,/<\/style>/p' "$BATS_TEST_TMPDIR/body" |
	    sed -e 's/^<style>//' -e '$d' | sha256sum | cut -c 1-64 |
	    sed 's/../\\x&/g')
	hash=sha256-$(printf '%b' "$hash" | base64)
	assert_equal "$(field Content-Security-Policy)" "default-src 'none'; \
style-src '$hash'; base-uri 'none'; form-action 'none'"
	assert_equal "$(field X-Content-Type-Options)" nosniff
	assert_equal "$(field Cache-Control)" no-cache
	assert_equal "$(field Vary)" Accept
	assert_equal "$(field Last-Modified)$(field ETag)" ''
	run -1 grep -Ei '<script|<img|<link|src=|url\(|@import|://|httpserve' \
	    "$BATS_TEST_TMPDIR/body"
}

@test "an empty directory says so" {
	mkdir "$root/empty"
	touch "$root/empty/.hidden"
	start_server -q -n 1 "$root"
	fetch /empty/
	run body
	assert_output --partial '<p>This folder is empty.</p>'
	fetch_json /empty/
	assert_equal "$(jq length "$BATS_TEST_TMPDIR/body")" 0
}

@test "size and date of a file are for people, and exact" {
	head -c 1536 /dev/zero >"$root/file"
	mkdir "$root/dir"
	touch -d '1994-11-06 08:49:37 UTC' "$root/file" "$root/dir"
	start_server -q -n 1 "$root"
	fetch /
	run rows
	assert_line --index 0 --partial '</th><td></td><td><time datetime='
	assert_line --index 1 --partial '<td title="1536 bytes">1.5 KiB</td>'
	assert_line --index 1 --partial '<time datetime="1994-11-06T08:49:37Z">'
	assert_line --index 1 --partial '>1994-11-06 08:49</time></td>'
}

@test "directories come first, then names as people count" {
	mkdir "$root/z-dir" "$root/B-dir"
	touch "$root/f10" "$root/f9" "$root/a" "$root/B" "$root/c" "$root/f09"
	ln -s z-dir "$root/c-link"
	ln -s a "$root/d-link"
	start_server -q -n 1 "$root"
	fetch /
	assert_names B-dir/ c-link/ z-dir/ a B c d-link f09 f9 f10
}

@test "a query chooses the order, in both formats" {
	local row query

	mkdir "$root/d1" "$root/d2"
	touch -d @100 "$root/d2"
	touch -d @200 "$root/d1"
	head -c 20 /dev/zero >"$root/a"
	head -c 3000 /dev/zero >"$root/b"
	head -c 20 /dev/zero >"$root/c"
	touch -d @300 "$root/a"
	touch -d @200 "$root/b"
	touch -d @100 "$root/c"
	start_server -q -n 1 "$root"

	for row in ':d1/ d2/ a b c' 'order=asc:d1/ d2/ a b c' \
	    'sort=name&order=desc:d2/ d1/ c b a' \
	    'sort=size:d1/ d2/ b a c' 'sort=size&order=asc:d1/ d2/ a c b' \
	    'sort=date:d1/ d2/ a b c' 'sort=date&order=asc:d2/ d1/ c b a' \
	    'sort=evil&order=up&sort:d1/ d2/ a b c' \
	    'sort=%3Cscript%3E&x=`|{}:d1/ d2/ a b c'; do
		query=${row%%:*}
		fetch / --request-target "/?$query"
		# shellcheck disable=SC2086	# names
		assert_names ${row#*:}
		fetch_json / --request-target "/?$query"
		run jq -r .[].url "$BATS_TEST_TMPDIR/body"
		assert_output "$(tr ' ' '\n' <<<"${row#*:}")"
	done
}

# The heads of the last page: order, link, title and arrow, a line each.
heads()
{
	local sort='<th scope="col"\( aria-sort="\([a-z]*\)"\)\?>'
	local title='<a href="\([^"]*\)" rel="nofollow">\([A-Z][a-z]*\).*'
	local arrow='<span aria-hidden="true">\(.*\)</span></a></th>'

	sed -n "s|^$sort$title$arrow\$|\2 \3 \4 \5|p" \
	    "$BATS_TEST_TMPDIR/body" | unescape
}

@test "each column's head leads to the order that comes next" {
	mkdir "$root/dir"
	start_server -q -n 1 "$root"
	fetch /
	run heads
	assert_output 'ascending ?sort=name&order=desc Name ↑
 ?sort=size Size 
 ?sort=date Modified '
	fetch '/?sort=name&order=desc'
	run heads
	assert_line --index 0 'descending ./ Name ↓'
	fetch '/?sort=size'
	run heads
	assert_output ' ./ Name 
descending ?sort=size&order=asc Size ↓
 ?sort=date Modified '
	fetch '/?sort=date&order=asc'
	run heads
	assert_line --index 2 'ascending ?sort=date Modified ↑'
}

@test "directories are opened in the same order, files without one" {
	mkdir -p "$root/dir/sub"
	touch "$root/dir/file"
	start_server -q -n 1 "$root"
	fetch '/dir/?sort=size'
	run links
	assert_output $'sub/?sort=size\nfile'
	run body
	assert_output --partial '<a href="../?sort=size">../</a>'
	fetch /dir/
	run links
	assert_output $'sub/\nfile'
}

@test "the path leads to each directory above, by relative links" {
	local href

	mkdir -p "$root/a b/c&d/#e"
	start_server -q -n 1 "$root"
	fetch '/a%20b/c&d/%23e/'
	run -1 grep -E '(href|src)="/' "$BATS_TEST_TMPDIR/body"
	run grep '^<li>' "$BATS_TEST_TMPDIR/body"
	assert_output "$(printf %s \
	    '<li><a href="../../../"><bdi>Index</bdi></a>' \
	    '<li><a href="../../"><bdi>a b</bdi></a>' \
	    '<li><a href="../"><bdi>c&amp;d</bdi></a>' \
	    '<li><h1 aria-current="page"><bdi>#e</bdi></h1>')"
	for href in ../../../:/ '../../:/a b/' '../:/a b/c&amp;d/'; do
		get "/a%20b/c&d/%23e/${href%%:*}" \
		    -o "$BATS_TEST_TMPDIR/body"
		run body
		assert_output --partial "<title>Index of ${href#*:}</title>"
	done
	get //// --path-as-is -o "$BATS_TEST_TMPDIR/body"
	run -1 grep -F '../' "$BATS_TEST_TMPDIR/body"
}

@test "what a client can not have is not shown" {
	mkdir "$root/.well-known" "$root/.git" "$root/dir"
	touch "$root/.hidden" "$root/..data" "$root/file"
	echo secret >"$BATS_TEST_TMPDIR/secret"
	mkfifo "$root/fifo"
	client socket nc -lU "$root/socket"
	wait_until 5 test -S "$root/socket"
	ln -s ../secret "$root/out"
	ln -s /etc/passwd "$root/absolute"
	ln -s fifo "$root/fifo-link"
	ln -s loop "$root/loop"
	ln -s gone "$root/dangling"
	ln -s dir "$root/link"
	start_server -q -n 1 "$root"
	fetch /
	assert_names .well-known/ dir/ link/ file
	fetch_json /
	run jq -r .[].url "$BATS_TEST_TMPDIR/body"
	assert_output $'.well-known/\ndir/\nlink/\nfile'
}

@test "JSON has name, url, type, size and mtime" {
	mkdir "$root/dir"
	head -c 1536 /dev/zero >"$root/a b"
	touch -d '1994-11-06 08:49:37.9 UTC' "$root/a b" "$root/dir"
	start_server -q -n 1 "$root"
	fetch_json /
	run jq -c .[] "$BATS_TEST_TMPDIR/body"
	assert_line --index 0 '{"name":"dir","url":"dir/",'\
'"type":"directory","mtime":"1994-11-06T08:49:37Z"}'
	assert_line --index 1 '{"name":"a b","url":"a%20b",'\
'"type":"file","size":1536,"mtime":"1994-11-06T08:49:37Z"}'
	assert_equal "$(field Content-Type)" application/json
	assert_equal "$(field Content-Length)" \
	    "$(wc -c <"$BATS_TEST_TMPDIR/body")"
	assert_equal "$(field Vary)" Accept
	assert_equal "$(field Cache-Control)" no-cache
	assert_equal "$(field X-Content-Type-Options)" nosniff
}

@test "who asks for JSON gets it, a browser never" {
	local row

	start_server -q -n 1 "$root"
	for row in 'application/json:application/json' \
	    'application/json, */*;q=0.5:application/json' \
	    '*/*:text/html; charset=utf-8' \
	    'text/html,*/*;q=0.8:text/html; charset=utf-8' \
	    'application/json;q=0.9, text/html:text/html; charset=utf-8'; do
		fetch / -H "Accept: ${row%%:*}"
		assert_equal "$(field Content-Type)" "${row#*:}"
	done
	fetch / -H Accept:
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
}

# Fetches the relative links that come in, and compares what they lead to with
# the names, in any order.
assert_links_lead_to()
{
	local href

	while IFS= read -r href; do
		get "$URL/d/$href" --path-as-is -f || return
		printf '\0'
	done | LC_ALL=C sort -z | cmp - \
	    <(printf '%s\0' "$@" | LC_ALL=C sort -z)
}

@test "hostile names are harmless on the page, and their links lead to them" {
	mkdir "$root/d"
	make_hostile "$root/d"
	start_server -q -n 1 "$root"
	fetch /d/
	assert_whole
	iconv -f utf-8 -t utf-8 "$BATS_TEST_TMPDIR/body" >/dev/null
	run -1 grep -aP '[\x00-\x09\x0b-\x1f\x7f]' "$BATS_TEST_TMPDIR/body"
	run -1 grep -aFe '<script' -e '<img' -e '"onm' "$BATS_TEST_TMPDIR/body"
	assert_equal "$(links | wc -l)" "${#HOSTILE[@]}"
	assert_equal "$(names | grep -acv '[<>"]')" "${#HOSTILE[@]}"
	links | assert_links_lead_to "${HOSTILE[@]}"
}

@test "JSON is valid with hostile names, and loses no byte of them" {
	local name good=()

	mkdir "$root/d"
	make_hostile "$root/d"
	start_server -q -n 1 "$root"
	fetch_json /d/
	iconv -f utf-8 -t utf-8 "$BATS_TEST_TMPDIR/body" >/dev/null
	jq -r .[].url "$BATS_TEST_TMPDIR/body" |
	    assert_links_lead_to "${HOSTILE[@]}"
	for name in "${HOSTILE[@]}"; do
		if iconv -f utf-8 <<<"$name" >/dev/null 2>&1; then
			good+=("$name")
		fi
	done
	jq -j '.[] | select(.name | contains("\ufffd") | not) |
	    .name + "\u0000"' "$BATS_TEST_TMPDIR/body" | LC_ALL=C sort -z |
	    cmp - <(printf '%s\0' "${good[@]}" | LC_ALL=C sort -z)
}

@test "HEAD has the fields of GET that are known, and reads no directory" {
	local accept child tracer

	make_big "$LARGE"
	start_server -q -n 1 "$big"
	for accept in '*/*' application/json; do
		fetch /dir/ -H "Accept: $accept"
		grep -Eiv '^(date|transfer-encoding):' \
		    "$BATS_TEST_TMPDIR/head" >"$BATS_TEST_TMPDIR/expected"
		fetch /dir/ --head -H "Accept: $accept" -o /dev/null
		grep -iv '^date:' "$BATS_TEST_TMPDIR/head" |
		    diff "$BATS_TEST_TMPDIR/expected" -
	done
	strace -o /dev/null true 2>/dev/null || return 0
	child=$(children_of "$SERVER_PID")
	client strace strace -f -qq -e trace=getdents64,sendto,write -p "$child"
	tracer=$CLIENT
	wait_until 10 is_traced "$child"
	fetch /dir/ --head -o /dev/null
	kill -TERM "$tracer"
	wait_until 5 gone "$tracer"
	grep -E "^(\[pid +[0-9]+\] )?(sendto|write)" "$BATS_TEST_TMPDIR/strace.err"
	run -1 grep getdents64 "$BATS_TEST_TMPDIR/strace.err"
}

is_traced()
{
	! grep -q '^TracerPid:[[:space:]]*0$' /proc/"$1"/task/*/status
}

@test "100,000 entries arrive whole and in order" {
	make_big "$BIG"
	start_server -q -n 1 "$big"
	fetch /dir/
	assert_equal "$(field Transfer-Encoding)" chunked
	assert_whole
	links | cmp - <(seq -f '%06.0f.dat' "$BIG")
	run tail -n 3 "$BATS_TEST_TMPDIR/body"
	assert_line --index 0 "<p>0 folders, $BIG files</p>"
	fetch_json '/dir/?order=desc'
	jq -r .[].url "$BATS_TEST_TMPDIR/body" |
	    cmp - <(seq -f '%06.0f.dat' "$BIG" | sort -r)
	fetch '/dir/?sort=size' --http1.0
	assert_equal "$(field Transfer-Encoding)" ''
	assert_whole
	links | cmp - <(seq -f '%06.0f.dat' "$BIG")
}

# Fetches a small file again and again, until these clients have ended; fails
# when one took longer than 100 ms.
assert_quick_until_gone()
{
	local n=0 options=("$1") slowest=0 took
	shift

	until all_gone "$@"; do
		took=$(get '/small?[1-20]' "${options[@]}" -o /dev/null \
		    -w '%{time_total}\n' | sort -n | tail -n 1)
		took=$((10#${took/./} / 1000))
		slowest=$((took > slowest ? took : slowest))
		n=$((n + 20))
	done
	echo "$n answers, the slowest in $slowest ms"
	((n > 20 && slowest <= 100 * SLOW))
}

# bats test_tags=alone
@test "a child that streams 100,000 entries answers others at once" {
	local header i pids

	make_big "$BIG"
	start_server -q -n 1 "$big"
	for header in X:y Connection:close; do
		pids=()
		for i in 1 2 3; do
			client "big$i" get /dir/ -o "$BATS_TEST_TMPDIR/big$i" \
			    --max-time $((30 * SLOW))
			pids+=("$CLIENT")
		done
		assert_quick_until_gone -H"$header" "${pids[@]}"
		for i in 1 2 3; do
			wait "${pids[i - 1]}"
			grep -q "<p>0 folders, $BIG files</p>" \
			    "$BATS_TEST_TMPDIR/big$i"
		done
	done
}

# Waits for the head of an answer, and reads no more.
ask_large()
{
	local line

	exec {FD}<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'GET /dir/ HTTP/1.1\r\nHost: h\r\n\r\n' >&"$FD"
	IFS= read -r -t $((5 * SLOW)) line <&"$FD"
	[[ $line == *' 200 '* ]]
}

answers()
{
	[[ $(get "$1" -o /dev/null -w '%{http_code}') -eq $2 ]]
}

@test "a child holds 16 large directories for slow clients, and no more" {
	local i clients=()

	make_big "$LARGE"
	start_server -q -n 1 "$big"
	for i in {1..16}; do
		ask_large
		clients+=("$FD")
	done
	answers /dir/ 503
	get /dir/ --head | grep -q ' 200 '
	answers / 200
	# Its child first reads sixteen times all names.
	exec {FD}>&-
	wait_until 20 answers /dir/ 200
	for FD in "${clients[@]:0:15}"; do
		exec {FD}>&-
	done
}

# A client that goes away when the first bytes have come.
leave_early()
{
	local server

	exec {server}<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'GET /dir/ HTTP/1.1\r\nHost: h\r\n\r\n' >&"$server"
	head -c 100 <&"$server" >/dev/null
	exec {server}>&-
}

@test "clients that go away in the middle leave nothing behind" {
	local before child first i

	make_big "$LARGE"
	start_server -q -n 1 "$big"
	child=$(children_of "$SERVER_PID")
	before=$(descriptors "$child")
	for i in {1..40}; do
		leave_early
		wait_until 10 descriptors_are "$child" "$before"
		((i != 5)) || first=$(resident_kib "$child")
	done
	# What a sanitizer keeps of what is freed is none of ours.
	[[ -n ${SANITIZE-} ]] ||
	    (($(resident_kib "$child") < first + 8192)) ||
	    fail "from $first to $(resident_kib "$child") KiB"
}

@test "a directory that changes while it is read makes a whole page" {
	local i changer

	mkdir "$root/dir"
	(cd "$root/dir" && seq -f 'stay-%05.0f' 5000 | xargs touch)
	start_server -q -n 1 "$root"
	cd "$root/dir"
	client changer bash -c 'for ((;;)); do
		touch go-{1..300}; mv go-7 gone-7; rm -f go*; done'
	changer=$CLIENT
	for i in {1..10}; do
		fetch /dir/
		assert_whole
		links | grep '^stay-' | cmp - <(seq -f 'stay-%05.0f' 5000)
	done
	kill "$changer"
	wait_until 5 gone "$changer"
}

# Fails unless names can be read, rows and headings be hit, and each file has
# its size and date in sight.
assert_fit_for_thumbs()
{
	run evaluate 'Math.min(...[...document.querySelectorAll("tbody a")]
	    .map(a => parseFloat(getComputedStyle(a).fontSize)))'
	((output >= 16)) || fail "names of $output px"
	run evaluate 'Math.floor(Math.min(...[...document
	    .querySelectorAll("tbody tr, thead a")]
	    .map(e => e.getBoundingClientRect().height)))'
	((output >= 40)) || fail "rows of $output px"
	run evaluate '[...document.querySelectorAll("tbody tr")]
	    .filter(r => r.className == "")
	    .flatMap(r => [...r.querySelectorAll("td")])
	    .filter(d => d.innerText == "" || d.offsetHeight < 14 ||
	    d.getBoundingClientRect().right > innerWidth).length'
	assert_output 0
}

@test "a browser shows hostile names as text, and runs nothing" {
	local size

	mkdir "$root/d"
	make_hostile "$root/d"
	start_server -q -n 1 "$root"
	start_browser
	for size in '1280 800' '390 844' '320 568'; do
		# shellcheck disable=SC2086	# two words
		browse "$URL/d/" $size
		run evaluate document.title
		assert_output '"Index of /d/"'
		run evaluate 'document.documentElement.scrollWidth'
		((output <= ${size% *})) || fail "$size: $output wide"
		if ((${size% *} < 600)); then
			assert_fit_for_thumbs
		fi
	done
	run complaints
	assert_output ''
	run evaluate 'document.scripts.length + document.images.length'
	assert_output 0
	evaluate '[...document.querySelectorAll("tbody bdi")]
	    .map(b => b.textContent)
	    .filter(t => !/[\u2400-\u2421\ufffd]/.test(t))' >"$BATS_TEST_TMPDIR/shown"
	jq -cn '$ARGS.positional |
	    map(select(test("[\u0001-\u001f\u007f-\u009f\ufffd" +
	    "\u202a-\u202e\u2066-\u2069]") | not))' \
	    --args -- "${HOSTILE[@]}" \
	    >"$BATS_TEST_TMPDIR/names"
	diff <(jq -c 'sort | .[]' "$BATS_TEST_TMPDIR/shown") \
	    <(jq -c 'sort | .[]' "$BATS_TEST_TMPDIR/names")
}

@test "a browser follows the keyboard, and the theme" {
	mkdir "$root/dir"
	head -c 9 /dev/zero >"$root/large"
	touch "$root/a-small"
	start_server -q -n 1 "$root"
	start_browser
	browse "$URL/" 1280 800 light
	run evaluate 'getComputedStyle(document.body).backgroundColor'
	assert_output '"rgb(255, 255, 255)"'

	press Tab 9
	press Tab 9
	run evaluate 'document.activeElement.textContent'
	assert_output '"Size"'
	run evaluate 'getComputedStyle(document.activeElement).outlineStyle'
	assert_output '"solid"'
	: >"$BATS_TEST_TMPDIR/browser/events"
	press Enter 13
	await_load
	run evaluate 'location.search'
	assert_output '"?sort=size"'
	run evaluate '[...document.querySelectorAll("tbody a")]
	    .map(a => a.textContent)'
	assert_output '["dir/","large","a-small"]'
	run evaluate 'document.querySelector("[aria-sort]").innerText'
	assert_output '"Size↓"'

	browse "$URL/" 390 844 dark
	run evaluate 'getComputedStyle(document.body).backgroundColor'
	assert_output '"rgb(20, 23, 26)"'
	run complaints
	assert_output ''
}
