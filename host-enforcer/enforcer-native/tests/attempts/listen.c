// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Being called. A sandbox that may listen talks to itself, and to nobody else: what does so here
 * says GOT_OUT as well, because without the permit none of it may work. Callers from outside are
 * observers, and end as soon as they have got in.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attempt.h"

#define PATIENCE_MILLIS 60000
#define CALL_MILLIS 1000

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union address address_of(const char *text, const char *port)
{
	union address at = {0};

	if (strchr(text, ':')) {
		at.v6.sin6_family = AF_INET6;
		inet_pton(AF_INET6, text, &at.v6.sin6_addr);
		at.v6.sin6_port = htons((unsigned short)atoi(port));
	} else {
		at.v4.sin_family = AF_INET;
		inet_pton(AF_INET, text, &at.v4.sin_addr);
		at.v4.sin_port = htons((unsigned short)atoi(port));
	}
	return at;
}

static unsigned short *port_of(union address *at)
{
	return at->any.sa_family == AF_INET6 ? &at->v6.sin6_port : &at->v4.sin_port;
}

static int reusing_socket(int family)
{
	static const struct timeval patience = {.tv_sec = CALL_MILLIS / 1000};
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
			setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience))))
		return -1;
	return fd;
}

static int bound_socket(const union address *at)
{
	int fd = reusing_socket(at->any.sa_family);

	return fd >= 0 && bind(fd, &at->any, sizeof(*at)) ? -1 : fd;
}

static int accept_within(int fd, int millis)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	if (poll(&ready, 1, millis) > 0)
		return accept(fd, NULL, NULL);
	errno = ETIMEDOUT;
	return -1;
}

/*
 * Hangs up and waits until the other side has confirmed it. Before that, on a busy machine, the
 * same two ports cannot be connected again.
 */
static bool hang_up(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	if (shutdown(fd, SHUT_WR))
		return false;
	for (int waited = 0; waited < PATIENCE_MILLIS; waited++) {
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
			return false;
		if (info.tcpi_state == TCP_CLOSE)
			return close(fd) == 0;
		usleep(1000);
	}
	errno = ETIMEDOUT;
	return false;
}

/* Both ways, and the server hangs up first: what lingers of the connection is then the server's. */
static enum verdict talk(int server, int client, const union address *to)
{
	char word[4] = "";
	int called;

	if (connect(client, &to->any, sizeof(*to)))
		return judge(-1, "connect");
	called = accept_within(server, CALL_MILLIS);
	if (called < 0)
		return judge(-1, "accept");
	NEED(write(client, "out", 3));
	NEED(read(called, word, 3));
	NEED(write(called, word, 3));
	close(called);
	errno = EPROTO;
	if (read(client, word, 3) != 3 || strcmp(word, "out") || read(client, word, 1) != 0)
		return judge(-1, "read");
	if (!hang_up(client))
		return judge(-1, "hang up");
	return GOT_OUT;
}

/* With a listener of its own, twice from one port. */
static enum verdict converse_at(const union address *at, const char *called_at)
{
	union address to = address_of(called_at, "0"), from = {0}, bound = {0};
	socklen_t length = sizeof(bound);
	int server = at ? bound_socket(at) : reusing_socket(AF_INET);

	if (server < 0)
		return judge(-1, "bind");
	if (listen(server, 2))
		return judge(-1, "listen");
	NEED(getsockname(server, &bound.any, &length));
	*port_of(&to) = *port_of(&bound);
	from = address_of(called_at, "0");
	for (int again = 0; again < 2; again++) {
		int client = bound_socket(&from);
		enum verdict verdict;

		if (client < 0)
			return judge(-1, "bind");
		length = sizeof(from);
		NEED(getsockname(client, &from.any, &length));
		verdict = talk(server, client, &to);
		if (verdict != GOT_OUT)
			return verdict;
	}
	return GOT_OUT;
}

/* Where it listens, and where it is called at. */
static enum verdict converse(char **argument)
{
	union address at = address_of(argument[0], "0");

	return converse_at(&at, argument[1]);
}

/* At the port that listen() takes by itself, on every address. */
static enum verdict converse_autobound(char **argument)
{
	return converse_at(NULL, argument[0]);
}

/* Gets out when somebody calls. */
static enum verdict accept_caller(char **argument)
{
	union address at = address_of(argument[0], argument[1]);
	int fd = bound_socket(&at);

	if (fd < 0)
		return judge(-1, "bind");
	if (listen(fd, 2))
		return judge(-1, "listen");
	return judge(accept_within(fd, CALL_MILLIS), "accept");
}

/*
 * Two that call each other are connected without a listener (RFC 9293, 3.5). The caller outside is
 * kept waiting by a listener at the first port, which then gives way to a call from there; a
 * listener at the caller's own port makes that call look like one to the sandbox itself.
 */
static enum verdict meet(char **argument)
{
	union address here = address_of(argument[0], argument[1]);
	union address there = address_of(argument[0], argument[2]);
	int first = bound_socket(&here), called, decoy, fd;

	if (first < 0)
		return judge(-1, "bind");
	if (listen(first, 2))
		return judge(-1, "listen");
	called = accept_within(first, CALL_MILLIS);
	if (called >= 0)
		return GOT_OUT;
	close(first);
	decoy = bound_socket(&there);
	if (decoy < 0 || listen(decoy, 2))
		return judge(-1, "listen at the caller's port");
	fd = bound_socket(&here);
	NEED(fd);
	return judge(connect(fd, &there.any, sizeof(there)), "connect");
}

/* Writes its port into a file and gets out when a datagram comes. */
static enum verdict receive(char **argument)
{
	union address at = address_of("127.0.0.1", "0");
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	FILE *file;

	NEED(fd);
	if (bind(fd, &at.any, sizeof(at)))
		return judge(-1, "bind");
	NEED(getsockname(fd, &at.any, &length));
	file = fopen(argument[0], "we");
	if (!file)
		return not_tried("fopen");
	fprintf(file, "%d\n", ntohs(at.v4.sin_port));
	fclose(file);
	return judge(comes_in(fd) ? 0 : -1, "receive");
}

/* ---- outside ----------------------------------------------------------------------------- */

static bool gets_in(int fd, const union address *to, int millis)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t length = sizeof(error);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (!connect(fd, &to->any, sizeof(*to)))
		return true;
	return errno == EINPROGRESS && poll(&ready, 1, millis) > 0 &&
	       !getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) && !error;
}

/* Calls again and again; from a port of its own when one is given. */
static enum verdict call(const union address *to, const union address *from, int millis)
{
	puts("ready");
	fflush(stdout);
	for (int waited = 0; waited < PATIENCE_MILLIS; waited += 10) {
		int fd = from ? bound_socket(from) : reusing_socket(to->any.sa_family);

		if (fd >= 0 && gets_in(fd, to, millis))
			return GOT_OUT;
		close(fd);
		usleep(10000);
	}
	return STOPPED;
}

static enum verdict call_in(char **argument)
{
	union address to = address_of(argument[0], argument[1]);

	return call(&to, NULL, 20);
}

/* Waits long enough to be called back meanwhile. */
static enum verdict call_from(char **argument)
{
	union address to = address_of(argument[0], argument[1]);
	union address from = address_of(argument[0], argument[2]);

	return call(&to, &from, 3 * CALL_MILLIS);
}

const struct attempt listen_attempts[] = {
    {"converse", 2, converse},
    {"converse-autobound", 1, converse_autobound},
    {"accept", 2, accept_caller},
    {"meet", 3, meet},
    {"receive", 1, receive},
    {"call", 2, call_in},
    {"call-from", 3, call_from},
    {0},
};
