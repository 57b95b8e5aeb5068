// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * The first process of a small virtual machine whose kernel loads LSM programs. It plays the part
 * of the enforcer with the enforcer's own BPF objects and launcher, lets the attempts of suite.txt
 * loose, and writes what became of each to the console in TAP form.
 */
#ifndef BAILIWICK_GUEST_H
#define BAILIWICK_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_WORDS 8
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* As tests/attempts/attempt.h has them. */
enum verdict { GOT_OUT = 10, STOPPED = 11, NOT_TRIED = 12 };

/* A step without which nothing here means anything: says why and powers the machine off. */
_Noreturn void give_up(const char *step);
#define MUST(expression)                                                                           \
	do {                                                                                       \
		if ((expression) < 0)                                                              \
			give_up(#expression);                                                      \
	} while (0)

void report(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- world.c: what stands outside -------------------------------------------------------- */

struct canary {
	char text[64]; /* address and port, as the attempts take them */
	int tcp;
	int udp;
};

struct world {
	char directory[64];
	struct canary gateway, other_port, other_address, v6;
	uid_t uid; /* of the victim, which a sandbox may have as well */
	pid_t victim;
	pid_t observer[6];
	char words[16][2][96];
	size_t known;
};

/* Somebody calls all the time at the last of these, an address and a port. */
void world_make(struct world *world, const char *name, uid_t uid, const char *called);

/* Starts one more observer; it ends when it was reached. */
pid_t world_observe(const char *words);

bool world_canaries_heard_nothing(const struct world *world);

/* Nobody came, except to the gateway, and nothing was changed; if not, *what says what. */
bool world_untouched(struct world *world, const char **what);

/* Replaces a word in capitals; may give two, such as an address and a port. */
size_t world_resolve(const struct world *world, const char *word, char *out[2], char *room);

/* ---- walls.c: the enforcer's part -------------------------------------------------------- */

/* Loads the cgroup programs, and raises the fence of LSM programs beside them. */
void walls_load(const char *cgroup_object, const char *lsm_object);

/* As a restarted enforcer does, as one that ends, as somebody who tears the fence down. */
void walls_raise_fence(void);
void walls_leave_fence(void);
int walls_unpin_fence(void); /* how many pins there were */
int walls_pin_fence_again(void);

/* Makes a cgroup known as a sandbox that may reach one address; returns its directory. */
const char *walls_sandbox(const char *name, uint32_t flags, const struct canary *reach);

void walls_attach_cgroup(const char *cgroup);

/* Which hooks have reported a denial since the last call, as a bit set of enum bailiwick_hook. */
uint64_t walls_hooks_heard(void);

/* ---- run.c: three ways to run an attempt ------------------------------------------------- */

/* Each takes the attempt's words and returns the exit status; what happened is in *said. */
int run_free(char *const words[], const char **said);
int run_in_cgroup(const char *cgroup, uid_t uid, char *const words[], const char **said);
int run_launched(const char *cgroup, uid_t uid, char *const words[], const char **said);

/* ---- limits.c: memory, processes and processor time ------------------------------------- */

void limits_run(const struct canary *gateway);

#endif
