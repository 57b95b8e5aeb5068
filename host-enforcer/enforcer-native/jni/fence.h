// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * The LSM programs of this process: loaded beside the cgroup programs, whose maps they share,
 * attached to the whole machine and pinned. Without Java, so that the virtual machine of the tests
 * runs the same code as the enforcer does.
 */
#ifndef BAILIWICK_FENCE_H
#define BAILIWICK_FENCE_H

#include <bpf/libbpf.h>
#include <stddef.h>
#include <stdint.h>

struct fence;

/* Room for the names of the hooks that a kernel lacks. */
#define FENCE_NAMES 2048

/* Loads the programs of an object file in memory and lets go of them: 0, or errno. */
int fence_probe(const void *image, size_t length);

/* The hooks that this kernel lacks, separated by spaces. */
void fence_absent(const void *image, size_t length, char names[FENCE_NAMES]);

/*
 * Raises the fence, with each link pinned as <pins>/lsm_<program>. NULL when a step failed, which is
 * named then, with its errno; nothing of this fence stays attached but what was pinned before it.
 */
struct fence *fence_raise(const void *image, size_t length, const struct bpf_object *owner,
			  uint32_t level, const char *pins, const char **step);

/* Pins again what somebody unpinned: how many there were, or a negative errno. */
int fence_pin_again(struct fence *fence, const char *pins);

/* Gives the programs up; what is pinned stays attached until its pin is removed. */
void fence_close(struct fence *fence);

#endif
