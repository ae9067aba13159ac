/* Rows of the model floor: its sections and keywords, listed in boot/builtin.c. */
#ifndef WEIR_MODEL_SECTIONS_H
#define WEIR_MODEL_SECTIONS_H

#include "weir/conf/load.h"

#define MODEL_SECTIONS 9
extern const struct section_row model_sections[MODEL_SECTIONS];

bool begin_userlist(struct kw_call *k);
bool begin_log_profile(struct kw_call *k);
bool begin_http_errors(struct kw_call *k);

/* A keyword that has rows in other proxy sections only: HAProxy warns or refuses. For conf_registry. */
bool model_misplaced(struct kw_call *k);

#endif
