// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * From a fresh child to the command. The order matters; each step says what it must precede.
 * Any step that fails ends the process before the command exists.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

/*
 * An ignored signal would stay ignored in the command; so would a blocked one. The kernel's own
 * call, because libc keeps two signals to itself, and some parents leave them ignored.
 */
static void reset_signals(void)
{
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		unsigned long mask;
	} action = {0};
	sigset_t none;

	for (int number = 1; number <= 64; number++)
		syscall(__NR_rt_sigaction, number, &action, NULL, sizeof(action.mask));
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL))
		die_errno("resetting signals");
}

static void join_legacy_cgroups(const struct spec *spec)
{
	for (size_t i = 0; i < spec->legacy_cgroups; i++) {
		char path[PATH_MAX];
		int fd;

		if (snprintf(path, sizeof(path), "%s/cgroup.procs", spec->legacy_cgroup[i]) >=
		    (int)sizeof(path))
			die("joining the resource cgroup", "its path is too long");
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "0", 1) != 1)
			die_errno("joining the resource cgroup");
		close(fd);
	}
}

/* Left for last among the privileged steps: it asks whether the sandbox itself may go there. */
static void enter_directory(const struct spec *spec)
{
	if (chdir(spec->directory))
		die_errno("entering the working directory");
}

/* Credential changes clear this signal, so it is asked for after them. */
static void die_with_supervisor(pid_t supervisor)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		die_errno("following the supervisor's end");
	if (getppid() != supervisor)
		die("following the supervisor's end", "the supervisor is gone already");
}

/* stdin, stdout and stderr are the caller's gift; the control channel closes itself at execve. */
static void close_descriptors(const struct spec *spec)
{
	if (dup3(CONTROL_FD, SPEC_FD, O_CLOEXEC) != SPEC_FD)
		die_errno("keeping the control channel");
	if (spec->supervisor == SUPERVISOR_IS_ENFORCER)
		complain_over(SPEC_FD);
	if (syscall(__NR_close_range, SPEC_FD + 1, ~0u, 0))
		die_errno("closing descriptors");
}

void child_report(int control, char word)
{
	const struct {
		char word;
		uint32_t pid;
	} __attribute__((packed)) report = {word, (uint32_t)syscall(__NR_getpid)};

	if (write(control, &report, sizeof(report)) != (ssize_t)sizeof(report))
		die_errno("reporting to the enforcer");
}

/*
 * All walls stand. When the evidence is kept the enforcer says "go"; when it cannot, it says why or
 * closes the channel, and nothing is executed.
 */
static void await_go(void)
{
	char answer[1024];
	ssize_t got;

	child_report(SPEC_FD, SAY_CONFINED);
	do
		got = read(SPEC_FD, answer, sizeof(answer));
	while (got < 0 && errno == EINTR);
	if (got == 1 && answer[0] == SAY_GO)
		return;
	if (got > 1 && answer[0] == SAY_REFUSED)
		complain(answer + 1, (size_t)got - 1);
	_exit(EXIT_NOT_CONFINED);
}

static const char *variable(char *const *environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++)
		if (!strncmp(*environment, name, length) && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

/* As execvp(3), but with the sandbox's PATH and without a shell as the last resort. */
static int execute(const struct spec *spec)
{
	const char *name = spec->command[0];
	const char *path = variable(spec->environment, "PATH");
	bool seen = false;

	if (strchr(name, '/')) {
		execve(name, spec->command, spec->environment);
		return errno;
	}
	while (path && *path) {
		char candidate[PATH_MAX];
		size_t length = strcspn(path, ":");

		if (length > 0 && snprintf(candidate, sizeof(candidate), "%.*s/%s", (int)length,
					   path, name) < (int)sizeof(candidate)) {
			execve(candidate, spec->command, spec->environment);
			if (errno == EACCES)
				seen = true;
			else if (errno != ENOENT && errno != ENOTDIR)
				return errno;
		}
		path += length + (path[length] == ':');
	}
	return seen ? EACCES : ENOENT;
}

static _Noreturn void say_not_executed(const char *name, int error)
{
	char line[PATH_MAX + 128];
	int length = snprintf(line, sizeof(line), "bailiwick: cannot execute %s: %s\n", name,
			      strerrordesc_np(error));

	if (length > (int)sizeof(line) - 1)
		length = sizeof(line) - 1;
	complain(line, (size_t)length);
	_exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

_Noreturn void child_run(const struct spec *spec, int ruleset, const struct sock_fprog *program,
			 pid_t supervisor)
{
	reset_signals();
	if (spec->supervisor == SUPERVISOR_IS_ENFORCER && setsid() < 0)
		die_errno("leaving the enforcer's session");
	join_legacy_cgroups(spec); /* needs root */
	limits_apply(spec);	   /* core dumps off before anything is worth dumping */
	identity_drop(spec);   /* needs root; before Landlock and seccomp, which would hinder it */
	enter_directory(spec); /* as the sandbox's uid, so its own permissions decide */
	umask(077);
	die_with_supervisor(supervisor);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die_errno("setting no_new_privs"); /* required by the next two */
	landlock_apply(spec, ruleset);
	close_descriptors(spec);      /* after the ruleset was used */
	seccomp_apply(spec, program); /* last: it forbids much of the above */
	await_go();
	say_not_executed(spec->command[0], execute(spec));
}
