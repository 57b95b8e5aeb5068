// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The LSM tier: a second fence around sandboxes on kernels that load such programs, and the only
 * one for unix sockets by path, descriptors that somebody passes in, and files without a name.
 *
 * An object of its own, so that it can never take the cgroup programs down; the maps are those of
 * egress.bpf.c, shared by name. A hook that the running kernel lacks is left out by the loader.
 * Only leading arguments of a hook are read, because later ones come and go between versions, and
 * a program that names too many is not loaded. What an earlier program denied stays denied: the
 * kernel stops at the first verdict that is not 0.
 *
 * It speaks of confined processes only: those in a sandbox's cgroup that have no_new_privs, which
 * every descendant of a launch has and none can lose. What is in the cgroup without it is the
 * launcher on its way in.
 *
 * Return values are those of LSM hooks: 0 lets the call pass, -EPERM denies it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "bailiwick.h"

#define EPERM 1
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define NETLINK_ROUTE 0
#define MAY_WRITE 2
#define PFA_NO_NEW_PRIVS 1ul /* bit 0 of task_struct.atomic_flags */
#define S_IFMT 0170000
#define S_IFCHR 0020000
#define MEMORY_DEVICE(minor) (1u << 20 | (minor))
#define MAX_CGROUP_DEPTH 16

/* User space's headers have these among much that a BPF program cannot include. */
enum { SOL_IP = 0, SOL_SOCKET = 1, SOL_TCP = 6, SOL_IPV6 = 41 };
enum { SO_BINDTODEVICE = 25, SO_MARK = 36, SO_BINDTOIFINDEX = 62 };
enum { TCP_REPAIR = 19, TCP_FASTOPEN_CONNECT = 30, TCP_ULP = 31 };
enum { MCAST_JOIN_GROUP = 42, MCAST_JOIN_SOURCE_GROUP = 46, MCAST_MSFILTER = 48 };
enum {
	IP_OPTIONS = 4,
	IP_TRANSPARENT = 19,
	IP_ADD_MEMBERSHIP = 35,
	IP_ADD_SOURCE_MEMBERSHIP = 39,
	IP_MSFILTER = 41,
};
enum {
	IPV6_2292HOPOPTS = 3,
	IPV6_2292DSTOPTS = 4,
	IPV6_2292RTHDR = 5,
	IPV6_2292PKTOPTIONS = 6,
	IPV6_JOIN_GROUP = 20,
	IPV6_JOIN_ANYCAST = 27,
	IPV6_HOPOPTS = 54,
	IPV6_RTHDRDSTOPTS = 55,
	IPV6_RTHDR = 57,
	IPV6_DSTOPTS = 59,
	IPV6_TRANSPARENT = 75,
};

/* Kernel file systems in which a write changes the machine, or the walls. */
#define CGROUP_SUPER_MAGIC 0x27e0eb
#define CGROUP2_SUPER_MAGIC 0x63677270
#define BPF_FS_MAGIC 0xcafe4a11
#define SYSFS_MAGIC 0x62656572
#define DEBUGFS_MAGIC 0x64626720
#define TRACEFS_MAGIC 0x74726163
#define SECURITYFS_MAGIC 0x73636673
#define PROC_SUPER_MAGIC 0x9fa0

#include "maps.bpf.h"
#include "packet.bpf.h"

/* ---- the few members of kernel structures that are read; offsets come from the kernel's BTF -- */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct super_block {
	unsigned long s_magic;
};

struct inode {
	__u16 i_mode;
	kuid_t i_uid;
	struct super_block *i_sb;
	__u32 i_nlink;
	__u32 i_rdev;
};

struct file {
	struct inode *f_inode;
	const struct cred *f_cred;
};

struct linux_binprm {
	struct file *file;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup_subsys_state {
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self; /* first: a css of a cgroup is the cgroup */
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct task_struct {
	unsigned long atomic_flags;
	int tgid;
	struct css_set *cgroups;
};

struct sock_common {
	__u16 skc_family;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
};

struct socket {
	struct sock *sk;
};

struct msghdr {
	void *msg_name;
};

#pragma clang attribute pop

/* User space addresses, copied in by the kernel: their layout is ABI. */
struct address4 {
	__u16 family;
	__u16 port;
	__u32 host;
};

struct address6 {
	__u16 family;
	__u16 port;
	__u32 flow;
	__u8 host[16];
};

/* ---- whose call is it -------------------------------------------------------------------- */

/* The sandbox that confines the caller, or nothing for the rest of the machine. */
static __always_inline struct bailiwick_agent *confined(__u64 *cgroup)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	if (!(task->atomic_flags & PFA_NO_NEW_PRIVS))
		return 0;
	return agent_of_task(cgroup);
}

static __always_inline int tell(const struct bailiwick_agent *agent,
				const struct bailiwick_denial *denial, enum bailiwick_reason reason,
				__u8 family, __u8 type)
{
	struct bailiwick_event *event = task_event(agent, denial);

	if (event) {
		event->reason = reason;
		event->family = family;
		event->type = type;
		bpf_ringbuf_submit(event, 0);
	}
	return -EPERM;
}

static __always_inline int deny(enum bailiwick_hook hook, const struct bailiwick_agent *agent,
				__u64 cgroup)
{
	struct bailiwick_denial denial = {.cgroup = cgroup, .hook = hook};

	return tell(agent, &denial, BAILIWICK_NOT_PERMITTED, 0, 0);
}

/* For what no sandbox may ever do. */
static __always_inline int deny_confined(enum bailiwick_hook hook)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = confined(&cgroup);

	return agent ? deny(hook, agent, cgroup) : 0;
}

/* For what a permit opens. */
static __always_inline int deny_without(__u32 flag, enum bailiwick_hook hook)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = confined(&cgroup);

	return agent && !(agent->flags & flag) ? deny(hook, agent, cgroup) : 0;
}

/* Whether another task is in the sandbox whose cgroup this is, or in a cgroup made inside it. */
static __always_inline int belongs(const struct task_struct *task, __u64 cgroup)
{
	const struct cgroup *at = BPF_CORE_READ(task, cgroups, dfl_cgrp);

	for (int i = 0; at && i < MAX_CGROUP_DEPTH; i++) {
		if (BPF_CORE_READ(at, kn, id) == cgroup)
			return 1;
		at = (const struct cgroup *)BPF_CORE_READ(at, self.parent);
	}
	return 0;
}

static __always_inline int deny_stranger(const struct task_struct *task, enum bailiwick_hook hook)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = confined(&cgroup);
	struct bailiwick_denial denial = {.hook = hook};
	__u32 pid;

	if (!agent || belongs(task, cgroup))
		return 0;
	pid = (__u32)BPF_CORE_READ(task, tgid);
	denial.cgroup = cgroup;
	__builtin_memcpy(denial.address, &pid, sizeof(pid));
	return tell(agent, &denial, BAILIWICK_NOT_PERMITTED, 0, 0);
}

/* ---- sockets ----------------------------------------------------------------------------- */

struct destination {
	__u16 family;
	__u16 port;
	__u8 address[16];
};

/* AF_UNSPEC counts as AF_INET: the kernel takes it so when a datagram is sent. */
static __always_inline void read_destination(struct destination *to, const void *address)
{
	struct address6 v6 = {};
	struct address4 v4 = {};

	bpf_probe_read_kernel(&v4, sizeof(v4), address);
	to->family = v4.family;
	to->port = v4.port;
	if (v4.family == AF_INET6) {
		bpf_probe_read_kernel(&v6, sizeof(v6), address);
		__builtin_memcpy(to->address, v6.host, 16);
	} else {
		v4_mapped(to->address, v4.host);
	}
}

static __always_inline int is_ip(const struct socket *socket)
{
	__u16 family = socket->sk->__sk_common.skc_family;

	return family == AF_INET || family == AF_INET6;
}

static __always_inline int deny_destination(const struct socket *socket,
					    const struct bailiwick_agent *agent, __u64 cgroup,
					    enum bailiwick_hook hook, const struct destination *to)
{
	struct bailiwick_denial denial = {
	    .cgroup = cgroup,
	    .protocol = socket->sk->sk_protocol,
	    .port = to->port,
	    .hook = hook,
	};

	__builtin_memcpy(denial.address, to->address, 16);
	return tell(agent, &denial, BAILIWICK_NOT_REACHABLE, to->family, socket->sk->sk_type);
}

static __always_inline int judge_destination(const struct socket *socket, const void *address,
					     enum bailiwick_hook hook)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = confined(&cgroup);
	struct destination to = {};

	if (!agent)
		return 0;
	read_destination(&to, address);
	if (reachable(agent->policy, (__u8)socket->sk->sk_protocol, to.port, to.address))
		return 0;
	/* whose listener it is, only the cgroup programs can look up */
	if (hook == BAILIWICK_LSM_CONNECT && (agent->flags & BAILIWICK_MAY_LISTEN) &&
	    socket->sk->sk_protocol == IPPROTO_TCP && is_loopback(to.address))
		return 0;
	return deny_destination(socket, agent, cgroup, hook, &to);
}

/*
 * Every family but IP, unix and, where permitted, route netlink. Unix sockets may be made, because
 * a pair is made of two; what they may be connected to is asked below.
 */
SEC("lsm/socket_create")
int BPF_PROG(handle_socket_create, int family, int type, int protocol, int kern)
{
	__u64 cgroup = 0;
	struct bailiwick_denial denial = {.hook = BAILIWICK_LSM_SOCKET};
	struct bailiwick_agent *agent;

	if (kern)
		return 0;
	agent = confined(&cgroup);
	if (!agent || family == AF_UNIX)
		return 0;
	type &= 0xf;
	if ((family == AF_INET || family == AF_INET6) &&
	    ((type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP)) ||
	     (type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP))))
		return 0;
	if (family == AF_NETLINK && protocol == NETLINK_ROUTE &&
	    (agent->flags & BAILIWICK_MAY_USE_NETLINK))
		return 0;
	denial.cgroup = cgroup;
	denial.protocol = protocol;
	denial.port = family; /* so that two families are two denials */
	return tell(agent, &denial, BAILIWICK_SOCKET_KIND, family, type);
}

/* AF_UNSPEC dissolves a connection, which is nobody's loss. */
SEC("lsm/socket_connect")
int BPF_PROG(handle_socket_connect, struct socket *socket, void *address)
{
	__u16 family = 0;

	if (!is_ip(socket))
		return 0;
	bpf_probe_read_kernel(&family, sizeof(family), address);
	return family == AF_UNSPEC ? 0
				   : judge_destination(socket, address, BAILIWICK_LSM_CONNECT);
}

/* Also the way of Fast Open, for which socket_connect is not asked. */
SEC("lsm/socket_sendmsg")
int BPF_PROG(handle_socket_sendmsg, struct socket *socket, struct msghdr *message)
{
	const void *address = message->msg_name;

	return address && is_ip(socket) ? judge_destination(socket, address, BAILIWICK_LSM_SEND)
					: 0;
}

SEC("lsm/socket_bind")
int BPF_PROG(handle_socket_bind, struct socket *socket, void *address)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = confined(&cgroup);
	__u16 protocol = socket->sk->sk_protocol;
	struct destination at = {};

	if (!agent)
		return 0;
	if (!is_ip(socket)) {
		/* a netlink socket that could be made may have its address */
		if (socket->sk->__sk_common.skc_family == AF_NETLINK ||
		    (agent->flags & BAILIWICK_MAY_USE_UNIX))
			return 0;
		return deny(BAILIWICK_LSM_UNIX, agent, cgroup);
	}
	read_destination(&at, address);
	if (protocol == IPPROTO_TCP && (agent->flags & BAILIWICK_MAY_LISTEN) &&
	    is_loopback(at.address))
		return 0;
	if (protocol == IPPROTO_UDP && (agent->flags & BAILIWICK_MAY_BIND_UDP) && at.port == 0)
		return 0;
	return deny_destination(socket, agent, cgroup, BAILIWICK_LSM_BIND, &at);
}

/* The cgroup's bind hooks are not asked when listen() takes a port by itself. */
SEC("lsm/socket_listen")
int BPF_PROG(handle_socket_listen, struct socket *socket)
{
	return is_ip(socket) ? deny_without(BAILIWICK_MAY_LISTEN, BAILIWICK_LSM_LISTEN)
			     : deny_without(BAILIWICK_MAY_USE_UNIX, BAILIWICK_LSM_UNIX);
}

/* The same options as in the system call filter; seccomp.c says what each would do. */
SEC("lsm/socket_setsockopt")
int BPF_PROG(handle_socket_setsockopt, struct socket *socket, int level, int option)
{
	switch (level) {
	case SOL_IP:
		switch (option) {
		case IP_OPTIONS:
		case IP_TRANSPARENT:
		case IP_ADD_MEMBERSHIP:
		case IP_ADD_SOURCE_MEMBERSHIP:
		case IP_MSFILTER:
		case MCAST_JOIN_GROUP:
		case MCAST_JOIN_SOURCE_GROUP:
		case MCAST_MSFILTER:
			return deny_confined(BAILIWICK_LSM_SOCKET_OPTION);
		}
		return 0;
	case SOL_IPV6:
		switch (option) {
		case IPV6_2292HOPOPTS:
		case IPV6_2292DSTOPTS:
		case IPV6_2292RTHDR:
		case IPV6_2292PKTOPTIONS:
		case IPV6_JOIN_GROUP:
		case IPV6_JOIN_ANYCAST:
		case MCAST_JOIN_GROUP:
		case MCAST_JOIN_SOURCE_GROUP:
		case MCAST_MSFILTER:
		case IPV6_HOPOPTS:
		case IPV6_RTHDRDSTOPTS:
		case IPV6_RTHDR:
		case IPV6_DSTOPTS:
		case IPV6_TRANSPARENT:
			return deny_confined(BAILIWICK_LSM_SOCKET_OPTION);
		}
		return 0;
	case SOL_SOCKET:
		switch (option) {
		case SO_BINDTODEVICE:
		case SO_MARK:
		case SO_BINDTOIFINDEX:
			return deny_confined(BAILIWICK_LSM_SOCKET_OPTION);
		}
		return 0;
	case SOL_TCP:
		switch (option) {
		case TCP_REPAIR:
		case TCP_FASTOPEN_CONNECT:
		case TCP_ULP:
			return deny_confined(BAILIWICK_LSM_SOCKET_OPTION);
		}
		return 0;
	default:
		return 0;
	}
}

/* By path or by abstract name; pairs are connected without asking here. */
SEC("lsm/unix_stream_connect")
int BPF_PROG(handle_unix_stream_connect)
{
	return deny_without(BAILIWICK_MAY_USE_UNIX, BAILIWICK_LSM_UNIX);
}

/* Datagrams: also of a pair that is pointed at somebody else's socket. */
SEC("lsm/unix_may_send")
int BPF_PROG(handle_unix_may_send)
{
	return deny_without(BAILIWICK_MAY_USE_UNIX, BAILIWICK_LSM_UNIX);
}

/*
 * A descriptor out of a message or out of another process. A sandbox has a uid of its own, so what
 * another uid opened was opened outside, with rights that the sandbox never had.
 */
SEC("lsm/file_receive")
int BPF_PROG(handle_file_receive, struct file *file)
{
	__u64 cgroup = 0;
	struct bailiwick_agent *agent = confined(&cgroup);

	if (!agent || file->f_cred->uid.val == (__u32)bpf_get_current_uid_gid())
		return 0;
	return deny(BAILIWICK_LSM_DESCRIPTOR, agent, cgroup);
}

/* ---- processes --------------------------------------------------------------------------- */

/* No name in any directory: a memfd, or a file that was made to be deleted. */
SEC("lsm/bprm_check_security")
int BPF_PROG(handle_bprm_check_security, struct linux_binprm *program)
{
	return program->file->f_inode->i_nlink == 0
		   ? deny_without(BAILIWICK_MAY_EXEC_MEMORY, BAILIWICK_LSM_EXEC)
		   : 0;
}

/* ptrace, /proc/PID/mem and environ, process_vm_readv, pidfd_getfd, kcmp. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(handle_ptrace_access_check, struct task_struct *other)
{
	return deny_stranger(other, BAILIWICK_LSM_TRACE);
}

SEC("lsm/task_kill")
int BPF_PROG(handle_task_kill, struct task_struct *other)
{
	return deny_stranger(other, BAILIWICK_LSM_SIGNAL);
}

/* Since Linux 6.1. */
SEC("lsm/userns_create")
int BPF_PROG(handle_userns_create)
{
	return deny_confined(BAILIWICK_LSM_NAMESPACE);
}

/*
 * Nothing in a sandbox has a capability, whatever uid it may have come to. No event: the kernel
 * asks this in passing, and an unprivileged process is told no all day.
 */
SEC("lsm/capable")
int BPF_PROG(handle_capable)
{
	__u64 cgroup = 0;

	return confined(&cgroup) ? -EPERM : 0;
}

/* ---- the kernel itself ------------------------------------------------------------------- */

SEC("lsm/bpf")
int BPF_PROG(handle_bpf)
{
	return deny_confined(BAILIWICK_LSM_BPF);
}

SEC("lsm/perf_event_open")
int BPF_PROG(handle_perf_event_open)
{
	return deny_confined(BAILIWICK_LSM_PERF);
}

/* Since Linux 6.15; before, what a ring does is judged by the socket hooks. */
SEC("lsm/uring_allowed")
int BPF_PROG(handle_uring_allowed)
{
	return deny_confined(BAILIWICK_LSM_IO_URING);
}

SEC("lsm/sb_mount")
int BPF_PROG(handle_sb_mount)
{
	return deny_confined(BAILIWICK_LSM_MOUNT);
}

SEC("lsm/move_mount")
int BPF_PROG(handle_move_mount)
{
	return deny_confined(BAILIWICK_LSM_MOUNT);
}

SEC("lsm/sb_umount")
int BPF_PROG(handle_sb_umount)
{
	return deny_confined(BAILIWICK_LSM_MOUNT);
}

/* System V objects that somebody else made or could see. */
SEC("lsm/ipc_permission")
int BPF_PROG(handle_ipc_permission)
{
	return deny_confined(BAILIWICK_LSM_IPC);
}

/*
 * Writes, removals and renames where the walls are kept: cgroup.procs (also asked when a process
 * is cloned into another cgroup), pins, and what configures the machine. This is asked for every
 * path, so the cheap questions come first.
 */
SEC("lsm/inode_permission")
int BPF_PROG(handle_inode_permission, struct inode *inode, int mask)
{
	if (!(mask & MAY_WRITE))
		return 0;
	switch (inode->i_sb->s_magic) {
	case PROC_SUPER_MAGIC:
		/* a process's own files belong to its uid */
		return inode->i_uid.val == 0 ? deny_confined(BAILIWICK_LSM_FILE) : 0;
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case BPF_FS_MAGIC:
	case SYSFS_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case SECURITYFS_MAGIC:
		return deny_confined(BAILIWICK_LSM_FILE);
	default:
		return 0;
	}
}

/* Memory and ports as files: reading is as bad as writing. */
SEC("lsm/file_open")
int BPF_PROG(handle_file_open, struct file *file)
{
	const struct inode *inode = file->f_inode;

	if ((inode->i_mode & S_IFMT) != S_IFCHR)
		return 0;
	switch (inode->i_rdev) {
	case MEMORY_DEVICE(1): /* mem */
	case MEMORY_DEVICE(2): /* kmem */
	case MEMORY_DEVICE(4): /* port */
		return deny_confined(BAILIWICK_LSM_FILE);
	default:
		return 0;
	}
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
