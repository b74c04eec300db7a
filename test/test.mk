# Targets for tests: check check-newer bench lint asan tsan oom rounds fuzz.

# test/unit/FOLDER/test_*.c: one cmocka program each, linked with the objects of FOLDER (without its main) and common.
UNIT_SOURCES := $(wildcard test/unit/*/test_*.c)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
# test/media, test/bench: one program each. test/server: raw_server, and one program of all other modules. test/oom: a
# library.
TEST_TOOLS   := $(patsubst %.c,$(BUILD)/%,$(wildcard test/media/*.c test/bench/*.c)) $(BUILD)/test/server/faulty_server \
                $(BUILD)/test/server/raw_server $(BUILD)/test/oom/fail_nth.so
BATS_FILES   := $(wildcard test/cli/*.bats)

check: all test-tools   ## all tests, as many at a time as there are processors; the last line counts them
	+@{ $(MAKE) --no-print-directory -k -j$(shell nproc) --output-sync=target unit cli; echo "exit status $$?"; } 2>&1 | \
		tee $(BUILD)/check.log
	@awk -f test/total.awk $(BUILD)/check.log

test-tools: $(TEST_TOOLS)   ## the test suite's own programs

NEWER_SUITE   ?= testing
NEWER_SECONDS ?= 600

check-newer:   ## short media tests with the FFmpeg of Debian NEWER_SUITE (testing), which is not installed
	@bash test/newer.sh $(NEWER_SUITE) $(NEWER_SECONDS)

unit: $(UNIT_TESTS:%=run-%)   ## unit tests

$(UNIT_TESTS:%=run-%): run-%: %
	$*

cli: $(BATS_FILES:%=run-%)   ## tests of the command line

$(BATS_FILES:%=run-%): run-%: all test-tools
	TH_BIN='$(abspath $(BIN))' TH_BUILD='$(abspath $(BUILD))' bats --timing --print-output-on-failure $*

.SECONDEXPANSION:
$(BUILD)/test/unit/%: $(BUILD)/test/unit/%.o $$(call objects_of,$$(firstword $$(subst /, ,$$*))) $(COMMON)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBRARY_LIBS) -lm -lcmocka

$(BUILD)/test/media/%: $(BUILD)/test/media/%.o $(BUILD)/common/demo/frame_code.o $(COMMON)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBRARY_LIBS) -lm

$(BUILD)/test/server/faulty_server: $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/raw_server.c,$(wildcard test/server/*.c))) $(COMMON)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBRARY_LIBS) -lm -lmicrohttpd

$(BUILD)/test/server/raw_server: $(BUILD)/test/server/raw_server.o $(COMMON)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBRARY_LIBS) -lm

$(BUILD)/test/bench/%: $(BUILD)/test/bench/%.o
	$(call say,LD)$(LINK) -o $@ $^

.PHONY: check check-newer test-tools unit cli $(UNIT_TESTS:%=run-%) $(BATS_FILES:%=run-%)
.PRECIOUS: $(BUILD)/%.o

C_SOURCES  = $(shell git ls-files '*.c')
C_HEADERS  = $(shell git ls-files '*.h')
SHELL_SOURCES = $(shell git ls-files '*.sh' .ci/run common/completion.bash) $(wildcard test/cli/*.bats test/cli/*.bash)
MAN_PAGES  = $(wildcard th-*/th-*.1 common/*.[15])
# Functions that write without a size limit, convert without reporting errors, or pass text to a shell.
BANNED     = strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|system|popen|mktemp|tmpnam

lint: lint-format lint-headers lint-banned lint-tidy lint-cppcheck lint-shell lint-man   ## the linters; all warnings as errors; gcc's clips as clang's
	$(MAKE) --no-print-directory BUILD=$(BUILD)/gcc BIN=$(BUILD)/gcc/bin CC=gcc WERROR=-Werror all test-tools
	$(MAKE) --no-print-directory BUILD=$(BUILD)/clang BIN=$(BUILD)/clang/bin CC=clang WERROR=-Werror all test-tools
	@bash test/same_bytes.sh $(BUILD)/gcc/bin $(BUILD)/clang/bin

lint-format:
	@clang-format --dry-run -Werror $(C_SOURCES) $(C_HEADERS)

lint-headers:
	@for header in $(C_HEADERS); do $(COMPILE) -Werror -fsyntax-only -x c $$header || exit 1; done

lint-banned:
	@! grep -nE '\b($(BANNED))\(' $(filter-out test/%,$(C_SOURCES))

lint-tidy:
	@printf '%s\n' $(filter-out test/unit/%,$(C_SOURCES)) | xargs -n 8 -P $(shell nproc) sh -c \
		'clang-tidy --quiet --warnings-as-errors="*" "$$@" -- -std=c11 -D_GNU_SOURCE -DTH_VERSION=\"\" -I. $(LIBRARY_CFLAGS)' sh

lint-cppcheck:
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -I. $(C_SOURCES)

lint-shell:
	@shellcheck $(SHELL_SOURCES)

lint-man:
	mandoc -T lint -W warning $(MAN_PAGES)

SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# The tests in which damaged media and servers meet the C code.
ASAN_FILES ?= damaged_chunks th-crop_damage th-fetch th-fetch_resolver th-fetch_server th-split \
              th-verify th-verify_damage

asan:   ## unit tests, and those of damage and servers, under the address, leak and undefined-behaviour sanitizers
	TH_SANDBOX=off ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 $(MAKE) --no-print-directory \
		BUILD=$(BUILD)/asan BIN=$(BUILD)/asan/bin SANITIZE='$(SANITIZERS)' CFLAGS='-O1 -g' \
		BATS_FILES='$(ASAN_FILES:%=test/cli/%.bats)' check

asan-all: ASAN_FILES = $(basename $(notdir $(BATS_FILES)))
asan-all: asan   ## all tests under these sanitizers

tsan:   ## the tests of th-crop's threads under the thread sanitizer
	TH_SANDBOX=off TSAN_OPTIONS=halt_on_error=1 $(MAKE) --no-print-directory BUILD=$(BUILD)/tsan BIN=$(BUILD)/tsan/bin \
		SANITIZE=-fsanitize=thread CFLAGS='-O1 -g' tsan-tests

tsan-tests: $(BIN)/th-crop $(BUILD)/test/media/trace_frames $(BUILD)/test/unit/th-crop/test_thread_pool
	$(BUILD)/test/unit/th-crop/test_thread_pool
	TH_BIN='$(abspath $(BIN))' TH_BUILD='$(abspath $(BUILD))' bats --print-output-on-failure \
		-f 'side by side|same bytes|damage costs the same' test/cli/th-crop_shares.bats

OOM_STEP    ?= 1
OOM_PROGRAM ?=

oom: all $(BUILD)/test/oom/fail_nth.so   ## each OOM_STEP-th (1) allocation of each program (or th-OOM_PROGRAM) fails once; hours
	bash test/oom/oom.sh $(BIN) $(BUILD)/test/oom/fail_nth.so $(OOM_STEP) 1 $(OOM_PROGRAM)

ROUNDS ?= 3

rounds: all   ## the whole pipe, disturbed at random ROUNDS (3) times; SEED=N does one round again
	bash test/rounds.sh $(BIN) $(if $(SEED),1 $(SEED),$(ROUNDS))

VIDEOS ?= 30
KILLS  ?= 20

disk: all   ## the disk that VIDEOS (30) videos take with --discard --max-disk 200M, killed KILLS (20) times
	bash test/disk.sh $(BIN) $(VIDEOS) $(KILLS) $(DISK_OPTIONS)

$(BUILD)/test/oom/fail_nth.so: test/oom/fail_nth.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD)$(COMPILE) -shared -fPIC -o $@ $<

bench: all test-tools   ## CPU and wall time beside named peers, as ratios
	bash test/bench/bench.sh
	bash test/bench/needed.sh

.PHONY: lint lint-format lint-headers lint-banned lint-tidy lint-cppcheck lint-shell lint-man asan asan-all tsan tsan-tests oom rounds disk bench

# test/fuzz/fuzz_*.c: one libFuzzer target each, with its seed inputs in test/fuzz/corpus/*. New inputs are kept
# in $(BUILD)/fuzz.
FUZZ_SECONDS   ?= 60
FUZZ_TARGETS   := $(patsubst test/fuzz/fuzz_%.c,%,$(wildcard test/fuzz/fuzz_*.c))
FUZZ_SANITIZE  := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_PROBE     := int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }

fuzz:   ## each fuzz target for FUZZ_SECONDS (60)
	@mkdir -p $(BUILD)/fuzz
	@echo '$(FUZZ_PROBE)' | clang -fsanitize=fuzzer,address,undefined -x c -o $(BUILD)/fuzz/probe - || \
		{ echo 'make fuzz: clang with its fuzzer runtime (compiler-rt) is needed' >&2; exit 1; }
	$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang SANITIZE='$(FUZZ_SANITIZE)' CFLAGS='-O1 -g' \
		$(FUZZ_TARGETS:%=fuzz-%)

fuzz-%: $(BUILD)/test/fuzz/fuzz_%
	@mkdir -p $(BUILD)/corpus/$*
	$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -verbosity=0 -print_final_stats=1 -artifact_prefix=$(BUILD)/$*- \
		$(BUILD)/corpus/$* test/fuzz/corpus/$*

# The objects that a target needs besides those of common.
OBJECTS_OF_fuzz_answer := $(addprefix $(BUILD)/th-fetch/,source/answer.o source/json_text.o sidecar/csv.o source/license.o)

$(BUILD)/test/fuzz/%: $(BUILD)/test/fuzz/%.o $$(OBJECTS_OF_$$*) $(COMMON)
	$(call say,LD)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBRARY_LIBS) -lm

.PHONY: fuzz
.PRECIOUS: $(BUILD)/test/fuzz/%
