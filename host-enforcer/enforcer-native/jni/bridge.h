// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* What the files of the JNI library share: exceptions, bytes, and things that clean up themselves. */
#ifndef BAILIWICK_BRIDGE_H
#define BAILIWICK_BRIDGE_H

#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT(name) JNICALL Java_dev_bailiwick_enforcer_kernel_NativeBridge_##name
#define UNUSED __attribute__((unused))

static inline void throw_reason(JNIEnv *env, const char *step, const char *reason)
{
	jclass type = (*env)->FindClass(env, "java/io/IOException");
	char message[1024];

	snprintf(message, sizeof(message), "%s: %s", step, reason);
	if (type)
		(*env)->ThrowNew(env, type, message);
}

static inline void throw_errno(JNIEnv *env, const char *step, int error)
{
	throw_reason(env, step, strerror(error));
}

/* Paths come as bytes in the file system's own encoding, ended by a NUL that Java appended. */
static inline char *copy_bytes(JNIEnv *env, jbyteArray array, jsize *length)
{
	char *copy;

	*length = (*env)->GetArrayLength(env, array);
	copy = malloc((size_t)*length + 1);
	if (!copy) {
		throw_errno(env, "copying bytes", ENOMEM);
		return NULL;
	}
	(*env)->GetByteArrayRegion(env, array, 0, *length, (jbyte *)copy);
	copy[*length] = '\0';
	return copy;
}

static inline void free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void close_descriptor(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* native_bridge.c, for the files beside it */
struct bpf_object;
struct bpf_object *object_of(jlong handle);
int set_level(struct bpf_object *object, uint32_t level);
void keep_libbpf_quiet(void);

#define AUTO_FREE __attribute__((cleanup(free_pointer)))
#define AUTO_CLOSE __attribute__((cleanup(close_descriptor)))


/* What is sealed cannot change between somebody's check and somebody's use. */
static inline int sealed_spec(const char *bytes, size_t length)
{
	int fd = memfd_create("bailiwick-launch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;

	if (fd < 0)
		return -1;
	while (done < length) {
		ssize_t wrote = write(fd, bytes + done, length - done);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			goto failed;
		done += (size_t)wrote;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		goto failed;
	return fd;

failed:
	close(fd);
	return -1;
}

/*
 * Descriptors go through numbers that cannot collide with their targets: dup2 of a descriptor onto
 * itself would leave close-on-exec set.
 */
static inline int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 16);

	close(fd);
	return moved;
}

#endif
