// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * The system call filter: a deny list, with allow rules for socket(2) and socketpair(2). It sees
 * numbers, never what a pointer leads to, so addresses are the business of the cgroup programs.
 *
 * Only the low half of an argument is read where the kernel takes an int: the high half is ignored
 * there too. Order: foreign ABIs, then a binary search for the call's number, which ends at a verdict
 * or at the block that judges the call by its arguments. Not for the calls' sake: when a filter is
 * installed, the kernel runs it once for every number there is, and a chain of comparisons makes
 * that the longest step of a launch.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"
#include "system_calls.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "no system call list for this architecture"
#endif

/* Options that older headers do not know. */
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif
#ifndef IPV6_TRANSPARENT
#define IPV6_TRANSPARENT 75
#endif

#define NAMESPACES                                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)
#define SOCKET_TYPE_MASK 0xf /* the rest are SOCK_NONBLOCK and SOCK_CLOEXEC */
#define PERSONALITY_QUERY 0xffffffffu

#define UNUSED __attribute__((unused))
#define RET_DENIED (SECCOMP_RET_ERRNO | EPERM)

/* Where the filter that is being made goes; the enforcer may be making several at once. */
static __thread struct sock_filter *code;
static __thread unsigned short used;

static void emit(uint16_t op, uint8_t if_true, uint8_t if_false, uint32_t k)
{
	if (used == MAX_FILTER)
		die("making the system call filter", "it is too long");
	code[used++] = (struct sock_filter){op, if_true, if_false, k};
}

static void load(uint32_t offset)
{
	emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

static void load_argument(int index)
{
	/* little-endian on both architectures: the low half comes first */
	load((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)index));
}

static void give(uint32_t verdict)
{
	emit(BPF_RET | BPF_K, 0, 0, verdict);
}

static void if_equal(uint32_t value, uint32_t verdict)
{
	emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value);
	give(verdict);
}

static void if_any_bit(uint32_t bits, uint32_t verdict)
{
	emit(BPF_JMP | BPF_JSET | BPF_K, 0, 1, bits);
	give(verdict);
}

/* A block runs when the loaded value is equal to the given one and always ends with a verdict. */
static unsigned short begin(uint32_t value)
{
	emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, value);
	return used;
}

static void end(unsigned short block, uint32_t verdict)
{
	give(verdict);
	if (used - block > UINT8_MAX)
		die("making the system call filter", "a rule is too long");
	code[block - 1].jf = (uint8_t)(used - block);
}

static void foreign_abis(void)
{
	load(offsetof(struct seccomp_data, arch));
	emit(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, NATIVE_ARCH);
	give(SECCOMP_RET_KILL_PROCESS); /* int 0x80: other numbers, other meanings */
	load(offsetof(struct seccomp_data, nr));
#ifdef X32_BIT
	emit(BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
	give(SECCOMP_RET_KILL_PROCESS);
#endif
}

static void inet_types(void)
{
	unsigned short stream, datagram;

	load_argument(1);
	emit(BPF_ALU | BPF_AND | BPF_K, 0, 0, SOCKET_TYPE_MASK);
	stream = begin(SOCK_STREAM);
	load_argument(2);
	if_equal(0, SECCOMP_RET_ALLOW);
	if_equal(IPPROTO_TCP, SECCOMP_RET_ALLOW);
	end(stream, RET_DENIED); /* MPTCP, SCTP */
	datagram = begin(SOCK_DGRAM);
	load_argument(2);
	if_equal(0, SECCOMP_RET_ALLOW);
	if_equal(IPPROTO_UDP, SECCOMP_RET_ALLOW);
	end(datagram, RET_DENIED); /* UDP-Lite, ping */
}

static void socket_families(unsigned int permits)
{
	unsigned short block;

	load_argument(0);
	if (permits & PERMIT_UNIX_SOCKETS)
		if_equal(AF_UNIX, SECCOMP_RET_ALLOW);
	if (permits & PERMIT_NETLINK) {
		block = begin(AF_NETLINK);
		load_argument(2);
		if_equal(NETLINK_ROUTE, SECCOMP_RET_ALLOW);
		end(block, RET_DENIED);
	}
	/* AF_INET and AF_INET6 share the rest; anything else stops here. */
	emit(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, AF_INET);
	emit(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AF_INET6);
	give(RET_DENIED);
	inet_types();
	give(RET_DENIED); /* raw, packet-like and sequenced types */
}

/* A datagram pair can be pointed at any socket by sendto(path), whatever it was made for. */
static void socket_pairs(unsigned int permits UNUSED)
{
	unsigned short family;

	load_argument(0);
	family = begin(AF_UNIX);
	load_argument(1);
	emit(BPF_ALU | BPF_AND | BPF_K, 0, 0, SOCKET_TYPE_MASK);
	if_equal(SOCK_STREAM, SECCOMP_RET_ALLOW);
	if_equal(SOCK_SEQPACKET, SECCOMP_RET_ALLOW);
	end(family, RET_DENIED);
	give(RET_DENIED);
}

static void option_level(int level, const int *option, size_t options)
{
	unsigned short block = begin((uint32_t)level);

	load_argument(2);
	for (size_t i = 0; i < options; i++)
		if_equal((uint32_t)option[i], RET_DENIED);
	end(block, SECCOMP_RET_ALLOW);
}

#define OPTION_LEVEL(level, ...)                                                                   \
	do {                                                                                       \
		static const int options[] = {__VA_ARGS__};                                        \
		option_level(level, options, sizeof(options) / sizeof(int));                       \
	} while (0)

/*
 * Options that route a packet past its address, make a socket into something else, or make the
 * kernel send membership reports: those leave through a socket of its own, past every hook.
 */
static void socket_options(unsigned int permits UNUSED)
{
	load_argument(1);
	OPTION_LEVEL(IPPROTO_IP, IP_OPTIONS, IP_TRANSPARENT, IP_ADD_MEMBERSHIP,
		     IP_ADD_SOURCE_MEMBERSHIP, IP_MSFILTER, MCAST_JOIN_GROUP,
		     MCAST_JOIN_SOURCE_GROUP, MCAST_MSFILTER);
	OPTION_LEVEL(IPPROTO_IPV6, IPV6_RTHDR, IPV6_HOPOPTS, IPV6_DSTOPTS, IPV6_RTHDRDSTOPTS,
		     IPV6_2292RTHDR, IPV6_2292HOPOPTS, IPV6_2292DSTOPTS, IPV6_2292PKTOPTIONS,
		     IPV6_TRANSPARENT, IPV6_JOIN_GROUP, IPV6_JOIN_ANYCAST, MCAST_JOIN_GROUP,
		     MCAST_JOIN_SOURCE_GROUP, MCAST_MSFILTER);
	OPTION_LEVEL(SOL_SOCKET, SO_BINDTODEVICE, SO_BINDTOIFINDEX, SO_MARK);
	OPTION_LEVEL(IPPROTO_TCP, TCP_ULP, TCP_REPAIR, TCP_FASTOPEN_CONNECT);
	give(SECCOMP_RET_ALLOW);
}

/* Data in the first packet, before anybody has said where to. */
static void fast_open(int flags)
{
	load_argument(flags);
	if_any_bit(MSG_FASTOPEN, RET_DENIED);
	give(SECCOMP_RET_ALLOW);
}

static void send_to(unsigned int permits UNUSED)
{
	fast_open(3);
}

static void send_message(unsigned int permits UNUSED)
{
	fast_open(2);
}

static void namespaces(unsigned int permits UNUSED)
{
	load_argument(0);
	if_any_bit(NAMESPACES, RET_DENIED);
	give(SECCOMP_RET_ALLOW);
}

/* The limit of 1 keeps core dumps away from the host's handler; 0 would not (identity.c). */
static void core_limit(unsigned int permits UNUSED)
{
	load_argument(0);
	if_equal(RLIMIT_CORE, RET_DENIED);
	give(SECCOMP_RET_ALLOW);
}

static void core_limit_of_process(unsigned int permits UNUSED)
{
	unsigned short core;

	load_argument(1);
	core = begin(RLIMIT_CORE);
	load_argument(2); /* the new limit; NULL only asks */
	emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0);
	load((uint32_t)(offsetof(struct seccomp_data, args) + 8 * 2 + 4));
	if_equal(0, SECCOMP_RET_ALLOW);
	end(core, RET_DENIED);
	give(SECCOMP_RET_ALLOW);
}

/*
 * Where Landlock has no right for it (before Linux 6.2), these would empty a file that the sandbox
 * may only read, if its permissions say so. ftruncate needs a descriptor that was opened for
 * writing, which Landlock judges; openat2 keeps its flags behind a pointer, so it does not exist.
 */
static void opening(int flags)
{
	load_argument(flags);
	emit(BPF_ALU | BPF_AND | BPF_K, 0, 0, O_ACCMODE | O_TRUNC);
	if_equal(O_RDONLY | O_TRUNC, RET_DENIED);
	if_equal(O_ACCMODE | O_TRUNC, RET_DENIED); /* neither to read nor to write */
	give(SECCOMP_RET_ALLOW);
}

#ifdef __NR_open
static void opening_by_path(unsigned int permits UNUSED)
{
	opening(1);
}
#endif

static void opening_at(unsigned int permits UNUSED)
{
	opening(2);
}

static void hidden(unsigned int permits UNUSED)
{
	give(SECCOMP_RET_ERRNO | ENOSYS);
}

/* Typing into the caller's terminal. */
static void terminal(unsigned int permits UNUSED)
{
	load_argument(1);
	if_equal(TIOCSTI, RET_DENIED);
	if_equal(TIOCLINUX, RET_DENIED);
	give(SECCOMP_RET_ALLOW);
}

static void execution_domain(unsigned int permits UNUSED)
{
	load_argument(0);
	if_equal(0, SECCOMP_RET_ALLOW);
	if_equal(PERSONALITY_QUERY, SECCOMP_RET_ALLOW);
	give(RET_DENIED);
}

/* What is done about a call: a block of the filter, or a denial where there is none. */
struct rule {
	uint32_t call;
	void (*judge)(unsigned int permits);
};

static const struct rule judged[] = {
    {__NR_socket, socket_families},
    {__NR_socketpair, socket_pairs},
    {__NR_setsockopt, socket_options},
    {__NR_sendto, send_to},
    {__NR_sendmsg, send_message},
    {__NR_sendmmsg, send_to},
    {__NR_clone, namespaces},
#ifdef __NR_setrlimit
    {__NR_setrlimit, core_limit},
#endif
    {__NR_prlimit64, core_limit_of_process},
    {__NR_ioctl, terminal},
    {__NR_personality, execution_domain},
};

static const struct rule truncating[] = {
    {__NR_truncate, NULL},
    {__NR_openat2, hidden},
#ifdef __NR_open
    {__NR_open, opening_by_path},
#endif
    {__NR_openat, opening_at},
};

#define RULE(name) {__NR_##name, NULL},
static const struct rule denied[] = {DENIED_CALLS(RULE)};
#undef RULE

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_RULES (COUNT(judged) + COUNT(denied) + COUNT(truncating) + 2)

/* Calls from a number on, up to the next range; no rule: allowed. */
struct range {
	uint32_t first;
	const struct rule *rule;
	unsigned short jump; /* the instruction that leads to the rule's block */
};

static void insert(struct rule *rules, size_t *count, const struct rule *rule)
{
	size_t at = (*count)++;

	for (; at > 0 && rules[at - 1].call > rule->call; at--)
		rules[at] = rules[at - 1];
	rules[at] = *rule;
}

static size_t sorted_rules(unsigned int permits, struct rule *rules)
{
	static const struct rule listening = {__NR_listen, NULL};
	static const struct rule memory_file = {__NR_memfd_create, NULL};
	size_t count = 0;

	for (size_t i = 0; i < COUNT(judged); i++)
		insert(rules, &count, &judged[i]);
	for (size_t i = 0; i < COUNT(denied); i++)
		insert(rules, &count, &denied[i]);
	for (size_t i = 0; i < COUNT(truncating) && !landlock_judges_truncate(); i++)
		insert(rules, &count, &truncating[i]);
	if (!(permits & PERMIT_LISTEN))
		insert(rules, &count, &listening);
	if (!(permits & PERMIT_MEMFD))
		insert(rules, &count, &memory_file);
	return count;
}

/* Neighbours that are denied are one range. */
static size_t ranges_of(const struct rule *rules, size_t count, struct range *ranges)
{
	struct range *last = ranges;

	*last = (struct range){0, NULL, 0};
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &rules[i];

		if (last->first != rule->call) {
			*++last = (struct range){rule->call, rule, 0};
		} else if (last > ranges && !last[-1].rule->judge && !rule->judge) {
			last->first++;
			continue;
		} else {
			last->rule = rule;
		}
		*++last = (struct range){rule->call + 1, NULL, 0};
	}
	return (size_t)(last - ranges) + 1;
}

static void search(struct range *ranges, size_t count)
{
	size_t half = count / 2;
	unsigned short branch;

	if (count > 1) {
		emit(BPF_JMP | BPF_JGE | BPF_K, 0, 0, ranges[half].first);
		branch = used;
		search(ranges, half);
		if (used - branch > UINT8_MAX)
			die("making the system call filter", "there are too many rules");
		code[branch - 1].jt = (uint8_t)(used - branch);
		search(ranges + half, count - half);
	} else if (!ranges->rule) {
		give(SECCOMP_RET_ALLOW);
	} else if (!ranges->rule->judge) {
		give(RET_DENIED);
	} else {
		ranges->jump = used;
		emit(BPF_JMP | BPF_JA, 0, 0, 0);
	}
}

void seccomp_prepare(const struct spec *spec, struct sock_filter *room, struct sock_fprog *program)
{
	struct rule rules[MAX_RULES];
	struct range ranges[2 * MAX_RULES + 1];
	size_t count;

	code = room;
	used = 0;
	foreign_abis();
	count = ranges_of(rules, sorted_rules(spec->permits, rules), ranges);
	search(ranges, count);
	for (size_t i = 0; i < count; i++) {
		if (!ranges[i].rule || !ranges[i].rule->judge)
			continue;
		code[ranges[i].jump].k = used - ranges[i].jump - 1u;
		ranges[i].rule->judge(spec->permits);
	}
	program->len = used;
	program->filter = code;
}

static void install(const struct sock_fprog *program, unsigned int flags)
{
	if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, program))
		die_errno("applying the system call filter");
}

/*
 * clone3 keeps its flags behind a pointer, so it does not exist; libc then falls back to clone.
 * Every new thread asks once, which is no event: a filter of its own keeps it out of the audit log.
 */
static void hide_clone3(void)
{
	struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	install(&program, 0);
}

void seccomp_apply(const struct spec *spec, const struct sock_fprog *program)
{
	if (!(spec->permits & PERMIT_CLONE3))
		hide_clone3();
	install(program, spec->report_denials ? SECCOMP_FILTER_FLAG_LOG : 0);
}
