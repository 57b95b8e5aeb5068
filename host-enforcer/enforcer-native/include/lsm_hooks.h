// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * How the LSM object is opened: the same in the JNI library and in the virtual machine of the
 * tests. Both functions return 0 or a negative errno.
 */
#ifndef BAILIWICK_LSM_HOOKS_H
#define BAILIWICK_LSM_HOOKS_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One program for a hook that the kernel lacks would fail the load of all of them. */
static inline int lsm_leave_out_absent_hooks(struct bpf_object *object)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	struct bpf_program *program;

	if (!kernel)
		return -errno;
	bpf_object__for_each_program(program, object)
	{
		const char *section = bpf_program__section_name(program);
		char function[64];

		snprintf(function, sizeof(function), "bpf_lsm_%s", section + strlen("lsm/"));
		if (btf__find_by_name_kind(kernel, function, BTF_KIND_FUNC) < 0)
			bpf_program__set_autoload(program, false);
	}
	btf__free(kernel);
	return 0;
}

/* Maps of one name are one map, so that both objects judge by the same rules. */
static inline int lsm_share_maps(struct bpf_object *lsm, const struct bpf_object *owner)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, lsm)
	{
		int fd = bpf_object__find_map_fd_by_name(owner, bpf_map__name(map));

		/* configuration (.rodata) belongs to each object */
		if (fd >= 0 && !bpf_map__is_internal(map)) {
			int error = bpf_map__reuse_fd(map, fd);

			if (error)
				return error;
		}
	}
	return 0;
}

#endif
