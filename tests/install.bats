#!/usr/bin/env bats
# make install, and what a packager and a user of the library do with it.

load helper

make_with() {
	make --no-print-directory -C "$TOP" BUILD="$BUILD" \
	    SANITIZE="${SANITIZE-}" "$@"
}

installed() {
	(cd "$1" && find . ! -type d | sort)
}

@test "install puts every file below DESTDIR and PREFIX" {
	run make_with install DESTDIR="$BATS_TEST_TMPDIR/root" PREFIX=/usr
	assert_success
	run installed "$BATS_TEST_TMPDIR/root"
	assert_output - <<-'END'
	./etc/httpserve.conf
	./etc/logrotate.d/httpserve
	./usr/include/httpcodes.h
	./usr/include/httpfiles.h
	./usr/include/httphandlers.h
	./usr/include/httpmux.h
	./usr/include/httpserve.h
	./usr/include/httpsites.h
	./usr/include/httpstatus.h
	./usr/lib/libhttpserve.a
	./usr/lib/pkgconfig/httpserve.pc
	./usr/lib/systemd/system/httpserve.service
	./usr/lib/systemd/system/httpserve.socket
	./usr/sbin/httpserve
	./usr/share/bash-completion/completions/httpserve
	./usr/share/man/man3/httpserve.3
	./usr/share/man/man5/httpserve.conf.5
	./usr/share/man/man8/httpserve.8
	./usr/share/zsh/site-functions/_httpserve
	END
	run "$BATS_TEST_TMPDIR/root/usr/sbin/httpserve" -V
	assert_success
}

@test "no template's mark and no DESTDIR is left in an installed file" {
	run make_with install DESTDIR="$BATS_TEST_TMPDIR/root" PREFIX=/usr
	assert_success
	cd "$BATS_TEST_TMPDIR/root/usr/lib"
	run ! grep -E "@[A-Z]+@|$BATS_TEST_TMPDIR" pkgconfig/httpserve.pc \
	    systemd/system/httpserve.service systemd/system/httpserve.socket
	run grep '^ExecStart=' systemd/system/httpserve.service
	assert_output --partial '=/usr/sbin/httpserve -f /etc/httpserve.conf'
}

@test "a configuration that was edited is kept by install and uninstall" {
	local root=$BATS_TEST_TMPDIR/root

	run make_with install DESTDIR="$root" PREFIX=/usr
	assert_success
	echo '# edited' >>"$root/etc/httpserve.conf"
	run make_with install DESTDIR="$root" PREFIX=/usr
	assert_success
	run tail -n 1 "$root/etc/httpserve.conf"
	assert_output '# edited'
	run make_with uninstall DESTDIR="$root" PREFIX=/usr
	assert_success
	run installed "$root"
	assert_output ./etc/httpserve.conf
}

@test "uninstall leaves nothing behind" {
	run make_with install DESTDIR="$BATS_TEST_TMPDIR/root" PREFIX=/usr
	assert_success
	run make_with uninstall DESTDIR="$BATS_TEST_TMPDIR/root" PREFIX=/usr
	assert_success
	run installed "$BATS_TEST_TMPDIR/root"
	assert_output ''
}

@test "hello.c is built against the installed library by pkg-config" {
	local root=$BATS_TEST_TMPDIR/root linking flags

	run make_with install DESTDIR="$root" PREFIX=/opt/httpserve
	assert_success
	# The sysroot stands for DESTDIR alone: libbsd comes from the system.
	cp "$TOP/tests/examples/hello.c" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	for linking in '' --static; do
		flags=$(PKG_CONFIG_PATH="$root/opt/httpserve/lib/pkgconfig" \
		    pkg-config $linking --cflags --libs \
		    --define-variable=prefix="$root/opt/httpserve" httpserve)
		# shellcheck disable=SC2086	# flags are words
		run "${CC:-cc}" -Wall -Werror \
		    ${SANITIZE:+-fsanitize=$SANITIZE} -o hello hello.c $flags
		assert_success
	done
}

@test "pkg-config knows the version of the header" {
	run make_with install PREFIX="$BATS_TEST_TMPDIR/local"
	assert_success
	PKG_CONFIG_PATH=$BATS_TEST_TMPDIR/local/lib/pkgconfig \
	    run pkg-config --modversion httpserve
	assert_output 0.1.0
}

@test "the unit is a notify-reload one where systemd knows that" {
	local unit=$BATS_TEST_TMPDIR/usr/local/lib/systemd/system/httpserve.service

	run make_with install DESTDIR="$BATS_TEST_TMPDIR" SYSTEMD_VERSION=252
	assert_success
	run grep -E '^(Type|ExecReload)=' "$unit"
	assert_output $'Type=notify\nExecReload=kill -HUP $MAINPID'
	run make_with install DESTDIR="$BATS_TEST_TMPDIR" SYSTEMD_VERSION=253
	assert_success
	run grep -E 'Type=|ExecReload' "$unit"
	assert_output Type=notify-reload
	run make_with install DESTDIR="$BATS_TEST_TMPDIR" SYSTEMD_VERSION=
	assert_success
	run grep ^Type= "$unit"
	assert_output Type=notify
}

# The unit as it lies here names what is installed, which may not be there, and
# an older systemd does not know its type.
@test "systemd-analyze reads the unit of etc/ as it is, and finds it as safe" {
	local said='is not executable: No such file|Failed to parse service type'

	command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
	cd "$TOP"
	run systemd-analyze security --no-pager --offline=true --threshold=15 \
	    etc/httpserve.service
	assert_success
	run systemd-analyze verify --man=no etc/httpserve.service
	run -1 grep -vE "$said" <<<"$output"
}

# Where systemd-analyze finds what the units name.
install_units()
{
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
	run make_with install PREFIX="$BATS_TEST_TMPDIR/local"
	assert_success
	cd "$BATS_TEST_TMPDIR/local/lib/systemd/system" || return
}

@test "systemd-analyze has nothing to say about the units" {
	install_units
	run systemd-analyze verify --man=no ./httpserve.service \
	    ./httpserve.socket
	assert_success
	assert_output ''
}

@test "systemd-analyze finds the service exposed by 1.5 of 10 at the most" {
	install_units
	run systemd-analyze security --no-pager --offline=true --threshold=15 \
	    ./httpserve.service
	assert_success
	assert_output --regexp 'Overall exposure level for httpserve.service: '
}
