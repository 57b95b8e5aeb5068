// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* The one way to fail: a sentence, and no command. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "launcher.h"

/*
 * Where complaints go instead of standard error, or -1. A process that the enforcer makes for somebody
 * else has that one's standard error, and whoever need not read it could stop the enforcer's thread,
 * which waits for the process. Of the thread, because the process borrows its maker's memory while that
 * one stands still.
 */
static _Thread_local int channel = -1;

void complain_over(int fd)
{
	channel = fd;
}

/* No buffers: this also runs in the child, after the walls went up. */
void complain(const char *line, size_t length)
{
	struct iovec part[] = {
	    {&(char){SAY_COMPLAINT}, 1},
	    {(void *)(uintptr_t)line, length},
	};
	const struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};

	if (channel >= 0) {
		sendmsg(channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	}
	if (write(STDERR_FILENO, line, length) < 0)
		return; /* nobody listens; the exit status still says it */
}

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
	complain(line, used);
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
