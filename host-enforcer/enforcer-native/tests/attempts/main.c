// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"

#define PATIENCE_MILLIS 20000 /* a test that fails may never write it */
#define STEP_MILLIS 10

enum verdict judge(long result, const char *call)
{
	if (result >= 0)
		return GOT_OUT;
	fprintf(stderr, "%s: %s\n", call, strerror(errno));
	return STOPPED;
}

enum verdict not_tried(const char *step)
{
	fprintf(stderr, "not tried, %s: %s\n", step, strerror(errno));
	return NOT_TRIED;
}

bool comes_in(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	bool done = false;

	for (int waited = 0; !done && waited < PATIENCE_MILLIS; waited += STEP_MILLIS) {
		done = !access("done", F_OK);
		if (poll(&ready, 1, done ? 0 : STEP_MILLIS) > 0)
			return true;
	}
	errno = ETIMEDOUT;
	return false;
}

int main(int count, char **argument)
{
	static const struct attempt *const groups[] = {network_attempts, socket_attempts,
						       process_attempts, file_attempts,
						       listen_attempts, observers};

	/* The verdict is the exit status; what happened goes to a file, for whoever wonders. */
	if (count > 2 && !strcmp(argument[1], "--log")) {
		if (!freopen(argument[2], "ae", stderr))
			return NOT_TRIED;
		argument += 2;
		count -= 2;
	}
	for (size_t i = 0; count > 1 && i < sizeof(groups) / sizeof(groups[0]); i++)
		for (const struct attempt *a = groups[i]; a->name; a++)
			if (!strcmp(a->name, argument[1]) && a->arguments == count - 2) {
				fprintf(stderr, "%s: ", a->name);
				return a->run(argument + 2);
			}
	fprintf(stderr, "no such attempt, or wrong arguments\n");
	return NOT_TRIED;
}
