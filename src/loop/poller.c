/* The epoll poller. Descriptors are registered once, edge-triggered, for everything; what is possible is remembered in
 * the fdev and nothing is ever asked of the kernel again. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "thr.h"
#include "weir/base/assert.h"
#include "weir/base/pool.h"
#include "weir/sys/clock.h"

#define FIRST_SLOTS 256
#define FETCH_LINES 3		/* of a connection */
#define PROMPT_EVENTS 64	/* of those that do not wait behind the others, in one turn */

static void grow_slots(struct thr *th, int fd)
{
	uint32_t n = th->nslots ? th->nslots : FIRST_SLOTS;

	while (n <= (uint32_t)fd)
		n *= 2;
	th->slots = mem_realloc(th->slots, n * sizeof(*th->slots));
	memset(th->slots + th->nslots, 0, (n - th->nslots) * sizeof(*th->slots));
	th->nslots = n;
}

static bool add(struct fdev *f, int fd, void (*on_event)(struct fdev *, uint32_t), uint32_t mask, bool prompt)
{
	struct thr *th = thr_self;
	struct epoll_event ev;
	struct fd_slot *slot;

	WASSERT(th && fd >= 0 && on_event);
	if ((uint32_t)fd >= th->nslots)
		grow_slots(th, fd);
	slot = &th->slots[fd];
	WASSERT(!slot->f);
	ev.events = mask;
	ev.data.u64 = (uint64_t)(slot->gen + 1) << 32 | (uint32_t)fd;
	if (epoll_ctl(prompt ? th->prompt_epfd : th->epfd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return false;
	slot->gen++;
	slot->prompt = prompt;
	slot->f = f;
	f->fd = fd;
	f->on_event = on_event;
	atom_own_add(&th->stat.fds, 1);
	return true;
}

bool fdev_add(struct fdev *f, int fd, void (*on_event)(struct fdev *, uint32_t))
{
	return add(f, fd, on_event, EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET, false);
}

bool fdev_add_prompt(struct fdev *f, int fd, void (*on_event)(struct fdev *, uint32_t))
{
	return add(f, fd, on_event, EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET, true);
}

bool fdev_add_listener(struct fdev *f, int fd, void (*on_event)(struct fdev *, uint32_t), bool prompt)
{
	return add(f, fd, on_event, EPOLLIN | EPOLLEXCLUSIVE, prompt);
}

void fdev_del(struct fdev *f, bool close_it)
{
	struct thr *th = thr_self;
	int fd = f->fd;

	WASSERT(th && fd >= 0 && (uint32_t)fd < th->nslots && th->slots[fd].f == f);
	th->slots[fd].f = NULL;
	atom_own_add(&th->stat.fds, -1);
	f->fd = -1;
	f->ready = 0;
	if (close_it)
		close(fd);	/* the kernel forgets it with its last descriptor */
	else
		epoll_ctl(th->slots[fd].prompt ? th->prompt_epfd : th->epfd, EPOLL_CTL_DEL, fd, NULL);
}

static uint32_t news_of(uint32_t events)
{
	uint32_t news = 0;

	if (events & EPOLLIN)
		news |= EV_READ;
	if (events & EPOLLOUT)
		news |= EV_WRITE;
	if (events & EPOLLPRI)
		news |= EV_READ | EV_PRI;
	if (events & EPOLLRDHUP)
		news |= EV_RDHUP;
	if (events & EPOLLHUP)
		news |= EV_HUP;
	if (events & EPOLLERR)
		news |= EV_ERR;
	return news;
}

static void deliver(struct thr *th, const struct epoll_event *ev)
{
	uint32_t fd = (uint32_t)ev->data.u64, gen = (uint32_t)(ev->data.u64 >> 32);
	void (*fn)(struct fdev *, uint32_t);
	struct fd_slot *slot;
	uint64_t began;
	uint32_t news;

	if (fd >= th->nslots) {		/* the wake-up descriptor, or the other poller */
		th->prompt_news |= ev->data.u64 == PROMPT_MARK;
		return;
	}
	slot = &th->slots[fd];
	if (!slot->f || slot->gen != gen)
		return;			/* fetched for a descriptor that went away earlier in this batch */
	news = news_of(ev->events);
	slot->f->ready |= news;
	began = prof_begin(th);
	fn = slot->f->on_event;
	fn(slot->f, news);
	prof_end(th, (const void *)fn, began, began ? began - th->h.us * 1000 : 0);
}

static void fetch(const void *p, int lines)
{
	for (int i = 0; i < lines; i++)
		__builtin_prefetch((const char *)p + 64 * i, 1);
}

/* With many connections those of the events that follow are cold: they are fetched meanwhile. */
static void look_ahead(const struct thr *th, const struct epoll_event *ev, int left)
{
	uint32_t next = left > 1 ? (uint32_t)ev[1].data.u64 : UINT32_MAX;
	uint32_t later = left > 3 ? (uint32_t)ev[3].data.u64 : UINT32_MAX;

	if (later < th->nslots)
		__builtin_prefetch(&th->slots[later]);
	if (next < th->nslots)
		fetch(th->slots[next].f, FETCH_LINES);
}

static void close_window(struct thr *th)
{
	uint64_t idle = atom_get(&th->stat.idle_us), span = th->h.us - th->window_us;

	atom_set(&th->stat.idle_pct, (uint32_t)MIN((idle - th->window_idle) * 100 / span, 100));
	atom_set(&th->window_us, th->h.us);
	th->window_idle = idle;
	prof_window(th, th->stat.turns - th->window_turns, th->stat.busy_us - th->window_busy);
	th->window_turns = th->stat.turns;
	th->window_busy = th->stat.busy_us;
}

static int events_max(void)
{
	return loop_shared.events ? loop_shared.events : THR_EVENTS;
}

/* Time before the wait was busy, time in it idle. */
static int wait_for_events(struct thr *th, struct epoll_event *ev, int wait)
{
	uint64_t turn_began = th->h.us, waited_from = wait || th->gathering ? clock_mono_us() : 0;
	uint64_t busy;
	bool slept = gather_sleep(th);
	int n = epoll_wait(th->epfd, ev, events_max(), wait);

	WASSERT(n >= 0 || errno == EINTR);
	if (slept)
		gather_brought(th, n);
	atom_set(&th->asleep, 0);
	thr_read_clock(th);
	busy = (waited_from ? waited_from : th->h.us) - turn_began;
	atom_own_add(&th->stat.busy_us, busy);
	if (waited_from)
		atom_own_add(&th->stat.idle_us, th->h.us - waited_from);
	if (loop_shared.watch_us && busy >= loop_shared.watch_us)
		loop_shared.blocked(th->h.id, busy);
	if (th->h.us - th->window_us >= 1000000)
		close_window(th);
	return n < 0 ? 0 : n;
}

/* What has come meanwhile, too: it may be long since the others were fetched. */
static void poll_prompt(struct thr *th)
{
	struct epoll_event ev[PROMPT_EVENTS];
	int n = epoll_wait(th->prompt_epfd, ev, PROMPT_EVENTS, 0);

	th->prompt_news = false;
	for (int i = 0; i < n; i++)
		deliver(th, &ev[i]);
	if (n > 0)
		atom_own_add(&th->stat.events, n);
}

void thr_poll(struct thr *th, int wait)
{
	struct epoll_event ev[THR_EVENTS];
	int n = wait_for_events(th, ev, wait);

	th->nevents = n;
	atom_own_add(&th->stat.events, n);
	prof_turn(th);
	if (loop_shared.ops && loop_shared.ops->turn)
		loop_shared.ops->turn(th->h.id);
	for (int i = 0; i < n; i++) {
		look_ahead(th, &ev[i], n - i);
		deliver(th, &ev[i]);
	}
	if (th->prompt_news || n == events_max())
		poll_prompt(th);
}
