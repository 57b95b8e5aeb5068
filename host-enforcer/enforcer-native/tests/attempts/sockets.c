// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Ways out that are not IP: other families, local sockets, descriptors that were left open. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "attempt.h"

static enum verdict raw(char **argument)
{
	(void)argument;
	return judge(socket(AF_INET, SOCK_RAW, IPPROTO_RAW), "socket(SOCK_RAW)");
}

static enum verdict ping(char **argument)
{
	(void)argument;
	return judge(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "socket(ICMP)");
}

/* Data in a question to which no program needs to listen. */
static enum verdict echo_request(char **argument)
{
	struct {
		struct icmphdr header;
		char data[4];
	} question = {.header.type = ICMP_ECHO, .data = "out"};
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

	if (fd < 0)
		return judge(fd, "socket(ICMP)");
	inet_pton(AF_INET, argument[0], &to.sin_addr);
	return judge(sendto(fd, &question, sizeof(question), 0, (struct sockaddr *)&to, sizeof(to)),
		     "sendto");
}

static enum verdict packet(char **argument)
{
	(void)argument;
	return judge(socket(AF_PACKET, SOCK_RAW, __builtin_bswap16(ETH_P_ALL)),
		     "socket(AF_PACKET)");
}

static enum verdict netlink(char **argument)
{
	(void)argument;
	return judge(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), "socket(AF_NETLINK)");
}

static enum verdict netlink_audit(char **argument)
{
	(void)argument;
	return judge(socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT), "socket(NETLINK_AUDIT)");
}

static enum verdict vsock(char **argument)
{
	(void)argument;
	return judge(socket(AF_VSOCK, SOCK_STREAM, 0), "socket(AF_VSOCK)");
}

static struct sockaddr_un named(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return address;
}

static enum verdict unix_stream(char **argument)
{
	struct sockaddr_un to = named(argument[0]);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return judge(fd, "socket(AF_UNIX)");
	return judge(connect(fd, (struct sockaddr *)&to, sizeof(to)), "connect");
}

static enum verdict unix_datagram(char **argument)
{
	struct sockaddr_un to = named(argument[0]);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket(AF_UNIX)");
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

static enum verdict abstract(char **argument)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return judge(fd, "socket(AF_UNIX)");
	memcpy(to.sun_path + 1, argument[0], strlen(argument[0]));
	return judge(
	    connect(fd, (struct sockaddr *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argument[0]))),
	    "connect");
}

/* A pair was made for two, but a datagram may be addressed to anybody. */
static enum verdict pair_redirected(char **argument)
{
	struct sockaddr_un to = named(argument[0]);
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return judge(-1, "socketpair(SOCK_DGRAM)");
	return judge(sendto(pair[0], "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

/* Any descriptor above stderr that is a socket and takes bytes. */
static enum verdict inherited(char **argument)
{
	(void)argument;
	for (int fd = 3; fd < 4096; fd++) {
		struct stat stat;

		if (fstat(fd, &stat) == 0 && S_ISSOCK(stat.st_mode) &&
		    send(fd, "out", 3, MSG_NOSIGNAL) == 3)
			return GOT_OUT;
	}
	errno = EBADF;
	return judge(-1, "write to an inherited socket");
}

static enum verdict io_uring(char **argument)
{
	struct io_uring_params parameters = {0};

	(void)argument;
	return judge(syscall(__NR_io_uring_setup, 4, &parameters), "io_uring_setup");
}

/* A ring that is told to connect: the kernel does it, no socket call is made. */
static enum verdict io_uring_connect(char **argument)
{
	struct io_uring_params parameters = {0};
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct io_uring_sqe *entries;
	struct io_uring_cqe *answer;
	char *rings;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int ring = (int)syscall(__NR_io_uring_setup, 1, &parameters);

	NEED(fd);
	if (ring < 0)
		return judge(ring, "io_uring_setup");
	inet_pton(AF_INET, argument[0], &to.sin_addr);
	to.sin_port = htons((uint16_t)atoi(argument[1]));
	rings = mmap(NULL, parameters.sq_off.array + 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	entries = mmap(NULL, sizeof(*entries), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		       ring, IORING_OFF_SQES);
	if (rings == MAP_FAILED || entries == MAP_FAILED)
		return not_tried("mmap");
	entries[0] = (struct io_uring_sqe){
	    .opcode = IORING_OP_CONNECT,
	    .fd = fd,
	    .addr = (uintptr_t)&to,
	    .off = sizeof(to),
	};
	*(unsigned int *)(rings + parameters.sq_off.array) = 0;
	__atomic_store_n((unsigned int *)(rings + parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
	NEED(syscall(__NR_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
	answer = (struct io_uring_cqe *)(rings + parameters.cq_off.cqes);
	errno = answer->res < 0 ? -answer->res : 0;
	return judge(answer->res, "connect by io_uring");
}

/* Every family but those that a sandbox knows; one that is absent from the kernel is no way out. */
static enum verdict other_families(char **argument)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};
	int denied = 0;

	(void)argument;
	for (int family = 0; family < 64; family++) {
		if (family == AF_UNIX || family == AF_INET || family == AF_INET6)
			continue;
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
			if (socket(family, types[i], 0) >= 0) {
				fprintf(stderr, "socket(%d, %d)\n", family, types[i]);
				return GOT_OUT;
			}
			denied += errno == EPERM || errno == EACCES;
		}
	}
	errno = EPERM;
	return denied ? judge(-1, "every other family") : not_tried("socket");
}

/* Asks a program outside for a descriptor that it has open, and writes to that. */
static enum verdict passed_descriptor(char **argument)
{
	struct sockaddr_un to = named(argument[0]);
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char byte;
	struct iovec bytes = {&byte, 1};
	struct msghdr message = {
	    .msg_iov = &bytes,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control),
	};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), passed;

	if (fd < 0)
		return judge(fd, "socket(AF_UNIX)");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return judge(-1, "connect");
	NEED(recvmsg(fd, &message, 0));
	errno = EBADF;
	if (message.msg_controllen < CMSG_LEN(sizeof(int)))
		return judge(-1, "receiving a descriptor");
	memcpy(&passed, CMSG_DATA(&control.header), sizeof(int));
	return judge(write(passed, "out", 3), "write to a passed descriptor");
}

static enum verdict bind_device(char **argument)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)argument;
	NEED(fd);
	return judge(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), "SO_BINDTODEVICE");
}

/* Types a line into the terminal that the sandbox was started from. */
static enum verdict type_ahead(char **argument)
{
	char letter = '#';

	(void)argument;
	return judge(ioctl(STDIN_FILENO, TIOCSTI, &letter), "ioctl(TIOCSTI)");
}

/* Pastes the console's selection as if it were typed. */
static enum verdict paste(char **argument)
{
	char paste_selection = 3;
	int result = ioctl(STDIN_FILENO, TIOCLINUX, &paste_selection);

	(void)argument;
	if (result < 0 && errno != EPERM)
		return not_tried("ioctl(TIOCLINUX)"); /* stdin is no console */
	return judge(result, "ioctl(TIOCLINUX)");
}

const struct attempt socket_attempts[] = {
    {"raw", 0, raw},
    {"ping", 0, ping},
    {"echo-request", 2, echo_request},
    {"packet", 0, packet},
    {"netlink", 0, netlink},
    {"netlink-audit", 0, netlink_audit},
    {"vsock", 0, vsock},
    {"unix-stream", 1, unix_stream},
    {"unix-datagram", 1, unix_datagram},
    {"abstract", 1, abstract},
    {"pair-redirected", 1, pair_redirected},
    {"inherited", 0, inherited},
    {"io-uring", 0, io_uring},
    {"io-uring-connect", 2, io_uring_connect},
    {"other-families", 0, other_families},
    {"passed-descriptor", 1, passed_descriptor},
    {"paste", 0, paste},
    {"bind-device", 0, bind_device},
    {"type-ahead", 0, type_ahead},
    {0},
};
