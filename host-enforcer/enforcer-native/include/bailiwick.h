// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause
/*
 * What the BPF programs, the JNI library and the Java side agree on: keys and values of the maps
 * and the event. Java reads these bytes by offset (KernelEvent, MapKeys), so every offset is
 * asserted here and a sample written by tests/golden.c is decoded by a Java test.
 *
 * Integers are in host order unless a comment says otherwise. Addresses are always 16 bytes; IPv4
 * is stored as ::ffff:a.b.c.d, so that one entry serves the v4 and the v6 hooks.
 */
#ifndef BAILIWICK_H
#define BAILIWICK_H

#ifndef __bpf__
#include <linux/types.h>
#include <stddef.h>
#endif

/* Where in the kernel something was denied. The numbers are part of the contract: only append. */
enum bailiwick_hook {
	BAILIWICK_CONNECT4 = 1,
	BAILIWICK_CONNECT6 = 2,
	BAILIWICK_SENDMSG4 = 3,
	BAILIWICK_SENDMSG6 = 4,
	BAILIWICK_BIND4 = 5,
	BAILIWICK_BIND6 = 6,
	BAILIWICK_SOCK_CREATE = 7,
	BAILIWICK_EGRESS = 8,
	BAILIWICK_INGRESS = 9,
	/* from here on: LSM hooks, which exist where such programs load */
	BAILIWICK_LSM_SOCKET = 10,
	BAILIWICK_LSM_CONNECT = 11,
	BAILIWICK_LSM_SEND = 12,
	BAILIWICK_LSM_BIND = 13,
	BAILIWICK_LSM_LISTEN = 14,
	BAILIWICK_LSM_SOCKET_OPTION = 15,
	BAILIWICK_LSM_UNIX = 16,
	BAILIWICK_LSM_DESCRIPTOR = 17,
	BAILIWICK_LSM_EXEC = 18,
	BAILIWICK_LSM_TRACE = 19,
	BAILIWICK_LSM_SIGNAL = 20,
	BAILIWICK_LSM_NAMESPACE = 21,
	BAILIWICK_LSM_BPF = 22,
	BAILIWICK_LSM_PERF = 23,
	BAILIWICK_LSM_FILE = 24,
	BAILIWICK_LSM_MOUNT = 25,
	BAILIWICK_LSM_IPC = 26,
	BAILIWICK_LSM_IO_URING = 27,
};

enum bailiwick_reason {
	/* the destination is not in the policy */
	BAILIWICK_NOT_REACHABLE = 1,
	/* the cgroup has no entry in the agents map */
	BAILIWICK_NO_POLICY = 2,
	/* a socket type or protocol that no policy can permit */
	BAILIWICK_SOCKET_KIND = 3,
	/* a fragment, a header that is not understood, or a packet that is too short */
	BAILIWICK_UNPARSED = 4,
	/* what no sandbox may do, or not without a permit that this one lacks */
	BAILIWICK_NOT_PERMITTED = 5,
};

/*
 * Changes whenever key, value, size or meaning of a map does: maps are pinned below a directory of
 * this name, so that an enforcer never takes up what another version left with another layout.
 */
#define BAILIWICK_MAPS "maps-3"

#define BAILIWICK_MAX_SANDBOXES 4096
#define BAILIWICK_MAX_DESTINATIONS 65536

/* Denials that a sandbox may have told in a window (of 2^30 ns): any, and then only new ones. */
#define BAILIWICK_WINDOW_SHIFT 30
#define BAILIWICK_TELL_ANY 256
#define BAILIWICK_TELL_NEW 512

/* bailiwick_agent.flags */
#define BAILIWICK_MAY_BIND_UDP 1u
#define BAILIWICK_MAY_LISTEN 2u
#define BAILIWICK_MAY_USE_UNIX 4u
#define BAILIWICK_MAY_USE_NETLINK 8u
#define BAILIWICK_MAY_EXEC_MEMORY 16u
#define BAILIWICK_MAY_SERVE_HOST 32u /* with MAY_LISTEN, which alone serves the sandbox itself */

/* agents: cgroup id (u64) -> this. No entry: everything is denied. */
struct bailiwick_agent {
	__u32 policy;
	__u32 agent;
	__u32 flags;
	__u32 reserved;
};

/* accounts: cgroup id (u64), or 0 -> this */
struct bailiwick_account {
	__u64 window;
	__u32 used;
	__u32 reserved;
	__u64 lost; /* since the account was made */
};

/* What makes two denials the same one. */
struct bailiwick_denial {
	__u64 cgroup;
	__u16 protocol;
	__u16 port; /* network order */
	__u8 hook;
	__u8 reserved[3];
	__u8 address[16];
};

/* exact: this -> u8 */
struct bailiwick_exact_key {
	__u32 policy;
	__u8 protocol;
	__u8 reserved;
	__u16 port; /* network order */
	__u8 address[16];
};

/* ranges: this -> u8. The prefix counts from policy on: 64 bits of it must always match. */
struct bailiwick_range_key {
	__u32 prefix;
	__u32 policy;
	__u8 protocol;
	__u8 reserved;
	__u16 port; /* network order */
	__u8 address[16];
};

#define BAILIWICK_COMM_BYTES 16

struct bailiwick_event {
	__u64 cgroup;
	__u32 agent;
	__u32 policy;
	__u32 pid; /* 0 where the hook runs outside any process (egress, ingress) */
	__u32 uid;
	__u8 hook;
	__u8 reason;
	__u8 family; /* AF_INET or AF_INET6, as the caller spelled it */
	__u8 type;   /* SOCK_STREAM, SOCK_DGRAM or SOCK_RAW; 0 where the hook cannot know */
	__u16 protocol;
	__u16 port; /* network order */
	__u8 address[16]; /* for LSM_TRACE and LSM_SIGNAL: the pid of the other process (u32) */
	char comm[BAILIWICK_COMM_BYTES];
};

#define BAILIWICK_OFFSET(type, member, offset)                                                     \
	_Static_assert(__builtin_offsetof(struct type, member) == (offset), #type "." #member)

_Static_assert(sizeof(struct bailiwick_agent) == 16, "bailiwick_agent");
BAILIWICK_OFFSET(bailiwick_agent, agent, 4);
BAILIWICK_OFFSET(bailiwick_agent, flags, 8);

_Static_assert(sizeof(struct bailiwick_account) == 24, "bailiwick_account");
BAILIWICK_OFFSET(bailiwick_account, lost, 16);

_Static_assert(sizeof(struct bailiwick_denial) == 32, "bailiwick_denial");

_Static_assert(sizeof(struct bailiwick_exact_key) == 24, "bailiwick_exact_key");
BAILIWICK_OFFSET(bailiwick_exact_key, protocol, 4);
BAILIWICK_OFFSET(bailiwick_exact_key, port, 6);
BAILIWICK_OFFSET(bailiwick_exact_key, address, 8);

_Static_assert(sizeof(struct bailiwick_range_key) == 28, "bailiwick_range_key");
BAILIWICK_OFFSET(bailiwick_range_key, policy, 4);
BAILIWICK_OFFSET(bailiwick_range_key, protocol, 8);
BAILIWICK_OFFSET(bailiwick_range_key, port, 10);
BAILIWICK_OFFSET(bailiwick_range_key, address, 12);

_Static_assert(sizeof(struct bailiwick_event) == 64, "bailiwick_event");
BAILIWICK_OFFSET(bailiwick_event, agent, 8);
BAILIWICK_OFFSET(bailiwick_event, policy, 12);
BAILIWICK_OFFSET(bailiwick_event, pid, 16);
BAILIWICK_OFFSET(bailiwick_event, uid, 20);
BAILIWICK_OFFSET(bailiwick_event, hook, 24);
BAILIWICK_OFFSET(bailiwick_event, reason, 25);
BAILIWICK_OFFSET(bailiwick_event, family, 26);
BAILIWICK_OFFSET(bailiwick_event, type, 27);
BAILIWICK_OFFSET(bailiwick_event, protocol, 28);
BAILIWICK_OFFSET(bailiwick_event, port, 30);
BAILIWICK_OFFSET(bailiwick_event, address, 32);
BAILIWICK_OFFSET(bailiwick_event, comm, 48);

#endif
