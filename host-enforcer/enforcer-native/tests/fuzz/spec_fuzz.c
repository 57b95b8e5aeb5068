// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Everything that the launcher parses, under libFuzzer, ASan and UBSan. In the corpus a newline
 * stands for the NUL that ends a record, so that its files are text.
 *
 * Whatever comes in must end in a refusal or in a specification that the launcher may act on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher.h"

static jmp_buf refused;

_Noreturn void die(const char *step, const char *reason)
{
	if (!*step || !*reason)
		abort(); /* a refusal says why */
	longjmp(refused, 1);
}

_Noreturn void die_errno(const char *step)
{
	die(step, "errno");
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void judge_paths(const struct path_list *list)
{
	must(list->count <= MAX_PATHS);
	for (size_t i = 0; i < list->count; i++)
		must(list->path[i][0] == '/');
}

static size_t count(char *const *array)
{
	size_t length = 0;

	while (array[length])
		must(strlen(array[length++]) <= 1 << 16);
	return length;
}

static void judge(const struct spec *spec, size_t records)
{
	must(spec->uid != 0 && spec->uid != (uid_t)-1);
	must(spec->gid != 0 && spec->gid != (gid_t)-1);
	must(spec->cgroup[0] == '/' && spec->directory[0] == '/');
	must(spec->legacy_cgroups <= MAX_LEGACY_CGROUPS);
	judge_paths(&spec->read);
	judge_paths(&spec->read_if_present);
	judge_paths(&spec->write);
	judge_paths(&spec->device);
	must(spec->command[0] && spec->command[0][0]);
	must(count(spec->command) + count(spec->environment) <= records);
}

/* spec.c is compiled with these in the place of malloc and calloc: it keeps what it takes. */
static void *kept[8];
static size_t kept_used;

void *kept_malloc(size_t size)
{
	must(kept_used < sizeof(kept) / sizeof(kept[0]));
	return kept[kept_used++] = malloc(size);
}

void *kept_calloc(size_t members, size_t size)
{
	must(kept_used < sizeof(kept) / sizeof(kept[0]));
	return kept[kept_used++] = calloc(members, size);
}

static int sealed(const uint8_t *data, size_t size)
{
	static uint8_t bytes[1 << 16];
	int fd = memfd_create("spec", MFD_ALLOW_SEALING);

	must(size <= sizeof(bytes));
	for (size_t i = 0; i < size; i++)
		bytes[i] = data[i] == '\n' ? '\0' : data[i];
	must(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	must(!fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct spec spec;
	const int fd = sealed(data, size);

	if (!setjmp(refused)) {
		spec_read(&spec, fd);
		judge(&spec, size);
	}
	close(fd);
	while (kept_used)
		free(kept[--kept_used]);
	return 0;
}
