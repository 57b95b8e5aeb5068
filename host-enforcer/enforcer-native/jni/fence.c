// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fence.h"
#include "pin.h"

#define MAX_HOOKS 64
#define HOOK_SECTION "lsm/"

struct fence {
	struct bpf_object *object;
	struct bpf_link *links[MAX_HOOKS];
	const struct bpf_program *programs[MAX_HOOKS]; /* of the links */
	size_t links_used;
};

static const char *hook(const struct bpf_program *program)
{
	return bpf_program__section_name(program) + strlen(HOOK_SECTION);
}

/* One program for a hook that the kernel lacks would fail the load of all of them. */
static int leave_out_absent_hooks(struct bpf_object *object)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	struct bpf_program *program;

	if (!kernel)
		return -errno;
	bpf_object__for_each_program(program, object)
	{
		char function[64];

		snprintf(function, sizeof(function), "bpf_lsm_%s", hook(program));
		if (btf__find_by_name_kind(kernel, function, BTF_KIND_FUNC) < 0)
			bpf_program__set_autoload(program, false);
	}
	btf__free(kernel);
	return 0;
}

/* Maps of one name are one map; configuration (.rodata) belongs to each object. */
static int share_maps(struct bpf_object *object, const struct bpf_object *owner)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		int fd = bpf_object__find_map_fd_by_name(owner, bpf_map__name(map));
		int error =
		    fd >= 0 && !bpf_map__is_internal(map) ? bpf_map__reuse_fd(map, fd) : 0;

		if (error)
			return error;
	}
	return 0;
}

static int set_level(struct bpf_object *object, uint32_t level)
{
	struct bpf_map *constants = bpf_object__find_map_by_name(object, ".rodata");

	return constants ? bpf_map__set_initial_value(constants, &level, sizeof(level)) : -ENOENT;
}

/* 0, or a negative errno. Maps are the owner's, or new ones when there is no owner. */
static int load(struct bpf_object *object, const struct bpf_object *owner, uint32_t level)
{
	int error = leave_out_absent_hooks(object);

	if (!error)
		error = set_level(object, level);
	if (!error && owner)
		error = share_maps(object, owner);
	return error ? error : bpf_object__load(object);
}

int fence_probe(const void *image, size_t length)
{
	struct bpf_object *object = bpf_object__open_mem(image, length, NULL);
	int error;

	if (!object)
		return errno;
	error = load(object, NULL, 2);
	bpf_object__close(object);
	return -error;
}

void fence_absent(const void *image, size_t length, char names[FENCE_NAMES])
{
	struct bpf_object *object = bpf_object__open_mem(image, length, NULL);
	struct bpf_program *program;
	size_t used = 0;

	names[0] = '\0';
	if (object && !leave_out_absent_hooks(object))
		bpf_object__for_each_program(program, object)
		{
			if (bpf_program__autoload(program) || used >= FENCE_NAMES)
				continue;
			used += (size_t)snprintf(names + used, FENCE_NAMES - used, "%s%s",
						 used ? " " : "", hook(program));
		}
	bpf_object__close(object);
}

/*
 * The new link is pinned beside the old one and then put into its place: links of this kind cannot
 * be given another program, and at no moment may a hook be without one.
 */
static int attach_and_pin(struct fence *fence, struct bpf_program *program, const char *directory)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	struct bpf_link *link;

	if (fence->links_used == MAX_HOOKS)
		return -E2BIG;
	if (snprintf(path, sizeof(path), "%s/lsm_%s", directory, bpf_program__name(program)) >=
		(int)sizeof(path) ||
	    snprintf(fresh, sizeof(fresh), "%s/lsm_%s_new", directory,
		     bpf_program__name(program)) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	link = bpf_program__attach(program);
	if (!link)
		return -errno;
	fence->programs[fence->links_used] = program;
	fence->links[fence->links_used++] = link;
	if (unlink(fresh) && errno != ENOENT)
		return -errno;
	if (bpf_obj_pin(bpf_link__fd(link), fresh) || (unlink(path) && errno != ENOENT) ||
	    rename(fresh, path))
		return -errno;
	return 0;
}

struct fence *fence_raise(const void *image, size_t length, const struct bpf_object *owner,
			  uint32_t level, const char *pins, const char **step)
{
	struct fence *fence = calloc(1, sizeof(*fence));
	struct bpf_program *program;
	int error;

	*step = "opening the LSM programs";
	if (!fence)
		return NULL;
	fence->object = bpf_object__open_mem(image, length, NULL);
	error = fence->object ? 0 : -errno;
	if (!error) {
		*step = "loading the LSM programs";
		error = load(fence->object, owner, level);
	}
	if (!error)
		bpf_object__for_each_program(program, fence->object)
		{
			if (error || !bpf_program__autoload(program))
				continue;
			*step = "attaching the LSM programs";
			error = attach_and_pin(fence, program, pins);
		}
	if (!error)
		return fence;
	fence_close(fence);
	errno = -error;
	return NULL;
}

int fence_pin_again(struct fence *fence, const char *pins)
{
	int pinned = 0;

	for (size_t i = 0; i < fence->links_used; i++) {
		char path[PATH_MAX];
		int made;

		if (snprintf(path, sizeof(path), "%s/lsm_%s", pins,
			     bpf_program__name(fence->programs[i])) >= (int)sizeof(path))
			return -ENAMETOOLONG;
		made = keep_pinned(bpf_link__fd(fence->links[i]), path);
		if (made < 0)
			return made;
		pinned += made;
	}
	return pinned;
}

void fence_close(struct fence *fence)
{
	for (size_t i = 0; i < fence->links_used; i++)
		bpf_link__destroy(fence->links[i]);
	bpf_object__close(fence->object);
	free(fence);
}
