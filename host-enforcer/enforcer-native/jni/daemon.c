// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * What a Java program cannot do by itself and an enforcer must: unix sockets with descriptors and the
 * peer's identity, waiting for many of them, and ending other processes' sockets.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>

#include "bridge.h"
#include "launcher.h"

/* stdin, stdout and stderr are all that a caller may pass. */
#define MAX_DESCRIPTORS 3

/* ---- sockets ----------------------------------------------------------------------------- */

JNIEXPORT jint EXPORT(listenAt)(JNIEnv *env, jclass type UNUSED, jbyteArray path, jint mode)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO_FREE char *name = NULL;
	jsize length;
	int fd;

	name = copy_bytes(env, path, &length);
	if (!name)
		return -1;
	if ((size_t)length >= sizeof(address.sun_path)) {
		throw_errno(env, "listening at the socket", ENAMETOOLONG);
		return -1;
	}
	memcpy(address.sun_path, name, (size_t)length);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* fchmod before bind: the file never exists with another mode. */
	if (fd < 0 || fchmod(fd, (mode_t)mode) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(name, (mode_t)mode) ||
	    listen(fd, 512)) {
		throw_errno(env, "listening at the socket", errno);
		close_descriptor(&fd);
		return -1;
	}
	return fd;
}

static void be_patient(int fd, int millis)
{
	const struct timeval patience = {
	    .tv_sec = millis / 1000,
	    .tv_usec = millis % 1000 * 1000,
	};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

/* A connection on which nothing waits longer than the given time, or -1 when there is none. */
JNIEXPORT jint EXPORT(accept)(JNIEnv *env, jclass type UNUSED, jint listener, jint patience_millis)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			throw_errno(env, "accepting a connection", errno);
		return -1;
	}
	be_patient(fd, patience_millis);
	return fd;
}

/* Uid in the low half, pid in the high half, as the kernel noted them when the peer connected. */
JNIEXPORT jlong EXPORT(peer)(JNIEnv *env, jclass type UNUSED, jint fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length)) {
		throw_errno(env, "asking who connected", errno);
		return -1;
	}
	return (jlong)((uint64_t)(uint32_t)peer.pid << 32 | peer.uid);
}

static void close_all(const int *descriptor, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(descriptor[i]);
}

/*
 * What is there of a stream, at most as much as the array holds; 0 at its end. Descriptors that came
 * along are put into the other array, whose rest is filled with -1; more than there is room for, and
 * all are closed.
 */
JNIEXPORT jint EXPORT(receive)(JNIEnv *env, jclass type UNUSED, jint fd, jbyteArray into,
			       jint offset, jintArray descriptors)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * MAX_DESCRIPTORS)];
		struct cmsghdr aligned;
	} control;
	AUTO_FREE char *buffer = NULL;
	jsize room = (*env)->GetArrayLength(env, into) - offset;
	int found[sizeof(control.bytes) / sizeof(int)]; /* the kernel fills what CMSG_SPACE rounds up */
	size_t count = 0;
	struct iovec vector;
	struct msghdr message = {
	    .msg_iov = &vector,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes),
	};
	ssize_t got;

	buffer = malloc((size_t)room);
	if (!buffer) {
		throw_errno(env, "receiving", ENOMEM);
		return -1;
	}
	vector = (struct iovec){buffer, (size_t)room};
	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		throw_errno(env, "receiving", errno);
		return -1;
	}
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
	     header = CMSG_NXTHDR(&message, header)) {
		size_t more;

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		more = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(found + count, CMSG_DATA(header), more * sizeof(int));
		count += more;
	}
	if (message.msg_flags & MSG_CTRUNC || count > MAX_DESCRIPTORS) {
		close_all(found, count);
		throw_reason(env, "receiving", "too many descriptors came along");
		return -1;
	}
	while (count < MAX_DESCRIPTORS)
		found[count++] = -1;
	(*env)->SetByteArrayRegion(env, into, offset, (jsize)got, (jbyte *)buffer);
	(*env)->SetIntArrayRegion(env, descriptors, 0, MAX_DESCRIPTORS, found);
	return (jint)got;
}

/* All of the bytes, with descriptors beside the first. */
JNIEXPORT void EXPORT(send)(JNIEnv *env, jclass type UNUSED, jint fd, jbyteArray bytes,
			    jintArray descriptors)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * MAX_DESCRIPTORS)];
		struct cmsghdr aligned;
	} control = {0};
	AUTO_FREE char *buffer = NULL;
	jsize length, count = (*env)->GetArrayLength(env, descriptors), done = 0;
	struct iovec vector;
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

	buffer = copy_bytes(env, bytes, &length);
	if (!buffer)
		return;
	if (count > MAX_DESCRIPTORS) {
		throw_errno(env, "sending", E2BIG);
		return;
	}
	if (count > 0) {
		control.aligned.cmsg_level = SOL_SOCKET;
		control.aligned.cmsg_type = SCM_RIGHTS;
		control.aligned.cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
		(*env)->GetIntArrayRegion(env, descriptors, 0, count,
					  (jint *)CMSG_DATA(&control.aligned));
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
	}
	while (done < length) {
		ssize_t sent;

		vector = (struct iovec){buffer + done, (size_t)(length - done)};
		sent = sendmsg(fd, &message, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			throw_errno(env, "sending", errno);
			return;
		}
		message.msg_control = NULL;
		message.msg_controllen = 0;
		done += (jsize)sent;
	}
}

JNIEXPORT void EXPORT(closeDescriptor)(JNIEnv *env UNUSED, jclass type UNUSED, jint fd)
{
	close(fd);
}

/* A connected pair; the first, which waits no longer than the given time, in the low half. */
JNIEXPORT jlong EXPORT(pair)(JNIEnv *env, jclass type UNUSED, jint patience_millis)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		throw_errno(env, "opening a channel", errno);
		return -1;
	}
	be_patient(ends[0], patience_millis);
	return (jlong)((uint64_t)(uint32_t)ends[1] << 32 | (uint32_t)ends[0]);
}

/* Lets the confined process execute its command. */
JNIEXPORT void EXPORT(go)(JNIEnv *env UNUSED, jclass type UNUSED, jint control)
{
	send(control, &(char){SAY_GO}, 1, MSG_NOSIGNAL); /* it may be gone; its status tells how */
}

/* For whoever holds a copy, too: processes that were made meanwhile have one until they execute. */
JNIEXPORT void EXPORT(hangUp)(JNIEnv *env UNUSED, jclass type UNUSED, jint control)
{
	shutdown(control, SHUT_RDWR);
}

/* What a process that ended, or is about to, had to say; null when nothing. Waits for nothing. */
JNIEXPORT jbyteArray EXPORT(complaint)(JNIEnv *env, jclass type UNUSED, jint control)
{
	char said[8192];
	ssize_t got = recv(control, said, sizeof(said), MSG_DONTWAIT);
	size_t skip = got > 0 && said[0] == SAY_COMPLAINT;
	jbyteArray answer;

	if (got <= 0)
		return NULL;
	answer = (*env)->NewByteArray(env, (jsize)((size_t)got - skip));
	if (answer)
		(*env)->SetByteArrayRegion(env, answer, 0, (jsize)((size_t)got - skip),
					   (jbyte *)said + skip);
	return answer;
}

JNIEXPORT jint EXPORT(sealed)(JNIEnv *env, jclass type UNUSED, jbyteArray content)
{
	AUTO_FREE char *bytes = NULL;
	jsize length;
	int fd;

	bytes = copy_bytes(env, content, &length);
	if (!bytes)
		return -1;
	fd = sealed_spec(bytes, (size_t)length);
	if (fd < 0)
		throw_errno(env, "writing the launch specification", errno);
	return fd;
}

/* A descriptor that can be executed and nothing else. */
JNIEXPORT jint EXPORT(openProgram)(JNIEnv *env, jclass type UNUSED, jbyteArray path)
{
	AUTO_FREE char *name = NULL;
	jsize length;
	int fd;

	name = copy_bytes(env, path, &length);
	if (!name)
		return -1;
	fd = open(name, O_PATH | O_CLOEXEC);
	if (fd < 0)
		throw_errno(env, "opening the launcher", errno);
	return fd;
}

/* ---- waiting ----------------------------------------------------------------------------- */

JNIEXPORT jint EXPORT(openWatch)(JNIEnv *env, jclass type UNUSED)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		throw_errno(env, "waiting for connections", errno);
	return fd;
}

/* Tells once, by the given name, that a descriptor can be read; watch it again after that. */
JNIEXPORT void EXPORT(watch)(JNIEnv *env, jclass type UNUSED, jint watch, jint fd, jlong name,
			     jboolean again)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT,
	    .data.u64 = (uint64_t)name,
	};

	if (epoll_ctl(watch, again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event))
		throw_errno(env, "watching a connection", errno);
}

/* How many names were put into the array. */
JNIEXPORT jint EXPORT(awaitReadable)(JNIEnv *env, jclass type UNUSED, jint watch, jlongArray names)
{
	struct epoll_event events[64];
	jlong found[64];
	jsize room = (*env)->GetArrayLength(env, names);
	int count = epoll_wait(watch, events, room < 64 ? room : 64, -1);

	if (count < 0 && errno != EINTR)
		throw_errno(env, "waiting for connections", errno);
	if (count <= 0)
		return 0;
	for (int i = 0; i < count; i++)
		found[i] = (jlong)events[i].data.u64;
	(*env)->SetLongArrayRegion(env, names, 0, count, found);
	return count;
}

/* Something that can be made readable from anywhere. */
JNIEXPORT jint EXPORT(openBell)(JNIEnv *env, jclass type UNUSED)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		throw_errno(env, "opening a bell", errno);
	return fd;
}

JNIEXPORT void EXPORT(ring)(JNIEnv *env UNUSED, jclass type UNUSED, jint bell)
{
	const uint64_t one = 1;

	if (write(bell, &one, sizeof(one)) < 0)
		return; /* it rings already */
}

JNIEXPORT void EXPORT(signalProcess)(JNIEnv *env UNUSED, jclass type UNUSED, jint pidfd,
				     jint number)
{
	syscall(__NR_pidfd_send_signal, pidfd, number, NULL, 0);
}

/* ---- ending sockets ---------------------------------------------------------------------- */

static int ask(int fd, uint16_t type, uint16_t flags, const struct inet_diag_req_v2 *request)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} message = {
	    .header = {.nlmsg_len = sizeof(message),
		       .nlmsg_type = type,
		       .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)},
	    .request = *request,
	};

	return send(fd, &message, sizeof(message), 0) < 0 ? -errno : 0;
}

/* 0, or the errno with which the kernel refuses to end a socket; one that is gone is no failure. */
static int destroy(int fd, const struct inet_diag_req_v2 *which, const struct inet_diag_msg *socket)
{
	struct inet_diag_req_v2 request = *which;
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer = {0};
	int error;

	request.sdiag_family = socket->idiag_family;
	request.id = socket->id;
	error = ask(fd, SOCK_DESTROY, NLM_F_ACK, &request);
	if (error)
		return -error;
	if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer.header))
		return errno;
	error = -answer.error.error;
	return error == ENOENT ? 0 : error;
}

struct sweep {
	int list;
	int end;
	uint32_t uid;
	int ended;
	int error;
};

static void sweep(struct sweep *sweep, uint8_t family, uint8_t protocol)
{
	const struct inet_diag_req_v2 request = {
	    .sdiag_family = family,
	    .sdiag_protocol = protocol,
	    .idiag_states = ~0u,
	};
	_Alignas(struct nlmsghdr) char buffer[32 << 10];
	int error = ask(sweep->list, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &request);

	while (!error) {
		ssize_t got = recv(sweep->list, buffer, sizeof(buffer), 0);
		struct nlmsghdr *header = (struct nlmsghdr *)buffer;

		if (got < 0) {
			error = errno;
			break;
		}
		for (; NLMSG_OK(header, (size_t)got); header = NLMSG_NEXT(header, got)) {
			const struct inet_diag_msg *socket = NLMSG_DATA(header);

			if (header->nlmsg_type == NLMSG_DONE)
				return;
			if (header->nlmsg_type == NLMSG_ERROR) {
				sweep->error = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
				return;
			}
			if (socket->idiag_uid != sweep->uid)
				continue;
			error = destroy(sweep->end, &request, socket);
			if (error)
				sweep->error = error;
			else
				sweep->ended++;
			error = 0;
		}
	}
	sweep->error = error < 0 ? -error : error;
}

/*
 * Ends every TCP and UDP socket of a uid: its owner gets an error, its peer a reset. How many there
 * were is in the low half, the last error in the high half.
 */
JNIEXPORT jlong EXPORT(endSockets)(JNIEnv *env, jclass type UNUSED, jint uid)
{
	AUTO_CLOSE int list = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	AUTO_CLOSE int end = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct sweep found = {.list = list, .end = end, .uid = (uint32_t)uid};
	static const uint8_t families[] = {AF_INET, AF_INET6};
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

	if (list < 0 || end < 0) {
		throw_errno(env, "asking for the sandbox's sockets", errno);
		return 0;
	}
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 2; j++)
			sweep(&found, families[i], protocols[j]);
	return (jlong)((uint64_t)(uint32_t)found.error << 32 | (uint32_t)found.ended);
}
