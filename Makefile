# GNU make, no configure step; "make help" lists the targets.
#
# The packager's: CC AR CFLAGS CPPFLAGS LDFLAGS LDLIBS DESTDIR PREFIX and the
# directories below it.  What the project needs itself is in OWN_*, in front
# of these, so that the packager has the last word.
#
#	SYSTEMD_VERSION=n	that of the systemd to install a unit for
#	WERROR=1	warnings are errors
#	BUILD=dir	where all that is built goes
#	SANITIZE=list	what follows -fsanitize=; give it a BUILD of its own
#	TESTS=names	the tests of "make check": foo.bats, foo_test, rules
#	RELOADS=n UPGRADES=n	those under load, of "make night": 100, 20
#	FUZZ_SECONDS=n	how long "make fuzz" runs each target: 60
#	FUZZ_TARGETS=names	those of "make fuzz": head, body
#	BENCH_LOADS=names	those of "make bench": keep64, oneshot
#	BENCH_ROUNDS=n		of each, of which medians are taken: 5
#	BENCH_SECONDS=n		for each server in a round: 2
#	STRICT=1		"make bench-check" fails where it can't compare

CFLAGS		?= -O2 -g
BUILD		?= build

PREFIX		?= /usr/local
SBINDIR		?= $(PREFIX)/sbin
LIBDIR		?= $(PREFIX)/lib
INCLUDEDIR	?= $(PREFIX)/include
MANDIR		?= $(PREFIX)/share/man
PKGCONFIGDIR	?= $(LIBDIR)/pkgconfig
UNITDIR		?= $(PREFIX)/lib/systemd/system
# For the unit's type.
SYSTEMD_VERSION	?= $(shell systemctl --version 2>/dev/null | \
    sed -n '1s/[^0-9]*\([0-9]*\).*/\1/p')
# Nothing reads /usr/etc.
SYSCONFDIR	?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
LOGROTATEDIR	?= $(SYSCONFDIR)/logrotate.d
BASHCOMPDIR	?= $(PREFIX)/share/bash-completion/completions
# Debian's own packages have theirs in vendor-completions beside this one.
ZSHCOMPDIR	?= $(PREFIX)/share/zsh/site-functions

# Debian's packages, by what they are for.
# To build the library and the daemon.
PACKAGES = gcc make pkg-config libc6-dev libbsd-dev libhttp-parser-dev
# The same: crypt(3), for the passwords of users.
PACKAGES += libcrypt-dev
# The daemon's filter of system calls.
PACKAGES += libseccomp-dev
# The daemon's configuration file.
PACKAGES += libconfuse-dev
# To run: /etc/mime.types; the service names of addresses such as ":http".
PACKAGES += media-types netbase
# Tests: the harness ("util-linux" has setarch).
PACKAGES += bats bats-support bats-assert libcmocka-dev util-linux
# Tests: clients of every kind, and eyes on processes and sockets.
PACKAGES += curl wget wrk netcat-openbsd socat procps strace iproute2 jq
PACKAGES += aria2
PACKAGES += goaccess logrotate
# Tests: htpasswd(1), for the users of auth.
PACKAGES += apache2-utils
# Tests: the proxy whose PROXY protocol is spoken here.
PACKAGES += haproxy
# Tests: col(1), for what a manual page says.
PACKAGES += bsdextrautils
# Tests: the shells that complete options.
PACKAGES += zsh bash-completion
# Tests: a service manager, of which a daemon needs nothing.
PACKAGES += systemd
# A second compiler with its sanitizers, and what "make lint" asks.
PACKAGES += clang libclang-rt-dev clang-tidy cppcheck shellcheck mandoc
# What a request costs, in instructions.
PACKAGES += valgrind

MAKEFLAGS += --no-print-directory

.PHONY: all deps browser-deps promtool run check check-asan check-tsan check-clang
.PHONY: check-huge test-programs
.PHONY: lint lint-cppcheck lint-tidy lint-shell lint-man lint-style lint-rooms
.PHONY: fuzz fuzz-programs
.PHONY: herd faults night bench bench-check bench-deps install uninstall clean help rest
.DELETE_ON_ERROR:
.SECONDARY:

all:		## build the library and the daemon (the default)

MISSING = $(filter-out $(shell dpkg-query -W \
    -f '$${db:Status-Status}/$${Package}\n' $(PACKAGES) 2>/dev/null | \
    sed -n 's,^installed/,,p'),$(PACKAGES))

deps:		## install the Debian packages that building and testing need
	@missing="$(MISSING)"; \
	[ -n "$$missing" ] || exit 0; \
	command -v apt-get >/dev/null || { \
		echo "make deps: no apt-get here; install: $$missing" >&2; \
		exit 1; \
	}; \
	sudo=; [ "$$(id -u)" -eq 0 ] || sudo=sudo; \
	$$sudo apt-get update && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y \
	    --no-install-recommends $$missing
	@$(MAKE) promtool || \
	    echo "make deps: no promtool; the test that needs it is skipped" >&2

# Tests: what Prometheus says of metrics.  Its package is 96 MB and starts a
# server, so only this is taken from it, and nothing installed: 19 MB to fetch.
promtool:
	@[ -x $(BUILD)/promtool ] || command -v promtool >/dev/null || { \
		set -e; dir=$$(mktemp -d); \
		trap 'rm -r "$$dir"' EXIT; mkdir -p $(BUILD); \
		(cd "$$dir" && apt-get -qq \
		    -o APT::Sandbox::User=root download prometheus); \
		dpkg-deb -x "$$dir"/prometheus_*.deb "$$dir"; \
		mv "$$dir/usr/bin/promtool" $(BUILD)/promtool; \
	}

# Tests: a browser.  It takes 400 MB, so it has a target of its own, and the
# tests that need it are skipped where it is not.
BROWSER_PACKAGES := chromium

browser-deps:	## install the browser that some tests look at pages with
	@tests/bench/deps $(BROWSER_PACKAGES)

OTHER_GOALS := $(filter-out deps,$(MAKECMDGOALS))
ifneq ($(and $(filter deps,$(MAKECMDGOALS)),$(OTHER_GOALS)),)

# "make deps run": the rest is for a make that sees what deps installed.
rest: deps
	@$(MAKE) $(OTHER_GOALS)
$(OTHER_GOALS): rest
	@:

else

# What goes into the daemon alone; all other sources are the library.
DAEMON_SRCS := $(wildcard $(addprefix src/,httpserve.c daemon.c options.c \
    config*.c logs.c reload.c upgrade.c abspath.c errorlog.c logtarget.c \
    privileges.c notify.c activation.c sockets.c confine.c sandbox.c boards.c \
    top*.c))
LIB_SRCS := $(filter-out $(DAEMON_SRCS),$(wildcard src/*.c src/handlers/*.c))
PUBLIC_HEADERS := src/httpserve.h src/httpcodes.h src/httpfiles.h src/httpmux.h \
    src/httphandlers.h src/httpsites.h src/httpstatus.h
DAEMON_HEADERS := $(filter-out $(PUBLIC_HEADERS),\
    $(wildcard $(DAEMON_SRCS:.c=.h)))
# Rooms of the library that stand alone, and that the daemon uses, too: what a
# listener is, which it is given by others; syslogd, for its own messages; and
# for -s the state of another server, with what text and times are made of.
SHARED_HEADERS := listener.h logsocket.h scoreboard.h snapshot.h buffer.h \
    clock.h utf8.h network.h
EXAMPLE_SRCS := $(wildcard tests/examples/*.c)
UNIT_SRCS := $(wildcard tests/unit/*_test.c)
PROGRAM_SRCS := $(filter-out %/intruder.c,$(wildcard tests/programs/*.c))
RULE_SRCS := $(wildcard tests/http/*.c)
HERD_SRCS := $(wildcard tests/herd.c)
BENCH_SRCS := tests/bench/callcost.c tests/bench/limit.c tests/bench/probe.c
# Preloaded, see there.
SHIM_SRCS := tests/bench/openat2.c tests/programs/intruder.c
FUZZ_SRCS := $(wildcard tests/fuzz/*.c)
FAULT_SRCS := $(wildcard tests/faults/*.c)
ALL_SRCS := $(LIB_SRCS) $(DAEMON_SRCS) $(EXAMPLE_SRCS) $(UNIT_SRCS) \
    $(PROGRAM_SRCS) $(RULE_SRCS) $(HERD_SRCS) $(BENCH_SRCS) $(SHIM_SRCS) \
    $(FUZZ_SRCS) $(FAULT_SRCS)
HEADERS := $(wildcard src/*.h src/handlers/*.h tests/*.h tests/*/*.h)
SCRIPTS := .ci/run tests/run tests/night tests/fuzz/run etc/httpserve.bash-completion \
    $(addprefix tests/bench/,calls check deps run slowclients spread) \
    $(wildcard tests/*.bash tests/*.bats tests/bench/*.bash)
MAN_PAGES := $(wildcard man/*.[1-9])

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(patsubst src/%,%,$(1)))

LIB := $(BUILD)/libhttpserve.a
DAEMON := $(BUILD)/httpserve
EXAMPLES := $(EXAMPLE_SRCS:tests/%.c=$(BUILD)/%)
UNITS := $(UNIT_SRCS:tests/%.c=$(BUILD)/%)
PROGRAMS := $(PROGRAM_SRCS:tests/%.c=$(BUILD)/%)
RULES := $(if $(RULE_SRCS),$(BUILD)/http/rules)
HERD := $(HERD_SRCS:tests/%.c=$(BUILD)/%)
BENCHES := $(BENCH_SRCS:tests/%.c=$(BUILD)/%) \
    $(SHIM_SRCS:tests/%.c=$(BUILD)/%.so)
FUZZERS := $(FUZZ_SRCS:tests/fuzz/%.c=$(BUILD)/%)
FAULTS := $(BUILD)/faults/shim.so $(BUILD)/faults/control \
    $(BUILD)/faults/clients
# The daemon's own rooms, for unit tests: without its main().
DAEMON_ROOMS := $(filter-out %/httpserve.o,$(call objects,$(DAEMON_SRCS)))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
    -Wpointer-arith -Wwrite-strings -Wformat=2
ifdef WERROR
WARNINGS += -Werror
endif

ifneq ($(filter-out deps browser-deps promtool bench-deps clean help uninstall,$(or $(MAKECMDGOALS),all)),)
BSD_CFLAGS := $(shell pkg-config --cflags libbsd-overlay libbsd-ctor \
    2>/dev/null)
BSD_LIBS := $(shell pkg-config --libs libbsd-overlay libbsd-ctor 2>/dev/null)
ifeq ($(BSD_LIBS),)
$(error pkg-config or libbsd-dev is missing: run "make deps")
endif
ifneq ($(filter x86_64% i%86%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
HARDENING := -fcf-protection
endif
endif

HARDENING += -fstack-protector-strong -fstack-clash-protection
ifdef SANITIZE
SANITIZERS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
    -fno-omit-frame-pointer
# Fortified functions hide accesses from a sanitizer, and need -O to be any.
else ifneq ($(filter-out -O0,$(filter -O%,$(CFLAGS))),)
ifeq ($(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
HARDENING += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
endif

OWN_CPPFLAGS := -D_GNU_SOURCE -Isrc $(BSD_CFLAGS)
OWN_CFLAGS = -std=gnu17 -pthread -fPIE $(WARNINGS) $(HARDENING) $(SANITIZERS)
OWN_LDFLAGS := -pie -pthread -Wl,-z,relro,-z,now $(SANITIZERS)
OWN_LDLIBS := $(BSD_LIBS) -lhttp_parser -lcrypt
DAEMON_LIBS := -lseccomp -lconfuse

COMPILE = $(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) \
    -MMD -MP -c
LINK = $(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS)
LIBS = $(OWN_LDLIBS) $(LDLIBS)

all: $(LIB) $(DAEMON)

$(BUILD)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $<

$(BUILD)/obj/tests/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $<

# A handler need not use all it is given; the examples are for reading.
$(BUILD)/obj/tests/examples/%.o: WARNINGS += -Wno-unused-parameter

# Made anew: ar keeps the members of sources that are gone.
$(LIB): $(call objects,$(LIB_SRCS))
	@rm -f $@
	$(AR) rcs $@ $^

$(DAEMON): $(call objects,$(DAEMON_SRCS)) $(LIB)
	$(LINK) -o $@ $^ $(LIBS) $(DAEMON_LIBS)

$(BUILD)/examples/%: $(BUILD)/obj/tests/examples/%.o $(LIB)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(DAEMON_ROOMS) $(LIB)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS) $(DAEMON_LIBS) -lcmocka

# It sends what the rules do.
$(BUILD)/unit/conn_test: $(filter-out %/runner.o %/server.o %/answer.o,\
    $(call objects,$(RULE_SRCS)))

# Servers and clients that the bats files start.
$(BUILD)/programs/%: $(BUILD)/obj/tests/programs/%.o $(LIB)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/http/rules: $(call objects,$(RULE_SRCS))
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/herd: $(BUILD)/obj/tests/herd.o
	$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/faults/%: $(BUILD)/obj/tests/faults/%.o
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

# In front of the C library: it defines what fortified headers redefine.
$(BUILD)/faults/shim.so: tests/faults/shim.c tests/faults/faults.h Makefile
	@mkdir -p $(@D)
	$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) -std=gnu17 -pthread $(WARNINGS) \
	    $(CFLAGS) -U_FORTIFY_SOURCE -fPIC -shared $(LDFLAGS) -o $@ $<

$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/%.so: tests/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) -fPIC \
	    -shared -o $@ $<

# For the make that "make fuzz" calls: in a BUILD of their own.
$(FUZZERS): $(BUILD)/%: $(BUILD)/obj/tests/fuzz/%.o $(DAEMON_ROOMS) $(LIB)
	$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS) $(DAEMON_LIBS)

-include $(patsubst %.o,%.d,$(call objects,$(ALL_SRCS)))

run: all	## serve the current directory at http://localhost:8080
	$(DAEMON) -l :8080 .

test-programs: $(EXAMPLES) $(UNITS) $(PROGRAMS) $(RULES) $(HERD) $(FAULTS) \
    $(BENCHES)

check: all test-programs	## run the tests (TESTS=... for some of them)
	@BUILD=$(BUILD) CC=$(CC) SANITIZE=$(SANITIZE) tests/run $(TESTS)

check-huge: export HUGE = 1
check-huge: export SLOW = 10
check-huge:	## the tests of ranges, and with files of 6 GiB, three times
	@$(MAKE) check TESTS=ranges.bats

check-asan: export ASAN_OPTIONS = detect_leaks=1:strict_string_checks=1
check-asan: export UBSAN_OPTIONS = print_stacktrace=1
check-asan: export SLOW = 3
check-asan:	## the tests under AddressSanitizer and UBSan
	@$(MAKE) BUILD=$(BUILD)/asan SANITIZE=address,undefined check

# ThreadSanitizer of gcc 12 does not start where the kernel gives addresses
# more random bits than it was built for (vm.mmap_rnd_bits): setarch -R.
check-tsan: export TSAN_OPTIONS = \
    second_deadlock_stack=1:allocator_may_return_null=1
check-tsan: export SLOW = 4
check-tsan:	## the tests under ThreadSanitizer
	@$$(setarch -R true 2>/dev/null && echo setarch -R) \
	    $(MAKE) BUILD=$(BUILD)/tsan SANITIZE=thread check

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(notdir $(FUZZERS))

# Two at a time, each in its own process and directory below $(BUILD)/fuzz.
fuzz:		## run the fuzz targets, FUZZ_SECONDS each
	@$(MAKE) BUILD=$(BUILD)/fuzz CC=clang \
	    SANITIZE=fuzzer-no-link,address,undefined fuzz-programs
	@printf '%s\n' $(FUZZ_TARGETS) | BUILD=$(BUILD)/fuzz \
	    FUZZ_SECONDS=$(FUZZ_SECONDS) xargs -P 2 -I{} tests/fuzz/run {}

fuzz-programs: $(FUZZ_TARGETS:%=$(BUILD)/%)

check-clang:	## build everything with clang, warnings are errors
	@$(MAKE) BUILD=$(BUILD)/clang CC=clang WERROR=1 all test-programs

lint: lint-cppcheck lint-tidy lint-shell lint-man lint-style lint-rooms
lint:		## all linters

# nullPointer: cppcheck 2.10 thinks that accept4(2) can't take NULL; clang-tidy
# looks for the real ones.  memleak: it takes an mmap(2) that failed for one.
lint-cppcheck:
	cppcheck --quiet --error-exitcode=1 --std=c11 \
	    --library=posix --library=gnu --enable=warning,performance \
	    --suppress=nullPointer --suppress=memleak:tests/herd.c \
	    $(OWN_CPPFLAGS:-isystem=-I) $(ALL_SRCS)

lint-tidy:
	@printf '%s\n' $(ALL_SRCS) | xargs -P 4 -I{} \
	    clang-tidy --quiet {} -- -std=gnu17 $(OWN_CPPFLAGS)

# SC2016: a $$ in single quotes is meant, tests are full of them.  SC2030 and
# SC2031: every test of bats is a subshell.
lint-shell:
	shellcheck --exclude=SC2016,SC2030,SC2031 $(SCRIPTS)

lint-man:
	$(if $(MAN_PAGES),mandoc -Tlint -W warning $(MAN_PAGES))

# What no compiler says: 80 columns, functions to 60 lines, files to 500.
lint-style:
	awk -f .ci/style.awk $(ALL_SRCS) $(HEADERS)

# The daemon is a user of the library, which knows nothing of it.
includes = grep -H '^\#include "' $(1)
named = $(patsubst %,-e '"%"',$(notdir $(1)))
lint-rooms:
	@! $(call includes,$(DAEMON_SRCS) $(DAEMON_HEADERS)) | grep -vF \
	    $(call named,$(DAEMON_HEADERS) $(PUBLIC_HEADERS) $(SHARED_HEADERS))
	@! $(call includes,$(LIB_SRCS) $(filter-out $(DAEMON_HEADERS),\
	    $(wildcard src/*.h src/handlers/*.h))) | grep -F \
	    $(call named,$(DAEMON_HEADERS))

# The tests run some of its rows and lives, this all, which takes longer.
faults: all test-programs	## show what happens when calls fail: a table
	@rm -f $(BUILD)/faults/table
	@BUILD=$(BUILD) FAULTS_TABLE=$(abspath $(BUILD)/faults/table) \
	    BATS_TEST_TIMEOUT=3600 bats tests/faults.bats
	@cat $(BUILD)/faults/table

night: all test-programs	## show what the daemon does that is never down
	@BUILD=$(BUILD) tests/night

# Of each way to wait first, then of the servers.
herd: all $(HERD) $(BENCHES)	## measure the thundering herd: httpserve(8)
	$(HERD)
	@BUILD=$(BUILD) tests/bench/spread

# wrk is in "make deps", too; the others are peers and need not be there.
BENCH_PACKAGES := wrk nginx-light h2o lighttpd apache2 golang-go slowhttptest

bench-deps:	## install the servers that "make bench" compares with
	@tests/bench/deps $(BENCH_PACKAGES)

BENCH_ROUNDS ?= 5
BENCH_SECONDS ?= 2

bench: all $(PROGRAMS) $(BENCHES)	## measure beside the limit and peers
	@BUILD=$(BUILD) tests/bench/run -n $(BENCH_ROUNDS) \
	    -s $(BENCH_SECONDS) $(BENCH_LOADS)

bench-check: all $(BENCHES)	## compare what a request costs with its budget
	@BUILD=$(BUILD) CC='$(CC)' CFLAGS='$(CFLAGS)' \
	    SANITIZE='$(SANITIZE)' tests/bench/check $(if $(STRICT),-s)

# Directories below ${prefix}, so that pkg-config can move them with it.
relative = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
SUBSTITUTE = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@SBINDIR@|$(SBINDIR)|' \
    -e 's|@LIBDIR@|$(call relative,$(LIBDIR))|' \
    -e 's|@INCLUDEDIR@|$(call relative,$(INCLUDEDIR))|' \
    -e 's|@VERSION@|$(VERSION)|' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|'
VERSION = $(shell sed -n 's/.*HTTPSERVE_VERSION "\(.*\)"/\1/p' src/httpserve.h)

# Type=notify-reload came with systemd 253.
NOTIFY = -e 's/^Type=notify-reload$$/Type=notify\nExecReload=kill -HUP $$MAINPID/'
UNIT = -e '/^. Before systemd 253/,/^. here that/d' \
    -e 's|/usr/local/sbin/|$(SBINDIR)/|' \
    -e 's|/usr/local/etc/|$(SYSCONFDIR)/|' \
    $(if $(shell [ "$(SYSTEMD_VERSION)" -ge 253 ] 2>/dev/null && \
    echo new),,$(NOTIFY))

# man/page.8 goes to man8/page.8.
installed_page = $(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))

# A configuration that is there may have been edited: it stays.
install: all	## install below DESTDIR and PREFIX
	install -D -m 755 $(DAEMON) $(DESTDIR)$(SBINDIR)/httpserve
	install -D -m 644 $(LIB) $(DESTDIR)$(LIBDIR)/libhttpserve.a
	install -D -m 644 src/httpserve.h $(DESTDIR)$(INCLUDEDIR)/httpserve.h
	install -D -m 644 src/httpfiles.h $(DESTDIR)$(INCLUDEDIR)/httpfiles.h
	install -D -m 644 src/httpmux.h $(DESTDIR)$(INCLUDEDIR)/httpmux.h
	install -D -m 644 src/httpcodes.h $(DESTDIR)$(INCLUDEDIR)/httpcodes.h
	install -D -m 644 src/httpsites.h $(DESTDIR)$(INCLUDEDIR)/httpsites.h
	install -D -m 644 src/httpstatus.h $(DESTDIR)$(INCLUDEDIR)/httpstatus.h
	install -D -m 644 src/httphandlers.h \
	    $(DESTDIR)$(INCLUDEDIR)/httphandlers.h
	$(SUBSTITUTE) src/httpserve.pc.in | install -D -m 644 /dev/stdin \
	    $(DESTDIR)$(PKGCONFIGDIR)/httpserve.pc
	sed $(UNIT) etc/httpserve.service | install -D -m 644 /dev/stdin \
	    $(DESTDIR)$(UNITDIR)/httpserve.service
	install -D -m 644 etc/httpserve.socket \
	    $(DESTDIR)$(UNITDIR)/httpserve.socket
	install -D -m 644 etc/httpserve.logrotate \
	    $(DESTDIR)$(LOGROTATEDIR)/httpserve
	install -D -m 644 etc/httpserve.bash-completion \
	    $(DESTDIR)$(BASHCOMPDIR)/httpserve
	install -D -m 644 etc/_httpserve $(DESTDIR)$(ZSHCOMPDIR)/_httpserve
	test -e $(DESTDIR)$(SYSCONFDIR)/httpserve.conf || \
	    install -D -m 644 etc/httpserve.conf \
	    $(DESTDIR)$(SYSCONFDIR)/httpserve.conf
	set -e; $(foreach page,$(MAN_PAGES),\
	    install -D -m 644 $(page) $(call installed_page,$(page));)

# Nor does an edited one go.
uninstall:	## remove what install installed
	rm -f $(DESTDIR)$(SBINDIR)/httpserve $(DESTDIR)$(LIBDIR)/libhttpserve.a
	rm -f $(DESTDIR)$(INCLUDEDIR)/httpserve.h
	rm -f $(DESTDIR)$(INCLUDEDIR)/httpfiles.h
	rm -f $(DESTDIR)$(INCLUDEDIR)/httpmux.h
	rm -f $(DESTDIR)$(INCLUDEDIR)/httpcodes.h
	rm -f $(DESTDIR)$(INCLUDEDIR)/httpsites.h
	rm -f $(DESTDIR)$(INCLUDEDIR)/httpstatus.h
	rm -f $(DESTDIR)$(INCLUDEDIR)/httphandlers.h
	rm -f $(DESTDIR)$(PKGCONFIGDIR)/httpserve.pc
	rm -f $(DESTDIR)$(UNITDIR)/httpserve.service
	rm -f $(DESTDIR)$(UNITDIR)/httpserve.socket
	rm -f $(DESTDIR)$(LOGROTATEDIR)/httpserve
	rm -f $(DESTDIR)$(BASHCOMPDIR)/httpserve
	rm -f $(DESTDIR)$(ZSHCOMPDIR)/_httpserve
	! cmp -s etc/httpserve.conf $(DESTDIR)$(SYSCONFDIR)/httpserve.conf || \
	    rm -f $(DESTDIR)$(SYSCONFDIR)/httpserve.conf
	rm -f $(foreach page,$(MAN_PAGES),$(call installed_page,$(page)))

clean:		## remove what was built
	rm -rf $(BUILD)

help:		## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 16

endif
