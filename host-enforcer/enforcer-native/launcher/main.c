// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * bailiwick-launcher: reads a launch specification from descriptor 3, makes a process that is born
 * in its cgroup, and stays behind as its supervisor (root, outside the sandbox).
 *
 * What can be prepared is prepared before the child exists: the child only applies it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

/* SIGUSR2 is the word that the enforcer died; see supervise.c. */
static void follow_parent(const struct spec *spec)
{
	if (spec->supervisor == SUPERVISOR_OF_PARENT && prctl(PR_SET_PDEATHSIG, SIGUSR2))
		die_errno("following the enforcer's end");
	if (spec->supervisor == SUPERVISOR_OF_PARENT && getppid() != spec->parent)
		die("following the enforcer's end", "the enforcer is gone already");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die_errno("becoming the reaper of the sandbox");
}

/* Everything stays blocked in the supervisor, which takes signals one by one. */
static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL))
		die_errno("blocking signals");
}

/* Born inside: there is no moment in which the child is outside its cgroup. */
static pid_t clone_into_cgroup(int cgroup)
{
	struct clone_args args = {
	    .flags = CLONE_INTO_CGROUP,
	    .exit_signal = SIGCHLD,
	    .cgroup = (uint64_t)cgroup,
	};

	return (pid_t)syscall(__NR_clone3, &args, sizeof(args));
}

int main(void)
{
	static struct sock_filter code[MAX_FILTER];
	struct sock_fprog program;
	struct spec spec;
	int cgroup, ruleset;
	pid_t supervisor, child;

	if (geteuid() != 0)
		die("checking privileges", "the launcher must be started by root");
	if (syscall(__NR_close_range, CONTROL_FD + 1, ~0u, 0))
		die_errno("closing inherited descriptors");
	block_signals();
	spec_read(&spec, SPEC_FD);
	close(SPEC_FD);
	if (spec.supervisor == SUPERVISOR_IS_ENFORCER)
		die("reading the launch specification", "it is not for a launcher");
	follow_parent(&spec);

	cgroup = open(spec.cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0)
		die_errno("opening the cgroup");
	ruleset = landlock_prepare(&spec);
	seccomp_prepare(&spec, code, &program);

	supervisor = getpid();
	child = clone_into_cgroup(cgroup);
	if (child < 0)
		die_errno("starting a process in the cgroup");
	if (child == 0) {
		if (spec.supervisor == SUPERVISOR_OF_CALLER)
			child_report(CONTROL_FD, SAY_BORN);
		child_run(&spec, ruleset, &program, supervisor);
	}

	close(cgroup);
	close(ruleset);
	if (spec.supervisor == SUPERVISOR_OF_PARENT)
		close(CONTROL_FD);
	supervise(&spec, child);
}
