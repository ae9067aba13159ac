/* Keywords of the log floor; k->obj is the struct log_list of global or of the proxy. */
#ifndef WEIR_LOG_CONF_LOG_H
#define WEIR_LOG_CONF_LOG_H

#include "weir/conf/kw.h"

struct log_format;
struct log_list;
struct log_outlet;
struct log_profile;
struct ring;
/* NULL: none of that name. */
const struct log_format *log_format_find(struct str name);
/* Does every ring that the list names belong to that generation, or to the program? Takes over what the rings say about
 * the format of lines; else *missing is the name. */
bool log_rings_known(const struct log_list *l, const void *owner, struct str *missing);
/* Asks find for whatever the list says backend@ and profile about: false from one of the two ends it with *missing. */
struct log_names {
	const struct log_outlet *(*backend)(void *arg, struct str name);
	const struct log_profile *(*profile)(void *arg, struct str name);
	void *arg;
};
enum log_found { LOG_FOUND_ALL, LOG_NO_BACKEND, LOG_NO_PROFILE };
enum log_found log_resolve(const struct log_list *l, const struct log_names *names, struct str *missing);
/* The profiles of the list's own targets, one after the other: NULL begins, NULL ends. */
const struct log_profile *log_next_profile(const struct log_list *l, unsigned *at);
/* A target that is spoken to over a connection, as its line has it. */
struct log_stream {
	const struct addr *to;
	const char *file;
	int line;
};
/* For each of the list's own targets that is one: its lines go to the ring that `make` returns, which brings them
 * there. NULL ends it: false. */
bool log_give_rings(const struct log_list *l, struct ring *(*make)(void *arg, const struct log_stream *s), void *arg);

#define LOG_KWS 3
extern const struct kw log_kws[LOG_KWS];

#endif
