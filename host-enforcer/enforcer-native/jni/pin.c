// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "pin.h"

/* 0 when it cannot be asked; no map or link has that id. */
static uint32_t id_of(int fd)
{
	union {
		struct bpf_map_info map;
		struct bpf_link_info link;
	} info = {0};
	uint32_t length = sizeof(info);

	_Static_assert(offsetof(struct bpf_map_info, id) == offsetof(struct bpf_link_info, id),
		       "maps and links tell their id at the same place");
	return bpf_obj_get_info_by_fd(fd, &info, &length) ? 0 : info.map.id;
}

int keep_pinned(int fd, const char *path)
{
	int there = bpf_obj_get(path);
	uint32_t pinned = there < 0 ? 0 : id_of(there);

	if (there >= 0)
		close(there);
	if (pinned && pinned == id_of(fd))
		return 0;
	if (unlink(path) && errno != ENOENT)
		return -errno;
	return bpf_obj_pin(fd, path) ? -errno : 1;
}
