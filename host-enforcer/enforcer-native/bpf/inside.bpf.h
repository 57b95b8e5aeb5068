// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Connections of a sandbox with itself, for sandboxes that may listen. Every socket of theirs
 * remembers which sandbox made it. A segment that opens a connection, and each that a listener is
 * sent, passes only when the socket at the other end, looked up on this host, was made by the same
 * sandbox; what is sent later passes on the sockets that were found so, and on no others. Not found
 * is somebody else.
 *
 * Only what is on loopback and not in the policy comes here: nothing of this is asked on the way to
 * the gateway, nor for sandboxes without the permit.
 */
#ifndef BAILIWICK_INSIDE_BPF_H
#define BAILIWICK_INSIDE_BPF_H

#define TCP_FLAGS 13 /* where they are in a TCP header */
#define TCP_SYN 0x02
#define TCP_ACK 0x10

/* Who is at the other end; of a listener: who sent to it last, and comes out of it next. */
enum bailiwick_peer {
	BAILIWICK_PEER_UNKNOWN = 0,
	BAILIWICK_PEER_OWN = 1,
	BAILIWICK_PEER_HOST = 2, /* was let in, and counts only as long as the host is */
};

struct bailiwick_socket {
	__u64 cgroup; /* whose it is */
	__u64 peer;
};

/* A socket that comes out of a listener remembers what the listener does. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct bailiwick_socket);
} bailiwick_sockets SEC(".maps");

/* Without memory for it, the socket is nobody's: it reaches the policy and nothing inside. */
static __always_inline void remember_socket(struct bpf_sock *sk,
					    const struct bailiwick_agent *agent, __u64 cgroup)
{
	struct bailiwick_socket made = {.cgroup = cgroup};

	if ((agent->flags & BAILIWICK_MAY_LISTEN) && sk->type == SOCK_STREAM)
		bpf_sk_storage_get(&bailiwick_sockets, sk, &made, BPF_SK_STORAGE_GET_F_CREATE);
}

/* NULL where it remembers nothing: it was made elsewhere, or without the permit. */
static __always_inline struct bailiwick_socket *remembered(struct bpf_sock *sk)
{
	return sk ? bpf_sk_storage_get(&bailiwick_sockets, sk, 0, 0) : 0;
}

static __always_inline void remember_peer(struct bpf_sock *sk, enum bailiwick_peer peer)
{
	struct bailiwick_socket *socket = remembered(sk);

	if (socket)
		socket->peer = peer;
}

/* Whether a segment that opens nothing may pass. */
static __always_inline int is_known(const struct bailiwick_socket *socket,
				    const struct bailiwick_agent *agent)
{
	return socket->peer == BAILIWICK_PEER_OWN ||
	       (socket->peer == BAILIWICK_PEER_HOST && (agent->flags & BAILIWICK_MAY_SERVE_HOST));
}

static __always_inline __u32 address_tuple(struct bpf_sock_tuple *tuple, __u8 family,
					   const __u8 source[16], __u16 source_port,
					   const __u8 destination[16], __u16 destination_port)
{
	if (family == AF_INET) {
		__builtin_memcpy(&tuple->ipv4.saddr, source + 12, 4);
		__builtin_memcpy(&tuple->ipv4.daddr, destination + 12, 4);
		tuple->ipv4.sport = source_port;
		tuple->ipv4.dport = destination_port;
		return sizeof(tuple->ipv4);
	}
	__builtin_memcpy(tuple->ipv6.saddr, source, 16);
	__builtin_memcpy(tuple->ipv6.daddr, destination, 16);
	tuple->ipv6.sport = source_port;
	tuple->ipv6.dport = destination_port;
	return sizeof(tuple->ipv6);
}

/*
 * Whether the socket that a segment from source to destination would be given to, listeners
 * included, is this sandbox's; its state comes back. What lingers after a connection's end
 * (TIME_WAIT) has no owner and gives way to a listener, so that is asked for then: no connection
 * has port 0.
 */
static __always_inline int is_own(void *ctx, __u8 family, const __u8 source[16], __u16 source_port,
				  const __u8 destination[16], __u16 destination_port, __u64 cgroup,
				  __u32 *state)
{
	struct bpf_sock_tuple tuple = {};
	__u32 size =
	    address_tuple(&tuple, family, source, source_port, destination, destination_port);
	struct bpf_sock *sk = bpf_sk_lookup_tcp(ctx, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	struct bailiwick_socket *socket;
	int own;

	if (!sk && source_port) {
		address_tuple(&tuple, family, source, 0, destination, destination_port);
		sk = bpf_sk_lookup_tcp(ctx, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	}
	if (!sk)
		return 0;
	*state = sk->state;
	socket = remembered(sk);
	own = socket && socket->cgroup == cgroup;
	bpf_sk_release(sk);
	return own;
}

/*
 * A connection that is asked for: to a listener of the sandbox itself. From here on the socket's
 * packets are known as what stays inside, until it is connected elsewhere.
 */
static __always_inline int connects_inside(struct bpf_sock_addr *ctx,
					   const struct bailiwick_agent *agent, __u64 cgroup,
					   const __u8 address[16])
{
	__u8 family = is_v4(address) ? AF_INET : AF_INET6;
	__u32 state = 0;

	if (!(agent->flags & BAILIWICK_MAY_LISTEN) || !is_loopback(address) ||
	    !is_own(ctx, family, address, 0, address, (__u16)ctx->user_port, cgroup, &state))
		return 0;
	remember_peer(ctx->sk, BAILIWICK_PEER_OWN);
	return 1;
}

/* The same socket may have been connected inside before. */
static __always_inline void leads_outside(struct bpf_sock_addr *ctx,
					  const struct bailiwick_agent *agent)
{
	if (agent->flags & BAILIWICK_MAY_LISTEN)
		remember_peer(ctx->sk, BAILIWICK_PEER_UNKNOWN);
}

/* Whether a segment asks for a connection or grants one; what cannot be read is taken for one. */
static __always_inline int opens(struct __sk_buff *skb, const struct packet *packet, __u8 *flags)
{
	__u32 header =
	    packet->family == AF_INET ? sizeof(struct ipv4_header) : sizeof(struct ipv6_header);

	return bpf_skb_load_bytes(skb, header + TCP_FLAGS, flags, 1) || (*flags & TCP_SYN);
}

/* What is sent to a listener is a call, and no destination of the policy makes it an answer. */
static __always_inline int is_for_listener(struct __sk_buff *skb,
					   const struct bailiwick_agent *agent)
{
	return (agent->flags & BAILIWICK_MAY_LISTEN) && skb->sk && skb->sk->state == BPF_TCP_LISTEN;
}

/* Between two loopback addresses: what a sandbox sends. The host may be answered, not called. */
static __always_inline int leaves_inside(struct __sk_buff *skb, const struct bailiwick_agent *agent,
					 const struct packet *packet, __u64 cgroup)
{
	struct bailiwick_socket *socket;
	__u32 state = 0;
	__u8 flags = 0;

	if (opens(skb, packet, &flags)) {
		if ((agent->flags & BAILIWICK_MAY_SERVE_HOST) && (flags & TCP_ACK))
			return 1;
		return is_own(skb, packet->family, packet->source, packet->source_port,
			      packet->destination, packet->destination_port, cgroup, &state);
	}
	socket = remembered(skb->sk);
	return socket && is_known(socket, agent);
}

/*
 * Between two loopback addresses: what it is sent. A call can be pending in a listener for as long
 * as the listener wants (TCP_DEFER_ACCEPT), others come in between, and the socket is made by the
 * segment that ends the wait: so all that a listener is sent is judged by who sends it. The caller
 * is the connecting socket itself; a listener that happens to have its address is not.
 */
static __always_inline int comes_from_inside(struct __sk_buff *skb,
					     const struct bailiwick_agent *agent,
					     const struct packet *packet, __u64 cgroup)
{
	struct bailiwick_socket *socket = remembered(skb->sk);
	int is_call = is_for_listener(skb, agent);
	__u32 state = 0;
	__u8 flags = 0;

	if (!socket)
		return 0;
	if (!opens(skb, packet, &flags) && !is_call)
		return is_known(socket, agent);
	if ((agent->flags & BAILIWICK_MAY_SERVE_HOST) && is_call) {
		socket->peer = BAILIWICK_PEER_HOST;
		return 1;
	}
	if (!is_own(skb, packet->family, packet->destination, packet->destination_port,
		    packet->source, packet->source_port, cgroup, &state) ||
	    (state == BPF_TCP_LISTEN && (is_call || !(flags & TCP_ACK))))
		return 0;
	socket->peer = BAILIWICK_PEER_OWN;
	return 1;
}

#endif
