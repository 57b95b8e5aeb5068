// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* What stands outside: sockets to be reached, memory to be read. They end by themselves. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "attempt.h"

#define PATIENCE_MILLIS 60000

/* Says "ready" on stdout, then exits with GOT_OUT as soon as somebody came. */
static enum verdict observe(int type, const struct sockaddr_un *at, socklen_t length)
{
	int fd = socket(AF_UNIX, type, 0);
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	NEED(fd);
	NEED(bind(fd, (const struct sockaddr *)at, length));
	if (at->sun_path[0])
		NEED(chmod(at->sun_path, 0777));
	if (type == SOCK_STREAM)
		NEED(listen(fd, 8));
	puts("ready");
	fflush(stdout);
	return poll(&ready, 1, PATIENCE_MILLIS) > 0 ? GOT_OUT : STOPPED;
}

static enum verdict observe_path(int type, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	return observe(type, &at, sizeof(at));
}

static enum verdict observe_stream(char **argument)
{
	return observe_path(SOCK_STREAM, argument[0]);
}

static enum verdict observe_datagram(char **argument)
{
	return observe_path(SOCK_DGRAM, argument[0]);
}

static enum verdict observe_abstract(char **argument)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t length = strlen(argument[0]);

	memcpy(at.sun_path + 1, argument[0], length);
	return observe(SOCK_STREAM, &at,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length));
}

static void pass(int channel, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
	    .header =
		{
		    .cmsg_len = CMSG_LEN(sizeof(int)),
		    .cmsg_level = SOL_SOCKET,
		    .cmsg_type = SCM_RIGHTS,
		},
	};
	struct iovec bytes = {(void *)"f", 1};
	struct msghdr message = {
	    .msg_iov = &bytes,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(channel, &message, MSG_NOSIGNAL) < 0)
		perror("sendmsg");
}

/* Gives everybody who asks a socket that is connected to an address. */
static enum verdict offer_descriptor(char **argument)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), offered = socket(AF_INET, SOCK_DGRAM, 0);
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	NEED(fd);
	NEED(offered);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", argument[0]);
	inet_pton(AF_INET, argument[1], &to.sin_addr);
	to.sin_port = htons((unsigned short)atoi(argument[2]));
	NEED(connect(offered, (struct sockaddr *)&to, sizeof(to)));
	NEED(bind(fd, (struct sockaddr *)&at, sizeof(at)));
	NEED(chmod(at.sun_path, 0777));
	NEED(listen(fd, 8));
	puts("ready");
	fflush(stdout);
	while (poll(&ready, 1, PATIENCE_MILLIS) > 0) {
		int channel = accept(fd, NULL, NULL);

		NEED(channel);
		pass(channel, offered);
		close(channel);
	}
	return STOPPED;
}

static enum verdict make_shared_memory(char **argument)
{
	return judge(shmget((key_t)strtol(argument[0], NULL, 0), 4096, IPC_CREAT | 0666), "shmget");
}

static enum verdict remove_shared_memory(char **argument)
{
	int id = shmget((key_t)strtol(argument[0], NULL, 0), 0, 0);

	NEED(id);
	return judge(shmctl(id, IPC_RMID, NULL), "shmctl");
}

/* Turns the kernel's audit on or off; GOT_OUT when it was on before. */
static enum verdict set_audit(char **argument)
{
	struct {
		struct nlmsghdr header;
		struct audit_status status;
		char later[512];
	} message = {
	    .header =
		{
		    .nlmsg_len = sizeof(struct nlmsghdr),
		    .nlmsg_type = AUDIT_GET,
		    .nlmsg_flags = NLM_F_REQUEST,
		},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
	bool before;

	NEED(fd);
	NEED(send(fd, &message, sizeof(struct nlmsghdr), 0));
	NEED(recv(fd, &message, sizeof(message), 0));
	before = message.status.enabled != 0;
	memset(&message, 0, sizeof(message));
	message.header.nlmsg_len = sizeof(message.header) + sizeof(message.status);
	message.header.nlmsg_type = AUDIT_SET;
	message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message.status.mask = AUDIT_STATUS_ENABLED;
	message.status.enabled = (unsigned int)atoi(argument[0]);
	NEED(send(fd, &message, message.header.nlmsg_len, 0));
	NEED(recv(fd, &message, sizeof(message), 0));
	return before ? GOT_OUT : STOPPED;
}

const struct attempt observers[] = {
    {"observe-stream", 1, observe_stream},
    {"observe-datagram", 1, observe_datagram},
    {"observe-abstract", 1, observe_abstract},
    {"offer-descriptor", 3, offer_descriptor},
    {"make-shared-memory", 1, make_shared_memory},
    {"remove-shared-memory", 1, remove_shared_memory},
    {"set-audit", 1, set_audit},
    {0},
};
