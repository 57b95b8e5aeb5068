// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Ways to get bytes to an address. All take an address and a port; a canary listens there. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attempt.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define IPPROTO_UDPLITE_NUMBER 136

static struct sockaddr_in v4(char **argument)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	inet_pton(AF_INET, argument[0], &address.sin_addr);
	address.sin_port = htons((unsigned short)atoi(argument[1]));
	return address;
}

static struct sockaddr_in6 v6(char **argument)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};

	inet_pton(AF_INET6, argument[0], &address.sin6_addr);
	address.sin6_port = htons((unsigned short)atoi(argument[1]));
	return address;
}

static struct sockaddr_in6 mapped(char **argument)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};
	char text[64];

	snprintf(text, sizeof(text), "::ffff:%s", argument[0]);
	inet_pton(AF_INET6, text, &address.sin6_addr);
	address.sin6_port = htons((unsigned short)atoi(argument[1]));
	return address;
}

static enum verdict stream(int family, int protocol, const void *address, socklen_t length)
{
	int fd = socket(family, SOCK_STREAM, protocol);

	if (fd < 0)
		return judge(fd, "socket");
	if (connect(fd, address, length))
		return judge(-1, "connect");
	return judge(write(fd, "out", 3), "write");
}

static enum verdict tcp4(char **argument)
{
	struct sockaddr_in to = v4(argument);

	return stream(AF_INET, 0, &to, sizeof(to));
}

static enum verdict tcp6(char **argument)
{
	struct sockaddr_in6 to = v6(argument);

	return stream(AF_INET6, 0, &to, sizeof(to));
}

static enum verdict tcp_mapped(char **argument)
{
	struct sockaddr_in6 to = mapped(argument);

	return stream(AF_INET6, 0, &to, sizeof(to));
}

static enum verdict mptcp(char **argument)
{
	struct sockaddr_in to = v4(argument);

	return stream(AF_INET, IPPROTO_MPTCP, &to, sizeof(to));
}

/* First where it may, then the same socket where it may not. */
static enum verdict reconnect(char **argument)
{
	struct sockaddr_in permitted = v4(argument), to = v4(argument + 2);
	struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd);
	NEED(connect(fd, (struct sockaddr *)&permitted, sizeof(permitted)));
	NEED(connect(fd, &nowhere, sizeof(nowhere)));
	return judge(connect(fd, (struct sockaddr *)&to, sizeof(to)), "second connect");
}

static enum verdict fast_open(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd);
	return judge(sendto(fd, "out", 3, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)),
		     "sendto(MSG_FASTOPEN)");
}

static enum verdict fast_open_option(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	NEED(fd);
	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)))
		return judge(-1, "setsockopt(TCP_FASTOPEN_CONNECT)");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return judge(-1, "connect");
	return judge(write(fd, "out", 3), "write");
}

static enum verdict udp_sendto(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

static enum verdict udp_sendto6(char **argument)
{
	struct sockaddr_in6 to = v6(argument);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

static enum verdict udp_mapped(char **argument)
{
	struct sockaddr_in6 to = mapped(argument);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

/* An IPv4 address handed to an IPv6 socket. */
static enum verdict udp_v4_on_v6(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

/* AF_UNSPEC counts as AF_INET when a datagram is sent. */
static enum verdict udp_unspec(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	to.sin_family = AF_UNSPEC;
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

static enum verdict udp_sendmsg(char **argument)
{
	struct sockaddr_in to = v4(argument);
	struct iovec bytes = {.iov_base = (void *)"out", .iov_len = 3};
	struct msghdr message = {
	    .msg_name = &to,
	    .msg_namelen = sizeof(to),
	    .msg_iov = &bytes,
	    .msg_iovlen = 1,
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	return judge(sendmsg(fd, &message, 0), "sendmsg");
}

static enum verdict udp_sendmmsg(char **argument)
{
	struct sockaddr_in to = v4(argument);
	struct iovec bytes = {.iov_base = (void *)"out", .iov_len = 3};
	struct mmsghdr messages = {
	    .msg_hdr =
		{
		    .msg_name = &to,
		    .msg_namelen = sizeof(to),
		    .msg_iov = &bytes,
		    .msg_iovlen = 1,
		},
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	return judge(sendmmsg(fd, &messages, 1, 0), "sendmmsg");
}

static enum verdict udp_connected(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return judge(-1, "connect");
	return judge(write(fd, "out", 3), "write");
}

/* Connected where it may, then one message elsewhere. Needs UDP to the first. */
static enum verdict udp_override(char **argument)
{
	struct sockaddr_in permitted = v4(argument), to = v4(argument + 2);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	NEED(fd);
	NEED(connect(fd, (struct sockaddr *)&permitted, sizeof(permitted)));
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

static enum verdict udp_lite(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE_NUMBER);

	if (fd < 0)
		return judge(fd, "socket");
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

/* The first hop is where the packet goes, whatever the socket is connected to. */
static enum verdict source_route(char **argument)
{
	unsigned char route[] = {131, 7, 4, 0, 0, 0, 0, 1}; /* loose, one hop, end of list */
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd);
	memcpy(route + 3, &to.sin_addr, 4);
	return judge(setsockopt(fd, IPPROTO_IP, IP_OPTIONS, route, sizeof(route)),
		     "setsockopt(IP_OPTIONS)");
}

/* To where it may go, by way of where it may not: the first packet is on its way there. */
static enum verdict detour(char **argument)
{
	unsigned char route[] = {1, 131, 7, 4, 0, 0, 0, 0}; /* no operation, loose, one hop */
	static const struct timeval patience = {.tv_usec = 300000};
	struct sockaddr_in to = v4(argument), hop = v4(argument + 2);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd);
	memcpy(route + 4, &hop.sin_addr, 4);
	if (setsockopt(fd, IPPROTO_IP, IP_OPTIONS, route, sizeof(route)))
		return judge(-1, "setsockopt(IP_OPTIONS)");
	NEED(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		return judge(-1, "connect");
	return GOT_OUT; /* nobody answers, but it has left */
}

/* Where it may go, but with IP options: those can send it elsewhere first. */
static enum verdict ip_options(char **argument)
{
	static const unsigned char nothing[] = {1, 1, 1, 1};
	static const struct timeval patience = {.tv_sec = 1};
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd);
	NEED(setsockopt(fd, IPPROTO_IP, IP_OPTIONS, nothing, sizeof(nothing)));
	NEED(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)));
	return judge(connect(fd, (struct sockaddr *)&to, sizeof(to)), "connect");
}

/* The same with an IPv6 extension header. */
static enum verdict extension_header(char **argument)
{
	static const unsigned char padding[] = {0, 0, 1, 4, 0, 0, 0, 0};
	struct sockaddr_in6 to = v6(argument);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	NEED(fd);
	NEED(setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, padding, sizeof(padding)));
	return judge(sendto(fd, "out", 3, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

/* The kernel itself announces the membership, with 28 bits of the caller's choice in it. */
static enum verdict join_group(char **argument)
{
	struct ip_mreqn group = {0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	NEED(fd);
	inet_pton(AF_INET, argument[0], &group.imr_multiaddr);
	inet_pton(AF_INET, "127.0.0.1", &group.imr_address);
	return judge(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)),
		     "setsockopt(IP_ADD_MEMBERSHIP)");
}

/* A route of our own in a header: the first segment is where the packet goes. */
static enum verdict segment_route(char **argument)
{
	unsigned char header[24] = {0, 2, 4, 0}; /* next, length, segment routing, none left */
	struct sockaddr_in6 to = v6(argument);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	NEED(fd);
	memcpy(header + 8, &to.sin6_addr, 16);
	return judge(setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDR, header, sizeof(header)),
		     "setsockopt(IPV6_RTHDR)");
}

static enum verdict set_option(int level, int option, const char *call)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	NEED(fd);
	return judge(setsockopt(fd, level, option, &one, sizeof(one)), call);
}

static enum verdict transparent(char **argument)
{
	(void)argument;
	return set_option(IPPROTO_IP, IP_TRANSPARENT, "setsockopt(IP_TRANSPARENT)");
}

static enum verdict mark(char **argument)
{
	(void)argument;
	return set_option(SOL_SOCKET, SO_MARK, "setsockopt(SO_MARK)");
}

static enum verdict repair(char **argument)
{
	(void)argument;
	return set_option(IPPROTO_TCP, TCP_REPAIR, "setsockopt(TCP_REPAIR)");
}

/* For protocols that need not be built into the kernel: absent is not denied. */
static enum verdict protocol(int type, int number)
{
	int fd = socket(AF_INET, type, number);

	if (fd < 0 && errno != EPERM && errno != EACCES)
		return not_tried("socket");
	return judge(fd, "socket");
}

static enum verdict sctp(char **argument)
{
	(void)argument;
	return protocol(SOCK_STREAM, IPPROTO_SCTP);
}

static enum verdict dccp(char **argument)
{
	(void)argument;
	return protocol(SOCK_DCCP, IPPROTO_DCCP);
}

/*
 * Packets made by hand, through a raw socket from before the rule: waits for a file between the
 * two. What is not TCP or UDP in one piece must not leave, wherever it goes.
 */
static enum verdict hand_made(char **argument, unsigned short fragment, unsigned char protocol,
			      size_t length)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
		char data[4];
	} __attribute__((packed)) packet = {
	    .ip = {.version = 4, .ihl = 5, .ttl = 64},
	    .udp = {.len = htons(sizeof(packet.udp) + sizeof(packet.data))},
	    .data = "out",
	};
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	NEED(fd);
	packet.ip.frag_off = htons(fragment);
	packet.ip.protocol = protocol;
	packet.ip.daddr = packet.ip.saddr = to.sin_addr.s_addr;
	packet.udp.dest = packet.udp.source = to.sin_port;
	NEED(creat("ready", 0600));
	while (access("go", F_OK))
		usleep(1000);
	return judge(sendto(fd, &packet, length, 0, (struct sockaddr *)&to, sizeof(to)), "sendto");
}

#define WHOLE (sizeof(struct iphdr) + sizeof(struct udphdr) + 4)

static enum verdict hand_made_whole(char **argument)
{
	return hand_made(argument, 0, IPPROTO_UDP, WHOLE);
}

static enum verdict first_fragment(char **argument)
{
	return hand_made(argument, 0x2000, IPPROTO_UDP, WHOLE);
}

static enum verdict later_fragment(char **argument)
{
	return hand_made(argument, 1, IPPROTO_UDP, WHOLE);
}

static enum verdict other_protocol(char **argument)
{
	return hand_made(argument, 0, 253, WHOLE);
}

static enum verdict icmp(char **argument)
{
	return hand_made(argument, 0, IPPROTO_ICMP, WHOLE);
}

static enum verdict short_packet(char **argument)
{
	return hand_made(argument, 0, IPPROTO_UDP, sizeof(struct iphdr) + 2);
}

static enum verdict bind_port(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd);
	return judge(bind(fd, (struct sockaddr *)&to, sizeof(to)), "bind");
}

static enum verdict bind_udp(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return judge(fd, "socket");
	return judge(bind(fd, (struct sockaddr *)&to, sizeof(to)), "bind");
}

/* listen() without bind() takes a port of its own; got out when somebody could connect. */
static enum verdict autobind(char **argument)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)argument;
	NEED(fd);
	return judge(listen(fd, 1), "listen");
}

/* Writes the port of a listener into a file, then waits for a caller. */
static enum verdict serve_one(int fd, const char *port_file)
{
	struct sockaddr_in at;
	socklen_t length = sizeof(at);
	FILE *file;

	NEED(getsockname(fd, (struct sockaddr *)&at, &length));
	file = fopen(port_file, "we");
	if (!file)
		return not_tried("fopen");
	fprintf(file, "%d\n", ntohs(at.sin_port));
	fclose(file);
	if (!comes_in(fd))
		return judge(-1, "accept");
	fd = accept(fd, NULL, NULL);
	if (fd < 0)
		return judge(-1, "accept");
	return judge(write(fd, "out", 3), "write");
}

static enum verdict serve(char **argument)
{
	struct sockaddr_in at = v4(argument);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)))
		return judge(-1, "bind");
	if (listen(fd, 1))
		return judge(-1, "listen");
	return serve_one(fd, argument[2]);
}

static enum verdict serve_autobound(char **argument)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(fd);
	if (listen(fd, 1))
		return judge(-1, "listen");
	return serve_one(fd, argument[0]);
}

/* As often as asked, as fast as it can. */
static enum verdict flood(char **argument)
{
	struct sockaddr_in to = v4(argument);
	int denied = 0, times = atoi(argument[2]);

	for (int i = 0; i < times; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		NEED(fd);
		denied += connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0;
		close(fd);
	}
	errno = EPERM;
	return judge(denied == times ? -1 : 0, "every connect");
}

const struct attempt network_attempts[] = {
    {"tcp4", 2, tcp4},
    {"tcp6", 2, tcp6},
    {"tcp-mapped", 2, tcp_mapped},
    {"reconnect", 4, reconnect},
    {"mptcp", 2, mptcp},
    {"fast-open", 2, fast_open},
    {"fast-open-option", 2, fast_open_option},
    {"udp-sendto", 2, udp_sendto},
    {"udp-sendto6", 2, udp_sendto6},
    {"udp-mapped", 2, udp_mapped},
    {"udp-v4-on-v6", 2, udp_v4_on_v6},
    {"udp-unspec", 2, udp_unspec},
    {"udp-sendmsg", 2, udp_sendmsg},
    {"udp-sendmmsg", 2, udp_sendmmsg},
    {"udp-connected", 2, udp_connected},
    {"udp-override", 4, udp_override},
    {"udp-lite", 2, udp_lite},
    {"source-route", 2, source_route},
    {"detour", 4, detour},
    {"ip-options", 2, ip_options},
    {"extension-header", 2, extension_header},
    {"join-group", 1, join_group},
    {"segment-route", 2, segment_route},
    {"transparent", 0, transparent},
    {"mark", 0, mark},
    {"repair", 0, repair},
    {"sctp", 0, sctp},
    {"dccp", 0, dccp},
    {"hand-made", 2, hand_made_whole},
    {"first-fragment", 2, first_fragment},
    {"later-fragment", 2, later_fragment},
    {"other-protocol", 2, other_protocol},
    {"icmp", 2, icmp},
    {"short-packet", 2, short_packet},
    {"bind", 2, bind_port},
    {"bind-udp", 2, bind_udp},
    {"autobind", 0, autobind},
    {"serve", 3, serve},
    {"serve-autobound", 1, serve_autobound},
    {"flood", 3, flood},
    {0},
};
