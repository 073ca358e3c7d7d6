#!/usr/bin/env bats
# Sidecars: file.br, file.zst and file.gz in place of file, by
# Accept-Encoding.

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

# Fetches a path, into the files head and body, and its status into $code.
get()
{
	local path=$1

	shift
	code=$(curl -sS --max-time $((10 * SLOW)) \
	    -D "$BATS_TEST_TMPDIR/head" -o "$BATS_TEST_TMPDIR/body" \
	    -w '%{http_code}' "$@" "$URL$path")
}

# The values of a field of the last answer.
field()
{
	sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$BATS_TEST_TMPDIR/head"
}

# Makes a file with its sidecars, all of the same time; each form is another
# text, as the server does not care.
make_forms()
{
	local suffix

	mkdir -p "$(dirname "$root/$1")"
	for suffix in '' "${@:2}"; do
		printf 'this is %s%s' "$1" "$suffix" >"$root/$1$suffix"
		touch -d '2020-01-01 UTC' "$root/$1$suffix"
	done
}

# Fails unless the last answer is a form of a file, by its coding: br, zstd,
# gzip, or identity; with all that describes it.
assert_form()
{
	local file=$root/$1 coding=$2 suffix='' name=''

	case $coding in
	br)	suffix=.br ;;
	zstd)	suffix=.zst ;;
	gzip)	suffix=.gz ;;
	esac
	if [[ $coding != identity ]]; then
		name=$coding
	fi
	assert_equal "$code" 200 || return
	assert_equal "$(field Content-Encoding)" "$name" || return
	assert_equal "$(field Content-Length)" \
	    "$(stat -Lc %s "$file$suffix")" || return
	cmp "$BATS_TEST_TMPDIR/body" "$file$suffix"
}

# Fails unless a file is answered in this coding to who accepts that.
assert_coding()
{
	get "/$1" -H "Accept-Encoding: $2"
	assert_form "$1" "$3" || fail "Accept-Encoding: $2: not $3"
}

@test "the coding is the one that is preferred, of equal ones the first" {
	local accept want

	make_forms file.css .br .zst .gz
	while IFS='|' read -r accept want; do
		assert_coding file.css "$accept" "$want"
	done <<-END
		gzip|gzip
		br|br
		zstd|zstd
		GZip|gzip
		x-gzip|gzip
		gzip, deflate, br, zstd|br
		gzip, zstd|zstd
		gzip;q=1, br;q=0.5, zstd;q=0.999|gzip
		gzip;q=0.2, br;q=0.3|br
		gzip ; q=0.2 , zstd;q=0.3|zstd
		*|br
		br;q=0, *|zstd
		*;q=0.5, gzip|gzip
		gzip;q=0.001|gzip
		gzip, identity|gzip
		gzip;q=0.5, identity|identity
		identity|identity
		identity;q=0.5, gzip;q=0.5|gzip
		deflate|identity
		compress, deflate;q=1|identity
		gzip;q=0|identity
		gzip;q=0, br;q=0, zstd;q=0|identity
		gzip;q=2|identity
		gzip;;|identity
	END
}

@test "no field, and an empty one, is the file as it is" {
	make_forms file.css .br .zst .gz
	get /file.css
	assert_form file.css identity
	get /file.css -H 'Accept-Encoding;'
	assert_form file.css identity
}

@test "several lines of Accept-Encoding are one list" {
	make_forms file.css .br .zst .gz
	get /file.css -H 'Accept-Encoding: deflate' -H 'Accept-Encoding: gzip'
	assert_form file.css gzip
	get /file.css -H 'Accept-Encoding: gzip' -H 'Accept-Encoding: br'
	assert_form file.css br
	get /file.css -H 'Accept-Encoding: br;q=0' -H 'Accept-Encoding: *'
	assert_form file.css zstd
}

@test "what fits nothing is 406" {
	local accept

	make_forms file.css .br .gz
	for accept in 'identity;q=0' '*;q=0' 'zstd, identity;q=0' \
	    'zstd, *;q=0' 'gzip;q=0, br;q=0, identity;q=0'; do
		get /file.css -H "Accept-Encoding: $accept"
		assert_equal "$accept $code" "$accept 406"
		assert_equal "$(field Content-Encoding)$(field ETag)" ''
		assert_equal "$(field Last-Modified)" ''
	done
	assert_coding file.css 'identity;q=0, gzip' gzip
	assert_coding file.css '*;q=0, gzip;q=0.1' gzip
	assert_coding file.css 'identity;q=0, *' br
}

@test "only a coding that is there is chosen" {
	make_forms file.css .gz
	make_forms file.js .zst
	assert_coding file.css 'br, zstd, gzip' gzip
	assert_coding file.css 'br, zstd' identity
	assert_coding file.js 'br, zstd, gzip' zstd
	assert_coding file.js 'gzip' identity
}

@test "without sidecars there is nothing to choose, and no Vary" {
	local accept

	make_forms file.css
	for accept in gzip 'identity;q=0' '*;q=0'; do
		assert_coding file.css "$accept" identity
		assert_equal "$(field Vary)" ''
	done
}

@test "all answers of a file with sidecars have Vary" {
	local accept

	make_forms file.css .gz
	for accept in gzip br identity; do
		get /file.css -H "Accept-Encoding: $accept"
		assert_equal "$code $(field Vary)" '200 Accept-Encoding'
		get /file.css -H "Accept-Encoding: $accept" \
		    -H "If-None-Match: $(field ETag)"
		assert_equal "$code $(field Vary)" '304 Accept-Encoding'
		get /file.css -H "Accept-Encoding: $accept" -r 0-1
		assert_equal "$code $(field Vary)" '206 Accept-Encoding'
	done
	get /file.css
	assert_equal "$code $(field Vary)" '200 Accept-Encoding'
	get /file.css --head
	assert_equal "$code $(field Vary)" '200 Accept-Encoding'
}

@test "the type is the plain name's, whatever the coding" {
	local accept

	make_forms file.css .br .zst .gz
	for accept in identity br zstd gzip; do
		get /file.css -H "Accept-Encoding: $accept"
		assert_equal "$(field Content-Type)" 'text/css; charset=utf-8'
		assert_equal "$(field X-Content-Type-Options)" nosniff
	done
}

@test "a sidecar by its own name is a file as others are" {
	make_forms file.css .br .zst .gz
	for accept in gzip identity 'identity;q=0'; do
		get /file.css.gz -H "Accept-Encoding: $accept"
		assert_form file.css.gz identity
		assert_equal "$(field Content-Type)" application/gzip
		assert_equal "$(field Vary)" ''
	done
	make_forms file.css.gz .gz
	assert_coding file.css.gz gzip gzip
	assert_equal "$(field Content-Type)" application/gzip
}

@test "HEAD has the fields of the coding, and no body" {
	local accept

	make_forms file.css .br .gz
	for accept in identity br gzip; do
		get /file.css -H "Accept-Encoding: $accept"
		sed -i /^Date:/Id "$BATS_TEST_TMPDIR/head"
		mv "$BATS_TEST_TMPDIR/head" "$BATS_TEST_TMPDIR/expected"
		run -0 curl -sSI --max-time $((10 * SLOW)) \
		    -H "Accept-Encoding: $accept" -o /dev/null \
		    -D "$BATS_TEST_TMPDIR/head" -w '%{size_download}' \
		    "$URL/file.css"
		assert_output 0
		sed -i /^Date:/Id "$BATS_TEST_TMPDIR/head"
		diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/head"
	done
}

@test "ranges are of the coded form" {
	make_forms file.css .gz
	printf 0123456789 >"$root/file.css.gz"
	get /file.css -H 'Accept-Encoding: gzip' -r 2-4
	assert_equal "$code $(field Content-Range)" '206 bytes 2-4/10'
	assert_equal "$(field Content-Encoding)" gzip
	assert_equal "$(cat "$BATS_TEST_TMPDIR/body")" 234
	get /file.css -H 'Accept-Encoding: gzip' -r 10-
	assert_equal "$code $(field Content-Range)" '416 bytes */10'
	assert_equal "$(field Content-Encoding)" ''
	get /file.css -H 'Accept-Encoding: gzip' -r 0-0,9-9
	assert_equal "$code $(field Content-Encoding)" '206 gzip'
	run -0 grep -a '^Content-\(Range\|Type\)' "$BATS_TEST_TMPDIR/body"
	assert_output --partial 'Content-Range: bytes 0-0/10'
	assert_output --partial 'Content-Range: bytes 9-9/10'
	assert_output --partial 'Content-Type: text/css'
	get /file.css -r 2-4
	assert_equal "$(field Content-Range)" \
	    "bytes 2-4/$(stat -c %s "$root/file.css")"
	assert_equal "$(field Content-Encoding)" ''
}

# The ETag that who accepts this gets for /file.css.
etag_of()
{
	get /file.css -H "Accept-Encoding: $1"
	field ETag
}

@test "each coding has an ETag of its own, which conditions go by" {
	local accept other tag
	local -A tags=()

	make_forms file.css .br .zst .gz
	# Of one size and time, they could be taken for each other.
	for suffix in '' .br .zst .gz; do
		printf 'form %4s' "$suffix" >"$root/file.css$suffix"
		touch -d '2020-01-01 UTC' "$root/file.css$suffix"
	done
	for accept in identity br zstd gzip; do
		tag=$(etag_of "$accept")
		[[ $tag =~ ^\"[^\"]+\"$ ]] || fail "$accept: ETag: $tag"
		assert_equal "${tags[$tag]-none}" none
		tags[$tag]=$accept
	done
	for tag in "${!tags[@]}"; do
		for accept in identity br zstd gzip; do
			get /file.css -H "Accept-Encoding: $accept" \
			    -H "If-None-Match: $tag"
			other=200
			if [[ ${tags[$tag]} == "$accept" ]]; then
				other=304
			fi
			assert_equal "$tag $accept $code" "$tag $accept $other"
			get /file.css -H "Accept-Encoding: $accept" -r 0-1 \
			    -H "If-Range: $tag"
			assert_equal "$accept $code" \
			    "$accept $((other == 304 ? 206 : 200))"
		done
	done
}

@test "Last-Modified is the form's" {
	make_forms file.css .gz
	touch -d '2021-01-01 UTC' "$root/file.css.gz"
	get /file.css -H 'Accept-Encoding: gzip'
	assert_equal "$(field Last-Modified)" 'Fri, 01 Jan 2021 00:00:00 GMT'
	get /file.css
	assert_equal "$(field Last-Modified)" 'Wed, 01 Jan 2020 00:00:00 GMT'
}

@test "a sidecar that is older than its file is not used" {
	make_forms file.css .br .gz
	touch -d '2019-12-31 23:59:59.999999999 UTC' "$root/file.css.br"
	assert_coding file.css 'br, gzip' gzip
	assert_coding file.css br identity
	touch -d '2020-01-01 00:00:00.000000001 UTC' "$root/file.css"
	assert_coding file.css 'br, gzip' identity
	# As it is about to be replaced.
	assert_equal "$(field Vary)" Accept-Encoding
	get /file.css -H 'Accept-Encoding: identity;q=0'
	assert_equal "$code" 200
	touch -d '2020-01-01 00:00:00.000000001 UTC' "$root/file.css.gz"
	assert_coding file.css 'br, gzip' gzip
	touch -d '2020-01-01 00:00:00.000000002 UTC' "$root/file.css.br"
	assert_coding file.css 'br, gzip' br
}

@test "an edit of the file alone is seen by those who accept codings, too" {
	make_forms file.css .gz
	assert_coding file.css gzip gzip
	echo edited >"$root/file.css"
	assert_coding file.css gzip identity
	echo 'edited and packed' >"$root/file.css.gz"
	assert_coding file.css gzip gzip
}

@test "a sidecar comes and goes between requests" {
	local i

	make_forms file.css
	for i in 1 2 3; do
		assert_coding file.css gzip identity
		assert_equal "$(field Vary)" ''
		echo "packed $i" >"$root/file.css.gz"
		assert_coding file.css gzip gzip
		assert_equal "$(field Vary)" Accept-Encoding
		get /file.css
		assert_equal "$(field Vary)" Accept-Encoding
		rm "$root/file.css.gz"
	done
	assert_coding file.css gzip identity
}

@test "where the file itself is not there, a sidecar stands for it" {
	make_forms file.css .gz
	rm "$root/file.css"
	get /file.css -H 'Accept-Encoding: gzip'
	assert_form file.css gzip
	assert_equal "$(field Content-Type)" 'text/css; charset=utf-8'
	assert_equal "$(field Vary)" Accept-Encoding
	# Who says nothing accepts anything: RFC 9110, 12.5.3.
	get /file.css
	assert_form file.css gzip
	for accept in identity br 'gzip;q=0'; do
		get /file.css -H "Accept-Encoding: $accept"
		assert_equal "$accept $code" "$accept 406"
	done
	rm "$root/file.css.gz"
	get /file.css -H 'Accept-Encoding: gzip'
	assert_equal "$code" 404
}

@test "a sidecar that is no file is none" {
	local accept

	make_forms file.css
	mkdir "$root/file.css.br"
	mkfifo "$root/file.css.zst"
	ln -s ../secret "$root/file.css.gz"
	echo secret >"$BATS_TEST_TMPDIR/secret"
	for accept in br zstd gzip; do
		assert_coding file.css "$accept" identity
		assert_equal "$(field Vary)" ''
	done
	rm "$root/file.css"
	get /file.css -H 'Accept-Encoding: br, zstd, gzip'
	assert_equal "$code" 404
}

@test "a sidecar that may not be read is as good as none" {
	(($(id -u) == 0)) || skip "only root can be nobody"
	make_forms file.css .br .gz
	chmod 0 "$root/file.css.br"
	assert_coding file.css 'br, gzip' gzip
	assert_coding file.css br identity
	assert_equal "$(field Vary)" Accept-Encoding
	get /file.css -H 'Accept-Encoding: br, identity;q=0'
	assert_equal "$code" 403
	rm "$root/file.css" "$root/file.css.gz"
	get /file.css -H 'Accept-Encoding: br'
	assert_equal "$code" 403
	chmod 644 "$root/file.css.br"
	assert_coding file.css br br
}

@test "a file that may not be read has no sidecars that may" {
	local accept

	(($(id -u) == 0)) || skip "only root can be nobody"
	make_forms file.css .br .gz
	assert_coding file.css gzip gzip
	chmod 0 "$root/file.css"
	for accept in gzip 'br, gzip' identity 'gzip, identity;q=0' '*'; do
		get /file.css -H "Accept-Encoding: $accept"
		assert_equal "$accept $code" "$accept 403"
		assert_equal "$(field Content-Encoding)$(field ETag)" ''
	done
	# By its own name it is another file.
	get /file.css.gz
	assert_form file.css.gz identity
	chmod 644 "$root/file.css"
	assert_coding file.css gzip gzip
	assert_coding file.css identity identity
}

@test "a sidecar may be a link inside the root" {
	make_forms file.css
	mkdir "$root/packed"
	echo packed >"$root/packed/1"
	ln -s packed/1 "$root/file.css.gz"
	assert_coding file.css gzip gzip
	echo 'packed again' >"$root/packed/1"
	assert_coding file.css gzip gzip
	rm "$root/packed/1"
	assert_coding file.css gzip identity
}

@test "a file that is no file has no sidecars" {
	make_forms file.css .gz
	rm "$root/file.css"
	mkfifo "$root/file.css"
	get /file.css -H 'Accept-Encoding: gzip'
	assert_equal "$code" 404
	rm "$root/file.css"
	mkdir "$root/file.css"
	get /file.css -H 'Accept-Encoding: gzip'
	assert_equal "$code" 301
}

@test "a name that is hidden has no sidecars" {
	make_forms .htaccess .gz
	make_forms .well-known .gz
	rm "$root/.well-known"
	for path in /.htaccess /.well-known /.well-known.gz; do
		get "$path" -H 'Accept-Encoding: gzip'
		assert_equal "$path $code" "$path 404"
	done
}

@test "a directory's index has sidecars, and may be one alone" {
	make_forms dir/index.html .gz
	get /dir/ -H 'Accept-Encoding: gzip'
	assert_form dir/index.html gzip
	assert_equal "$(field Content-Type)" 'text/html; charset=utf-8'
	rm "$root/dir/index.html"
	get /dir/ -H 'Accept-Encoding: gzip'
	assert_form dir/index.html gzip
	get /dir/ -H 'Accept-Encoding: identity'
	assert_equal "$code" 406
}

@test "errors are not coded, and say nothing of sidecars" {
	make_forms file.css .gz
	make_forms missing.gz
	get /file.css -H 'Accept-Encoding: gzip' -H 'If-Match: "x"'
	assert_equal "$code" 412
	assert_equal "$(field Content-Encoding)$(field ETag)" ''
	get /file.css -H 'Accept-Encoding: gzip' -X POST
	assert_equal "$code" 405
	assert_equal "$(field Content-Encoding)" ''
}

@test "a client that unpacks has the bytes of the file" {
	head -c 100000 "$BUILD/httpserve" >"$root/small"
	head -c 3000000 /dev/urandom >"$root/large"
	gzip -k "$root/small" "$root/large"
	for name in small large; do
		get "/$name" --compressed
		assert_equal "$code $(field Content-Encoding)" '200 gzip'
		cmp "$BATS_TEST_TMPDIR/body" "$root/$name"
	done
}

@test "a listing shows files and sidecars by their own names" {
	make_forms dir/file.css .gz
	get /dir/ -H 'Accept-Encoding: gzip'
	assert_equal "$code $(field Content-Encoding)" '200 '
	run -0 grep -c 'href="file.css\(.gz\)\?"' "$BATS_TEST_TMPDIR/body"
	assert_output 2
}
