// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The network rule of a sandbox, attached to its cgroup. Every hook starts from "denied" and needs
 * an entry in the maps to say otherwise; a cgroup without an entry reaches nothing.
 *
 * Only the stable contexts of cgroup programs are read (bpf_sock_addr, bpf_sock, __sk_buff), never
 * a kernel structure: the object needs no BTF of the running kernel and does not drift with it.
 *
 * Return values are those of cgroup programs: 1 lets the call or the packet pass, 0 is EPERM or a
 * dropped packet.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "bailiwick.h"

#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2

#define ALLOW 1
#define DENY 0

#include "maps.bpf.h"
#include "packet.bpf.h"
#include "inside.bpf.h"

static __always_inline int deny_address(struct bpf_sock_addr *ctx, enum bailiwick_hook hook,
					const struct bailiwick_agent *agent, __u64 cgroup,
					const __u8 address[16])
{
	struct bailiwick_denial denial = {
	    .cgroup = cgroup,
	    .protocol = ctx->protocol,
	    .port = (__u16)ctx->user_port,
	    .hook = hook,
	};
	struct bailiwick_event *event;

	__builtin_memcpy(denial.address, address, 16);
	event = task_event(agent, &denial);
	if (event) {
		event->family = ctx->family;
		event->type = ctx->type;
		bpf_ringbuf_submit(event, 0);
	}
	return DENY;
}

/* Destinations: connect and sendmsg. */
static __always_inline int handle_destination(struct bpf_sock_addr *ctx, enum bailiwick_hook hook,
					      const __u8 address[16])
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = agent_of_task(&cgroup);
	__u32 protocol = ctx->protocol;

	if (agent && (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) &&
	    reachable(agent->policy, protocol, (__u16)ctx->user_port, address)) {
		leads_outside(ctx, agent);
		return ALLOW;
	}
	if (agent && protocol == IPPROTO_TCP && connects_inside(ctx, agent, cgroup, address))
		return ALLOW;
	return deny_address(ctx, hook, agent, cgroup, address);
}

/*
 * Binding: loopback where listening is permitted; an ephemeral port of any address for a UDP
 * client. listen() without bind() takes a port without asking here, which is why seccomp denies
 * listen and the ingress hook drops what would arrive.
 */
static __always_inline int handle_bind(struct bpf_sock_addr *ctx, enum bailiwick_hook hook,
				       const __u8 address[16])
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = agent_of_task(&cgroup);

	if (agent && ctx->protocol == IPPROTO_TCP && (agent->flags & BAILIWICK_MAY_LISTEN) &&
	    is_loopback(address))
		return ALLOW;
	if (agent && ctx->protocol == IPPROTO_UDP && (agent->flags & BAILIWICK_MAY_BIND_UDP) &&
	    ctx->user_port == 0)
		return ALLOW;
	return deny_address(ctx, hook, agent, cgroup, address);
}

static __always_inline void user_ip4(struct bpf_sock_addr *ctx, __u8 address[16])
{
	v4_mapped(address, ctx->user_ip4);
}

static __always_inline void user_ip6(struct bpf_sock_addr *ctx, __u8 address[16])
{
	__u32 words[4] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};

	__builtin_memcpy(address, words, 16);
}

/* Also run for Fast Open, for MPTCP's first subflow and for io_uring. */
SEC("cgroup/connect4")
int handle_connect4(struct bpf_sock_addr *ctx)
{
	__u8 address[16];

	user_ip4(ctx, address);
	return handle_destination(ctx, BAILIWICK_CONNECT4, address);
}

SEC("cgroup/connect6")
int handle_connect6(struct bpf_sock_addr *ctx)
{
	__u8 address[16];

	user_ip6(ctx, address);
	return handle_destination(ctx, BAILIWICK_CONNECT6, address);
}

/* sendto, sendmsg and sendmmsg with an address, on connected sockets too. */
SEC("cgroup/sendmsg4")
int handle_sendmsg4(struct bpf_sock_addr *ctx)
{
	__u8 address[16];

	user_ip4(ctx, address);
	return handle_destination(ctx, BAILIWICK_SENDMSG4, address);
}

SEC("cgroup/sendmsg6")
int handle_sendmsg6(struct bpf_sock_addr *ctx)
{
	__u8 address[16];

	user_ip6(ctx, address);
	return handle_destination(ctx, BAILIWICK_SENDMSG6, address);
}

SEC("cgroup/bind4")
int handle_bind4(struct bpf_sock_addr *ctx)
{
	__u8 address[16];

	user_ip4(ctx, address);
	return handle_bind(ctx, BAILIWICK_BIND4, address);
}

SEC("cgroup/bind6")
int handle_bind6(struct bpf_sock_addr *ctx)
{
	__u8 address[16];

	user_ip6(ctx, address);
	return handle_bind(ctx, BAILIWICK_BIND6, address);
}

/*
 * Runs for AF_INET and AF_INET6 only; seccomp answers for the other families. UDP sockets may
 * always be made: they reach nothing that is not in the policy, and a denied destination is better
 * evidence than a denied socket.
 */
SEC("cgroup/sock_create")
int handle_sock_create(struct bpf_sock *ctx)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = agent_of_task(&cgroup);
	__u32 type = ctx->type, protocol = ctx->protocol;
	struct bailiwick_denial denial = {.hook = BAILIWICK_SOCK_CREATE};
	struct bailiwick_event *event;

	if (agent && ((type == SOCK_STREAM && protocol == IPPROTO_TCP) ||
		      (type == SOCK_DGRAM && protocol == IPPROTO_UDP))) {
		remember_socket(ctx, agent, cgroup);
		return ALLOW;
	}
	denial.cgroup = cgroup;
	denial.protocol = protocol;
	event = task_event(agent, &denial);
	if (event) {
		if (agent)
			event->reason = BAILIWICK_SOCKET_KIND;
		event->family = ctx->family;
		event->type = type;
		bpf_ringbuf_submit(event, 0);
	}
	return DENY;
}

static __always_inline int deny_packet(struct __sk_buff *skb, enum bailiwick_hook hook,
				       enum bailiwick_reason reason,
				       const struct bailiwick_agent *agent, __u64 cgroup,
				       const struct packet *packet)
{
	struct bailiwick_denial denial = {
	    .cgroup = cgroup,
	    .protocol = packet->protocol,
	    .hook = hook,
	};
	struct bailiwick_event *event;

	if (hook == BAILIWICK_EGRESS) {
		denial.port = packet->destination_port;
		__builtin_memcpy(denial.address, packet->destination, 16);
	} else {
		denial.port = packet->source_port;
		__builtin_memcpy(denial.address, packet->source, 16);
	}
	event = reserve_event(agent, &denial);
	if (!event)
		return DENY;
	event->reason = reason;
	event->uid = bpf_get_socket_uid(skb);
	event->family = packet->family;
	bpf_ringbuf_submit(event, 0);
	return DENY;
}

/*
 * A listener that was permitted: both ends are on this host's loopback, and both are the sandbox's
 * own, unless the host was let in as well.
 */
static __always_inline int is_on_loopback(const struct bailiwick_agent *agent,
					  const struct packet *packet)
{
	return (agent->flags & BAILIWICK_MAY_LISTEN) && packet->protocol == IPPROTO_TCP &&
	       is_loopback(packet->source) && is_loopback(packet->destination);
}

/* The second look: what really leaves, whatever the socket was told when it was made. */
SEC("cgroup_skb/egress")
int handle_egress(struct __sk_buff *skb)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = agent_of_packet(skb, &cgroup);
	struct packet packet = {};

	if (!agent)
		return deny_packet(skb, BAILIWICK_EGRESS, BAILIWICK_NO_POLICY, agent, cgroup,
				   &packet);
	if (parse_packet(skb, &packet))
		return deny_packet(skb, BAILIWICK_EGRESS, BAILIWICK_UNPARSED, agent, cgroup,
				   &packet);
	if (neighbour_discovery(&packet) ||
	    reachable(agent->policy, packet.protocol, packet.destination_port, packet.destination))
		return ALLOW;
	if (is_on_loopback(agent, &packet) && leaves_inside(skb, agent, &packet, cgroup))
		return ALLOW;
	return deny_packet(skb, BAILIWICK_EGRESS, BAILIWICK_NOT_REACHABLE, agent, cgroup, &packet);
}

/* Only answers come in: packets from a destination that the policy names, and to no listener. */
SEC("cgroup_skb/ingress")
int handle_ingress(struct __sk_buff *skb)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = agent_of_packet(skb, &cgroup);
	struct packet packet = {};

	if (!agent)
		return deny_packet(skb, BAILIWICK_INGRESS, BAILIWICK_NO_POLICY, agent, cgroup,
				   &packet);
	if (parse_packet(skb, &packet))
		return deny_packet(skb, BAILIWICK_INGRESS, BAILIWICK_UNPARSED, agent, cgroup,
				   &packet);
	if (neighbour_discovery(&packet) ||
	    (!is_for_listener(skb, agent) &&
	     reachable(agent->policy, packet.protocol, packet.source_port, packet.source)))
		return ALLOW;
	if (is_on_loopback(agent, &packet) && comes_from_inside(skb, agent, &packet, cgroup))
		return ALLOW;
	return deny_packet(skb, BAILIWICK_INGRESS, BAILIWICK_NOT_REACHABLE, agent, cgroup, &packet);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
