#!/usr/bin/env bats
# Completion in bash and zsh: what it offers is what there is.

load helper

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	mkdir www
	touch site.conf site.log
}

# What bash offers for a command line, a word a line, as it would be put behind
# the last "=" or ":", which separate words.
bash_offers()
{
	bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		. "$1"
		COMP_LINE=$2 COMP_POINT=${#2}
		words=${2//=/ = }
		read -ra COMP_WORDS <<<"${words//:/ : }"
		[[ $2 != *[\ =:] ]] || [[ $2 == *[=:] ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		# It is for the shell that reads the line.
		compopt() { :; }
		_httpserve httpserve
		printf "%s\n" ${COMPREPLY[@]+"${COMPREPLY[@]}"}' \
	    bash "$TOP/etc/httpserve.bash-completion" "httpserve $1" | sort
}

# The same of zsh, with all of the last word.
zsh_offers()
{
	zsh -f "$TOP/tests/completion.zsh" "$TOP/etc" "$BATS_FILE_TMPDIR/zsh" \
	    "httpserve $1" | sort
}

# Fails unless a shell, or both, offer these words and no others.
assert_offers()
{
	local shell=$1 line=$2
	shift 2

	run "${shell}_offers" "$line"
	assert_output "$(printf '%s\n' "$@" | sort)"
}

# The options in the code, a letter a line.
options_of_code()
{
	sed -n '/getopt(/,/!= -1/s/.*"\(.*\)".*/\1/p' "$TOP/src/options.c" |
	    tr -d : | fold -w 1
}

# What is offered in place of a wrong value, which ends the message.
named_by()
{
	"$BUILD/httpserve" "$@" 2>&1 | sed 's/.*[;:] give //; s/^a level: //
	    s/^one of //; s/,* or / /; s/, / /g' | tr ' ' '\n'
}

@test "both shells offer the options of the code" {
	local -a options

	mapfile -t options < <(options_of_code | sed 's/^/-/')
	((${#options[@]} > 20))
	assert_offers bash - "${options[@]}"
	assert_offers zsh - "${options[@]}"
}

@test "both shells know which options take a value" {
	local taking

	taking=$(sed -n '/getopt(/,/!= -1/s/.*"\(.*\)".*/\1/p' \
	    "$TOP/src/options.c" | grep -o '.:' | tr -d : | sort)
	assert_equal "$taking" "$(sed -n 's/.*arguments=//p' \
	    "$TOP/etc/httpserve.bash-completion" | fold -w 1 | sort)"
	assert_equal "$taking" "$(grep -o -- '-[A-Za-z]+\[' \
	    "$TOP/etc/_httpserve" | tr -d -- '-+[' | sort)"
}

@test "both shells offer the names of -o, the levels and the parts" {
	local shell
	local -a names levels parts

	mapfile -t names < <(named_by -o nosuch . | sed 's/$/=/')
	mapfile -t levels < <(named_by -w nosuch .)
	mapfile -t parts < <(named_by -x nosuch .)
	((${#names[@]} > 10 && ${#levels[@]} == 7 && ${#parts[@]} == 5))
	for shell in bash zsh; do
		assert_offers "$shell" '-o ' "${names[@]}"
		assert_offers "$shell" '-w ' "${levels[@]}"
		assert_offers "$shell" '-x ' "${parts[@]}"
	done
}

@test "both shells offer the values of -o, which are taken" {
	local name value

	assert_offers bash '-o listing=' yes no
	assert_offers zsh '-o listing=' listing=yes listing=no
	assert_offers bash '-o follow_links=y' yes
	for name in dotfiles cache_bytes extension fallback index status; do
		mapfile -t values < <(bash_offers "-o $name=")
		((${#values[@]} > 0))
		for value in "${values[@]}"; do
			run "$BUILD/httpserve" -T -o "$name=$value" .
			assert_success
			assert_line --regexp "^$name = \"?$value\"?\$"
		done
	done
	run bash_offers '-L syslog:local'
	assert_equal "${#lines[@]}" 8
	for value in $(bash_offers '-L syslog:'); do
		run "$BUILD/httpserve" -T -L "syslog:$value" .
		assert_success
	done
}

@test "both shells offer files, directories, users and groups" {
	local shell

	for shell in bash zsh; do
		assert_offers "$shell" '-f s' site.conf site.log
		assert_offers "$shell" '-p site.c' site.conf
		assert_offers "$shell" '-qL site.l' site.log
		assert_offers "$shell" '-L sys' syslog
		assert_offers "$shell" '-n 1 -e site.l' site.log
		run "${shell}_offers" '-r w'
		assert_output --regexp '^www/?$'
		run "${shell}_offers" '-d w'
		assert_output --regexp '^www/?$'
		assert_offers "$shell" '-u nobod' nobody
		assert_offers "$shell" '-n ' ''
	done
	assert_offers bash '-u nobody:nogrou' nogroup
	assert_offers zsh '-u nobody:nogrou' nobody:nogroup
	assert_offers bash '-l unix:site.c' site.conf
	assert_offers zsh '-l unix:site.c' unix:site.conf
	assert_offers bash '-d s' ''
	assert_offers bash '-l loc' localhost:8080
}

@test "bash finds the completion where it is installed" {
	local dir=$BATS_TEST_TMPDIR/share/bash-completion/completions

	mkdir -p "$dir"
	cp "$TOP/etc/httpserve.bash-completion" "$dir/httpserve"
	run env XDG_DATA_DIRS="$BATS_TEST_TMPDIR/share" bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		_completion_loader httpserve
		complete -p httpserve'
	assert_output 'complete -F _httpserve httpserve'
}
