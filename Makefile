# TalkingHead-1KH tools. `make help` lists the targets; `make V=1` shows the commands.

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
BIN     ?= bin

VERSION   := 0.1.0
PROGRAMS  := th-fetch th-split th-crop th-verify
comma     := ,
LIBRARIES := libavfilter libavformat libavcodec libswscale libavutil libcurl jansson libcrypto libseccomp

PKG_CONFIG ?= pkg-config
CFLAGS     ?= -O2 -g
WARNINGS   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wconversion -Wno-sign-conversion \
              -Wpointer-arith -Wwrite-strings -Wformat=2
WERROR     ?=
SANITIZE   ?=

# What is missing is told by the rule of $(BUILD)/flags. Programs look for libraries where the linker has found them.
LIBRARY_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null)
LIBRARY_LIBS   := $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null)
LIBRARY_LIBS   += $(patsubst -L%,-Wl$(comma)-rpath$(comma)%,$(filter -L%,$(LIBRARY_LIBS)))
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
	@command -v $(PKG_CONFIG) >/dev/null || { echo '$(PKG_CONFIG) is missing: sh common/install-deps.sh' >&2; false; }
	@missing=$$(for library in $(LIBRARIES) 'libavformat >= 59.27.100'; do \
		$(PKG_CONFIG) --exists "$$library" 2>/dev/null || printf '    %s\n' "$$library"; done); \
	[ -z "$$missing" ] || { printf '%s\n' '$(PKG_CONFIG) does not find these libraries:' "$$missing" \
		"FFmpeg 5.1 to 9 has those of FFmpeg; here libavformat is $$($(PKG_CONFIG) --modversion libavformat 2>/dev/null || \
		echo missing). As root: sh common/install-deps.sh" \
		'Without root, name the folder of their .pc files, such as that of a conda environment or a module:' \
		'    PKG_CONFIG_PATH=$$CONDA_PREFIX/lib/pkgconfig make' >&2; exit 1; }
	@! $(PKG_CONFIG) --exists 'libavformat >= 64' || echo "libavformat is $$($(PKG_CONFIG) --modversion libavformat):" \
		'this FFmpeg is newer than 9, the newest one that the programs are tested with' >&2
	@printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINK))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINK))' > $@
FORCE:

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# The driver finds its parts in $(PREFIX)/lib/talkinghead-1kh, whatever the name by which it is called.
DRIVER     := talkinghead-1kh
INSTALLED  = $(DESTDIR)$(PREFIX)
PARTS      = $(INSTALLED)/lib/$(DRIVER)
COMPLETION = $(INSTALLED)/share/bash-completion/completions

install: all   ## install programs, driver, man pages and completion below $(DESTDIR)$(PREFIX)
	install -d $(INSTALLED)/bin $(INSTALLED)/share/man/man1 $(INSTALLED)/share/man/man5 $(COMPLETION) \
		$(PARTS)/common/driver $(PARTS)/data_list
	install $(PROGRAMS:%=$(BIN)/%) $(INSTALLED)/bin
	install -m 644 $(foreach program,$(PROGRAMS),$(program)/$(program).1) common/$(DRIVER).1 $(INSTALLED)/share/man/man1
	install -m 644 common/th-manifest.5 $(INSTALLED)/share/man/man5
	install videos_download_and_crop.sh $(PARTS)/$(DRIVER)
	install $(DEMO) $(PARTS)
	install -m 644 common/driver/* $(PARTS)/common/driver
	install -m 644 common/error.h $(PARTS)/common
	install common/install-yt-dlp.sh $(PARTS)/common
	install data_list/get_lists.sh $(PARTS)/data_list
	install -m 644 data_list/README.md data_list/demo_*.txt $(PARTS)/data_list
	ln -sf ../lib/$(DRIVER)/$(DRIVER) $(INSTALLED)/bin/$(DRIVER)
	install -m 644 common/completion.bash $(COMPLETION)/$(DRIVER)
	for program in $(PROGRAMS); do ln -sf $(DRIVER) $(COMPLETION)/$$program || exit; done

uninstall:   ## remove what install put there
	rm -f $(foreach name,$(PROGRAMS) $(DRIVER),$(INSTALLED)/bin/$(name) $(INSTALLED)/share/man/man1/$(name).1 \
		$(COMPLETION)/$(name)) $(INSTALLED)/share/man/man5/th-manifest.5
	rm -rf $(PARTS)

PACKAGE   := talkinghead-1kh-tools
PACKED    = $(BUILD)/deb/$(PACKAGE)-$(VERSION)
MAINTAINER = $(or $(DEBFULLNAME),TalkingHead-1KH tools) <$(or $(DEBEMAIL),talkinghead-1kh-tools@example.org)>

deb:   ## build a Debian package in $(BUILD)/deb; DEBFULLNAME and DEBEMAIL name its maintainer
	@command -v dh >/dev/null || { echo 'debhelper is missing: sh common/install-deps.sh --develop' >&2; false; }
	rm -rf $(BUILD)/deb
	mkdir -p $(PACKED)
	cp -r Makefile README.md NEWS.md LICENSE.txt th-* common data_list videos_download_and_crop.sh $(PACKED)
	mv $(PACKED)/common/debian $(PACKED)
	sed -i 's/@MAINTAINER@/$(MAINTAINER)/' $(PACKED)/debian/control
	printf '%s (%s) unstable; urgency=medium\n\n  * NEWS.md lists the changes.\n\n -- %s  %s\n' $(PACKAGE) $(VERSION) \
		'$(MAINTAINER)' "$$(date -R -r NEWS.md)" > $(PACKED)/debian/changelog
	cd $(PACKED) && env -u MAKEFLAGS -u BUILD -u BIN dpkg-buildpackage -b -us -uc

clean:   ## remove what was built
	rm -rf $(BUILD) $(BIN)

help:   ## this list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: all install uninstall deb clean help FORCE
