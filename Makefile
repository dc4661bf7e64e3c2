# Placemat's build. `make` builds, `make demo` shows it, `make check` tests it; HACKING.md lists the rest.
# Sources are found by directory; everything made goes below $(BUILD).

BUILD  ?= build
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)
# Of the compiler that makes the programs that are measured: Debian 12 and 13 both have this.
LLVM   ?= 19
FUZZ_SECONDS ?= 60
# Sanitizers, as in SAN=address,undefined; give each choice a BUILD of its own (`make asan` does).
SAN    ?=

WARN   ?= -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
          -Wcast-qual -Wvla -Wformat=2 -Wundef -Wwrite-strings
# For no processor in particular gcc clears and copies structures by `rep stos` and `rep movs`, which take 40 cycles to
# begin. Tuned for one that is ten years old it does not; what the programs run on stays as it is.
TUNE   := $(if $(findstring x86_64,$(shell $(CC) -dumpmachine)),-mtune=skylake)
CFLAGS ?= -O2 -g $(TUNE)
SANITIZE = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# gcc optimises the core as a whole when it links a program: a fifth faster. Tests are linked from the same
# objects as they are: its plugin would optimise every test as a whole, too, since the objects allow it: minutes.
LTO    = $(if $(SAN)$(findstring clang,$(CC)),,-flto=auto)
AS_THEY_ARE = $(LTO:%=-fno-lto -fno-use-linker-plugin)
# And takes more of it in line than it would of itself, since it is many small functions.
INLINE = --param=max-inline-insns-auto=80 --param=inline-unit-growth=200
CORE_CFLAGS = $(if $(filter file,$(origin CFLAGS)),-O3 $(LTO) $(LTO:%=-ffat-lto-objects $(INLINE)))
# For `make trained`: clang has programs note what they do, or compiles them by what they noted, and its linker optimises
# each as a whole. It makes fast what comes to 9,999 of 10,000 of all that was done: the solver's loops go round so often
# that commands are in the last hundredth. Each program has a main of its own, and notes of one do not fit the others.
PROFILE = $(abspath $(BUILD))/profile
HOT = -profile-summary-cutoff-hot=999900
TRAIN_generate = -fprofile-generate=$(PROFILE) -fprofile-update=atomic
TRAIN_use = -fprofile-use=$(PROFILE)/all -Wno-backend-plugin -Wno-unused-command-line-argument -mllvm $(HOT)
# What has been trained stays so, as when it is installed.
ifneq ($(wildcard $(PROFILE)/all),)
TRAIN ?= use
endif
ifneq ($(TRAIN_$(TRAIN)),)
override CC := clang-$(LLVM)
TRAINING = -flto -ffat-lto-objects -gdwarf-4 $(TRAIN_$(TRAIN))
AS_THEY_ARE = -fno-lto -fno-fat-lto-objects
override LDFLAGS += -fuse-ld=lld -Wl,-mllvm,$(HOT)
endif
# core/ is strict C17; everything else may use what the system has.
FLAGS  = -std=c17 $(if $(filter core/%,$<),,-D_GNU_SOURCE) -I. -Iinclude $(WARN) $(CPPFLAGS) $(CFLAGS) \
         $(if $(filter core/%,$<),$(CORE_CFLAGS)) $(TRAINING)
LIBS   = -lnng -lcbor $(if $(SAN),,$(JEMALLOC)) -lsqlite3 -lsodium -lssl -lcrypto -lyaml -lcsv -ljansson -lmicrohttpd -lpthread -lm
# Linked even where only libraries allocate; sanitizers bring an allocator of their own.
JEMALLOC = -Wl,--push-state,--no-as-needed -ljemalloc -Wl,--pop-state

# --- what is built -----------------------------------------------------------------------------

objects = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(2),$(wildcard $(1))))
# $(call program,name,main.c): the program's path, if its main is there
program = $(if $(wildcard $(2)),$(BUILD)/bin/$(1))

CLI_MAIN  = client/main.c
PROGRAMS := $(call program,placematd,daemon/main.c) $(call program,placemat,$(CLI_MAIN)) \
            $(call program,placemat-bench,bench/main.c) $(call program,placemat-demo,bench/demo.c)
CORE     := $(BUILD)/libcore.a
PLACEMAT := $(BUILD)/libplacemat.a
DAEMON   := $(BUILD)/libdaemon.a
CLI      := $(BUILD)/libcli.a
TESTLIB  := $(BUILD)/libtests.a
# In link order. libplacemat and libcore share the wire objects and what they need: whichever is met first is linked.
ALL_LIBS := $(TESTLIB) $(CLI) $(DAEMON) $(PLACEMAT) $(CORE)

UNIT  := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
SIM   := $(patsubst tests/sim/%.c,$(BUILD)/tests/%,$(wildcard tests/sim/sim_*.c))
E2E_C := $(patsubst tests/e2e/%.c,$(BUILD)/tests/%,$(wildcard tests/e2e/e2e_*.c))
E2E   := $(E2E_C) $(shell find tests/e2e tests/cddl -maxdepth 1 -name '*.sh' -perm -u+x 2>/dev/null | sort)
FUZZ  := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
TESTS := $(UNIT) $(SIM) $(FUZZ) $(E2E_C)
# What drives a fuzz target: a plain program over its seeds, or (make fuzz) clang's engine.
FUZZ_MAIN   = $(BUILD)/tests/fuzz/driver.o
FUZZ_ENGINE =
# As tests/run takes them: each with the directory of its seeds, if it has one.
FUZZ_RUNS = $(foreach f,$(FUZZ),'$(f) $(wildcard tests/fuzz/corpus/$(notdir $(f)))')

.PHONY: all tests check check-full unit sim unit-sim e2e fuzz-smoke fuzz-run fuzz test threaded asan tsan valgrind coverage \
        check-debian13 trained bench bench-peers bench-results demo deps install tidy tidy-files format clean FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(CORE) $(PLACEMAT) $(PROGRAMS)
tests: all $(TESTS)

# Says what is done in a word; V=1 shows the commands instead.
run = $(if $(V),,@echo '  $(1)  $(if $(filter %.c,$<),$<,$@)';)

# --- how ---------------------------------------------------------------------------------------

$(CORE):     $(call objects,core/*.c)
$(PLACEMAT): $(call objects,client/*.c,$(CLI_MAIN) $(wildcard client/cli_*.c)) \
             $(call objects,core/wire*.c core/solver_check.c core/vocabulary.c)
$(DAEMON):   $(call objects,daemon/*.c,daemon/main.c)
$(CLI):      $(call objects,client/cli_*.c)
$(TESTLIB):  $(call objects,tests/lib/*.c)

$(BUILD)/bin/placematd:      $(BUILD)/daemon/main.o $(DAEMON) $(PLACEMAT) $(CORE)
$(BUILD)/bin/placemat:       $(BUILD)/client/main.o $(CLI) $(DAEMON) $(PLACEMAT) $(CORE)
$(BUILD)/bin/placemat-bench: $(call objects,bench/*.c,$(wildcard bench/demo*.c)) $(DAEMON) $(PLACEMAT) $(CORE)
$(BUILD)/bin/placemat-demo:  $(call objects,bench/demo*.c bench/workload*.c bench/diary.c bench/reason.c) $(PLACEMAT)

$(UNIT):  $(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(ALL_LIBS)
$(SIM):   $(BUILD)/tests/%: $(BUILD)/tests/sim/%.o $(ALL_LIBS)
$(E2E_C): $(BUILD)/tests/%: $(BUILD)/tests/e2e/%.o $(ALL_LIBS)
$(FUZZ):  $(BUILD)/tests/%: $(BUILD)/tests/fuzz/%.o $(if $(FUZZ_ENGINE),,$(FUZZ_MAIN)) $(ALL_LIBS)
# private: or what they are made of would be compiled by these, and everything be built again and again.
$(FUZZ):  private ENGINE = $(FUZZ_ENGINE)
$(TESTS): private LIBS += -lcmocka
$(TESTS): private LINK = $(AS_THEY_ARE)
$(PROGRAMS): private LINK = $(LTO)

$(PROGRAMS) $(TESTS):
	@mkdir -p $(@D)
	$(call run,LD) $(CC) $(CFLAGS) $(TRAINING) $(LINK) $(SANITIZE) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(ENGINE) -o $@

$(BUILD)/%.a: $(BUILD)/sources
	@rm -f $@
	$(call run,AR) $(AR) rcs $@ $(filter %.o,$^)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call run,CC) $(CC) $(FLAGS) $(SANITIZE) -MMD -MP -c $< -o $@

# Rewritten only when they change, so other flags or a file come or gone rebuild what they must.
$(BUILD)/flags:   TEXT = $(CC) $(FLAGS) $(CORE_CFLAGS) $(SANITIZE) $(LDFLAGS) $(LIBS)
$(BUILD)/sources: TEXT = $(sort $(wildcard core/*.c daemon/*.c client/*.c tests/lib/*.c))
$(BUILD)/flags $(BUILD)/sources: FORCE
	@mkdir -p $(@D); echo '$(TEXT)' | cmp -s - $@ || echo '$(TEXT)' > $@

-include $(shell find $(addprefix $(BUILD)/,core daemon client bench tests) -name '*.d' 2>/dev/null)

# --- testing -----------------------------------------------------------------------------------

export BIN = $(abspath $(BUILD)/bin)
export TESTS_DIR = $(CURDIR)/tests
# For another make, as parallel as this one or else on all processors.
again = --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
VALGRIND = valgrind -q --error-exitcode=99 --leak-check=full --soname-synonyms=somalloc=*jemalloc*

unit: $(UNIT);     @tests/run $(UNIT)
sim: $(SIM);       @tests/run $(SIM)
e2e: all $(E2E_C); @tests/run $(E2E)
unit-sim: $(UNIT) $(SIM); @tests/run $(UNIT) $(SIM)
fuzz-smoke: $(FUZZ); @tests/run $(FUZZ_RUNS)
# All but what has one thread and takes long.
threaded: tests;   @tests/run $(filter-out %/test_solver %/test_solver_chain,$(UNIT)) $(E2E)
test: tests;       @tests/run $(UNIT) $(SIM) $(FUZZ_RUNS) $(E2E)
asan:;             @TEST_TIMEOUT=$${TEST_TIMEOUT:-900} $(MAKE) $(again) test BUILD=$(BUILD)/asan SAN=address,undefined
tsan:;             @TEST_TIMEOUT=$${TEST_TIMEOUT:-900} $(MAKE) $(again) threaded BUILD=$(BUILD)/tsan SAN=thread
valgrind: $(UNIT); @TEST_TIMEOUT=$${TEST_TIMEOUT:-900} TEST_WRAP='$(VALGRIND)' tests/run $(UNIT)

# How much of core/ the unit tests and the simulation reach.
coverage:
	@$(MAKE) $(again) unit-sim BUILD=$(BUILD)/coverage CFLAGS='-O1 -g --coverage -fprofile-update=atomic'
	@tests/coverage $(BUILD)/coverage 95

# Everything, plain and under sanitizers; a failed build counts as a failure; one line sums it up.
check: COUNTS = $(BUILD)/counts
check: deps
	@mkdir -p $(BUILD); rm -f $(COUNTS) $(COUNTS).failed
	@$(MAKE) $(again) tests || echo 0 1 >> $(COUNTS)
	@TEST_COUNTS=$(COUNTS) tests/run 'tests/tidy $(BUILD)' 'tests/tidy --self-test' || true
	@TEST_COUNTS=$(COUNTS) $(MAKE) $(again) test || true
	@$(MAKE) $(again) tests BUILD=$(BUILD)/asan SAN=address,undefined || echo 0 1 >> $(COUNTS)
	@TEST_COUNTS=$(COUNTS) $(MAKE) $(again) asan || true
	@tests/run --total $(COUNTS)

# Also what takes long or needs clang. Tests do more of what they do at random when TEST_FULL is set.
check-full:
	@.ci/deps full
	@$(MAKE) $(again) tests BUILD=$(BUILD)/clang CC=clang
	@$(MAKE) $(again) tidy
	@$(MAKE) $(again) coverage
	@$(MAKE) $(again) trained
	@$(MAKE) $(again) test BUILD=$(TRAINED) TRAIN=use
	@$(MAKE) $(again) tsan
	@$(MAKE) $(again) valgrind
	@$(MAKE) $(again) fuzz
	@TEST_FULL=1 $(MAKE) $(again) check

# All tests on Debian 13, in a folder made for it that is kept; DEBIAN13_TARGET=asan and the like make something else.
DEBIAN13 = $(BUILD)/debian13
DEBIAN13_TARGET = test
check-debian13:
	@.ci/deps debian13
	@tests/debian13 $(DEBIAN13) $(DEBIAN13_TARGET)

fuzz:
	@$(MAKE) $(again) fuzz-run BUILD=$(BUILD)/fuzz CC=clang SAN=address,undefined,fuzzer-no-link \
		FUZZ_ENGINE=-fsanitize=fuzzer
fuzz-run: $(FUZZ)
	@for f in $(FUZZ); do n=$${f##*/}; mkdir -p $(BUILD)/corpus/$$n; echo "$$n: $(FUZZ_SECONDS) s"; \
	  $$f -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=$(BUILD)/$$n- \
	    $(BUILD)/corpus/$$n $$(ls -d tests/fuzz/corpus/$$n 2>/dev/null) </dev/null || exit 1; done

C_FILES := $(wildcard core/*.c daemon/*.c client/*.c bench/*.c tests/*/*.c)
H_FILES := $(wildcard include/*.h core/*.h daemon/*.h client/*.h bench/*.h tests/*/*.h)
tidy: tests tidy-files
	clang-format --dry-run -Werror $(C_FILES) $(H_FILES)
	@tests/tidy $(BUILD)
tidy-files: $(C_FILES:%.c=$(BUILD)/%.tidy)
$(BUILD)/%.tidy: %.c $(BUILD)/%.o .clang-tidy
	$(call run,TIDY) clang-tidy --quiet $< -- $(filter-out -flto% -ffat-lto% --param%,$(FLAGS))
	@touch $@
format:
	clang-format -i $(C_FILES) $(H_FILES)

# --- the rest ----------------------------------------------------------------------------------

deps:
	@.ci/deps check

demo:
	@.ci/deps build
	@$(MAKE) $(again) all
	@$(BUILD)/bin/placemat-demo $(if $(ONCE),--once) $(DEMO_ARGS)

# The programs as they are measured: clang compiles them by what it has seen them do (bench/train), in three minutes.
# In a directory of its own; `make install BUILD=build/trained` installs them.
TRAINED = $(BUILD)/trained
trained: $(TRAINED)/trained
$(TRAINED)/trained: $(filter-out tests/%,$(C_FILES) $(H_FILES)) Makefile bench/train
	@LLVM=$(LLVM) .ci/deps trained
	@rm -rf $(TRAINED)
	@$(MAKE) $(again) all BUILD=$(TRAINED) TRAIN=generate
	@bench/train $(TRAINED)/bin
	@llvm-profdata-$(LLVM) merge -o $(TRAINED)/profile/all $(TRAINED)/profile
	@$(MAKE) $(again) all BUILD=$(TRAINED) TRAIN=use
	@touch $@
bench bench-peers bench-results: BIN = $(abspath $(TRAINED)/bin)

bench: trained
	$(BIN)/placemat-bench core --json
	$(BIN)/placemat-bench queue --json
	$(BIN)/placemat-bench served --transport ipc --batch 1 --json
	$(BIN)/placemat-bench served --transport tcp --batch 1 --json
	$(BIN)/placemat-bench served --transport ipc --batch 100 --json
	$(BIN)/placemat-bench restart --json
	$(BIN)/placemat-bench memory --json
	$(BIN)/placemat-bench surge --data bench/data/england_week_2024-12-20.csv --date 2024-12-24 --trust RAJ --json
	$(BIN)/placemat-bench surge --data bench/data/england_week_2024-12-20.csv --date 2024-12-24 --json
# Beside what else a council might use; installs it, and stops only what it started.
bench-peers: trained
	@.ci/deps peers
	@bench/peers/run $(PEERS_ARGS)

# How things grow, as JSON, tables and pictures in bench/results.
bench-results: trained
	@.ci/deps peers
	@bench/results/make

install: all
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin lib include share/placemat share/man/man1 share/man/man8 \
		lib/systemd/system lib/sysusers.d)
	install $(BIN)/placematd $(BIN)/placemat $(BIN)/placemat-bench $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(PLACEMAT) $(DESTDIR)$(PREFIX)/lib
	install -m 644 include/placemat.h $(DESTDIR)$(PREFIX)/include
	install -m 644 include/placemat.cddl $(DESTDIR)$(PREFIX)/share/placemat
	install -m 644 client/placemat.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 daemon/placematd.8 $(DESTDIR)$(PREFIX)/share/man/man8
	sed 's|@BINDIR@|$(PREFIX)/bin|' daemon/placematd.service | \
		install -m 644 /dev/stdin $(DESTDIR)$(PREFIX)/lib/systemd/system/placematd.service
	install -m 644 daemon/placemat.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/placemat.conf

clean:
	rm -rf $(BUILD)
