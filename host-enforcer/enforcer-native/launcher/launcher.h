// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * The launcher turns a launch specification into a confined process, or into a sentence on stderr
 * and nothing else. It runs as root, trusts only the specification, and is short on purpose.
 */
#ifndef BAILIWICK_LAUNCHER_H
#define BAILIWICK_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Descriptors that the enforcer hands over; everything else above stderr is closed. */
enum { SPEC_FD = 3, CONTROL_FD = 4 };

/*
 * What is said over the control channel. The confined process of a daemon: BORN and its pid at once,
 * so that evidence is written while the walls go up; any confined process: CONFINED and its pid, when
 * all walls stand; the supervisor of a caller: ENDED and the exit status; all u32 in host order. The
 * enforcer answers CONFINED with GO, or with REFUSED and a sentence for stderr, ENDED with anything. A
 * process of the enforcer's own says COMPLAINT and a sentence when it cannot go on.
 */
enum {
	SAY_BORN = 'B',
	SAY_CONFINED = 'P',
	SAY_ENDED = 'E',
	SAY_GO = 'G',
	SAY_REFUSED = 'N',
	SAY_COMPLAINT = 'X',
};

/* As env(1), nice(1) and timeout(1) use them. */
enum {
	EXIT_NOT_CONFINED = 125,
	EXIT_CANNOT_EXECUTE = 126,
	EXIT_NOT_FOUND = 127,
	EXIT_SIGNAL_BASE = 128,
};

#define PERMIT_UNIX_SOCKETS (1u << 0)
#define PERMIT_NETLINK (1u << 1)
#define PERMIT_LISTEN (1u << 2)
#define PERMIT_CLONE3 (1u << 3)
#define PERMIT_MEMFD (1u << 4)

#define MAX_PATHS 256
#define MAX_LEGACY_CGROUPS 4

/* Who looks after the command. */
enum supervisor {
	/* the launcher, which ends the command when its parent, an enforcer, ends */
	SUPERVISOR_OF_PARENT,
	/* the launcher, child of somebody who asked an enforcer to arrange everything */
	SUPERVISOR_OF_CALLER,
	/* the enforcer itself: there is no launcher, the enforcer's library makes the process */
	SUPERVISOR_IS_ENFORCER,
};

struct path_list {
	const char *path[MAX_PATHS];
	size_t count;
};

/* Pointers lead into the specification's own bytes, which live as long as the process. */
struct spec {
	enum supervisor supervisor;
	pid_t parent; /* of SUPERVISOR_OF_PARENT */
	uid_t uid;
	gid_t gid;
	const char *cgroup;			       /* cgroup2 directory */
	const char *legacy_cgroup[MAX_LEGACY_CGROUPS]; /* version 1 directories to join as well */
	size_t legacy_cgroups;
	const char *directory;
	struct path_list read;		  /* read and execute; must exist */
	struct path_list read_if_present; /* the same, skipped when absent */
	struct path_list write;		  /* read and write, never execute */
	struct path_list device;	  /* read, write and ioctl */
	unsigned int permits;
	uint64_t max_processes;	 /* 0: the inherited limit stands */
	uint64_t max_open_files; /* 0: the inherited limit stands */
	bool report_denials;	 /* ask the kernel's audit to log denials */
	char **environment;
	char **command;
};

#define MAX_SPEC_BYTES (2u << 20)

/* spec.c: parse changes the bytes and keeps pointers into them; pointers has room for two arrays */
void spec_read(struct spec *spec, int fd);
size_t spec_pointers(const char *bytes, size_t length);
void spec_parse(struct spec *spec, char *bytes, size_t length, char **pointers);

/* landlock.c: built by the parent, where paths can still be opened; applied by the child */
int landlock_prepare(const struct spec *spec);
void landlock_apply(const struct spec *spec, int ruleset);
bool landlock_judges_truncate(void);

/* identity.c */
void identity_drop(const struct spec *spec);
void limits_apply(const struct spec *spec);

/* seccomp.c: prepared by the parent, applied by the child; code has MAX_FILTER places */
#define MAX_FILTER 1024
struct sock_filter;
struct sock_fprog;
void seccomp_prepare(const struct spec *spec, struct sock_filter *code, struct sock_fprog *program);
void seccomp_apply(const struct spec *spec, const struct sock_fprog *program);

/* child.c: what a process says of itself, with its pid; and everything that it does */
void child_report(int control, char word);
_Noreturn void child_run(const struct spec *spec, int ruleset, const struct sock_fprog *program,
			 pid_t supervisor);

/* supervise.c */
_Noreturn void supervise(const struct spec *spec, pid_t child);

/* die.c: complaints go to standard error, or to a channel on which nothing waits for a reader */
void complain_over(int channel);
void complain(const char *line, size_t length);
/* both complain in one sentence and leave with EXIT_NOT_CONFINED */
_Noreturn void die(const char *step, const char *reason);
_Noreturn void die_errno(const char *step);

#endif
