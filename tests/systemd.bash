# shellcheck shell=bash
# A systemd of one's own for the tests: the host's files, seen from namespaces
# in which it is process 1, with these units and no others, in a network where
# every port is free.  Nothing is downloaded, and what it changes in the file
# system is on its tmpfs.
#
#	boot_systemd			starts it; else NO_SYSTEMD is the reason
#	halt_systemd			ends it and all that it has started
#	inside command...		runs a command there
#	configure text			a drop-in of httpserve.service
#
# For setup_file and teardown_file; the program is /run/bin/httpserve.

SYSTEMD=/lib/systemd/systemd

why_no_systemd()
{
	local program

	((EUID == 0)) || { echo "needs root" && return; }
	[[ -z ${SANITIZE-} ]] ||
	    { echo "a sanitizer needs what the unit forbids" && return; }
	[[ -x $SYSTEMD ]] || { echo "no $SYSTEMD here" && return; }
	for program in systemctl unshare nsenter; do
		command -v $program >/dev/null ||
		    { echo "no $program here" && return; }
	done
	id www-data >/dev/null 2>&1 || { echo "no user www-data" && return; }
	unshare --pid --fork --mount --cgroup --net --ipc --uts \
	    mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null ||
	    echo "no namespaces with a cgroup2 hierarchy here"
}

# Runs behind unshare --mount: a control group to be alone in, first, for the
# other namespaces begin there.
enter_cgroup='
	mount --make-rprivate /
	umount -l /sys/fs/cgroup 2>/dev/null
	mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit
	cgroup=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/$CGROUP
'

start_systemd='
	mkdir "$cgroup" && echo 0 >"$cgroup/cgroup.procs" &&
	    exec unshare --pid --fork --kill-child --mount --cgroup --net \
	    --ipc --uts sh -c "$INIT"
'

# With systemd as its process 1.  Services see no /tmp of the host's, and some
# hosts have no /var/www.
init='
	set -e
	umount -l /sys/fs/cgroup
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mount -t proc proc /proc
	mount -t tmpfs -o mode=755 tmpfs /run
	mount -t tmpfs -o mode=755 tmpfs /var
	mkdir -p /var/www /var/log /var/lib /run/bin
	mkdir -m 1777 /var/tmp
	ln -s /run /var/run
	cp "$BUILD/httpserve" "$TOP/etc/httpserve.conf" /run/bin
	exec env -i PATH="$PATH" container=other \
	    SYSTEMD_UNIT_PATH="$UNITS" SYSTEMD_GENERATOR_PATH="$UNITS/none" \
	    SYSTEMD_ENVIRONMENT_GENERATOR_PATH="$UNITS/none" \
	    "$SYSTEMD" --system --log-target=null --show-status=no
'

end_cgroup='
	[ -d "$cgroup" ] || exit 0
	find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
	[ ! -d "$cgroup" ]
'

write_units()
{
	local target

	mkdir -p "$UNITS/none" "$UNITS/httpserve.service.d"
	for target in default sysinit basic sockets shutdown multi-user; do
		printf '[Unit]\nDescription=%s\n' $target \
		    >"$UNITS/$target.target"
	done
	make -s -C "$TOP" BUILD="$BUILD" CC="${CC:-cc}" install \
	    DESTDIR="$BATS_FILE_TMPDIR/installed" UNITDIR=/units \
	    SBINDIR=/run/bin SYSCONFDIR=/run/bin >"$BATS_FILE_TMPDIR/make" 2>&1
	cp "$BATS_FILE_TMPDIR/installed/units/"* "$UNITS"
	cat >"$UNITS/httpserve.service.d/test.conf" <<-'END'
	[Unit]
	StartLimitIntervalSec=0
	[Service]
	StandardError=append:/run/stderr
	END
}

# Fills INIT_PID with the process that is 1 inside.
find_init()
{
	INIT_PID=$(children_of "$BOOT_PID")
	[[ -n $INIT_PID ]]
}

is_booted()
{
	find_init && inside systemctl is-system-running >/dev/null 2>&1
}

boot_systemd()
{
	export NO_SYSTEMD BOOT_PID INIT_PID UNITS CGROUP SYSTEMD TOP

	NO_SYSTEMD=$(why_no_systemd)
	[[ -z $NO_SYSTEMD ]] || return 0
	UNITS=$BATS_FILE_TMPDIR/units CGROUP=httpserve-test-$$
	write_units
	BUILD=$BUILD INIT=$init unshare --mount \
	    sh -c "$enter_cgroup$start_systemd" \
	    >"$BATS_FILE_TMPDIR/console" 2>&1 </dev/null 3>&- &
	BOOT_PID=$!
	wait_until 10 is_booted ||
	    NO_SYSTEMD="systemd does not boot here: $(
	    tail -n 1 "$BATS_FILE_TMPDIR/console")"
}

is_cgroup_gone()
{
	unshare --mount sh -c "$enter_cgroup$end_cgroup"
}

halt_systemd()
{
	[[ -n ${BOOT_PID-} ]] || return 0
	kill -KILL "$BOOT_PID" || true
	wait_until 10 is_cgroup_gone
}

inside()
{
	nsenter --target "$INIT_PID" --all "$@"
}

configure()
{
	cat >"$UNITS/httpserve.service.d/zz.conf"
	inside systemctl daemon-reload
}
