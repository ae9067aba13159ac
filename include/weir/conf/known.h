/* Keywords and sections of HAProxy 3.5 by name only, listed last in boot/builtin.c. */
#ifndef WEIR_CONF_KNOWN_H
#define WEIR_CONF_KNOWN_H

#include "weir/conf/load.h"

#define KNOWN_KEYWORDS 290
extern const struct kw known_keywords[KNOWN_KEYWORDS];
#define KNOWN_SECTIONS 11
extern const struct section_row known_sections[KNOWN_SECTIONS];

#endif
