// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Resource limits and the way from root to nobody in particular. Every step is checked afterwards.
 *
 * The kernel's own calls: libc's wrappers have every thread of the process change its identity, and
 * where the enforcer's library runs this, libc takes the enforcer's threads for this process's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

#define LAST_POSSIBLE_CAP 63

/* A limit can only go down: where the inherited one is lower, it stands. */
static void lower_limit(int resource, uint64_t value, const char *step)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		die_errno(step);
	if (value < limit.rlim_max)
		limit.rlim_max = value;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(resource, &limit))
		die_errno(step);
}

void limits_apply(const struct spec *spec)
{
	/*
	 * 1, not 0: where core_pattern is a pipe the kernel ignores a limit of 0 and starts the
	 * host's handler all the same; 1 is the value that it takes for "no core at all". A file of
	 * one byte is below the smallest core, so none is written either. seccomp keeps the limit
	 * as it is.
	 */
	lower_limit(RLIMIT_CORE, 1, "limiting core dumps");
	lower_limit(RLIMIT_MEMLOCK, 64 << 10, "limiting locked memory");
	lower_limit(RLIMIT_MSGQUEUE, 0, "limiting message queues");
	lower_limit(RLIMIT_RTPRIO, 0, "limiting real-time priority");
	if (spec->max_processes)
		lower_limit(RLIMIT_NPROC, spec->max_processes, "limiting processes");
	if (spec->max_open_files)
		lower_limit(RLIMIT_NOFILE, spec->max_open_files, "limiting open files");
}

static void empty_bounding_set(void)
{
	for (unsigned long cap = 0; cap <= LAST_POSSIBLE_CAP; cap++) {
		int present = prctl(PR_CAPBSET_READ, cap);

		if (present == 0)
			continue; /* the enforcer's thread that makes sandboxes has none to pass on */
		if (present < 0 && errno == EINVAL)
			return; /* beyond the last capability of this kernel */
		if (present < 0)
			die_errno("reading the bounding set");
		if (prctl(PR_CAPBSET_DROP, cap))
			die_errno("emptying the bounding set");
		if (prctl(PR_CAPBSET_READ, cap) != 0)
			die("emptying the bounding set", "a capability is still in it");
	}
}

static void verify_ids(const struct spec *spec)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (getresuid(&ruid, &euid, &suid) || getresgid(&rgid, &egid, &sgid))
		die_errno("verifying the identity");
	if (ruid != spec->uid || euid != spec->uid || suid != spec->uid || rgid != spec->gid ||
	    egid != spec->gid || sgid != spec->gid || getgroups(0, NULL) != 0)
		die("verifying the identity", "it is not the one that was asked for");
	if (syscall(__NR_setuid, 0) == 0 || syscall(__NR_setgid, 0) == 0)
		die("verifying the identity", "root can be had back");
}

static void verify_no_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(__NR_capget, &header, data))
		die_errno("verifying capabilities");
	for (int i = 0; i < 2; i++)
		if (data[i].effective | data[i].permitted | data[i].inheritable)
			die("verifying capabilities", "some are left");
}

void identity_drop(const struct spec *spec)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(__NR_setgroups, 0, NULL))
		die_errno("leaving supplementary groups");
	if (syscall(__NR_setresgid, spec->gid, spec->gid, spec->gid))
		die_errno("taking the sandbox's gid");
	/* The bounding set first: emptying it needs a capability that the uid change takes away. */
	empty_bounding_set();
	if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
					 SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
					 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED))
		die_errno("locking securebits");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		die_errno("clearing ambient capabilities");
	if (syscall(__NR_setresuid, spec->uid, spec->uid, spec->uid))
		die_errno("taking the sandbox's uid");
	memset(data, 0, sizeof(data));
	if (syscall(__NR_capset, &header, data))
		die_errno("giving up capabilities");
	verify_ids(spec);
	verify_no_capabilities();
}
