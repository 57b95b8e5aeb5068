// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * One program, many ways out. Each attempt says whether it got out or was stopped; the test runs it
 * outside a sandbox too, where it must get out, so that an attempt that cannot succeed is noticed.
 */
#ifndef BAILIWICK_ATTEMPT_H
#define BAILIWICK_ATTEMPT_H

#include <stdbool.h>

/* Distinct from what shells, launchers and sanitizers use. */
enum verdict { GOT_OUT = 10, STOPPED = 11, NOT_TRIED = 12 };

struct attempt {
	const char *name;
	int arguments;
	enum verdict (*run)(char **argument);
};

extern const struct attempt network_attempts[];
extern const struct attempt socket_attempts[];
extern const struct attempt process_attempts[];
extern const struct attempt file_attempts[];
extern const struct attempt listen_attempts[];
extern const struct attempt observers[];

/* GOT_OUT when the call's result is not negative; says errno otherwise. */
enum verdict judge(long result, const char *call);

/* For steps that must work before the attempt proper can be made. */
#define NEED(expression)                                                                           \
	do {                                                                                       \
		if ((expression) < 0)                                                              \
			return not_tried(#expression);                                             \
	} while (0)

enum verdict not_tried(const char *step);

/* Whether something comes in, a caller or a datagram, before somebody writes a file "done". */
bool comes_in(int fd);

#endif
