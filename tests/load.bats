#!/usr/bin/env bats
# Whole trees to real clients, and many clients at once.

load helper
load process

setup()
{
	root=$BATS_TEST_TMPDIR/root
	mkdir "$root"
}

# A path with all but its slashes escaped.
encode()
{
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n' |
	    sed -e 's/../%&/g' -e 's|%2f|/|g'
}

# Has curl fetch paths that come in NUL-terminated, into the files 1, 2, ... of
# a directory: its configuration.
fetch_into()
{
	od -An -v -tx1 -w1 | awk -v url="$URL" -v to="$1" '
		$1 == "00" {
			printf "url = \"%s/%s\"\n", url, path
			printf "output = \"%s/%d\"\n", to, ++n
			path = ""
			next
		}
		{ path = path ($1 == "2f" ? "/" : "%" $1) }'
}

# Fetches the files whose paths below the current directory come in, and
# compares each byte; says how many there were.
fetch_and_compare()
{
	local got=$BATS_TEST_TMPDIR/got paths=$BATS_TEST_TMPDIR/paths n

	cat >"$paths"
	n=$(tr -cd '\0' <"$paths" | wc -c)
	mkdir "$got"
	fetch_into "$got" <"$paths" >"$BATS_TEST_TMPDIR/urls"
	curl -sS --fail-early -f --max-time $((30 * SLOW)) \
	    -K "$BATS_TEST_TMPDIR/urls" || return
	xargs -0 sha256sum -z <"$paths" | tr '\0\n' '\n?' | cut -c 1-64 \
	    >"$BATS_TEST_TMPDIR/expected"
	seq -f "$got/%g" "$n" | xargs sha256sum | cut -c 1-64 |
	    diff - "$BATS_TEST_TMPDIR/expected" || return
	echo "$n files"
}

# Some hundred files of sizes around those of buffers, half of them with names
# that have to be escaped somewhere.
make_tree()
{
	local i name names=('a b' '100%' '%41' '#1' 'what?' 'a&b=c' "it's"
	    '"quoted"' '<b>' 'back\slash' $'new\nline' $'tab\t' $'\e[31m'
	    'für' $'latin-\xe9' '日本' ';x' ':y' '-n' '~' '$(ls)' '`ls`'
	    '!' '*' '[a]' '{b}' '|' '^' 'a+b' ',' '@' 'x=' 'a.')
	local sizes=(0 1 2 100 1023 4096 8191 8192 8193 32768 65536 65537
	    262144 1048577)

	for i in 1 2 3 4 5 6; do
		mkdir -p "$root/dir $i/sub#$i"
		for name in "${names[@]}"; do
			head -c "${sizes[RANDOM % ${#sizes[@]}]}" /dev/urandom \
			    >"$root/dir $i/sub#$i/$name$i"
			printf '%s' "$name" >"$root/dir $i/$name"
		done
	done
}

@test "a tree with odd names is fetched whole, byte for byte" {
	make_tree
	start_server -q -n 2 "$root"
	cd "$root"
	run fetch_and_compare < <(find . -type f -printf '%P\0')
	assert_output '396 files'
}

@test "wget -r finds all of it through the listings" {
	make_tree
	# That it decodes twice.
	find "$root" -name '%41*' -delete
	start_server -q -n 2 "$root"
	mkdir "$BATS_TEST_TMPDIR/got"
	cd "$BATS_TEST_TMPDIR/got"
	run wget -r -l inf -nH -nv -e robots=off --tries 1 --timeout 10 \
	    --restrict-file-names=nocontrol -R index.html "$URL/"
	assert_success
	diff -r -x index.html.tmp -x 'index.html[?]*' "$root" .
}

# Where a link's target may not be served: outside, absolute, or hidden.
link_leads_out()
{
	local link=$1 dir=$2 target

	target=$(readlink "$link")
	[[ $target == /* ]] && return
	target=$(realpath -m "$(dirname "$link")/$target")
	[[ $target == "$dir"/* && $target != */.* && -e $target ]] || return 0
	[[ -L $(dirname "$link")/$(readlink "$link") ]] || return 1
	link_leads_out "$(dirname "$link")/$(readlink "$link")" "$dir"
}

@test "a slice of /usr/share/doc is served as it is, and its links rightly" {
	local dir=/usr/share/doc link code expected

	[[ -n $(find "$dir" -type f -print -quit) ]] || skip "no files in $dir"
	start_server -q -n 2 "$dir"
	cd "$dir"
	fetch_and_compare < <(find . -type f ! -path '*/.*' \
	    -printf '%P\0' | head -z -n 1000)
	while IFS= read -r -d '' link; do
		expected=200
		if link_leads_out "$dir/$link" "$dir"; then
			expected=404
		elif [[ -d $link ]]; then
			expected=301
		fi
		code=$(get "/$(encode "$link")" -o "$BATS_TEST_TMPDIR/link" \
		    -w '%{http_code}')
		[[ $code == "$expected" ]] ||
		    fail "$link -> $(readlink "$link"): $code, not $expected"
		[[ $code != 200 ]] || cmp "$BATS_TEST_TMPDIR/link" "$link"
	done < <(find . -type l ! -path '*/.*' -printf '%P\0' | head -z -n 30)
}

# Fails unless wrk ran well for so long with such connections.
load_is_served()
{
	run wrk -t 2 -c 256 -d "$1" --timeout 8s "${@:2}" "$URL/file"
	assert_success
	refute_output --partial 'Socket errors'
	refute_output --partial 'Non-2xx'
	[[ $output =~ ([0-9]+)\ requests\ in ]]
	((BASH_REMATCH[1] >= 500))
}

@test "256 clients that keep their connections: no error" {
	head -c 1024 /dev/urandom >"$root/file"
	start_server -q "$root"
	load_is_served 2s
}

@test "256 clients with a connection for each request: no error" {
	head -c 1024 /dev/urandom >"$root/file"
	start_server -q "$root"
	load_is_served 2s -H 'Connection: close'
}

@test "256 clients that want a large file: no error" {
	head -c 1000000 /dev/urandom >"$root/file"
	start_server -q "$root"
	load_is_served 2s
}

@test "saturating kept connections do not starve a new one" {
	head -c 1024 /dev/urandom >"$root/file"
	start_server -q -n 1 "$root"
	client wrk wrk -t 1 -c 64 -d 30s "$URL/file"
	wait_until 3 title_is "$(children_of "$SERVER_PID")" \
	    'httpserve: child 1 [64 connections]'
	wait_until 10 ten_in_a_second
}

# Some other program may have the processors for a while.
ten_in_a_second()
{
	local since

	since=$(now_ms)
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		get /file -o /dev/null || return
	done
	assert_within 1000 "$since"
}

has_connections()
{
	[[ $(ss -Htn state established "sport = :$PORT" | wc -l) -ge $1 ]]
}

@test "large downloads, fast and slow, share a child with small requests" {
	local i

	head -c 1024 /dev/urandom >"$root/file"
	truncate -s 4G "$root/large" || skip 'no sparse files here'
	start_server -q -n 1 "$root"
	for i in 1 2 3 4; do
		client "fast$i" curl -sS -o /dev/null "$URL/large?[1-1000]"
	done
	client slow curl -sS -o /dev/null --limit-rate 100k "$URL/large"
	wait_until 5 has_connections 5
	assert_undelayed /file
	has_connections 5
}

@test "one-shot connections spread evenly over idle children" {
	start_program "$PROGRAMS/answers" -n 4 127.0.0.1:0
	for _ in $(seq 80); do
		get /pid -H 'Connection: close'
	done | sort | uniq -c >"$BATS_TEST_TMPDIR/spread"
	cat "$BATS_TEST_TMPDIR/spread"
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/spread")" 4
	awk '{ if ($1 < 15 || $1 > 25) exit 1 }' "$BATS_TEST_TMPDIR/spread"
}
