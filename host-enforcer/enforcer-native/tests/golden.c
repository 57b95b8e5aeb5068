// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Writes one event, one exact key and one range key to stdout, as C lays them out. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "bailiwick.h"

static const __u8 address[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 7};

int main(void)
{
	struct bailiwick_event event = {
	    .cgroup = 0x1122334455667788,
	    .agent = 7,
	    .policy = 9,
	    .pid = 4321,
	    .uid = 1900000001,
	    .hook = BAILIWICK_SENDMSG4,
	    .reason = BAILIWICK_NOT_REACHABLE,
	    .family = 2,
	    .type = 2,
	    .protocol = 17,
	    .port = htons(53),
	    .comm = "resolver\n",
	};
	struct bailiwick_exact_key exact = {.policy = 1, .protocol = 6, .port = htons(8443)};
	struct bailiwick_range_key range = {
	    .prefix = 64 + 96 + 24,
	    .policy = 1,
	    .protocol = 17,
	    .port = htons(53),
	};

	memcpy(event.address, address, 16);
	memcpy(exact.address, address, 16);
	memcpy(range.address, address, 16);
	range.address[15] = 0;
	fwrite(&event, sizeof(event), 1, stdout);
	fwrite(&exact, sizeof(exact), 1, stdout);
	fwrite(&range, sizeof(range), 1, stdout);
	return fflush(stdout) ? 1 : 0;
}
