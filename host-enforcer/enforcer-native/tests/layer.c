// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a command behind one layer only, to show what that layer stops by itself and what it does
 * not: layer identity|landlock|seccomp UID COMMAND [ARGUMENT]. Every layer but identity runs as the
 * uid as well, so that nothing is stopped merely for a lack of privilege that it never had.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "launcher.h"

_Noreturn void die(const char *step, const char *reason)
{
	fprintf(stderr, "%s: %s\n", step, reason);
	_exit(EXIT_NOT_CONFINED);
}

_Noreturn void die_errno(const char *step)
{
	die(step, strerror(errno));
}

int main(int count, char **argument)
{
	struct spec spec = {.read = {.path = {"/usr"}, .count = 1}};
	static struct sock_filter code[MAX_FILTER];
	struct sock_fprog program;
	char directory[4096];

	if (count < 4 || !getcwd(directory, sizeof(directory)))
		die("layer", "give a layer, a uid and a command");
	spec.uid = spec.gid = (uid_t)strtoul(argument[2], NULL, 10);
	spec.read.path[spec.read.count++] = argument[3];
	spec.write.path[spec.write.count++] = directory;
	seccomp_prepare(&spec, code, &program);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die_errno("no_new_privs");
	if (!strcmp(argument[1], "identity")) {
		limits_apply(&spec);
		identity_drop(&spec);
	} else if (!strcmp(argument[1], "landlock")) {
		int ruleset = landlock_prepare(&spec);

		identity_drop(&spec);
		landlock_apply(&spec, ruleset);
	} else if (!strcmp(argument[1], "seccomp")) {
		identity_drop(&spec);
		seccomp_apply(&spec, &program);
	} else {
		die("layer", "unknown");
	}
	execv(argument[3], argument + 3);
	die_errno(argument[3]);
}
