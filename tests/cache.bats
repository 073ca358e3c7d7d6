#!/usr/bin/env bats
# Files that are kept in memory: no answer is older than its request, and what
# is kept has its bounds.

load helper
load process

# Each test has a root of its own in which nothing has changed for long enough:
# what changed less than 2 s ago is not trusted to show the next change.
setup_file()
{
	local i top

	umask 022
	for i in $(seq "${#BATS_TEST_NAMES[@]}"); do
		top=$BATS_FILE_TMPDIR/$i
		mkdir -p "$top/root/dir" "$top/root/other" "$top/next/dir"
		printf one >"$top/root/file"
		printf one >"$top/root/dir/file"
		printf two >"$top/root/other/file"
		printf two >"$top/next/file"
		printf two >"$top/next/dir/file"
		printf plain >"$top/root/page"
		printf packed >"$top/root/page.gz"
		ln -s dir/file "$top/root/link"
		ln -s dir "$top/root/dirlink"
		head -c 40000 /dev/zero | tr '\0' a >"$top/root/large"
	done
	wait_until 10 is_settled "$top/root"
}

# A second more than the server asks for: stat(1) cuts fractions off.
is_settled()
{
	(($(date +%s) - $(stat -c %Z "$1") > 3))
}

setup()
{
	top=$BATS_FILE_TMPDIR/$BATS_TEST_NUMBER
	root=$top/root
}

# Starts the server with these options; $child is its one child, and $conn a
# connection that is kept.
serve()
{
	start_server -q -n 1 "$@"
	child=$(children_of "$SERVER_PID")
	exec {conn}<>"/dev/tcp/127.0.0.1/$PORT"
}

# Sends a request on the connection; printf would write each line by itself,
# which takes long between Nagle and the delayed ACK.
send()
{
	cat >&"$conn" <<<"GET $1 HTTP/1.1"$'\r\nHost: h\r\n\r'
}

# Reads an answer from it: $code, $body, and of its fields $etag, $date and
# $modified, of which there may be several.
receive()
{
	local line length=0 timeout=$((10 * SLOW))

	IFS=' ' read -r -t "$timeout" _ code _ <&"$conn"
	etag='' modified=''
	while IFS= read -r line <&"$conn" && [[ $line != $'\r' ]]; do
		line=${line%$'\r'}
		case $line in
		Content-Length:*)	length=${line#*: } ;;
		ETag:*)	etag=${line#*: } ;;
		Date:*)	date=${line#*: } ;;
		Last-Modified:*)	modified+=${line#*: } ;;
		esac
	done
	body=''
	if ((length > 0)); then
		IFS= read -r -t "$timeout" -N "$length" body <&"$conn"
	fi
}

# Fails unless the next answer on the connection is this.
assert_next()
{
	local path=$1 want_code=$2

	send "$path"
	receive
	assert_equal "$path $code" "$path $want_code" || return
	if (($# > 2)); then
		assert_equal "$path $body" "$path $3"
	fi
}

# Has the server keep a file, and answer with what it has kept.
warm()
{
	local path

	for path; do
		assert_next "$path" 200 one
		assert_next "$path" 200 one
	done
}

# Writes over the bytes of a file, which keeps its size.
overwrite()
{
	printf %s "$2" 1<>"$1"
}

@test "an edit of the same size, in place, shows in the next answer" {
	local n path

	serve "$root"
	printf one >"$root/young"
	for path in /file /dir/file /young; do
		warm "$path"
		for n in two 333 fou 555; do
			overwrite "$root$path" "$n"
			assert_next "$path" 200 "$n"
		done
	done
}

@test "an edit shows through links, to a file and to a directory" {
	serve "$root"
	warm /link /dirlink/file
	overwrite "$root/dir/file" two
	assert_next /link 200 two
	assert_next /dirlink/file 200 two
}

@test "an edit whose time is put back shows, too" {
	serve "$root"
	touch -r "$root/file" "$top/time"
	warm /file
	overwrite "$root/file" two
	touch -r "$top/time" "$root/file"
	assert_next /file 200 two
}

@test "a file of the future is not kept, and its edit shows" {
	serve "$root"
	touch -d '+1 hour' "$root/file"
	warm /file
	overwrite "$root/file" two
	touch -d '+1 hour' "$root/file"
	assert_next /file 200 two
}

# Whether the next answer is of another second than $first.
is_later()
{
	assert_next /file 200 one
	[[ $date != "$first" ]]
}

@test "the date of a file of the future goes with the clock" {
	local first

	serve -o header='/large Last-Modified: x' "$root"
	touch -d '+1 hour' "$root/file"
	warm /file
	first=$date
	assert_equal "$modified" "$date"
	wait_until 10 is_later
	assert_equal "$modified" "$date"
	# Who says another one means it.
	touch -d '+1 hour' "$root/large"
	assert_next /large 200
	assert_equal "$modified" x
}

@test "an edit of a large file shows in the next answer" {
	local first

	serve "$root"
	assert_next /large 200
	assert_next /large 200
	assert_equal "${#body}:${body:0:4}" 40000:aaaa
	first=$etag
	overwrite "$root/large" bb
	assert_next /large 200
	assert_equal "${#body}:${body:0:4}" 40000:bbaa
	assert_not_equal "$etag" "$first"
}

@test "a rename over it shows in the next answer" {
	local path

	serve "$root"
	printf one >"$root/young"
	for path in /file /dir/file /young; do
		warm "$path"
		printf two >"$root/new"
		mv "$root/new" "$root$path"
		assert_next "$path" 200 two
		printf 'longer' >"$root/new"
		mv "$root/new" "$root$path"
		assert_next "$path" 200 longer
	done
}

@test "an old file that is renamed over an old one shows" {
	serve "$root"
	warm /file
	mv "$root/other/file" "$root/file"
	assert_next /file 200 two
	assert_next /other/file 404
}

@test "a removal shows in the next answer, and so does the file's return" {
	local path

	serve "$root"
	printf one >"$root/young"
	for path in /file /dir/file /young /large; do
		assert_next "$path" 200
		assert_next "$path" 200
		rm "$root$path"
		assert_next "$path" 404
		assert_next "$path" 404
		printf back >"$root$path"
		assert_next "$path" 200 back
	done
}

@test "a file that is cut off or grows is as long as it is" {
	local path

	serve "$root"
	printf one >"$root/young"
	for path in /file /young; do
		warm "$path"
		truncate -s 1 "$root$path"
		assert_next "$path" 200 o
		printf 'ld times' >>"$root$path"
		assert_next "$path" 200 'old times'
		: >"$root$path"
		assert_next "$path" 200 ''
	done
	assert_next /large 200
	printf b >>"$root/large"
	assert_next /large 200
	assert_equal "${#body}" 40001
	truncate -s 5 "$root/large"
	assert_next /large 200 aaaaa
}

@test "rights that are taken away are gone with the next answer" {
	local path

	(($(id -u) == 0)) || skip "only root can be nobody"
	serve -u nobody "$root"
	printf one >"$root/young"
	warm /file /dir/file /young /link
	for path in /file /dir/file /young; do
		chmod 0 "$root$path"
		assert_next "$path" 403
		chmod 644 "$root$path"
		assert_next "$path" 200 one
	done
	chmod 0 "$root/dir"
	assert_next /dir/file 403
	assert_next /dirlink/file 403
	chmod 755 "$root/dir"
	assert_next /dir/file 200 one
}

# Fails unless a page is answered so to who accepts gzip.
assert_packed()
{
	run -0 curl -s -w ' %{http_code}' -H 'Accept-Encoding: gzip' "$URL$1"
	assert_output --partial "$2"
}

@test "a file that may not be read any longer is not sent packed, either" {
	(($(id -u) == 0)) || skip "only root can be nobody"
	serve -u nobody "$root"
	cp -p "$root/page" "$root/young"
	cp -p "$root/page.gz" "$root/young.gz"
	for path in /page /young; do
		assert_packed "$path" 'packed 200'
		assert_packed "$path" 'packed 200'
		chmod 0 "$root$path"
		assert_packed "$path" ' 403'
		assert_packed "$path" ' 403'
		chmod 644 "$root$path"
		assert_packed "$path" 'packed 200'
		chmod 0 "$root$path"
		rm "$root$path"
		assert_packed "$path" 'packed 200'
	done
}

@test "a directory that another one replaces shows in the next answer" {
	serve "$root"
	warm /dir/file /dirlink/file /link
	mv "$root/dir" "$root/was"
	assert_next /dir/file 404
	assert_next /dirlink/file 404
	assert_next /link 404
	mv "$root/other" "$root/dir"
	assert_next /dir/file 200 two
	assert_next /dirlink/file 200 two
	assert_next /link 200 two
	assert_next /was/file 200 one
	rm -r "$root/dir"
	printf three >"$root/dir"
	assert_next /dir/file 404
	assert_next /dir 200 three
}

# Has a link lead elsewhere, in one step.
relink()
{
	ln -s "$1" "$top/link.new"
	mv -T "$top/link.new" "$2"
}

@test "a link that leads elsewhere shows in the next answer" {
	serve "$root"
	warm /link /dirlink/file
	relink other/file "$root/link"
	assert_next /link 200 two
	relink other "$root/dirlink"
	assert_next /dirlink/file 200 two
	relink "$root/file" "$root/link"
	assert_next /link 200 one
	relink ../../next/file "$root/link"
	assert_next /link 404
	relink nowhere "$root/link"
	assert_next /link 404
	relink file "$root/link"
	assert_next /link 200 one
}

@test "a root that is a link, and leads elsewhere, is followed" {
	ln -s root "$top/current"
	serve "$top/current"
	warm /file /dir/file
	relink next "$top/current"
	assert_next /file 200 two
	assert_next /dir/file 200 two
	assert_next /link 404
	relink root "$top/current"
	assert_next /file 200 one
	assert_next /dir/file 200 one
	assert_next /link 200 one
}

@test "a root that is replaced is followed; while it is gone, it stays" {
	# No answer is from the old one where Landlock is not in the way.
	serve -x landlock "$root"
	warm /file /dir/file
	mv "$root" "$top/was"
	assert_next /file 200 one
	overwrite "$top/was/file" six
	assert_next /file 200 six
	mv "$top/next" "$root"
	assert_next /file 200 two
	assert_next /dir/file 200 two
	rm -r "$root"
	assert_next /file 404
	mkdir "$root"
	assert_next /file 404
	printf three >"$root/file"
	assert_next /file 200 three
}

# Whether a new connection is answered so; any answer before is of the old root.
answers()
{
	local got

	got=$(get "$1" -w ' %{http_code}')
	[[ $got == "$2 200" || $got == "$3 200" ]] || fail "$1: $got"
	[[ $got == "$3 200" ]]
}

# Fails unless a server whose root has moved to where its children may not read
# answers with the old one, and soon with the new, and says so once.
assert_renewed()
{
	assert_next /file 200 one
	wait_until 3 answers /file one two
	assert_equal "$(get /dir/file)" two
	says 'something has moved beyond what children may read: new ones take over'
	assert_equal "$(grep -c 'has moved' "$SERVER_STDERR")" 1
	# The connection of before ends with its next answer, and its child then.
	assert_next /file 200 one
	wait_until 5 one_child_but "$child"
}

one_child_but()
{
	local now

	now=$(children_of "$SERVER_PID")
	[[ $now =~ ^[0-9]+$ && $now != "$1" ]]
}

@test "in the sandbox: a link to a sibling that is made later is followed" {
	ln -s root "$top/current"
	serve "$top/current"
	warm /file /dir/file
	cp -r "$top/next" "$top/later"
	relink later "$top/current"
	assert_next /file 200 two
	assert_next /dir/file 200 two
	assert_equal "$(children_of "$SERVER_PID")" "$child"
}

@test "in the sandbox: a link on the way to the root is followed" {
	mkdir -p "$top/releases"/{1,2}
	mv "$root" "$top/releases/1/public"
	mv "$top/next" "$top/releases/2/public"
	ln -s releases/1 "$top/current"
	serve "$top/current/public"
	warm /file /dir/file
	relink releases/2 "$top/current"
	assert_next /file 200 two
	assert_next /dir/file 200 two
	assert_equal "$(children_of "$SERVER_PID")" "$child"
}

@test "in the sandbox: a link to another tree is followed by new children" {
	mkdir "$top/a" "$top/b" "$top/links"
	mv "$root" "$top/a/root"
	mv "$top/next" "$top/b/next"
	ln -s ../a/root "$top/links/current"
	serve "$top/links/current"
	warm /file /dir/file
	relink ../b/next "$top/links/current"
	assert_renewed
}

@test "in the sandbox: a root that is replaced is followed by new children" {
	serve "$root"
	warm /file /dir/file
	mv "$root" "$top/was"
	assert_next /file 200 one
	mkdir "$root"
	cp -r "$top/next/." "$root"
	assert_renewed
}

is_stopped()
{
	local stat

	stat=$(cat "/proc/$child/stat")
	[[ ${stat##*) } == T* ]]
}

@test "an edit between two requests that arrive together shows in the second" {
	local path

	serve "$root"
	printf one >"$root/young"
	for path in /file /dir/file /young; do
		warm "$path"
		kill -STOP "$child"
		wait_until 5 is_stopped
		send "$path"
		overwrite "$root$path" two
		send "$path"
		kill -CONT "$child"
		receive
		[[ $body == one || $body == two ]] || fail "$path: $body"
		receive
		assert_equal "$path $body" "$path two"
	done
}

@test "a kept answer has the fields of the first one" {
	local i

	serve "$root"
	for i in 1 2 3; do
		get /file -D "$BATS_TEST_TMPDIR/head$i" -o /dev/null
		sed -i /^Date:/Id "$BATS_TEST_TMPDIR/head$i"
	done
	grep -q ^ETag: "$BATS_TEST_TMPDIR/head1"
	cmp "$BATS_TEST_TMPDIR/head1" "$BATS_TEST_TMPDIR/head2"
	cmp "$BATS_TEST_TMPDIR/head1" "$BATS_TEST_TMPDIR/head3"
}

@test "kept bytes answer every range, HEAD and condition" {
	serve "$root"
	warm /file
	assert_equal "$(get /file -r 1-1)" n
	assert_equal "$(get /file -r -2)" ne
	run -0 get /file -I -w '%{http_code} %{size_download}' -o /dev/null
	assert_output '200 0'
	run -0 get /file -H "If-None-Match: $etag" -w '%{http_code}'
	assert_output 304
	overwrite "$root/file" two
	run -0 get /file -H "If-None-Match: $etag" -w ' %{http_code}'
	assert_output 'two 200'
	assert_equal "$(get /file -r 1-1)" w
}

@test "two contents of one size never have the same ETag" {
	local i
	local -A seen=()

	serve "$root"
	for i in {100..299}; do
		overwrite "$root/file" "$i"
		send /file
		receive
		[[ $body == "$i" && -n $etag ]] || fail "$i: $body, $etag"
		[[ -z ${seen[$etag]-} ]] || fail "$i: ${seen[$etag]}'s $etag"
		seen[$etag]=$i
	done
}

etag_is_stable()
{
	local first

	assert_next /file 200
	first=$etag
	assert_next /file 200
	[[ $etag == "$first" ]]
}

@test "the ETag of a file that stays is soon the same, and with a twin's" {
	serve "$root"
	overwrite "$root/file" two
	wait_until 5 etag_is_stable
	cp -p "$root/file" "$root/twin"
	assert_next /file 200 two
	first=$etag
	wait_until 5 etag_is_stable
	assert_next /twin 200 two
	assert_equal "$etag" "$first"
}

# Has strace(1) write what the child opens to the file trace.
trace_opens()
{
	strace -o /dev/null true 2>/dev/null ||
	    skip "strace may not trace here"
	client strace strace -f -e trace=open,openat,openat2 \
	    -o "$BATS_TEST_TMPDIR/trace" -p "$child"
	wait_until 10 says attached "$BATS_TEST_TMPDIR/strace.err"
}

# How often the traced child has opened a path by now.
opens_of()
{
	kill -INT "$CLIENT"
	client_status "$CLIENT" 10 || true
	grep -cF "\"$1\"" "$BATS_TEST_TMPDIR/trace" || true
}

@test "a file that is kept is not opened again" {
	local path

	serve "$root"
	for path in file dir/file large; do
		assert_next "/$path" 200
	done
	for path in file dir/file large; do
		trace_opens
		get "/$path?[1-100]" -o /dev/null
		assert_equal "$path $(opens_of "$path")" "$path 0"
	done
	get /page -H 'Accept-Encoding: gzip' -o /dev/null
	trace_opens
	get '/page?[1-100]' -H 'Accept-Encoding: gzip' -o /dev/null
	assert_equal "$(opens_of page)" 0
	run -1 grep page "$BATS_TEST_TMPDIR/trace"
}

@test "with cache_bytes=0 nothing is kept" {
	local path

	serve -o cache_bytes=0 "$root"
	for path in file large; do
		assert_next "/$path" 200
		trace_opens
		get "/$path?[1-100]" -o /dev/null
		assert_equal "$path $(opens_of "$path")" "$path 100"
	done
}

@test "what changed just now is opened each time" {
	serve "$root"
	touch -d '+1 hour' "$root/file"
	assert_next /file 200 one
	trace_opens
	get "/file?[1-20]" -o /dev/null
	assert_equal "$(opens_of file)" 20
}

@test "repeated slashes are one file, kept once" {
	local path

	serve "$root"
	assert_next /dir/file 200 one
	for path in //dir/file /dir//file ///dir///file; do
		assert_next "$path" 200 one
	done
	trace_opens
	get "//dir///file?[1-10]" -o /dev/null
	assert_equal "$(opens_of dir/file)" 0
	overwrite "$root/dir/file" two
	for path in //dir/file /dir//file ///dir///file; do
		assert_next "$path" 200 two
	done
}

rss_kib()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$child/status"
}

# By how many KiB the child grows when it has served all the files.
growth_kib()
{
	local before

	get /file -o /dev/null
	before=$(rss_kib)
	get '/many/f[0000-1999]' -o /dev/null
	echo $(($(rss_kib) - before))
}

@test "cache_bytes bounds the memory of a child" {
	[[ -z ${SANITIZE-} ]] || skip "sanitizers take memory of their own"
	mkdir "$root/many"
	head -c $((2000 * 30720)) /dev/zero |
	    split -d -a 4 -b 30720 - "$root/many/f"

	serve -o cache_bytes=1m "$root"
	growth=$(growth_kib)
	((growth < 5 * 1024)) || fail "grew by $growth KiB, with 1 MiB"
	stop_server
	serve -o cache_bytes=100m "$root"
	growth=$(growth_kib)
	((growth > 50 * 1024)) || fail "grew by $growth KiB, with 100 MiB"
}

kept_open()
{
	find "/proc/$child/fd" -lname "$root/many/*" | wc -l
}

@test "of large files 64 are kept open at most, those asked for last" {
	mkdir "$root/many"
	head -c $((80 * 40000)) /dev/zero |
	    split -d -a 2 -b 40000 - "$root/many/f"
	serve "$root"
	get '/many/f[00-79]' -o /dev/null
	assert_equal "$(kept_open)" 64
	get '/many/f[00-79]?again' -o /dev/null
	assert_equal "$(kept_open)" 64
	[[ -n $(find "/proc/$child/fd" -lname "$root/many/f79") ]]
	[[ -z $(find "/proc/$child/fd" -lname "$root/many/f15") ]]
}

@test "a file that is gone is not kept open once that was seen" {
	mkdir "$root/many"
	head -c 40000 /dev/zero >"$root/many/f"
	serve "$root"
	get /many/f -o /dev/null
	assert_equal "$(kept_open)" 1
	rm "$root/many/f"
	assert_next /many/f 404
	assert_equal "$(find "/proc/$child/fd" -lname "$root/many/*")" ''
}
