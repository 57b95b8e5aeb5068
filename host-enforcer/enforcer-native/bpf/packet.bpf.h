// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reads as much of a packet as a verdict needs: both addresses, both ports. What it cannot read is
 * not allowed: fragments hide their ports, options and extension headers can route a packet
 * elsewhere, and a short packet is nobody's legitimate traffic.
 */
#ifndef BAILIWICK_PACKET_BPF_H
#define BAILIWICK_PACKET_BPF_H

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_ICMPV6 58
#define IP_FRAGMENT_MASK 0x3fff /* more-fragments and the offset; don't-fragment is harmless */

struct ipv4_header {
	__u8 version_and_length;
	__u8 tos;
	__u16 total_length;
	__u16 id;
	__u16 fragment;
	__u8 ttl;
	__u8 protocol;
	__u16 checksum;
	__u32 source;
	__u32 destination;
};

struct ipv6_header {
	__u32 version_and_flow;
	__u16 payload_length;
	__u8 next_header;
	__u8 hop_limit;
	__u8 source[16];
	__u8 destination[16];
};

struct packet {
	__u8 family;
	__u8 protocol;
	__u8 icmp_type;
	__u16 source_port;	/* network order */
	__u16 destination_port; /* network order */
	__u8 source[16] __attribute__((aligned(8)));
	__u8 destination[16] __attribute__((aligned(8)));
};

/*
 * Headers are nearly always where they can be read without a call into the kernel; a packet whose
 * headers are in pieces is put together by one.
 */
static __always_inline int read_bytes(struct __sk_buff *skb, __u32 offset, void *into, __u32 length)
{
	const char *from = (const char *)(long)skb->data + offset;

	if (from + length > (const char *)(long)skb->data_end)
		return bpf_skb_load_bytes(skb, offset, into, length) ? -1 : 0;
	__builtin_memcpy(into, from, length);
	return 0;
}

static __always_inline int parse_packet(struct __sk_buff *skb, struct packet *packet)
{
	__u32 offset;
	__u16 ports[2];

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		struct ipv4_header ip;

		packet->family = AF_INET;
		if (read_bytes(skb, 0, &ip, sizeof(ip)))
			return -1;
		packet->protocol = ip.protocol;
		v4_mapped(packet->source, ip.source);
		v4_mapped(packet->destination, ip.destination);
		if (ip.version_and_length != 0x45 || (ip.fragment & bpf_htons(IP_FRAGMENT_MASK)))
			return -1;
		offset = sizeof(ip);
	} else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6_header ip;

		packet->family = AF_INET6;
		if (read_bytes(skb, 0, &ip, sizeof(ip)))
			return -1;
		packet->protocol = ip.next_header;
		__builtin_memcpy(packet->source, ip.source, 16);
		__builtin_memcpy(packet->destination, ip.destination, 16);
		offset = sizeof(ip);
		if (ip.next_header == IPPROTO_ICMPV6)
			return read_bytes(skb, offset, &packet->icmp_type, 1);
	} else {
		return -1;
	}
	if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP)
		return -1;
	if (read_bytes(skb, offset, ports, sizeof(ports)))
		return -1;
	packet->source_port = ports[0];
	packet->destination_port = ports[1];
	return 0;
}

/* Neighbour discovery: without it not even the gateway can be found on an IPv6 link. */
static __always_inline int neighbour_discovery(const struct packet *packet)
{
	return packet->protocol == IPPROTO_ICMPV6 && packet->icmp_type >= 133 &&
	       packet->icmp_type <= 136;
}

/* Of a v4-mapped address. */
static __always_inline int is_v4(const __u8 address[16])
{
	__u32 word[4];

	__builtin_memcpy(word, address, sizeof(word));
	return !(word[0] | word[1]) && word[2] == bpf_htonl(0xffff);
}

/* ::1 or ::ffff:127.0.0.0/104, compared by word: byte loops multiply the verifier's states. */
static __always_inline int is_loopback(const __u8 address[16])
{
	__u32 word[4];

	__builtin_memcpy(word, address, sizeof(word));
	if (word[0] | word[1])
		return 0;
	if (word[2] == bpf_htonl(0xffff))
		return (word[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	return word[2] == 0 && word[3] == bpf_htonl(1);
}

#endif
