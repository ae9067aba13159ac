/* Keyword rows of the model floor, listed in boot/builtin.c. k->obj is struct global, struct proxy, struct userlist,
 * struct http_errors by scope; words of bind and server lines see struct bind and struct server_line. */
#ifndef WEIR_MODEL_KEYWORDS_H
#define WEIR_MODEL_KEYWORDS_H

#include "weir/conf/kw.h"

#define MODEL_OPTION_BITS 38
extern const struct kw model_option_bits[MODEL_OPTION_BITS];
#define MODEL_FORWARDED 1
extern const struct kw model_forwarded[MODEL_FORWARDED];
#define MODEL_OPTIONS 15
extern const struct kw model_options[MODEL_OPTIONS];
#define MODEL_TIMEOUTS 19
extern const struct kw model_timeouts[MODEL_TIMEOUTS];
#define MODEL_FRONTEND 28
extern const struct kw model_frontend[MODEL_FRONTEND];
#define MODEL_RULES 12
extern const struct kw model_rules[MODEL_RULES];
#define MODEL_BACKEND 12
extern const struct kw model_backend[MODEL_BACKEND];
#define MODEL_COOKIE 2
extern const struct kw model_cookie[MODEL_COOKIE];
#define MODEL_GLOBAL 70
extern const struct kw model_global[MODEL_GLOBAL];
#define MODEL_GLOBAL_MORE 14
extern const struct kw model_global_more[MODEL_GLOBAL_MORE];
#define MODEL_TUNE 81
extern const struct kw model_tune[MODEL_TUNE];
#define MODEL_PATH 1
extern const struct kw model_path[MODEL_PATH];
#define MODEL_ERRORS 7
extern const struct kw model_errors[MODEL_ERRORS];
#define MODEL_USERLIST 2
extern const struct kw model_userlist[MODEL_USERLIST];
#define MODEL_BWLIM 2
extern const struct kw model_bwlim[MODEL_BWLIM];
#define MODEL_BIND 2
extern const struct kw model_bind[MODEL_BIND];
#define MODEL_BIND_WORDS 6
extern const struct kw model_bind_words[MODEL_BIND_WORDS];
#define MODEL_SERVER 3
extern const struct kw model_server[MODEL_SERVER];
#define MODEL_SERVER_WORDS 60
extern const struct kw model_server_words[MODEL_SERVER_WORDS];
#define MODEL_LOG_PROFILE 3
extern const struct kw model_log_profile[MODEL_LOG_PROFILE];
#define MODEL_REFUSED 35
extern const struct kw model_refused[MODEL_REFUSED];

#endif
