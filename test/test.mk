# The targets that try the programs: check bench lint asan fuzz.

# test/unit/FOLDER/test_*.c: one cmocka program each, linked with the objects of FOLDER (without its main) and common.
UNIT_SOURCES := $(wildcard test/unit/*/test_*.c)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
# test/media and test/server: one program each.
TEST_TOOLS   := $(patsubst %.c,$(BUILD)/%,$(wildcard test/media/*.c test/server/*.c))

check: all test-tools unit cli   ## all tests

test-tools: $(TEST_TOOLS)   ## the test suite's own programs, and the maker of the demo videos

unit: $(UNIT_TESTS)   ## unit tests
	@status=0; for test in $^; do echo "== $$test"; $$test || status=1; done; exit $$status

cli: all test-tools   ## tests of the command line
	TH_BIN='$(abspath $(BIN))' TH_BUILD='$(abspath $(BUILD))' bats --print-output-on-failure test/cli

.SECONDEXPANSION:
$(BUILD)/test/unit/%: $(BUILD)/test/unit/%.o $$(call objects_of,$$(patsubst %/,%,$$(dir $$*))) $(COMMON)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBRARY_LIBS) -lm -lcmocka

$(BUILD)/test/media/%: $(BUILD)/test/media/%.o $(COMMON)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBRARY_LIBS) -lm

$(BUILD)/test/server/%: $(BUILD)/test/server/%.o $(COMMON)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBRARY_LIBS) -lm -lmicrohttpd

.PHONY: check test-tools unit cli
.PRECIOUS: $(BUILD)/%.o
