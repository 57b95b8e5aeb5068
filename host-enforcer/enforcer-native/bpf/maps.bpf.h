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
	__uint(max_entries, BAILIWICK_MAX_SANDBOXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct bailiwick_agent);
} bailiwick_agents SEC(".maps");

/* What each sandbox has been denied lately; under 0, what has no sandbox. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BAILIWICK_MAX_SANDBOXES + 1);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct bailiwick_account);
} bailiwick_accounts SEC(".maps");

/* How many of the counted denials of a sandbox are in the trail; for enforcers only. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BAILIWICK_MAX_SANDBOXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u64);
} bailiwick_recorded SEC(".maps");

/* The denials of a flood that were told already: this -> the window in which they were. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct bailiwick_denial);
	__type(value, __u64);
} bailiwick_told SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BAILIWICK_MAX_DESTINATIONS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
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
	__uint(max_entries, 1024 * 1024);
} bailiwick_events SEC(".maps");

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

/*
 * Whether a denial is told or only counted. A sandbox may tell so many a second that no flood of its
 * own fills the ring that it shares with others; the last of them are kept for what the flood has
 * not said yet, so that repeating one denial does not hide another.
 */
static __always_inline int may_tell(struct bailiwick_account *account,
				    const struct bailiwick_denial *denial)
{
	__u64 window = bpf_ktime_get_ns() >> BAILIWICK_WINDOW_SHIFT;
	__u64 *told;
	__u32 used;

	if (account->window != window) {
		account->window = window;
		account->used = 0;
	}
	used = account->used;
	if (used >= BAILIWICK_TELL_NEW)
		return 0;
	if (used >= BAILIWICK_TELL_ANY) {
		told = bpf_map_lookup_elem(&bailiwick_told, denial);
		if (told && *told == window)
			return 0;
	}
	bpf_map_update_elem(&bailiwick_told, denial, &window, BPF_ANY);
	__sync_fetch_and_add(&account->used, 1);
	return 1;
}

/*
 * Room for an event, or NULL: then the denial is counted. Told plus counted are all denials, exactly;
 * enforcement does not depend on either.
 */
static __always_inline struct bailiwick_event *
reserve_event(const struct bailiwick_agent *agent, const struct bailiwick_denial *denial)
{
	__u64 key = agent ? denial->cgroup : 0;
	struct bailiwick_account *account = bpf_map_lookup_elem(&bailiwick_accounts, &key);
	struct bailiwick_event *event = 0;

	if (!account)
		return 0;
	if (may_tell(account, denial))
		event = bpf_ringbuf_reserve(&bailiwick_events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&account->lost, 1);
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->cgroup = denial->cgroup;
	event->hook = denial->hook;
	event->protocol = denial->protocol;
	event->port = denial->port;
	__builtin_memcpy(event->address, denial->address, 16);
	if (agent) {
		event->agent = agent->agent;
		event->policy = agent->policy;
	}
	return event;
}

/* For hooks that run in the caller's context, so that comm, pid and uid are the caller's. */
static __always_inline struct bailiwick_event *task_event(const struct bailiwick_agent *agent,
							  const struct bailiwick_denial *denial)
{
	struct bailiwick_event *event = reserve_event(agent, denial);

	if (!event)
		return 0;
	event->reason = agent ? BAILIWICK_NOT_REACHABLE : BAILIWICK_NO_POLICY;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = (__u32)bpf_get_current_uid_gid();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
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
