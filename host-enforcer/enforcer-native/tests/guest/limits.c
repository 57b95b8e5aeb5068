// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Limits of cgroup version 2: who takes more is stopped, and without the limit is not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define UID 1900000009u
#define ENDED_BY_KERNEL (128 + SIGKILL)

static void put(const char *cgroup, const char *file, const char *value)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", cgroup, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		give_up(path);
	close(fd);
}

/* Each line is a file and what is written into it. */
static void limit(const char *cgroup)
{
	FILE *limits = fopen("/limits.txt", "re");
	char line[160];

	if (!limits)
		give_up("/limits.txt");
	while (fgets(line, sizeof(line), limits)) {
		char *value = strchr(line, ' ');

		if (line[0] == '#' || !value)
			continue;
		*value++ = '\0';
		value[strcspn(value, "\n")] = '\0';
		put(cgroup, line, value);
	}
	fclose(limits);
}

/* The number behind a word in one of the cgroup's files; -1 when it is not there. */
static long number(const char *cgroup, const char *file, const char *word)
{
	char path[160], line[160];
	long found = -1;
	FILE *lines;

	snprintf(path, sizeof(path), "%s/%s", cgroup, file);
	lines = fopen(path, "re");
	while (lines && fgets(line, sizeof(line), lines))
		if (!strncmp(line, word, strlen(word)) && line[strlen(word)] == ' ')
			sscanf(line + strlen(word), "%ld", &found);
	if (lines)
		fclose(lines);
	return found;
}

static int run(const char *cgroup, const char *attempt, const char *much, const char **said)
{
	char *const words[] = {(char *)attempt, (char *)much, NULL};

	return run_launched(cgroup, UID, words, said);
}

static void memory(const char *limited, const char *unlimited)
{
	const char *said;
	int modest = run(limited, "allocate", "8", &said);
	int greedy = run(limited, "allocate", "128", &said);
	long killed = number(limited, "memory.events", "oom_kill");
	int free = run(unlimited, "allocate", "128", &said);

	report(modest == GOT_OUT && greedy == ENDED_BY_KERNEL && killed > 0,
	       "limits: memory.max: 8 MiB (%d), 128 MiB (%d), ended for want of memory: %ld", modest,
	       greedy, killed);
	report(free == GOT_OUT, "no limit: 128 MiB (%d)", free);
}

static void processes(const char *limited, const char *unlimited)
{
	const char *said;
	int few = run(limited, "multiply", "10", &said);
	int many = run(limited, "multiply", "200", &said);
	long refused = number(limited, "pids.events", "max");
	int free = run(unlimited, "multiply", "200", &said);

	report(few == GOT_OUT && many == STOPPED && refused > 0,
	       "limits: pids.max: 10 processes (%d), 200 processes (%d), refused: %ld", few, many,
	       refused);
	report(free == GOT_OUT, "no limit: 200 processes (%d)", free);
}

/* How much time passes here means nothing; that it had to wait for its turn does. */
static void processor(const char *limited, const char *unlimited)
{
	const char *said;
	int spun = run(limited, "spin", "1000", &said);
	long throttled = number(limited, "cpu.stat", "nr_throttled");
	int free = run(unlimited, "spin", "1000", &said);
	long never = number(unlimited, "cpu.stat", "nr_throttled");
	long slow = number(limited, "cpu.stat", "usage_usec");
	long fast = number(unlimited, "cpu.stat", "usage_usec");

	report(spun == GOT_OUT && throttled > 0, "limits: cpu.max: a loop (%d), throttled: %ld", spun,
	       throttled);
	report(free == GOT_OUT && never == 0, "no limit: a loop (%d), throttled: %ld", free, never);
	report(slow * 2 < fast, "limits: cpu.max: %ld of %ld microseconds", slow, fast);
}

void limits_run(const struct canary *gateway)
{
	const char *limited, *unlimited;

	put("/sys/fs/cgroup", "cgroup.subtree_control", "+memory");
	put("/sys/fs/cgroup", "cgroup.subtree_control", "+pids");
	put("/sys/fs/cgroup", "cgroup.subtree_control", "+cpu");
	put("/sys/fs/cgroup/bailiwick", "cgroup.subtree_control", "+memory");
	put("/sys/fs/cgroup/bailiwick", "cgroup.subtree_control", "+pids");
	put("/sys/fs/cgroup/bailiwick", "cgroup.subtree_control", "+cpu");
	limited = walls_sandbox("limited", 0, gateway);
	unlimited = walls_sandbox("unlimited", 0, gateway);
	limit(limited);
	processor(limited, unlimited); /* before the others add to what is counted */
	memory(limited, unlimited);
	processes(limited, unlimited);
}
