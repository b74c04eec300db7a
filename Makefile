# TalkingHead-1KH tools. `make help` lists the targets; `make V=1` shows the commands.

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
BIN     ?= bin

VERSION   := 0.1.0
PROGRAMS  := th-fetch th-split th-crop th-verify
LIBRARIES := libavfilter libavformat libavcodec libswscale libavutil libcurl jansson libcrypto libseccomp

PKG_CONFIG ?= pkg-config
CFLAGS     ?= -O2 -g
WARNINGS   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wconversion -Wno-sign-conversion \
              -Wpointer-arith -Wwrite-strings -Wformat=2
WERROR     ?=
SANITIZE   ?=

LIBRARY_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBRARIES))
LIBRARY_LIBS   := $(shell $(PKG_CONFIG) --libs $(LIBRARIES))
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -DTH_VERSION='"$(VERSION)"' -I. $(WARNINGS) $(WERROR) $(CPPFLAGS) $(CFLAGS) \
          $(SANITIZE) $(LIBRARY_CFLAGS)
LINK    = $(CC) -pthread $(LDFLAGS) $(SANITIZE)

# say(verb): one short line instead of the command, unless V=1.
say = $(if $(V),,@echo "  $(1) $@" &&)

# What unit tests link: the objects of a folder and its subfolders, style sheets too, except main.o and the demo.
objects_of = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/main.c common/demo/%,$(wildcard $(1)/*.c $(1)/*/*.c))) \
             $(patsubst %,$(BUILD)/%.o,$(wildcard $(1)/*/*.css))
COMMON     = $(BUILD)/libcommon.a
DEMO       = $(BUILD)/common/demo/demo_videos

all: $(PROGRAMS:%=$(BIN)/%) $(DEMO)   ## build the programs and the generator of the demo videos (the default)

-include test/test.mk

$(COMMON): $(call objects_of,common)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

define program_rule
$$(BIN)/$(1): $$(BUILD)/$(1)/main.o $$(call objects_of,$(1)) $$(COMMON)
	@mkdir -p $$(@D)
	$$(call say,LD)$$(LINK) -o $$@ $$^ $$(LIBRARY_LIBS) -lm
endef
$(foreach program,$(PROGRAMS),$(eval $(call program_rule,$(program))))

$(DEMO): $(patsubst %.c,$(BUILD)/%.o,$(wildcard common/demo/*.c)) $(COMMON)
	$(call say,LD)$(LINK) -o $@ $^ $(LIBRARY_LIBS) -lm

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -MMD -MP -c -o $@ $<

# NAME.css becomes the text NAME_css[].
$(BUILD)/%.css.o: %.css $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC){ echo 'extern const char $(basename $(<F))_css[]; const char $(basename $(<F))_css[] ='; \
		sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $<; echo ';'; } | $(COMPILE) -x c -c -o $@ -

# Changes when the compiler or its flags change, so that everything is rebuilt.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@$(PKG_CONFIG) --atleast-version=59.27.100 libavformat || \
		{ echo 'FFmpeg 5.1 or later (libavformat 59.27.100) is needed: sh common/install-deps.sh' >&2; false; }
	@printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINK))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINK))' > $@
FORCE:

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

install: all   ## install programs and man pages below $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5
	install $(PROGRAMS:%=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(foreach program,$(PROGRAMS),$(program)/$(program).1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 common/th-manifest.5 $(DESTDIR)$(PREFIX)/share/man/man5

uninstall:   ## remove what install put there
	rm -f $(PROGRAMS:%=$(DESTDIR)$(PREFIX)/bin/%) $(PROGRAMS:%=$(DESTDIR)$(PREFIX)/share/man/man1/%.1) \
		$(DESTDIR)$(PREFIX)/share/man/man5/th-manifest.5

clean:   ## remove what was built
	rm -rf $(BUILD) $(BIN)

help:   ## this list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: all install uninstall clean help FORCE
