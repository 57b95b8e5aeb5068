// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* The LSM programs: opened beside the cgroup programs, whose maps they share. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge.h"
#include "lsm_hooks.h"

#define MAX_HOOKS 64

struct fence {
	struct bpf_object *object;
	struct bpf_link *links[MAX_HOOKS];
	size_t links_used;
};

static void close_fence(struct fence *fence)
{
	for (size_t i = 0; i < fence->links_used; i++)
		bpf_link__destroy(fence->links[i]);
	bpf_object__close(fence->object);
	free(fence);
}

/* 0, or a negative errno. Maps are the owner's, or new ones when there is no owner. */
static int load_object(struct bpf_object *object, const struct bpf_object *owner, uint32_t level)
{
	int error = lsm_leave_out_absent_hooks(object);

	if (!error)
		error = set_level(object, level);
	if (!error && owner)
		error = lsm_share_maps(object, owner);
	return error ? error : bpf_object__load(object);
}

/* 0 when the whole object loads here, or errno. Nothing is attached, nothing stays. */
JNIEXPORT jint EXPORT(probeLsm)(JNIEnv *env, jclass type UNUSED, jbyteArray bytes)
{
	AUTO_FREE char *image = NULL;
	struct bpf_object *object;
	jsize length;
	int error;

	image = copy_bytes(env, bytes, &length);
	if (!image)
		return ENOMEM;
	keep_libbpf_quiet();
	object = bpf_object__open_mem(image, (size_t)length, NULL);
	if (!object)
		return errno;
	error = load_object(object, NULL, 2);
	bpf_object__close(object);
	return -error;
}

/*
 * Attaches, pins the new link beside the old one and then puts it into the old one's place: links of
 * this kind cannot be given another program, and at no moment may a hook be without one.
 */
static int attach_and_pin(struct fence *fence, struct bpf_program *program, const char *directory)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	struct bpf_link *link;

	if (fence->links_used == MAX_HOOKS)
		return -E2BIG;
	if (snprintf(path, sizeof(path), "%s/lsm_%s", directory, bpf_program__name(program)) >=
		(int)sizeof(path) ||
	    snprintf(fresh, sizeof(fresh), "%s_new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	link = bpf_program__attach(program);
	if (!link)
		return -errno;
	fence->links[fence->links_used++] = link;
	if (unlink(fresh) && errno != ENOENT)
		return -errno;
	if (bpf_obj_pin(bpf_link__fd(link), fresh) || (unlink(path) && errno != ENOENT) ||
	    rename(fresh, path))
		return -errno;
	return 0;
}

/*
 * Loads the programs with the maps of another handle, attaches them to the whole machine (they ask
 * whose call it is) and pins each link as <pins>/lsm_<program>. Returns a handle.
 */
JNIEXPORT jlong EXPORT(loadLsm)(JNIEnv *env, jclass type UNUSED, jlong owner, jbyteArray bytes,
				jint level, jbyteArray pin_directory)
{
	AUTO_FREE char *image = NULL;
	AUTO_FREE char *pins = NULL;
	struct bpf_program *program;
	struct fence *fence;
	jsize length, unused;
	int error;

	image = copy_bytes(env, bytes, &length);
	pins = image ? copy_bytes(env, pin_directory, &unused) : NULL;
	if (!pins)
		return 0;
	fence = calloc(1, sizeof(*fence));
	if (!fence) {
		throw_errno(env, "opening the LSM programs", ENOMEM);
		return 0;
	}
	fence->object = bpf_object__open_mem(image, (size_t)length, NULL);
	if (!fence->object) {
		throw_errno(env, "opening the LSM programs", errno);
		goto failed;
	}
	error = load_object(fence->object, object_of(owner), (uint32_t)level);
	if (error) {
		throw_errno(env, "loading the LSM programs", -error);
		goto failed;
	}
	bpf_object__for_each_program(program, fence->object)
	{
		error = bpf_program__autoload(program) ? attach_and_pin(fence, program, pins) : 0;
		if (error) {
			throw_errno(env, bpf_program__name(program), -error);
			goto failed;
		}
	}
	return (jlong)(intptr_t)fence;

failed:
	close_fence(fence);
	return 0;
}

/* The hooks that this kernel lacks, separated by spaces. */
JNIEXPORT jstring EXPORT(lsmAbsent)(JNIEnv *env, jclass type UNUSED, jbyteArray bytes)
{
	AUTO_FREE char *image = NULL;
	struct bpf_object *object;
	struct bpf_program *program;
	char names[2048] = "";
	jsize length;

	image = copy_bytes(env, bytes, &length);
	if (!image)
		return NULL;
	keep_libbpf_quiet();
	object = bpf_object__open_mem(image, (size_t)length, NULL);
	if (object && !lsm_leave_out_absent_hooks(object)) {
		bpf_object__for_each_program(program, object)
		{
			size_t used = strlen(names);

			if (!bpf_program__autoload(program))
				snprintf(names + used, sizeof(names) - used, "%s%s", used ? " " : "",
					 bpf_program__section_name(program) + strlen("lsm/"));
		}
	}
	bpf_object__close(object);
	return (*env)->NewStringUTF(env, names);
}

/* Gives everything up; what is pinned stays attached until its pin is removed. */
JNIEXPORT void EXPORT(closeLsm)(JNIEnv *env UNUSED, jclass type UNUSED, jlong handle)
{
	close_fence((struct fence *)(intptr_t)handle);
}
