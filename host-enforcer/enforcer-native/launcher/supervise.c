// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Waits for the command, passes signals on, and ends whatever the command left running: a sandbox
 * never outlives its enforcer or its command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

static bool kill_at_once(const struct spec *spec)
{
	char path[PATH_MAX];
	bool done;
	int fd;

	if (snprintf(path, sizeof(path), "%s/cgroup.kill", spec->cgroup) >= (int)sizeof(path))
		return false;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, "1", 1) == 1;
	close(fd);
	return done;
}

/* Kernels before 5.14 have no cgroup.kill: repeat until a pass finds nobody. */
static void kill_one_by_one(const struct spec *spec)
{
	static const struct timespec pause = {.tv_nsec = 1000000};
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/cgroup.procs", spec->cgroup) >= (int)sizeof(path))
		return;
	for (int pass = 0; pass < 5000; pass++) {
		FILE *procs = fopen(path, "re");
		bool found = false;
		int pid;

		if (!procs)
			return;
		while (fscanf(procs, "%d", &pid) == 1) {
			kill(pid, SIGKILL);
			found = true;
		}
		fclose(procs);
		if (!found)
			return;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		nanosleep(&pause, NULL);
	}
}

static void kill_sandbox(const struct spec *spec)
{
	if (!kill_at_once(spec))
		kill_one_by_one(spec);
}

/* Orphans of the sandbox come here, because this process is their reaper. */
static void reap_all(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool is_job_control(int signal)
{
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/*
 * True when the command itself has ended; descendants that were orphaned are only reaped. A caller's
 * shell knows this process and not the command: when job control stops the command, it must see this
 * one stop as well.
 */
static bool command_ended(const struct spec *spec, pid_t child, int *status)
{
	bool ended = false;
	int one;
	pid_t pid;

	while ((pid = waitpid(-1, &one, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(one)) {
			if (pid == child && spec->supervisor == SUPERVISOR_OF_CALLER &&
			    is_job_control(WSTOPSIG(one)))
				kill(getpid(), SIGSTOP);
		} else if (pid == child) {
			*status = one;
			ended = true;
		}
	}
	return ended;
}

/*
 * A terminal sends its signals to the whole foreground group, the command included (si_code is
 * SI_KERNEL); only what somebody sent to this process is passed on.
 */
static void pass_on(pid_t child, const siginfo_t *info)
{
	if (info->si_code > 0)
		return;
	switch (info->si_signo) {
	case SIGINT:
	case SIGTERM:
	case SIGHUP:
	case SIGQUIT:
	case SIGUSR1:
	case SIGCONT:
		kill(child, info->si_signo);
		break;
	default:
		break;
	}
}

/* The enforcer takes the sandbox down meanwhile, so that nothing of it is there when this ends. */
static void tell_enforcer(int status)
{
	static const struct timeval patience = {.tv_sec = 10};
	struct {
		char word;
		uint32_t status;
	} __attribute__((packed)) report = {SAY_ENDED, (uint32_t)status};
	char answer;

	setsockopt(CONTROL_FD, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(CONTROL_FD, &report, sizeof(report), MSG_NOSIGNAL) == (ssize_t)sizeof(report) &&
	    recv(CONTROL_FD, &answer, 1, 0) < 0)
		return; /* it is slow; the command's status is what counts here */
}

_Noreturn void supervise(const struct spec *spec, pid_t child)
{
	int status = 0;
	sigset_t all;

	sigfillset(&all);
	while (!command_ended(spec, child, &status)) {
		siginfo_t info;

		if (sigwaitinfo(&all, &info) < 0)
			continue;
		if (spec->supervisor == SUPERVISOR_OF_PARENT && getppid() != spec->parent)
			kill_sandbox(spec);
		else if (info.si_signo != SIGCHLD)
			pass_on(child, &info);
	}
	kill_sandbox(spec);
	reap_all();
	if (spec->supervisor == SUPERVISOR_OF_CALLER)
		tell_enforcer(exit_status(status));
	exit(exit_status(status));
}
