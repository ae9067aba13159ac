# weir: build, test, run, install. `make help` lists what can be asked for.
#
# Everything is found by wildcard: a new src/<floor>/x.c, tests/unit/<floor>/test_x.c,
# reg-tests/<area>/x.vtc or tests/fuzz/fuzz_x.c needs no line here. Objects lie in
# build/<variant>/, one directory for each combination of CC, DEBUG and SAN, so that variants
# never disturb each other.

SHELL       := /bin/bash
MAKEFLAGS   += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

# ---- what the caller may set -----------------------------------------------------------------
ifeq ($(origin CC),default)
CC          := gcc
endif
DEBUG       ?=
SAN         ?=
V           ?=
JOBS        ?= $(shell nproc 2>/dev/null || echo 1)
FUZZ_SECONDS ?= 60
PREFIX      ?= /usr/local
SYSCONFDIR  ?= /etc
DESTDIR     ?=
EXTRA_CFLAGS ?=

Q           := $(if $(filter-out 0,$(V)),,@)
say          = $(if $(Q),@printf '  %-7s %s\n' '$(1)' '$(2)')

# ---- the variant -----------------------------------------------------------------------------
empty       :=
space       := $(empty) $(empty)
comma       := ,
debug       := $(filter-out 0,$(DEBUG))
parts       := $(filter-out gcc cc,$(notdir $(firstword $(CC)))) $(if $(debug),debug) \
               $(subst $(comma),-,$(SAN))
VARIANT     := $(or $(subst $(space),-,$(strip $(parts))),release)
B           := build/$(VARIANT)
BIN         := $(if $(filter release,$(VARIANT)),weir,$(B)/weir)

# ---- flags -----------------------------------------------------------------------------------
VERSION     := $(shell cat VERSION)
PKGS        := openssl libnghttp2 libpcre2-8 libxxhash zlib libbrotlienc \
               $(if $(wildcard src/feature/lua/*.c),lua5.4)
pkg          = $(shell pkg-config $(1) $(PKGS) || echo " -DRUN_dev/install-deps_build")
# Asked once and only when something is compiled: `make help` works on a bare machine.
PKG_CFLAGS   = $(eval PKG_CFLAGS := $$(call pkg,--cflags))$(PKG_CFLAGS)
PKG_LIBS     = $(eval PKG_LIBS := $$(call pkg,--libs))$(PKG_LIBS)

# WEIR_DEBUG: the configuration that was loaded lies in read-only pages.
optimise    := $(if $(debug),-Og -g3,$(if $(SAN),-O1,-O2) -g) $(if $(debug)$(SAN),-DWEIR_DEBUG=1)
fortify     := $(if $(debug)$(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# An empty slice may be { NULL, 0 }: adding zero to NULL is left alone (C2y defines it).
sanitize    := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer \
               $(if $(findstring clang,$(CC)),-fno-sanitize=pointer-overflow))
warnings    := -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers -Wstrict-prototypes \
               -Wmissing-prototypes -Wpointer-arith -Wvla -Wwrite-strings
# gcc guesses ranges by what it optimises: at -O1, with sanitizers, it guesses badly.
warnings    += $(if $(SAN),$(if $(findstring clang,$(CC)),,-Wno-format-truncation \
               -Wno-maybe-uninitialized))
# TSan does not follow fences; they only order atomic accesses here, which it does follow.
warnings    += $(if $(findstring thread,$(SAN)),$(if $(findstring clang,$(CC)),,-Wno-tsan))

CFLAGS_ALL   = -std=gnu17 $(warnings) $(optimise) $(fortify) -fstack-protector-strong -fPIE \
               -pthread $(sanitize) -D_GNU_SOURCE \
               -DWEIR_VERSION='"$(VERSION)"' -Iinclude -I. $(PKG_CFLAGS) $(EXTRA_CFLAGS) $(CFLAGS)
LDFLAGS_ALL  = -pie -Wl,-z,relro,-z,now -Wl,--as-needed -pthread $(sanitize) $(LDFLAGS)
LIBS_ALL     = $(PKG_LIBS) -lcrypt -lpthread -lm $(LDLIBS)
CCACHE      := $(shell command -v ccache 2>/dev/null)

# ---- files -----------------------------------------------------------------------------------
find         = $(sort $(shell find $(1) -name '$(2)' 2>/dev/null))
SRC         := $(call find,src,*.c)
MAIN        := $(wildcard src/boot/main.c)
LIB         := $(B)/libweir.a
LIB_OBJ     := $(patsubst %.c,$(B)/%.o,$(filter-out $(MAIN),$(SRC))) $(B)/version.o
MAIN_OBJ    := $(patsubst %.c,$(B)/%.o,$(MAIN))
UNIT_SRC    := $(call find,tests/unit,test_*.c)
UNIT_BIN    := $(patsubst %.c,$(B)/%,$(UNIT_SRC))
# Helper programs of scenarios and benchmarks: each tests/tools/x.c becomes build/<variant>/tools/x.
TOOL_BIN    := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c)) $(B)/tools/bench_load
LOAD_OBJ    := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/load/*.c))
FUZZ_SRC    := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN    := $(patsubst %.c,$(B)/%,$(FUZZ_SRC))

.PHONY: all objects run test unit unit-build reg-tests asan tsan fuzz fuzz-build fuzz-smoke bench \
        bench-plot stress growth instructions compare valgrind check-floors census check-docs check-converters check-examples install clean help \
        tools print-% FORCE

all: $(if $(MAIN),$(BIN),$(LIB))          ## build ./weir

objects: $(LIB) $(MAIN_OBJ)

# ---- compile and link ------------------------------------------------------------------------
# The exact flags are kept beside the objects; a change of them rebuilds this variant.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(LIBS_ALL))' >$@.new
	@if grep -q RUN_dev/install-deps_build $@.new; then rm $@.new; \
	 echo "libraries are missing: run dev/install-deps build" >&2; exit 1; fi
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# What changes with every commit is one small object, so that a commit recompiles nothing else.
$(B)/version.c: FORCE
	@mkdir -p $(@D)
	@{ printf '#include "weir/base/version.h"\n'; \
	   printf 'const char weir_git_hash[] = "%s";\n' \
	     "$$(git rev-parse --short=9 HEAD 2>/dev/null)"; \
	   printf 'const char weir_git_date[] = "%s";\n' "$$(git log -1 --format=%cd \
	     --date=format:%Y/%m/%d 2>/dev/null || date -r VERSION +%Y/%m/%d)"; \
	   printf 'const char weir_build_cc[] = "%s";\n' "$(CC)"; \
	   printf 'const char weir_build_cflags[] = "%s";\n' \
	     '$(strip $(optimise) $(fortify) $(sanitize) $(EXTRA_CFLAGS))'; } >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CCACHE) $(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(B)/version.o: $(B)/version.c $(B)/flags
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

# A source that went away must leave the archive too.
$(B)/sources: FORCE
	@mkdir -p $(@D)
	@echo '$(LIB_OBJ)' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(LIB): $(LIB_OBJ) $(B)/sources
	$(Q)rm -f $@ && ar rcs $@ $(LIB_OBJ)

$(BIN): $(MAIN_OBJ) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(MAIN_OBJ) $(LIB) $(LIBS_ALL) -o $@

# Unit tests: one program each. The archive gives a test what it lacks; an object whose source
# the test includes is not pulled in, because all of its symbols are there already.
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) $< $(LIB) $$(pkg-config --libs check) $(LIBS_ALL) -o $@

$(B)/tools/%: $(B)/tests/tools/%.o $(LIB)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) $< $(LIB) $(LIBS_ALL) -o $@

$(B)/tools/bench_load: $(LOAD_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) $^ $(LIBS_ALL) -o $@

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer $< $(LIB) $(LIBS_ALL) -o $@

.SECONDARY:
-include $(patsubst %.c,$(B)/%.d,$(SRC) $(UNIT_SRC) $(FUZZ_SRC) $(wildcard tests/tools/*.c tests/bench/load/*.c)) \
         $(B)/version.d

# ---- run and test ----------------------------------------------------------------------------
run:                                       ## install what is missing, build, answer on loopback
	@dev/install-deps build
	+@$(MAKE) -j$(JOBS) all
	@dev/run-quickstart $(BIN)

test:                                      ## everything that can be checked, both compilers
	@dev/install-deps build
	@dev/install-deps test
	+@MAKE='$(MAKE)' JOBS=$(JOBS) dev/test

unit-build: $(UNIT_BIN)

unit: unit-build                           ## the unit tests of this variant
	@dev/run-unit -o $(B)/unit -j $(JOBS) $(UNIT_BIN)

tools: $(TOOL_BIN)

reg-tests: all tools                       ## the scenarios; T='reg-tests/h2' picks some
	@dev/run-reg-tests -b $(BIN) -o $(B)/reg-tests -j $(JOBS) $(T)

asan:                                      ## build under ASan and UBSan, unit and scenarios
	+@$(MAKE) -j$(JOBS) SAN=address,undefined all unit-build tools
	+@$(MAKE) SAN=address,undefined unit
	+@$(MAKE) SAN=address,undefined reg-tests T='$(T)'

tsan:                                      ## build under TSan, unit and scenarios
	+@$(MAKE) -j$(JOBS) SAN=thread all unit-build tools
	+@$(MAKE) SAN=thread unit
	+@$(MAKE) SAN=thread reg-tests T='$(T)'

fuzz_variant = CC=clang SAN=address,undefined EXTRA_CFLAGS='-fsanitize=fuzzer-no-link \
	-DWEIR_FUZZ=1' VARIANT=fuzz

fuzz-build: $(FUZZ_BIN)

fuzz:                                      ## each fuzzer for FUZZ_SECONDS (T='h1 h2' picks some)
	+@$(MAKE) -j$(JOBS) $(fuzz_variant) fuzz-build
	@dev/run-fuzz -s $(FUZZ_SECONDS) -j $(JOBS) $(T)

fuzz-smoke:                                ## the seed corpus and a few seconds of each fuzzer
	+@$(MAKE) FUZZ_SECONDS=3 fuzz

# CELLS=h1_small,tls_* ROUNDS=7 SECONDS=2 PEERS=haproxy,nginx
bench: all tools                           ## the benchmark, beside other proxies (tests/bench/run)
	@CELLS='$(CELLS)' ROUNDS='$(ROUNDS)' DURATION='$(SECONDS)' PEERS='$(PEERS)' WEIR=$(BIN) TOOLS=$(B)/tools \
	 dev/run-bench run

compare: all                               ## answers beside those of HAProxy (dev/compare)
	@dev/compare $(BIN)

# DURATION: seconds of each part; ARGS=--load or the names of some parts
DURATION    ?= 10
stress: all tools                          ## load while servers die, freeze, talk nonsense
	@tests/stress/run -w $(BIN) -t $(B)/tools -d $(DURATION) $(ARGS)

growth: all tools                          ## mixed traffic for ten minutes: does memory grow? (ARGS='-d 60')
	@tests/stress/growth -w $(BIN) -t $(B)/tools $(ARGS)

bench-plot:                                ## the last results into doc/performance.md and its picture
	@dev/run-bench plot $(ARGS)

instructions: all tools                    ## instructions per request under callgrind
	@CELLS='$(CELLS)' WEIR=$(BIN) TOOLS=$(B)/tools dev/run-bench instructions $(ARGS)

check-floors:                              ## includes look down only
	@dev/check-floors

valgrind: all                              ## start, traffic and stop under memcheck: every block is freed
	@dev/check-valgrind $(BIN)

census: objects                            ## mutable statics against dev/census.allow
	@dev/census $(B)

check-docs: all                            ## the manual against the tables of the binary
	@dev/check-docs $(BIN)

check-converters: all                      ## every converter has a test
	@dev/check-converters $(BIN)

check-examples: all                        ## every example passes weir -c
	@dev/check-examples $(BIN)

# ---- install and tidy ------------------------------------------------------------------------
install: all                               ## to $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/sbin/weir
	install -D -m 644 doc/weir.1 $(DESTDIR)$(PREFIX)/share/man/man1/weir.1
	install -d $(DESTDIR)$(SYSCONFDIR)/weir/conf.d
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/doc/weir/examples
	sed 's,/usr/sbin/weir,$(PREFIX)/sbin/weir,g;s,/etc/weir,$(SYSCONFDIR)/weir,g' examples/weir.service \
	  >$(DESTDIR)$(PREFIX)/lib/systemd/system/weir.service
	install -m 644 examples/*.cfg examples/*.map $(DESTDIR)$(PREFIX)/share/doc/weir/examples/
	install -m 644 README.md LICENSE doc/*.md doc/*.svg $(DESTDIR)$(PREFIX)/share/doc/weir/

clean:                                     ## remove everything that was built
	rm -rf build weir

help:                                      ## this list
	@echo "Targets:"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 16 | sed 's/^/  /'
	@echo "Variables: CC=clang DEBUG=1 SAN=address,undefined|thread V=1 JOBS=n T=what"
	@echo "  DEBUG=1, and every SAN=: pages of the loaded configuration are read only"
	@echo "  FUZZ_SECONDS=60 PREFIX=/usr/local SYSCONFDIR=/etc DESTDIR= EXTRA_CFLAGS="

print-%:
	@echo '$($*)'
FORCE:
