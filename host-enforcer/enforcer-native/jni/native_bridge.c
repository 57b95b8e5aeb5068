// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * The native half of dev.bailiwick.enforcer.kernel.NativeBridge: marshals primitives and byte
 * arrays, decides nothing, never calls back. A failed step throws java.io.IOException with the step
 * and the reason. Handles are pointers that Java keeps and gives back exactly once to close().
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "bailiwick.h"
#include "bridge.h"
#include "pin.h"
#include "launcher.h"
#include "system_calls.h"

/* ---- probes ------------------------------------------------------------------------------ */

/*
 * Loads "return 0" as the given program type and attach type and returns 0 or errno. Nothing short
 * of loading tells what a kernel accepts: neither its version nor its configuration does.
 */
JNIEXPORT jint EXPORT(probeProgram)(JNIEnv *env UNUSED, jclass type UNUSED, jint program_type,
				    jint attach_type)
{
	static const struct bpf_insn code[] = {
	    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
	    {.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		    .expected_attach_type = (enum bpf_attach_type)attach_type);
	int fd;

	/* An LSM program needs some hook to name; the first one of the list serves. */
	if (program_type == BPF_PROG_TYPE_LSM) {
		int hook = libbpf_find_vmlinux_btf_id("file_open", BPF_LSM_MAC);

		if (hook < 0)
			return -hook;
		options.attach_btf_id = (uint32_t)hook;
	}
	fd = bpf_prog_load((enum bpf_prog_type)program_type, "bailiwick_probe", "GPL", code,
			   sizeof(code) / sizeof(code[0]), &options);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* The ABI of Landlock, or -errno: ENOSYS not built, EOPNOTSUPP not enabled, EPERM forbidden here.
 */
JNIEXPORT jint EXPORT(landlockAbi)(JNIEnv *env UNUSED, jclass type UNUSED)
{
	long abi = syscall(444 /* landlock_create_ruleset */, NULL, 0, 1 /* VERSION */);

	return abi < 0 ? -errno : (jint)abi;
}

/* 0, or errno when a filter cannot be installed. A NULL filter stops right after the checks. */
JNIEXPORT jint EXPORT(probeSeccomp)(JNIEnv *env UNUSED, jclass type UNUSED)
{
	syscall(__NR_seccomp, 1 /* SECCOMP_SET_MODE_FILTER */, 0, NULL);
	return errno == EFAULT ? 0 : errno;
}

/* ---- BPF --------------------------------------------------------------------------------- */

#define MAX_PROGRAMS 16

struct enforcement {
	struct bpf_object *object;
	struct ring_buffer *ring;
	int wake; /* eventfd that ends a waiting poll() */
	struct bpf_link *links[MAX_PROGRAMS]; /* in the order of the object's programs */
	size_t links_used;
	/* where poll() puts events; valid only during a call */
	char *out;
	size_t room;
	size_t filled;
};

static int quiet(enum libbpf_print_level level UNUSED, const char *format UNUSED,
		 va_list arguments UNUSED)
{
	return 0;
}

void keep_libbpf_quiet(void)
{
	libbpf_set_print(quiet);
}

/* Stops the pass when the next event would not fit; this one is kept. */
static int keep_event(void *context, void *data, size_t size)
{
	struct enforcement *enforcement = context;

	if (size != sizeof(struct bailiwick_event) ||
	    enforcement->room - enforcement->filled < size)
		return -ENOBUFS;
	memcpy(enforcement->out + enforcement->filled, data, size);
	enforcement->filled += size;
	return enforcement->room - enforcement->filled < size ? -ENOBUFS : 0;
}

static void close_enforcement(struct enforcement *enforcement)
{
	for (size_t i = 0; i < enforcement->links_used; i++)
		bpf_link__destroy(enforcement->links[i]);
	ring_buffer__free(enforcement->ring);
	if (enforcement->wake > 0)
		close(enforcement->wake);
	bpf_object__close(enforcement->object);
	free(enforcement);
}

struct bpf_object *object_of(jlong handle)
{
	return ((struct enforcement *)(intptr_t)handle)->object;
}

int set_level(struct bpf_object *object, uint32_t level)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		size_t size;
		const void *initial;

		if (!strstr(bpf_map__name(map), ".rodata"))
			continue;
		initial = bpf_map__initial_value(map, &size);
		if (!initial || size < sizeof(level))
			return -EINVAL;
		return bpf_map__set_initial_value(map, &level, sizeof(level));
	}
	return -ENOENT;
}

/*
 * Has every map taken up from its pin, or pinned when it is new. Constants stay with their programs:
 * they are what this load says, not what another one said.
 */
static int pin_maps(struct bpf_object *object, const char *directory)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		char path[PATH_MAX];
		int error;

		if (strstr(bpf_map__name(map), ".rodata"))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", directory, bpf_map__name(map)) >=
		    (int)sizeof(path))
			return -ENAMETOOLONG;
		error = bpf_map__set_pin_path(map, path);
		if (error)
			return error;
	}
	return 0;
}

/* What belongs to no sandbox is counted, too. */
static int open_common_account(struct bpf_object *object)
{
	const struct bailiwick_account empty = {0};
	const uint64_t nobody = 0;
	int accounts = bpf_object__find_map_fd_by_name(object, "bailiwick_accounts");

	if (accounts < 0)
		return accounts;
	return bpf_map_update_elem(accounts, &nobody, &empty, BPF_NOEXIST) && errno != EEXIST
		   ? -errno
		   : 0;
}

/* The directory below which maps of this layout are pinned. */
JNIEXPORT jstring EXPORT(mapsDirectory)(JNIEnv *env, jclass type UNUSED)
{
	return (*env)->NewStringUTF(env, BAILIWICK_MAPS);
}

/*
 * Opens and loads the object; returns a handle. Nothing is attached yet. With a directory the maps
 * are those that are pinned there, so that what they say survives this process.
 */
JNIEXPORT jlong EXPORT(load)(JNIEnv *env, jclass type UNUSED, jbyteArray bytes, jint level,
			     jbyteArray map_directory)
{
	struct enforcement *enforcement;
	AUTO_FREE char *object = NULL;
	AUTO_FREE char *maps = NULL;
	jsize length;
	int events, error;

	libbpf_set_print(quiet);
	if (map_directory) {
		maps = copy_bytes(env, map_directory, &length);
		if (!maps)
			return 0;
	}
	object = copy_bytes(env, bytes, &length);
	if (!object)
		return 0;
	enforcement = calloc(1, sizeof(*enforcement));
	if (!enforcement) {
		throw_errno(env, "opening the BPF object", ENOMEM);
		return 0;
	}
	enforcement->object = bpf_object__open_mem(object, (size_t)length, NULL);
	if (!enforcement->object) {
		throw_errno(env, "opening the BPF object", errno);
		goto failed;
	}
	error = set_level(enforcement->object, (uint32_t)level);
	if (!error && maps)
		error = pin_maps(enforcement->object, maps);
	if (error) {
		throw_errno(env, "configuring the BPF object", -error);
		goto failed;
	}
	error = bpf_object__load(enforcement->object);
	if (!error)
		error = open_common_account(enforcement->object);
	if (error) {
		throw_errno(env, "loading the BPF programs", -error);
		goto failed;
	}
	events = bpf_object__find_map_fd_by_name(enforcement->object, "bailiwick_events");
	enforcement->ring = ring_buffer__new(events, keep_event, enforcement, NULL);
	if (!enforcement->ring) {
		throw_errno(env, "opening the event ring", errno);
		goto failed;
	}
	enforcement->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (enforcement->wake < 0) {
		throw_errno(env, "opening the event ring", errno);
		goto failed;
	}
	return (jlong)(intptr_t)enforcement;

failed:
	close_enforcement(enforcement);
	return 0;
}

static uint64_t id_of_cgroup(int cgroup)
{
	struct {
		struct file_handle handle;
		uint64_t id;
	} answer = {.handle.handle_bytes = sizeof(answer.id)};
	uint64_t id;
	int mount_id;

	if (name_to_handle_at(cgroup, "", &answer.handle, &mount_id, AT_EMPTY_PATH))
		return 0;
	memcpy(&id, answer.handle.f_handle, sizeof(id));
	return id;
}

/*
 * The pinned link of a program, made to run this program: the kernel changes it in one step, so that
 * there is no moment without a program. Always, because one with the same instructions may use maps
 * that are pinned no more. NULL with errno 0 when there is no link
 * that is attached to the cgroup.
 */
static struct bpf_link *take_up_link(struct bpf_program *program, const char *path, int cgroup)
{
	struct bpf_link_info info = {0};
	uint32_t length = sizeof(info);
	struct bpf_link *link = bpf_link__open(path);
	int error;

	if (!link) {
		errno = errno == ENOENT ? 0 : errno;
		return NULL;
	}
	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &length))
		goto failed;
	if (info.cgroup.cgroup_id != id_of_cgroup(cgroup)) {
		/* its cgroup was removed, and the link died with it */
		error = unlink(path) ? errno : 0;
		bpf_link__destroy(link);
		errno = error;
		return NULL;
	}
	if (bpf_link__update_program(link, program))
		goto failed;
	return link;

failed:
	error = errno;
	bpf_link__destroy(link);
	errno = error;
	return NULL;
}

/*
 * Attaches every program of the object to a cgroup and pins each link as <pins>/<program>. A link
 * that is pinned there already is taken up. Returns how many links had to be made.
 */
JNIEXPORT jint EXPORT(attach)(JNIEnv *env, jclass type UNUSED, jlong handle, jbyteArray cgroup_path,
			      jbyteArray pin_directory)
{
	struct enforcement *enforcement = (struct enforcement *)(intptr_t)handle;
	AUTO_FREE char *cgroup_name = NULL;
	AUTO_FREE char *pins = NULL;
	AUTO_CLOSE int cgroup = -1;
	struct bpf_program *program;
	jsize length;
	jint made = 0;

	cgroup_name = copy_bytes(env, cgroup_path, &length);
	pins = cgroup_name ? copy_bytes(env, pin_directory, &length) : NULL;
	if (!pins)
		return 0;
	cgroup = open(cgroup_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0) {
		throw_errno(env, "opening the cgroup", errno);
		return 0;
	}
	bpf_object__for_each_program(program, enforcement->object)
	{
		const char *name = bpf_program__name(program);
		struct bpf_link *link;
		char path[PATH_MAX];

		if (enforcement->links_used == MAX_PROGRAMS) {
			throw_errno(env, "attaching the BPF programs", E2BIG);
			return 0;
		}
		snprintf(path, sizeof(path), "%s/%s", pins, name);
		link = take_up_link(program, path, cgroup);
		if (!link && errno) {
			throw_errno(env, name, errno);
			return 0;
		}
		if (!link) {
			link = bpf_program__attach_cgroup(program, cgroup);
			if (!link) {
				throw_errno(env, name, errno);
				return 0;
			}
			made++;
		}
		enforcement->links[enforcement->links_used++] = link;
		if (bpf_link__fd(link) >= 0 && access(path, F_OK) && bpf_link__pin(link, path)) {
			throw_errno(env, "pinning the BPF programs", errno);
			return 0;
		}
	}
	return made;
}

/* Throws, with the pin's name, and returns the error; else how many pins were made. */
static int pin_again(JNIEnv *env, int fd, const char *directory, const char *name)
{
	char path[PATH_MAX], step[128];
	int made;

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		made = -ENAMETOOLONG;
	else
		made = keep_pinned(fd, path);
	if (made < 0) {
		snprintf(step, sizeof(step), "pinning %s again", name);
		throw_errno(env, step, -made);
	}
	return made;
}

/*
 * Pins again what somebody unpinned, links and maps, while the descriptors of this process still hold
 * them. Returns how many there were.
 */
JNIEXPORT jint EXPORT(pinAgain)(JNIEnv *env, jclass type UNUSED, jlong handle,
				jbyteArray pin_directory, jbyteArray map_directory)
{
	struct enforcement *enforcement = (struct enforcement *)(intptr_t)handle;
	AUTO_FREE char *pins = NULL;
	AUTO_FREE char *maps = NULL;
	struct bpf_program *program;
	struct bpf_map *map;
	size_t index = 0;
	jsize length;
	jint pinned = 0;
	int made;

	pins = copy_bytes(env, pin_directory, &length);
	maps = pins ? copy_bytes(env, map_directory, &length) : NULL;
	if (!maps)
		return 0;
	bpf_object__for_each_map(map, enforcement->object)
	{
		if (strstr(bpf_map__name(map), ".rodata"))
			continue;
		made = pin_again(env, bpf_map__fd(map), maps, bpf_map__name(map));
		if (made < 0)
			return 0;
		pinned += made;
	}
	bpf_object__for_each_program(program, enforcement->object)
	{
		if (index == enforcement->links_used)
			break;
		made = pin_again(env, bpf_link__fd(enforcement->links[index++]), pins,
				 bpf_program__name(program));
		if (made < 0)
			return 0;
		pinned += made;
	}
	return pinned;
}

/*
 * Of the program at an index: whether the kernel runs it on the cgroup, how often it ran and how
 * many nanoseconds that took (0 unless the kernel counts). Null behind the last one.
 */
JNIEXPORT jlongArray EXPORT(programState)(JNIEnv *env, jclass type UNUSED, jlong handle, jint index,
					  jbyteArray cgroup_path)
{
	struct enforcement *enforcement = (struct enforcement *)(intptr_t)handle;
	AUTO_FREE char *cgroup_name = NULL;
	AUTO_CLOSE int cgroup = -1;
	AUTO_CLOSE int running = -1;
	struct bpf_link_info link = {0};
	struct bpf_prog_info program = {0};
	uint32_t length = sizeof(link), ids[64], count = 64;
	jlong state[3] = {0};
	jlongArray answer;
	jsize unused;

	if ((size_t)index >= enforcement->links_used)
		return NULL;
	cgroup_name = copy_bytes(env, cgroup_path, &unused);
	if (!cgroup_name)
		return NULL;
	cgroup = open(cgroup_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0 && errno != ENOENT) { /* says nothing about the program */
		throw_errno(env, "opening the cgroup", errno);
		return NULL;
	}
	if (cgroup >= 0 &&
	    !bpf_obj_get_info_by_fd(bpf_link__fd(enforcement->links[index]), &link, &length) &&
	    !bpf_prog_query(cgroup, link.cgroup.attach_type, 0, NULL, ids, &count))
		for (uint32_t i = 0; i < count; i++)
			if (ids[i] == link.prog_id)
				state[0] = 1;
	running = bpf_prog_get_fd_by_id(link.prog_id);
	length = sizeof(program);
	if (running >= 0 && !bpf_obj_get_info_by_fd(running, &program, &length)) {
		state[1] = (jlong)program.run_cnt;
		state[2] = (jlong)program.run_time_ns;
	}
	answer = (*env)->NewLongArray(env, 3);
	if (answer)
		(*env)->SetLongArrayRegion(env, answer, 0, 3, state);
	return answer;
}

/* The name of the program at an index; null behind the last one. */
JNIEXPORT jstring EXPORT(programName)(JNIEnv *env, jclass type UNUSED, jlong handle, jint index)
{
	struct enforcement *enforcement = (struct enforcement *)(intptr_t)handle;
	struct bpf_program *program;
	jint at = 0;

	bpf_object__for_each_program(program, enforcement->object)
	{
		if (at++ == index)
			return (*env)->NewStringUTF(env, bpf_program__name(program));
	}
	return NULL;
}

/* Has the kernel count runs and time of all programs until the descriptor is closed. */
JNIEXPORT jint EXPORT(countRuns)(JNIEnv *env, jclass type UNUSED)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	if (fd < 0)
		throw_errno(env, "counting the runs of programs", errno);
	return fd;
}

static int find_map(JNIEnv *env, jlong handle, jstring name)
{
	struct enforcement *enforcement = (struct enforcement *)(intptr_t)handle;
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	int fd;

	if (!text)
		return -1;
	fd = bpf_object__find_map_fd_by_name(enforcement->object, text);
	if (fd < 0)
		throw_reason(env, text, "no such map");
	(*env)->ReleaseStringUTFChars(env, name, text);
	return fd;
}

/* True when key and value have the sizes that the map was made with; otherwise it throws. */
static bool sizes_match(JNIEnv *env, int map, jsize key, jsize value)
{
	struct bpf_map_info info = {0};
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(map, &info, &length)) {
		throw_errno(env, "asking a map for its sizes", errno);
		return false;
	}
	if (info.key_size != (uint32_t)key || info.value_size != (uint32_t)value) {
		throw_reason(env, "writing to a map", "key or value has the wrong size");
		return false;
	}
	return true;
}

JNIEXPORT void EXPORT(put)(JNIEnv *env, jclass type UNUSED, jlong handle, jstring map_name,
			   jbyteArray key_bytes, jbyteArray value_bytes)
{
	AUTO_FREE char *key = NULL;
	AUTO_FREE char *value = NULL;
	jsize key_length, value_length;
	int map = find_map(env, handle, map_name);

	if (map < 0)
		return;
	key = copy_bytes(env, key_bytes, &key_length);
	value = key ? copy_bytes(env, value_bytes, &value_length) : NULL;
	if (!value || !sizes_match(env, map, key_length, value_length))
		return;
	if (bpf_map_update_elem(map, key, value, BPF_ANY))
		throw_errno(env, "writing to a map", errno);
}

/* False when there was no such key. */
JNIEXPORT jboolean EXPORT(remove)(JNIEnv *env, jclass type UNUSED, jlong handle, jstring map_name,
				  jbyteArray key_bytes, jint value_length)
{
	AUTO_FREE char *key = NULL;
	jsize length;
	int map = find_map(env, handle, map_name);

	if (map < 0)
		return JNI_FALSE;
	key = copy_bytes(env, key_bytes, &length);
	if (!key || !sizes_match(env, map, length, value_length))
		return JNI_FALSE;
	if (!bpf_map_delete_elem(map, key))
		return JNI_TRUE;
	if (errno != ENOENT)
		throw_errno(env, "removing from a map", errno);
	return JNI_FALSE;
}

/* The value of a key; null when there is none. */
JNIEXPORT jbyteArray EXPORT(get)(JNIEnv *env, jclass type UNUSED, jlong handle, jstring map_name,
				 jbyteArray key_bytes, jint value_length)
{
	AUTO_FREE char *key = NULL;
	AUTO_FREE void *value = NULL;
	jbyteArray answer;
	jsize length;
	int map = find_map(env, handle, map_name);

	if (map < 0)
		return NULL;
	key = copy_bytes(env, key_bytes, &length);
	if (!key || !sizes_match(env, map, length, value_length))
		return NULL;
	value = calloc(1, (size_t)value_length);
	if (!value || bpf_map_lookup_elem(map, key, value)) {
		if (!value || errno != ENOENT)
			throw_errno(env, "reading a map", errno);
		return NULL;
	}
	answer = (*env)->NewByteArray(env, value_length);
	if (answer)
		(*env)->SetByteArrayRegion(env, answer, 0, value_length, value);
	return answer;
}

/* Every key of a map, one after the other; a map that is being written may give some twice. */
JNIEXPORT jbyteArray EXPORT(keys)(JNIEnv *env, jclass type UNUSED, jlong handle, jstring map_name)
{
	struct bpf_map_info info = {0};
	uint32_t length = sizeof(info);
	AUTO_FREE char *keys = NULL;
	jbyteArray answer;
	size_t used = 0;
	int map = find_map(env, handle, map_name);

	if (map < 0)
		return NULL;
	if (bpf_obj_get_info_by_fd(map, &info, &length)) {
		throw_errno(env, "asking a map for its sizes", errno);
		return NULL;
	}
	keys = calloc(info.max_entries, info.key_size);
	if (!keys) {
		throw_errno(env, "reading a map", ENOMEM);
		return NULL;
	}
	while (used < info.max_entries &&
	       !bpf_map_get_next_key(map, used ? keys + (used - 1) * info.key_size : NULL,
				     keys + used * info.key_size))
		used++;
	answer = (*env)->NewByteArray(env, (jsize)(used * info.key_size));
	if (answer)
		(*env)->SetByteArrayRegion(env, answer, 0, (jsize)(used * info.key_size),
					   (jbyte *)keys);
	return answer;
}

/*
 * Waits for events, or until another descriptor (unless -1) is readable, and writes as many events as
 * fit into a direct buffer; returns the bytes written. Not to be called by two threads at once on one
 * handle.
 */
JNIEXPORT jint EXPORT(poll)(JNIEnv *env, jclass type UNUSED, jlong handle, jobject buffer,
			    jint timeout_millis, jint other)
{
	struct enforcement *enforcement = (struct enforcement *)(intptr_t)handle;
	struct pollfd sources[] = {
	    {.fd = ring_buffer__epoll_fd(enforcement->ring), .events = POLLIN},
	    {.fd = enforcement->wake, .events = POLLIN},
	    {.fd = other, .events = POLLIN},
	};
	int result;

	enforcement->out = (*env)->GetDirectBufferAddress(env, buffer);
	enforcement->room = (size_t)(*env)->GetDirectBufferCapacity(env, buffer);
	enforcement->filled = 0;
	if (!enforcement->out || enforcement->room < sizeof(struct bailiwick_event)) {
		throw_reason(env, "polling for events", "the buffer is too small or not direct");
		return 0;
	}
	/* What is there already first: the descriptor speaks only of what came since it last spoke.
	 */
	result = ring_buffer__consume(enforcement->ring);
	if (result == 0 && poll(sources, 3, timeout_millis) > 0)
		result = ring_buffer__consume(enforcement->ring);
	if (result < 0 && result != -ENOBUFS)
		throw_errno(env, "polling for events", -result);
	return (jint)enforcement->filled;
}

/* Ends a poll() that waits, and every later wait at once. */
JNIEXPORT void EXPORT(wake)(JNIEnv *env, jclass type UNUSED, jlong handle)
{
	struct enforcement *enforcement = (struct enforcement *)(intptr_t)handle;
	const uint64_t one = 1;

	if (write(enforcement->wake, &one, sizeof(one)) != sizeof(one))
		throw_errno(env, "waking the poll", errno);
}

/* Gives everything up; what is pinned stays attached until its pin is removed. */
JNIEXPORT void EXPORT(close)(JNIEnv *env UNUSED, jclass type UNUSED, jlong handle)
{
	close_enforcement((struct enforcement *)(intptr_t)handle);
}

/* ---- the file system --------------------------------------------------------------------- */

/* A cgroup's id is what its directory's handle says. */
JNIEXPORT jlong EXPORT(cgroupId)(JNIEnv *env, jclass type UNUSED, jbyteArray path)
{
	AUTO_FREE char *name = NULL;
	AUTO_CLOSE int cgroup = -1;
	uint64_t id;
	jsize length;

	name = copy_bytes(env, path, &length);
	if (!name)
		return 0;
	cgroup = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	id = cgroup < 0 ? 0 : id_of_cgroup(cgroup);
	if (!id)
		throw_errno(env, "asking for the cgroup's id", errno);
	return (jlong)id;
}

JNIEXPORT void EXPORT(mountBpf)(JNIEnv *env, jclass type UNUSED, jbyteArray path)
{
	AUTO_FREE char *name = NULL;
	jsize length;

	name = copy_bytes(env, path, &length);
	if (name && mount("bpf", name, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		throw_errno(env, "mounting the BPF file system", errno);
}

/* ---- the kernel's audit ------------------------------------------------------------------ */

#define AUDIT_BUFFER_BYTES (4 << 20)

/* Listens beside whatever audit daemon there is; takes nothing away from it. */
JNIEXPORT jint EXPORT(openAudit)(JNIEnv *env, jclass type UNUSED)
{
	struct sockaddr_nl group = {
	    .nl_family = AF_NETLINK,
	    .nl_groups = 1u << (AUDIT_NLGRP_READLOG - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
	int bytes = AUDIT_BUFFER_BYTES;

	if (fd < 0) {
		throw_errno(env, "opening the kernel's audit", errno);
		return -1;
	}
	/* Best effort: without it a burst is lost sooner, and the loss is reported. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (bind(fd, (struct sockaddr *)&group, sizeof(group))) {
		throw_errno(env, "listening to the kernel's audit", errno);
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * One netlink message into a direct buffer. Returns its bytes, 0 when none came in time, or -1 when
 * the kernel had to drop some.
 */
JNIEXPORT jint EXPORT(readAudit)(JNIEnv *env, jclass type UNUSED, jint fd, jobject buffer,
				 jint timeout_millis)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	void *out = (*env)->GetDirectBufferAddress(env, buffer);
	jlong room = (*env)->GetDirectBufferCapacity(env, buffer);
	ssize_t got;

	if (!out) {
		throw_reason(env, "reading the kernel's audit", "the buffer is not direct");
		return 0;
	}
	if (poll(&ready, 1, timeout_millis) <= 0)
		return 0;
	got = recv(fd, out, (size_t)room, 0);
	if (got < 0 && errno == ENOBUFS)
		return -1;
	if (got < 0 && errno != EAGAIN && errno != EINTR)
		throw_errno(env, "reading the kernel's audit", errno);
	return got < 0 ? 0 : (jint)got;
}

JNIEXPORT void EXPORT(closeAudit)(JNIEnv *env UNUSED, jclass type UNUSED, jint fd)
{
	close(fd);
}

/* Whether the kernel audits at all: without it, Landlock's denials are not told. */
JNIEXPORT jboolean EXPORT(auditEnabled)(JNIEnv *env UNUSED, jclass type UNUSED)
{
	struct nlmsghdr question = {
	    .nlmsg_len = sizeof(question),
	    .nlmsg_type = AUDIT_GET,
	    .nlmsg_flags = NLM_F_REQUEST,
	};
	struct {
		struct nlmsghdr header;
		struct audit_status status;
		char later[512]; /* newer kernels tell more */
	} answer = {0};
	const struct timeval patience = {.tv_sec = 1};
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	if (fd < 0)
		return JNI_FALSE;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, &question, sizeof(question), 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)offsetof(typeof(answer), later))
		return JNI_FALSE;
	return answer.header.nlmsg_type == AUDIT_GET && answer.status.enabled != 0;
}

/* The name of a system call that the filter denies; null for any other. */
JNIEXPORT jstring EXPORT(systemCallName)(JNIEnv *env, jclass type UNUSED, jint number)
{
#define CASE(name)                                                                                 \
	case __NR_##name:                                                                          \
		return (*env)->NewStringUTF(env, #name);
	switch (number) {
		DENIED_CALLS(CASE)
		JUDGED_CALLS(CASE)
	default:
		return NULL;
	}
#undef CASE
}

/* ---- signals ----------------------------------------------------------------------------- */

static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP};
#define FORWARDED (sizeof(forwarded) / sizeof(forwarded[0]))

/* Written under the lock, read by the handler; 0 is an empty place. */
#define MAX_RECEIVERS 64
static pthread_mutex_t receivers_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t receivers[MAX_RECEIVERS];
static unsigned int receivers_used;
static struct sigaction previous[FORWARDED];

/* The terminal tells the whole foreground group itself; only sent signals are passed on. */
static void forward_signal(int number, siginfo_t *info, void *context UNUSED)
{
	int saved = errno;

	for (size_t i = 0; info->si_code <= 0 && i < MAX_RECEIVERS; i++)
		if (receivers[i] > 0)
			kill((pid_t)receivers[i], number);
	errno = saved;
}

/*
 * From here on SIGINT, SIGTERM and SIGHUP to this process go to the given one, as with env or nice,
 * instead of ending the JVM. Beyond the last place they end the JVM, and with it the sandbox.
 */
static void start_forwarding(pid_t pid)
{
	struct sigaction action = {.sa_sigaction = forward_signal,
				   .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
	size_t place = 0;

	pthread_mutex_lock(&receivers_lock);
	while (place < MAX_RECEIVERS && receivers[place] != 0)
		place++;
	if (place == MAX_RECEIVERS) {
		pthread_mutex_unlock(&receivers_lock);
		return;
	}
	receivers[place] = pid;
	sigemptyset(&action.sa_mask);
	if (receivers_used++ == 0)
		for (size_t i = 0; i < FORWARDED; i++)
			sigaction(forwarded[i], &action, &previous[i]);
	pthread_mutex_unlock(&receivers_lock);
}

/* The last one to stop gives the JVM its handlers back. */
static void stop_forwarding(pid_t pid)
{
	pthread_mutex_lock(&receivers_lock);
	for (size_t i = 0; i < MAX_RECEIVERS; i++) {
		if (receivers[i] != pid)
			continue;
		if (--receivers_used == 0)
			for (size_t j = 0; j < FORWARDED; j++)
				sigaction(forwarded[j], &previous[j], NULL);
		receivers[i] = 0;
		break;
	}
	pthread_mutex_unlock(&receivers_lock);
}

/* ---- processes --------------------------------------------------------------------------- */

static int spawn_launcher(const char *path, int spec, int control, pid_t *pid)
{
	static char *const environment[] = {NULL};
	char *const arguments[] = {(char *)"bailiwick-launcher", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int error;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, spec, SPEC_FD);
	posix_spawn_file_actions_adddup2(&actions, control, CONTROL_FD);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/*
 * Starts the launcher with a sealed specification. Returns its pid and the control channel. The
 * calling thread must live until the launcher has ended: the launcher follows that thread's end.
 */
JNIEXPORT jlong EXPORT(spawn)(JNIEnv *env, jclass type UNUSED, jbyteArray launcher_path,
			      jbyteArray spec_bytes)
{
	AUTO_FREE char *path = NULL;
	AUTO_FREE char *bytes = NULL;
	AUTO_CLOSE int spec = -1;
	AUTO_CLOSE int theirs = -1;
	int channel[2], error;
	jsize length;
	pid_t pid;

	path = copy_bytes(env, launcher_path, &length);
	bytes = path ? copy_bytes(env, spec_bytes, &length) : NULL;
	if (!bytes)
		return 0;
	spec = sealed_spec(bytes, (size_t)length);
	spec = spec < 0 ? spec : move_up(spec);
	if (spec < 0) {
		throw_errno(env, "writing the launch specification", errno);
		return 0;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel)) {
		throw_errno(env, "opening the control channel", errno);
		return 0;
	}
	theirs = move_up(channel[1]);
	error = theirs < 0 ? errno : spawn_launcher(path, spec, theirs, &pid);
	if (error) {
		close(channel[0]);
		throw_errno(env, "starting the launcher", error);
		return 0;
	}
	start_forwarding(pid);
	return (jlong)((uint64_t)(uint32_t)channel[0] << 32 | (uint32_t)pid);
}

/*
 * The pid that comes with a word of the confined process, 0 when it gave up, -1 when the channel's
 * patience came to an end before.
 */
static jint await_report(int control, char word)
{
	struct {
		char word;
		uint32_t pid;
	} __attribute__((packed)) report;
	size_t have = 0;

	while (have < sizeof(report)) {
		/* Of anything else only the word is taken: complaint() wants the rest. */
		size_t wanted = have ? sizeof(report) - have : sizeof(report.word);
		ssize_t got = read(control, (char *)&report + have, wanted);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 && errno == EAGAIN ? -1 : 0;
		have += (size_t)got;
		if (report.word != word)
			return 0;
	}
	return (jint)report.pid;
}

/* The process exists; its walls are still to come. */
JNIEXPORT jint EXPORT(awaitBorn)(JNIEnv *env UNUSED, jclass type UNUSED, jint control)
{
	return await_report(control, SAY_BORN);
}

/* All its walls stand. */
JNIEXPORT jint EXPORT(awaitConfined)(JNIEnv *env UNUSED, jclass type UNUSED, jint control)
{
	return await_report(control, SAY_CONFINED);
}

/* Lets the confined process execute its command, or not, and closes the channel. */
JNIEXPORT void EXPORT(release)(JNIEnv *env UNUSED, jclass type UNUSED, jint control, jboolean go)
{
	if (go && send(control, &(char){SAY_GO}, 1, MSG_NOSIGNAL) != 1)
		go = JNI_FALSE; /* it is gone; waitFor tells how */
	close(control);
}

/* Exit status as a shell gives it. Blocks the calling thread. */
JNIEXPORT jint EXPORT(waitFor)(JNIEnv *env, jclass type UNUSED, jint pid)
{
	siginfo_t ended;
	int status;

	/* Not reaped before the forwarding stops: until then the pid cannot become somebody else's.
	 */
	while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) && errno == EINTR)
		;
	stop_forwarding(pid);
	if (waitpid(pid, &status, 0) != pid) {
		throw_errno(env, "waiting for the launcher", errno);
		return -1;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
