/* Shared by the commands of this room. */
#ifndef WEIR_CERTS_PRIV_H
#define WEIR_CERTS_PRIV_H

#include "weir/feature/certs/certs.h"
#include "weir/live/live.h"
#include "weir/tls/store.h"

/* i-th word behind the command's name, or empty. */
static inline struct str word(const struct ctl_req *r, int i)
{
	return r->at + i < r->n ? r->w[r->at + i] : STR_NONE;
}

/* Runs a command on the files of the newest generation, which stays meanwhile. */
static inline enum ctl_result on_files(struct ctl_req *r, enum ctl_result (*run)(struct ctl_req *, struct tls_files *))
{
	struct conf *c = live_take_conf();
	enum ctl_result res = c->tls_files ? run(r, c->tls_files) : CTL_DONE;

	conf_unref(c);
	return res;
}

#endif
