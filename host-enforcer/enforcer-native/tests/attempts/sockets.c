// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Ways out that are not IP: other families, local sockets, descriptors that were left open. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

const struct attempt socket_attempts[] = {
    {"raw", 0, raw},
    {"ping", 0, ping},
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
    {"bind-device", 0, bind_device},
    {"type-ahead", 0, type_ahead},
    {0},
};
