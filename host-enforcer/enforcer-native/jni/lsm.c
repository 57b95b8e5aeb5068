// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* The LSM programs, for Java: fence.c does it. */
#define _GNU_SOURCE
#include <bpf/libbpf.h>

#include "bridge.h"
#include "fence.h"

JNIEXPORT jint EXPORT(probeLsm)(JNIEnv *env, jclass type UNUSED, jbyteArray bytes)
{
	AUTO_FREE char *image = NULL;
	jsize length;

	image = copy_bytes(env, bytes, &length);
	keep_libbpf_quiet();
	return image ? fence_probe(image, (size_t)length) : ENOMEM;
}

JNIEXPORT jstring EXPORT(lsmAbsent)(JNIEnv *env, jclass type UNUSED, jbyteArray bytes)
{
	AUTO_FREE char *image = NULL;
	char names[FENCE_NAMES];
	jsize length;

	image = copy_bytes(env, bytes, &length);
	if (!image)
		return NULL;
	keep_libbpf_quiet();
	fence_absent(image, (size_t)length, names);
	return (*env)->NewStringUTF(env, names);
}

/* With the maps of the handle that load() returned. */
JNIEXPORT jlong EXPORT(loadLsm)(JNIEnv *env, jclass type UNUSED, jlong owner, jbyteArray bytes,
				jint level, jbyteArray pin_directory)
{
	AUTO_FREE char *image = NULL;
	AUTO_FREE char *pins = NULL;
	struct fence *fence;
	const char *step;
	jsize length, unused;

	image = copy_bytes(env, bytes, &length);
	pins = image ? copy_bytes(env, pin_directory, &unused) : NULL;
	if (!pins)
		return 0;
	fence = fence_raise(image, (size_t)length, object_of(owner), (uint32_t)level, pins, &step);
	if (!fence)
		throw_errno(env, step, errno);
	return (jlong)(intptr_t)fence;
}

JNIEXPORT jint EXPORT(pinLsmAgain)(JNIEnv *env, jclass type UNUSED, jlong handle,
				   jbyteArray pin_directory)
{
	AUTO_FREE char *pins = NULL;
	jsize length;
	int pinned;

	pins = copy_bytes(env, pin_directory, &length);
	if (!pins)
		return 0;
	pinned = fence_pin_again((struct fence *)(intptr_t)handle, pins);
	if (pinned < 0)
		throw_errno(env, "pinning the LSM programs again", -pinned);
	return pinned;
}

JNIEXPORT void EXPORT(closeLsm)(JNIEnv *env UNUSED, jclass type UNUSED, jlong handle)
{
	fence_close((struct fence *)(intptr_t)handle);
}
