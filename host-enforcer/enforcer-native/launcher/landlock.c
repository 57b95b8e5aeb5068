// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Files, signals and abstract sockets. The rights that are handled are those of a tested ABI, never
 * "all that this kernel knows". TCP rights are left out on purpose: they know a port but no
 * address, and they answer before the cgroup hooks, so they would hide denials from the evidence.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

/* The build machine's headers may be older than the running kernel: these are the kernel's values.
 */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif
#define CREATE_RULESET_VERSION (1u << 0)
#define RULE_PATH_BENEATH 1
#define RESTRICT_SELF_LOG_NEW_EXEC_ON (1u << 1)

#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_REMOVE_DIR (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DIR (1ull << 7)
#define FS_MAKE_REG (1ull << 8)
#define FS_MAKE_SOCK (1ull << 9)
#define FS_MAKE_FIFO (1ull << 10)
#define FS_MAKE_SYM (1ull << 12)
#define FS_REFER (1ull << 13)
#define FS_TRUNCATE (1ull << 14)
#define FS_IOCTL_DEV (1ull << 15)

#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0)
#define SCOPE_SIGNAL (1ull << 1)

/* Below it a file can neither be linked nor renamed between directories, and nothing says so. */
#define ABI_REFER 2
/* Below it a read-only file can be emptied: the system call filter stands in. */
#define ABI_TRUNCATE 3
#define ABI_IOCTL_DEV 5
#define ABI_SCOPES 6
#define ABI_LOG_FLAGS 7

#define FILE_RIGHTS (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define READ_RIGHTS (FS_EXECUTE | FS_READ_FILE | FS_READ_DIR)
#define WRITE_RIGHTS                                                                               \
	(FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_DIR |                \
	 FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_FIFO | FS_MAKE_SYM | FS_REFER)
#define DEVICE_RIGHTS (FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset_attr {
	uint64_t handled_fs;
	uint64_t handled_net;
	uint64_t scoped;
};

struct path_beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static int abi_version(void)
{
	return (int)syscall(__NR_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
}

bool landlock_judges_truncate(void)
{
	return abi_version() >= ABI_TRUNCATE;
}

static _Noreturn void die_granting(const char *path)
{
	char step[PATH_MAX + 32];
	int error = errno;

	snprintf(step, sizeof(step), "granting access to %s", path);
	errno = error;
	die_errno(step);
}

/* The kind of file is asked of the descriptor, so the path cannot change in between. */
static void allow(int ruleset, const char *path, uint64_t rights, bool optional)
{
	struct path_beneath rule = {.allowed = rights};
	struct stat stat;

	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0 && optional && (errno == ENOENT || errno == ENOTDIR))
		return;
	if (rule.parent < 0 || fstat(rule.parent, &stat))
		die_granting(path);
	if (!S_ISDIR(stat.st_mode))
		rule.allowed &= FILE_RIGHTS;
	if (syscall(__NR_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0))
		die_granting(path);
	close(rule.parent);
}

static void allow_all(int ruleset, const struct path_list *list, uint64_t rights, bool optional)
{
	for (size_t i = 0; i < list->count; i++)
		allow(ruleset, list->path[i], rights, optional);
}

int landlock_prepare(const struct spec *spec)
{
	struct ruleset_attr attr = {0};
	uint64_t write = WRITE_RIGHTS;
	int abi = abi_version();
	int ruleset;

	if (abi < 0)
		die_errno("asking for Landlock");
	if (abi < ABI_REFER)
		die("asking for Landlock", "this kernel's version is too old");
	attr.handled_fs = (FS_REFER << 1) - 1;
	if (abi >= ABI_TRUNCATE)
		attr.handled_fs |= FS_TRUNCATE;
	if (abi >= ABI_IOCTL_DEV)
		attr.handled_fs |= FS_IOCTL_DEV;
	if (abi >= ABI_SCOPES)
		attr.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	else if (spec->permits & PERMIT_UNIX_SOCKETS)
		die("asking for Landlock", "this kernel's version cannot keep abstract sockets in");
	if (spec->permits & PERMIT_UNIX_SOCKETS)
		write |= FS_MAKE_SOCK;

	ruleset = (int)syscall(__NR_landlock_create_ruleset, &attr,
			       abi >= ABI_SCOPES ? sizeof(attr) : sizeof(attr.handled_fs), 0);
	if (ruleset < 0)
		die_errno("making the Landlock ruleset");
	allow_all(ruleset, &spec->read, READ_RIGHTS & attr.handled_fs, false);
	allow_all(ruleset, &spec->read_if_present, READ_RIGHTS & attr.handled_fs, true);
	allow_all(ruleset, &spec->write, write & attr.handled_fs, false);
	allow_all(ruleset, &spec->device, DEVICE_RIGHTS & attr.handled_fs, true);
	return ruleset;
}

void landlock_apply(const struct spec *spec, int ruleset)
{
	unsigned int flags = 0;

	if (spec->report_denials && abi_version() >= ABI_LOG_FLAGS)
		flags = RESTRICT_SELF_LOG_NEW_EXEC_ON; /* by default the log stops at execve */
	if (syscall(__NR_landlock_restrict_self, ruleset, flags))
		die_errno("applying the Landlock ruleset");
}
