#include "weir/sys/proc.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

int proc_cpu_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return CPU_COUNT(&set);
}

int proc_cpus(int *cpus, int max)
{
	cpu_set_t set;
	int n = 0;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < CPU_SETSIZE && n < max; i++)
		if (CPU_ISSET(i, &set))
			cpus[n++] = i;
	if (!n)
		cpus[n++] = 0;
	return n;
}

uint64_t proc_rss(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

int proc_open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *e;
	int n = -1;		/* the directory's own does not count */

	if (!d)
		return -1;
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

void proc_cpu_us(uint64_t *user, uint64_t *system)
{
	struct rusage r = { 0 };

	getrusage(RUSAGE_SELF, &r);
	*user = (uint64_t)r.ru_utime.tv_sec * 1000000 + (uint64_t)r.ru_utime.tv_usec;
	*system = (uint64_t)r.ru_stime.tv_sec * 1000000 + (uint64_t)r.ru_stime.tv_usec;
}

bool proc_alive(int pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}

static bool has_cpu(const uint64_t set[CPU_WORDS], int cpu)
{
	return set[cpu / 64] >> cpu % 64 & 1;
}

static bool any_cpu(const uint64_t set[CPU_WORDS])
{
	uint64_t all = 0;

	for (int i = 0; i < CPU_WORDS; i++)
		all |= set[i];
	return all != 0;
}

/* What the kernel is asked for beyond the machine's CPUs it leaves out by itself. */
bool proc_choose_cpus(const struct cpu_choice *c)
{
	cpu_set_t set;

	_Static_assert(CPU_WORDS * 64 == CPU_SETSIZE, "a bit for each CPU");
	if (!c->reset && !c->some && !any_cpu(c->drop))
		return true;
	if (!c->reset && sched_getaffinity(0, sizeof(set), &set) < 0)
		return false;
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (c->reset)
			CPU_SET(i, &set);
		if ((c->some && !has_cpu(c->only, i)) || has_cpu(c->drop, i))
			CPU_CLR(i, &set);
	}
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

bool proc_nice(int nice)
{
	return setpriority(PRIO_PROCESS, 0, nice) == 0;
}

int proc_nice_get(void)
{
	return getpriority(PRIO_PROCESS, 0);
}
