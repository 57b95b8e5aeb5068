// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Runs one attempt: without any wall, behind the LSM programs only, or by the launcher. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define ATTEMPT "/usr/bin/attempt"
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static char workspace[64];

/* A fresh directory for every attempt, because some leave things behind. */
static void make_workspace(uid_t uid)
{
	static unsigned int number;

	snprintf(workspace, sizeof(workspace), "/scratch/work/%u", ++number);
	MUST(mkdir(workspace, 0700));
	MUST(chown(workspace, uid, uid));
}

static const char *last_words(void)
{
	static char said[256];
	char path[96];
	FILE *file;

	said[0] = '\0';
	snprintf(path, sizeof(path), "%s/attempt.log", workspace);
	file = fopen(path, "re");
	if (file) {
		said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
		fclose(file);
	}
	said[strcspn(said, "\n")] = '\0';
	return said;
}

static int status_of(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static _Noreturn void execute(char *const words[])
{
	char *command[MAX_WORDS + 4] = {(char *)ATTEMPT, (char *)"--log", (char *)"attempt.log"};

	for (size_t i = 0; words[i] && i < MAX_WORDS; i++)
		command[3 + i] = words[i];
	execv(ATTEMPT, command);
	_exit(NOT_TRIED);
}

int run_free(char *const words[], const char **said)
{
	int status;
	pid_t pid;

	make_workspace(0);
	MUST(pid = fork());
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) || chdir(workspace))
			_exit(NOT_TRIED);
		execute(words);
	}
	status = status_of(pid);
	*said = last_words();
	return status;
}

static void join(const char *cgroup)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(NOT_TRIED);
	close(fd);
}

int run_in_cgroup(const char *cgroup, uid_t uid, char *const words[], const char **said)
{
	int status;
	pid_t pid;

	make_workspace(uid);
	MUST(pid = fork());
	if (pid == 0) {
		join(cgroup);
		if (chdir(workspace) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid) ||
		    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(NOT_TRIED);
		execute(words);
	}
	status = status_of(pid);
	*said = last_words();
	return status;
}

static void put(FILE *spec, const char *key, const char *value)
{
	fprintf(spec, "%s=%s%c", key, value, '\0');
}

static int specification(const char *cgroup, uid_t uid, char *const words[])
{
	int fd = memfd_create("spec", MFD_ALLOW_SEALING);
	FILE *spec = fdopen(dup(fd), "w");
	char number[16];

	if (!spec)
		give_up("memfd_create");
	put(spec, "version", "1");
	snprintf(number, sizeof(number), "%d", getpid());
	put(spec, "parent", number);
	snprintf(number, sizeof(number), "%u", uid);
	put(spec, "uid", number);
	put(spec, "gid", number);
	put(spec, "cgroup", cgroup);
	put(spec, "directory", workspace);
	put(spec, "read", "/usr");
	put(spec, "write", workspace);
	put(spec, "device", "/dev/null");
	put(spec, "report-denials", "yes");
	put(spec, "env", "PATH=/usr/bin");
	put(spec, "arg", ATTEMPT);
	put(spec, "arg", "--log");
	put(spec, "arg", "attempt.log");
	for (size_t i = 0; words[i]; i++)
		put(spec, "arg", words[i]);
	put(spec, "end", "");
	fclose(spec);
	MUST(fcntl(fd, F_ADD_SEALS, SEALS));
	return fd;
}

int run_launched(const char *cgroup, uid_t uid, char *const words[], const char **said)
{
	int control[2], spec, status;
	char confined[16];
	pid_t pid;

	make_workspace(uid);
	spec = specification(cgroup, uid, words);
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control));
	MUST(pid = fork());
	if (pid == 0) {
		/* above 4 first, so that neither target number is in use */
		int from_spec = fcntl(spec, F_DUPFD, 16), from_control = fcntl(control[1], F_DUPFD, 16);

		if (dup2(from_spec, 3) != 3 || dup2(from_control, 4) != 4)
			_exit(NOT_TRIED);
		execl("/usr/bin/launcher", "launcher", (char *)NULL);
		_exit(NOT_TRIED);
	}
	close(control[1]);
	close(spec);
	if (read(control[0], confined, sizeof(confined)) > 0)
		send(control[0], "G", 1, MSG_NOSIGNAL);
	status = status_of(pid);
	close(control[0]);
	*said = last_words();
	return status;
}
