// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Pins that somebody removed, or put something else into. */
#ifndef BAILIWICK_PIN_H
#define BAILIWICK_PIN_H

/*
 * Has a map or link of this process pinned at the path: 0 when it was already, 1 when it had to be
 * pinned, or a negative errno.
 */
int keep_pinned(int fd, const char *path);

#endif
