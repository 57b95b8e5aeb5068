// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The maps, and the two questions that every hook asks: whose is this, and is it in the policy? */
#ifndef BAILIWICK_MAPS_BPF_H
#define BAILIWICK_MAPS_BPF_H

/* A container's cgroup namespace hides how deep the hierarchy really is; deeper than this is
 * denied. */
#define MAX_LEVELS 16

/* Where the sandbox's cgroup would be if no namespace hid anything above it. Set before load. */
const volatile __u32 bailiwick_level = 2;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, struct bailiwick_agent);
} bailiwick_agents SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct bailiwick_exact_key);
	__type(value, __u8);
} bailiwick_exact SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct bailiwick_range_key);
	__type(value, __u8);
} bailiwick_ranges SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} bailiwick_events SEC(".maps");

/* Denials for which the ring had no room. Enforcement does not depend on it; evidence does. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} bailiwick_lost SEC(".maps");

/*
 * The sandbox of the calling task. Child cgroups that the agent makes keep their ancestor, so they
 * keep their sandbox. The first level asked is right wherever no cgroup namespace is in between.
 */
static __always_inline struct bailiwick_agent *agent_of_task(__u64 *cgroup)
{
	for (__u32 i = 0; i < MAX_LEVELS; i++) {
		__u64 id = bpf_get_current_ancestor_cgroup_id(bailiwick_level + i);
		struct bailiwick_agent *agent;

		if (id == 0)
			break;
		agent = bpf_map_lookup_elem(&bailiwick_agents, &id);
		*cgroup = id;
		if (agent)
			return agent;
	}
	return 0;
}

/* The sandbox of the socket that a packet belongs to. */
static __always_inline struct bailiwick_agent *agent_of_packet(struct __sk_buff *skb, __u64 *cgroup)
{
	for (__u32 i = 0; i < MAX_LEVELS; i++) {
		__u64 id = bpf_skb_ancestor_cgroup_id(skb, bailiwick_level + i);
		struct bailiwick_agent *agent;

		if (id == 0)
			break;
		agent = bpf_map_lookup_elem(&bailiwick_agents, &id);
		*cgroup = id;
		if (agent)
			return agent;
	}
	return 0;
}

static __always_inline int reachable(__u32 policy, __u8 protocol, __u16 port,
				     const __u8 address[16])
{
	struct bailiwick_exact_key exact = {
	    .policy = policy,
	    .protocol = protocol,
	    .port = port,
	};
	struct bailiwick_range_key range = {
	    .prefix = 8 * (sizeof(range) - sizeof(range.prefix)),
	    .policy = policy,
	    .protocol = protocol,
	    .port = port,
	};

	__builtin_memcpy(exact.address, address, 16);
	if (bpf_map_lookup_elem(&bailiwick_exact, &exact))
		return 1;
	__builtin_memcpy(range.address, address, 16);
	return bpf_map_lookup_elem(&bailiwick_ranges, &range) != 0;
}

static __always_inline struct bailiwick_event *reserve_event(void)
{
	struct bailiwick_event *event = bpf_ringbuf_reserve(&bailiwick_events, sizeof(*event), 0);

	if (!event) {
		__u32 zero = 0;
		__u64 *lost = bpf_map_lookup_elem(&bailiwick_lost, &zero);

		if (lost)
			*lost += 1;
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	return event;
}

static __always_inline void v4_mapped(__u8 address[16], __u32 v4)
{
	__builtin_memset(address, 0, 10);
	address[10] = 0xff;
	address[11] = 0xff;
	__builtin_memcpy(address + 12, &v4, 4);
}

#endif
