/* The end of the process: what is happening is nothing any more. After all threads have ended. */
#include "live_priv.h"
#include "weir/live/live.h"

#include <stdlib.h>

#include "weir/base/pool.h"

static void lstn_free(struct lstn *l)
{
	if (l->li)
		listener_destroy(l->li);
	cnt_fini(&l->cnt);
	free((char *)l->name.p);
	free(l);
}

static void server_free(struct srv *s)
{
	for (int i = 0; i < THR_MAX; i++)
		free(s->thr[i]);
	srv_free(s);
}

static void px_free(struct px_live *p)
{
	struct lstn *l, *lnext;
	struct srv *s, *snext;

	list_each_safe(l, lnext, &p->listeners, link)
		lstn_free(l);
	if (p->lb)
		p->lb->ops->free(p->lb);
	list_each_safe(s, snext, &p->servers, link)
		server_free(s);
	if (p->direct)
		server_free(p->direct);
	cnt_fini(&p->fe);
	cnt_fini(&p->be);
	px_errors_fini(&p->errors);
	pthread_mutex_destroy(&p->lock);
	hmap_fini(&p->by_name);
	px_cookies_fini(p);
	free((char *)p->name.p);
	OBJ_WIPE(p);
	free(p);
}

void live_end(void)
{
	struct live *lv = live_get();
	struct px_live *p, *next;

	list_each_safe(p, next, &lv->proxies, link)
		px_free(p);
	list_init(&lv->proxies);
	cnt_fini(&lv->total);
	conf_unref(lv->conf);
	lv->conf = NULL;
}
