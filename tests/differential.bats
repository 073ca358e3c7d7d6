#!/usr/bin/env bats
# The file server beside two others that serve the same files: Go's FileServer
# and nginx.  Where it answers otherwise, the row says in what, and why.

load helper

setup_file()
{
	export GOSERVER=

	command -v go >/dev/null || return 0
	cd "$BATS_TEST_DIRNAME/differential" || return
	# Go's own library takes ten seconds the first time.
	GOCACHE=$BUILD/gocache GOPATH=$BATS_FILE_TMPDIR GOPROXY=off \
	    GO111MODULE=off go build -o "$BATS_FILE_TMPDIR/goserver" server.go
	GOSERVER=$BATS_FILE_TMPDIR/goserver
}

setup()
{
	umask 022
	root=$BATS_TEST_TMPDIR/root
	other_socket=$BATS_TEST_TMPDIR/socket
	other=
	make_root
	start_server -q -n 1 "$root"
}

teardown()
{
	if [[ -n $other ]]; then
		kill "$other" || true
		wait_until 5 gone "$other" || kill -KILL "$other"
		wait "$other" || true
	fi
	common_teardown
}

make_root()
{
	mkdir -p "$root"/{site,list,empty,'a dir',dir.d/.well-known} \
	    "$root/.well-known" "$root/.hidden" "$BATS_TEST_TMPDIR/outside"
	printf 0123456789 >"$root/ten.txt"
	printf '<p>home' >"$root/site/index.html"
	printf 'top' >"$root/site/page.html"
	printf 'in the list' >"$root/list/file.txt"
	: >"$root/none.txt"
	printf 'x' >"$root/no-extension"
	printf '{}' >"$root/data.json"
	printf 'body{}' >"$root/style.css"
	printf 'GIF89a' >"$root/image.gif"
	printf 'blank' >"$root/a dir/a file.txt"
	printf 'für' >"$root/für.txt"
	printf 'fifty' >"$root/50%.txt"
	printf 'what' >"$root/what?.txt"
	printf 'back' >"$root/back\\slash.txt"
	printf 'plus' >"$root/a+b.txt"
	printf 'secret' >"$root/.secret"
	printf 'secret' >"$root/.hidden/file.txt"
	printf 'known' >"$root/.well-known/file.txt"
	printf 'outside' >"$BATS_TEST_TMPDIR/outside/file.txt"
	ln -s ten.txt "$root/inner.txt"
	ln -s list "$root/inner"
	ln -s ../outside/file.txt "$root/outer.txt"
	ln -s ../outside "$root/outer"
	ln -s missing "$root/dangling.txt"
	ln -s circle.txt "$root/circle.txt"
	mkfifo "$root/fifo.txt"
	truncate -s 5G "$root/huge.bin"
	printf 'end' | dd of="$root/huge.bin" bs=1 seek=5368709117 \
	    conv=notrunc status=none
	find "$root" -type f -exec touch -d '1994-11-06 08:49:37 UTC' {} +
}

other_answers()
{
	[[ -S $other_socket ]] &&
	    curl -sS -o /dev/null --max-time 1 --unix-socket "$other_socket" \
	    http://localhost/ten.txt 2>/dev/null
}

start_other()
{
	"$@" >"$BATS_TEST_TMPDIR/messages" 2>&1 </dev/null 3>&- &
	other=$!
	wait_until 10 other_answers ||
	    fail "$1: $(cat "$BATS_TEST_TMPDIR/messages")"
}

# One process, whose files are all in the test's directory.
configure_nginx()
{
	local kind

	cat <<-END
		daemon off;
		master_process off;
		pid $BATS_TEST_TMPDIR/nginx.pid;
		error_log stderr;
		events { }
		http {
			types {
				text/html	html;
				text/plain	txt;
				text/css	css;
				image/gif	gif;
				application/json json;
			}
			default_type application/octet-stream;
			access_log off;
			absolute_redirect off;
			autoindex on;
			if_modified_since before;
	END
	for kind in client_body proxy fastcgi uwsgi scgi; do
		echo "${kind}_temp_path $BATS_TEST_TMPDIR/$kind;"
	done
	cat <<-END
			server {
				listen unix:$other_socket;
				root $root;
			}
		}
	END
}

# The entity tag that a server gives to a target.
tag_of()
{
	curl -sS -I "${@:2}" "http://localhost$1" | tr -d '\r' |
	    sed -n 's/^etag: //Ip'
}

# Says in which fields the answer to the next row is another one than that of
# a server, and for what reason.  Where the status differs, it alone is named.
unlike()
{
	[[ $1 != "$server" ]] || expected=$2 reason=$3
}

# A row: what is asked, and how, in curl's options and the target.  @TAG@ in
# them is the entity tag of ten.txt.
row()
{
	local name=$1 target=${*: -1} method=GET n=$((++rows)) options common
	shift

	options=("${@:1:$#-1}")
	common=(-sS -g --path-as-is --max-time "$((10 * SLOW))"
	    -w '%{http_code}\n')
	[[ " $* " != *' -I '* ]] || method=HEAD
	printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$expected" "$reason" \
	    "$method" "$target" >>"$table"
	ours+=(--next "${common[@]}" -D "$dir/ours/$n.head"
	    -o "$dir/ours/$n.body" --connect-to "::127.0.0.1:$PORT"
	    ${options[@]+"${options[@]//@TAG@/$our_tag}"}
	    "http://localhost$target")
	others+=(--next "${common[@]}" -D "$dir/other/$n.head"
	    -o "$dir/other/$n.body" --unix-socket "$other_socket"
	    ${options[@]+"${options[@]//@TAG@/$other_tag}"}
	    "http://localhost$target")
	expected='' reason='as the other'
}

# Asks all that is in the rows, of one server: curl's options.
ask()
{
	local to=$1 file
	shift

	# That some get no answer is for their rows to say.
	curl "${@:2}" >"$to/statuses" 2>"$to/errors" || true
	for file in "$to"/*.head; do
		grep -qi '^content-type: multipart/' "$file" || continue
		file=${file%.head}.body
		tr -d '\r' <"$file" | sed -e '/^--/d' -e '/^$/d' -e 's/;.*//' |
		    sort >"$to/parts"
		mv "$to/parts" "$file"
	done
	cksum "$to"/*.body >"$to/checksums"
}

# Asks all rows of this server and of another one.
compare_with()
{
	local server=$1 dir=$BATS_TEST_TMPDIR rows=0 ours=() others=()
	local expected='' reason='as the other' our_tag other_tag
	local table=$BATS_TEST_TMPDIR/table

	mkdir "$dir/ours" "$dir/other"
	our_tag=$(tag_of /ten.txt --connect-to "::127.0.0.1:$PORT")
	other_tag=$(tag_of /ten.txt --unix-socket "$other_socket")
	rows_of_files
	rows_of_names
	rows_of_directories
	rows_of_methods
	rows_of_ranges
	rows_of_conditions
	rows_of_combined_conditions
	rows_of_a_huge_file
	ask "$dir/ours" "${ours[@]}"
	ask "$dir/other" "${others[@]}"
	awk -f "$BATS_TEST_DIRNAME/differential/compare.awk" \
	    -v ours="$dir/ours" -v other="$dir/other" "$table"
}

rows_of_files()
{
	row 'a text' /ten.txt
	row 'HTML' /site/page.html
	row 'JSON' /data.json
	row 'a style sheet' /style.css
	row 'an image' /image.gif
	row 'an empty file' /none.txt
	row 'HEAD of a file' -I /ten.txt
	row 'HEAD of an empty file' -I /none.txt
	row 'HEAD of nothing' -I /missing
	unlike go type 'Go looks at the bytes; we never guess'
	row 'a file without extension' /no-extension
	row 'a missing file' /missing.txt
	row 'a file below a missing directory' /missing/file.txt
	row 'a file below a file' /ten.txt/file.txt
	unlike go status 'Go redirects to the file; to us it is no directory'
	row 'a slash behind a file' /ten.txt/
	row 'a query' '/ten.txt?a=b'
	row 'an empty query' '/ten.txt?'
	row 'HTTP/1.0' --http1.0 /ten.txt
	row 'an encoding that is not there' \
	    -H 'Accept-Encoding: gzip, br' /ten.txt
	row 'no type is accepted' -H 'Accept: image/png' /ten.txt
	row 'a link' /inner.txt
	row 'a link to a directory' /inner/file.txt
	unlike go status 'nothing outside of the root is reached'
	unlike nginx status 'nothing outside of the root is reached'
	row 'a link out of the root' /outer.txt
	unlike go status 'nothing outside of the root is reached'
	unlike nginx status 'nothing outside of the root is reached'
	row 'a directory out of the root' /outer/file.txt
	row 'a link to nothing' /dangling.txt
	unlike go status 'to us it is a file that is not there'
	unlike nginx status 'to us it is a file that is not there'
	row 'a link to itself' /circle.txt
	unlike go status 'Go waits for a writer'
	row 'a FIFO' --max-time 1 /fifo.txt
	unlike go status 'names with a dot are hidden'
	unlike nginx status 'names with a dot are hidden'
	row 'a hidden file' /.secret
	unlike go status 'names with a dot are hidden'
	unlike nginx status 'names with a dot are hidden'
	row 'a file in a hidden directory' /.hidden/file.txt
	row 'a well-known file' /.well-known/file.txt
}

rows_of_names()
{
	row 'a blank' '/a%20dir/a%20file.txt'
	row 'UTF-8' '/f%C3%BCr.txt'
	row 'UTF-8, not encoded' '/für.txt'
	row 'a percent sign' '/50%25.txt'
	row 'a question mark' '/what%3F.txt'
	row 'a plus' '/a+b.txt'
	row 'an encoded plus' '/a%2Bb.txt'
	row 'an encoded letter' '/%74en.txt'
	row 'lower-case digits' '/f%c3%bcr.txt'
	unlike go status 'an encoded slash does not separate'
	unlike nginx status 'an encoded slash does not separate'
	row 'an encoded slash' '/list%2Ffile.txt'
	unlike go status 'no byte of a URI: RFC 3986, 2'
	unlike nginx status 'no byte of a URI: RFC 3986, 2'
	row 'a backslash' '/back\slash.txt'
	row 'an encoded backslash' '/back%5Cslash.txt'
	row 'decoded twice' '/%2574en.txt'
	row 'a malformed encoding' '/%zz'
	row 'half an encoding' '/ten%2'
	unlike go status 'a bad request, and no fault of ours'
	row 'NUL' '/ten.txt%00'
	row 'dots up' '/list/../ten.txt'
	unlike go status 'to us that is an attempt'
	row 'dots beyond the root' '/../ten.txt'
	unlike go status 'to us that is an attempt'
	row 'encoded dots' '/%2e%2e/ten.txt'
	row 'encoded dots in the middle' '/list/%2e%2e/ten.txt'
	unlike nginx status 'an encoded slash does not separate: no dots here'
	row 'encoded dots and slash' '/list%2f..%2f..%2fetc%2fpasswd'
	row 'a dot' '/./ten.txt'
	row 'two slashes' '//ten.txt'
	row 'two slashes in the middle' '/list//file.txt'
	row 'what looks like a host' '//host/'
	unlike go location 'a second slash could name a host'
	row 'a host and a directory' '//list'
	unlike go status 'no file has it: it is not there'
	row 'a long name' "/$(printf 'a%.0s' {1..300})"
}

rows_of_directories()
{
	row 'a directory with an index' /site/
	row 'a directory without its slash' /site
	row 'the same with a query' '/site?a=b&c'
	row 'the same by HEAD' -I /site
	unlike go location 'a URI has no blanks'
	row 'the same, encoded' '/a%20dir'
	unlike go status 'Go leads to the directory; to us it is a file'
	row 'the index by its name' /site/index.html
	unlike go status 'Go leads to the directory; to us it is a file'
	row 'the index by its name and a query' '/site/index.html?a=b'
	unlike go status 'Go leads to the directory; to us it is a file'
	row 'no index by its name' /list/index.html
	unlike go 'length modified body' \
	    'each has its own page; ours has no date'
	unlike nginx 'length body' 'each has its own page'
	row 'a listing' /list/
	unlike go 'length modified' 'each has its own page; ours has no date'
	row 'a listing by HEAD' -I /list/
	unlike go 'length modified body' \
	    'each has its own page; ours has no date'
	unlike nginx 'length body' 'each has its own page'
	row 'an empty listing' /empty/
	row 'a link to a directory without its slash' /inner
	row 'a name that ends in dots' /dir.d
	row 'a range of an index' -H 'Range: bytes=0-2' /site/
	row 'a condition on an index' -H 'If-None-Match: *' /site/
	unlike go status 'it is there, as * asks: RFC 9110, 13.1.2'
	row 'a condition on a listing' -H 'If-None-Match: *' /list/
}

rows_of_methods()
{
	unlike go status 'Go reads, whatever the method'
	row 'POST' -d a=b /ten.txt
	unlike go status 'Go reads, whatever the method'
	row 'POST of nothing' -X POST /ten.txt
	unlike go status 'Go reads, whatever the method'
	row 'PUT' -X PUT -d x /ten.txt
	unlike go status 'Go reads, whatever the method'
	row 'DELETE' -X DELETE /ten.txt
	unlike go status 'Go reads, whatever the method'
	row 'PATCH' -X PATCH -d x /ten.txt
	unlike go status 'Go reads, whatever the method'
	unlike nginx status 'nginx knows no OPTIONS of files'
	row 'OPTIONS' -X OPTIONS /ten.txt
	unlike go status 'an answer without content'
	unlike nginx status 'nginx knows no target but paths'
	row 'OPTIONS of all' -X OPTIONS --request-target '*' /
	unlike go status 'Go reads, whatever the method'
	unlike nginx status 'what no resource knows is 501: RFC 9110, 9.1'
	row 'TRACE' -X TRACE /ten.txt
	unlike go status 'Go reads, whatever the method'
	unlike nginx status 'what no resource knows is 501: RFC 9110, 9.1'
	row 'an unknown method' -X BREW /ten.txt
	unlike go status 'Go reads, whatever the method'
	unlike nginx status 'a token is a method: RFC 9110, 9.1'
	row 'a method in lower case' -X get /ten.txt
	unlike go status 'a method is refused whatever the name'
	row 'DELETE of nothing' -X DELETE /missing
	row 'a GET with a body' -X GET -d body /ten.txt
}

# A row for each range of a file of ten bytes: what was said of the next row is
# said of all these.
ranges()
{
	local range all=$expected all_reason=$reason

	for range; do
		expected=$all reason=$all_reason
		row "bytes=$range" -H "Range: bytes=$range" /ten.txt
	done
}

rows_of_ranges()
{
	ranges 0-0 0-3 3-5 5- 9-9 9- -1 -3 -10 -100 0-9 0-100 5-100
	ranges 10- 10-20 100-200 ' 0-3' '0-3 ' 0-9223372036854775807
	ranges 0-1,3-4 0-0,-1 3-4,0-1 0-1,20-30 20-30,40- 0-3,4-9
	ranges '0-1, 3-4' '0-1 ,3-4'
	unlike go status 'no last byte: unsatisfiable, RFC 9110, 14.1.2'
	ranges -0
	unlike nginx status 'members may be missing: RFC 9110, 5.6.1.2'
	ranges 0-1,,3-4 ,0-1 0-1,
	unlike go status 'what overlaps is merged, and not the whole'
	unlike nginx status 'what overlaps is merged, and not the whole'
	ranges 0-5,3-8 0-9,0-9
	unlike go 'range type length body' 'what overlaps is one part'
	unlike nginx 'range type length body' 'what overlaps is one part'
	ranges 0-3,2-5
	unlike go status 'malformed: ignored, RFC 9110, 14.2'
	unlike nginx status 'malformed: ignored, RFC 9110, 14.2'
	ranges 5-3 - a-b 1-2-3 0x1-2 +1-2 1.0-2
	ranges ''
	unlike go status 'a number may be that large'
	unlike nginx status 'a number may be that large'
	ranges 0-99999999999999999999 -99999999999999999999
	unlike go range 'a number may be that large'
	ranges 99999999999999999999-
	unlike go status 'a unit we do not know: ignored, RFC 9110, 14.2'
	row 'another unit' -H 'Range: lines=0-3' /ten.txt
	unlike go status 'units have no case: RFC 9110, 14.1'
	row 'a unit in upper case' -H 'Range: BYTES=0-3' /ten.txt
	unlike go status 'malformed: ignored, RFC 9110, 14.2'
	row 'a blank before the sign' -H 'Range: bytes =0-3' /ten.txt
	unlike go status 'malformed: ignored, RFC 9110, 14.2'
	row 'no unit' -H 'Range: 0-3' /ten.txt
	unlike nginx status 'unsatisfiable: RFC 9110, 14.1.2'
	row 'a range of an empty file' -H 'Range: bytes=0-0' /none.txt
	unlike go status 'no Content-Range can say so'
	row 'a suffix of an empty file' -H 'Range: bytes=-1' /none.txt
	unlike go status 'of two, none is followed'
	unlike nginx status 'of two, none is followed'
	row 'two fields' -H 'Range: bytes=0-0' -H 'Range: bytes=2-2' /ten.txt
	row 'a range of nothing' -H 'Range: bytes=0-0' /missing
	unlike go status 'ranges are for GET: RFC 9110, 14.2'
	unlike nginx status 'ranges are for GET: RFC 9110, 14.2'
	row 'a range by HEAD' -I -H 'Range: bytes=0-3' /ten.txt
	unlike go status 'ranges are for GET: RFC 9110, 14.2'
	unlike nginx status 'ranges are for GET: RFC 9110, 14.2'
	row 'beyond the end by HEAD' -I -H 'Range: bytes=10-' /ten.txt
}

rows_of_conditions()
{
	local same='Sun, 06 Nov 1994 08:49:37 GMT'
	local before='Sun, 06 Nov 1994 08:49:36 GMT'
	local after='Sun, 06 Nov 1994 08:49:38 GMT'

	row 'modified since: then' -H "If-Modified-Since: $same" /ten.txt
	row 'modified since: before' -H "If-Modified-Since: $before" /ten.txt
	row 'modified since: later' -H "If-Modified-Since: $after" /ten.txt
	row 'modified since, by RFC 850' \
	    -H 'If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT' /ten.txt
	row 'modified since, by asctime' \
	    -H 'If-Modified-Since: Sun Nov  6 08:49:37 1994' /ten.txt
	row 'modified since, by HEAD' -I -H "If-Modified-Since: $same" /ten.txt
	row 'modified since: no date' -H 'If-Modified-Since: then' /ten.txt
	row 'modified since the future' \
	    -H 'If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT' /ten.txt
	row 'unmodified: then' -H "If-Unmodified-Since: $same" /ten.txt
	row 'unmodified: before' -H "If-Unmodified-Since: $before" /ten.txt
	row 'unmodified: later' -H "If-Unmodified-Since: $after" /ten.txt
	unlike nginx status 'an invalid date is ignored: RFC 9110, 13.1.4'
	row 'unmodified: no date' -H 'If-Unmodified-Since: then' /ten.txt
	row 'none match: its tag' -H 'If-None-Match: @TAG@' /ten.txt
	row 'none match: by HEAD' -I -H 'If-None-Match: @TAG@' /ten.txt
	row 'none match: weak' -H 'If-None-Match: W/@TAG@' /ten.txt
	row 'none match: another' -H 'If-None-Match: "other"' /ten.txt
	row 'none match: a list' -H 'If-None-Match: "a", @TAG@, "b"' /ten.txt
	row 'none match: a weak list' \
	    -H 'If-None-Match: W/"a",W/@TAG@' /ten.txt
	unlike go status 'lines are one list: RFC 9110, 5.3'
	unlike nginx status 'lines are one list: RFC 9110, 5.3'
	row 'none match: two fields' -H 'If-None-Match: "a"' \
	    -H 'If-None-Match: @TAG@' /ten.txt
	row 'none match: star' -H 'If-None-Match: *' /ten.txt
	row 'none match: star of nothing' -H 'If-None-Match: *' /missing
	row 'none match: not quoted' -H 'If-None-Match: other' /ten.txt
	row 'match: its tag' -H 'If-Match: @TAG@' /ten.txt
	row 'match: weak' -H 'If-Match: W/@TAG@' /ten.txt
	row 'match: another' -H 'If-Match: "other"' /ten.txt
	row 'match: a list' -H 'If-Match: "a", @TAG@' /ten.txt
	row 'match: star' -H 'If-Match: *' /ten.txt
	row 'match: star of nothing' -H 'If-Match: *' /missing
}

rows_of_combined_conditions()
{
	local same='Sun, 06 Nov 1994 08:49:37 GMT'
	local before='Sun, 06 Nov 1994 08:49:36 GMT'
	local after='Sun, 06 Nov 1994 08:49:38 GMT'
	local range='Range: bytes=0-3'

	row 'a tag rules out a date' -H 'If-None-Match: "other"' \
	    -H "If-Modified-Since: $same" /ten.txt
	unlike nginx status 'the tag rules out the date: RFC 9110, 13.1.3'
	row 'a tag and an older date' -H 'If-None-Match: @TAG@' \
	    -H "If-Modified-Since: $before" /ten.txt
	unlike nginx status 'as it says: RFC 9110, 13.1.4'
	row 'a match rules out a date' -H 'If-Match: @TAG@' \
	    -H "If-Unmodified-Since: $before" /ten.txt
	row 'a match, and none' -H 'If-Match: @TAG@' \
	    -H 'If-None-Match: @TAG@' /ten.txt
	row 'no match comes first' -H 'If-Match: "other"' \
	    -H 'If-None-Match: @TAG@' /ten.txt
	row 'a range that is known' -H "$range" -H 'If-None-Match: @TAG@' \
	    /ten.txt
	row 'beyond the end, known' -H 'Range: bytes=10-' \
	    -H 'If-None-Match: @TAG@' /ten.txt
	row 'a range, no match' -H "$range" -H 'If-Match: "other"' /ten.txt
	row 'If-Range: its tag' -H "$range" -H 'If-Range: @TAG@' /ten.txt
	row 'If-Range: weak' -H "$range" -H 'If-Range: W/@TAG@' /ten.txt
	row 'If-Range: another' -H "$range" -H 'If-Range: "other"' /ten.txt
	row 'If-Range: its date' -H "$range" -H "If-Range: $same" /ten.txt
	row 'If-Range: before' -H "$range" -H "If-Range: $before" /ten.txt
	row 'If-Range: later' -H "$range" -H "If-Range: $after" /ten.txt
	row 'If-Range: no validator' -H "$range" -H 'If-Range: x' /ten.txt
	row 'If-Range without Range' -H 'If-Range: "other"' /ten.txt
	row 'If-Range of another, beyond the end' -H 'Range: bytes=10-' \
	    -H 'If-Range: "other"' /ten.txt
}

rows_of_a_huge_file()
{
	local range

	row 'HEAD of 5 GiB' -I /huge.bin
	for range in 0-3 5368709117- -3 4294967295-4294967297 \
	    5368709116-99999999999 2147483647-2147483648,-3 5368709120-; do
		row "bytes=$range of 5 GiB" -H "Range: bytes=$range" /huge.bin
	done
}

@test "files are answered as by Go's FileServer, but where it is meant" {
	[[ -n $GOSERVER ]] || skip 'go is not installed: golang-go'
	start_other "$GOSERVER" "$other_socket" "$root"
	compare_with go
}

@test "files are answered as by nginx, but where it is meant" {
	PATH=$PATH:/usr/sbin command -v nginx >/dev/null ||
	    skip 'nginx is not installed: nginx-light'
	configure_nginx >"$BATS_TEST_TMPDIR/nginx.conf"
	PATH=$PATH:/usr/sbin start_other nginx -e stderr -p "$BATS_TEST_TMPDIR" \
	    -c "$BATS_TEST_TMPDIR/nginx.conf"
	compare_with nginx
}
