// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* What the JNI library does for the enforcer: loading, attaching, filling maps, hearing events. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bailiwick.h"
#include "fence.h"
#include "guest.h"

#define PINS "/sys/fs/bpf/pins"

static struct bpf_object *cgroup_programs;
static struct fence *fence;
static char image[1 << 20];
static size_t image_length;
static struct ring_buffer *ring;
static uint64_t heard;

static int hear(void *context, void *data, size_t size)
{
	const struct bailiwick_event *event = data;

	(void)context;
	if (size == sizeof(*event))
		heard |= 1ull << event->hook;
	return 0;
}

static int map(const char *name)
{
	return bpf_object__find_map_fd_by_name(cgroup_programs, name);
}

static void read_image(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		give_up(path);
	image_length = fread(image, 1, sizeof(image), file);
	fclose(file);
}

void walls_raise_fence(void)
{
	const char *step;

	fence = fence_raise(image, image_length, cgroup_programs, 2, PINS, &step);
	if (!fence)
		give_up(step);
}

void walls_leave_fence(void)
{
	fence_close(fence);
}

int walls_pin_fence_again(void)
{
	return fence_pin_again(fence, PINS);
}

int walls_unpin_fence(void)
{
	struct dirent *entry;
	DIR *directory = opendir(PINS);
	int pins = 0;

	if (!directory)
		give_up(PINS);
	while ((entry = readdir(directory)))
		if (!strncmp(entry->d_name, "lsm_", 4)) {
			MUST(unlinkat(dirfd(directory), entry->d_name, 0));
			pins++;
		}
	closedir(directory);
	return pins;
}

void walls_load(const char *cgroup_object, const char *lsm_object)
{
	static const char *const pins[] = {
	    "/sys/fs/bpf/kept",
	    "/sys/fs/bpf/kept-PIN2",
	    "/sys/fs/bpf/harmed",
	    "/sys/fs/bpf/harmed-PIN2",
	};
	char absent[FENCE_NAMES];

	cgroup_programs = bpf_object__open_file(cgroup_object, NULL);
	if (!cgroup_programs)
		give_up(cgroup_object);
	MUST(bpf_object__load(cgroup_programs));
	MUST(mkdir(PINS, 0700));
	read_image(lsm_object);
	fence_absent(image, image_length, absent);
	report(!strcmp(absent, "uring_allowed"), "probe: hooks that this kernel lacks: %s", absent);
	report(fence_probe(image, image_length) == 0, "probe: every other program loads");
	walls_raise_fence();
	ring = ring_buffer__new(map("bailiwick_events"), hear, NULL, NULL);
	if (!ring)
		give_up("ring_buffer__new");
	for (size_t i = 0; i < LENGTH(pins); i++)
		MUST(bpf_obj_pin(map("bailiwick_exact"), pins[i]));
}

static uint64_t cgroup_id(const char *path)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} at = {.handle = {.handle_bytes = sizeof(uint64_t)}};
	uint64_t id;
	int mount;

	MUST(name_to_handle_at(AT_FDCWD, path, &at.handle, &mount, 0));
	memcpy(&id, at.handle.f_handle, sizeof(id));
	return id;
}

const char *walls_sandbox(const char *name, uint32_t flags, const struct canary *reach)
{
	static uint32_t policies;
	struct bailiwick_agent agent = {.policy = ++policies, .agent = policies, .flags = flags};
	struct bailiwick_account account = {0};
	struct bailiwick_exact_key key = {.policy = policies, .protocol = 6};
	char address[32], *path;
	uint8_t present = 1;
	uint64_t id;
	int port;

	MUST(asprintf(&path, "/sys/fs/cgroup/bailiwick/%s", name));
	MUST(mkdir(path, 0755));
	if (sscanf(reach->text, "%31s %d", address, &port) != 2)
		give_up("reading a canary's address");
	key.port = htons((uint16_t)port);
	key.address[10] = key.address[11] = 0xff;
	inet_pton(AF_INET, address, key.address + 12);
	MUST(bpf_map_update_elem(map("bailiwick_exact"), &key, &present, BPF_ANY));
	id = cgroup_id(path);
	MUST(bpf_map_update_elem(map("bailiwick_accounts"), &id, &account, BPF_ANY));
	MUST(bpf_map_update_elem(map("bailiwick_agents"), &id, &agent, BPF_ANY));
	return path;
}

void walls_attach_cgroup(const char *cgroup)
{
	struct bpf_program *program;
	int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	MUST(fd);
	bpf_object__for_each_program(program, cgroup_programs)
		report(bpf_program__attach_cgroup(program, fd) != NULL, "cgroup %s is attached",
		       bpf_program__name(program));
}

uint64_t walls_hooks_heard(void)
{
	uint64_t before;

	ring_buffer__consume(ring);
	before = heard;
	heard = 0;
	return before;
}
