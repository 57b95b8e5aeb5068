// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* The one way to fail: a sentence, and no command. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"

/* write(2) and no buffers: this also runs in the child, after the walls went up. */
static void say(const char *const *part, size_t parts)
{
	char line[1024];
	size_t used = 0;

	for (size_t i = 0; i < parts; i++) {
		size_t length = strlen(part[i]);

		if (length > sizeof(line) - 2 - used)
			length = sizeof(line) - 2 - used;
		memcpy(line + used, part[i], length);
		used += length;
	}
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		return; /* nobody listens; the exit status still says it */
}

_Noreturn void die(const char *step, const char *reason)
{
	const char *part[] = {"bailiwick: nothing was started: ", step, ": ", reason};

	say(part, sizeof(part) / sizeof(part[0]));
	_exit(EXIT_NOT_CONFINED);
}

_Noreturn void die_errno(const char *step)
{
	die(step, strerrordesc_np(errno));
}
