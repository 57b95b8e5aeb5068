// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Runs the system call filter, as the kernel would, over every number and over the arguments that it
 * judges, and compares with the lists that it is made of, which are looked through one by one here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "launcher.h"
#include "system_calls.h"

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif
#define DENY (SECCOMP_RET_ERRNO | EPERM)
#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS

_Noreturn void die(const char *step, const char *reason)
{
	printf("not ok: %s: %s\n", step, reason);
	exit(1);
}

_Noreturn void die_errno(const char *step)
{
	die(step, "error");
}

static bool judges_truncate = true;

bool landlock_judges_truncate(void)
{
	return judges_truncate;
}

static uint32_t run(const struct sock_fprog *program, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (unsigned int at = 0; at < program->len; at++) {
		const struct sock_filter *step = &program->filter[at];

		switch (step->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)data + step->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= step->k;
			break;
		case BPF_JMP | BPF_JA:
			at += step->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == step->k ? step->jt : step->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= step->k ? step->jt : step->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			at += a & step->k ? step->jt : step->jf;
			break;
		case BPF_RET | BPF_K:
			return step->k;
		default:
			die("running the filter", "an instruction that this test does not know");
		}
	}
	die("running the filter", "it has no end");
}

#define NUMBER(name) __NR_##name,
static const int denied[] = {DENIED_CALLS(NUMBER)};
static const int judged[] = {JUDGED_CALLS(NUMBER)};

/* Judged only where Landlock has no right to truncate. */
static const int truncating[] = {
    __NR_truncate,
    __NR_openat,
    __NR_openat2,
#ifdef __NR_open
    __NR_open,
#endif
};

static int is_in(const int *list, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == number)
			return 1;
	return 0;
}

static int check(const struct sock_fprog *program, uint32_t arch, int number, uint64_t first,
		 uint64_t second, uint64_t third, uint64_t fourth, uint32_t expected)
{
	struct seccomp_data data = {
	    .nr = number, .arch = arch, .args = {first, second, third, fourth}};
	uint32_t verdict = run(program, &data);

	if (verdict == expected)
		return 0;
	printf("not ok: call %d (%#llx, %#llx, %#llx): %#x, expected %#x\n", number,
	       (unsigned long long)first, (unsigned long long)second, (unsigned long long)third,
	       verdict, expected);
	return 1;
}

static const struct {
	unsigned int permits;
	int number;
	uint64_t arguments[4];
	uint32_t expected;
} calls[] = {
    {0, __NR_socket, {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0}, ALLOW},
    {0, __NR_socket, {AF_INET6, SOCK_STREAM, IPPROTO_TCP}, ALLOW},
    {0, __NR_socket, {AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP}, ALLOW},
    {0, __NR_socket, {AF_INET, SOCK_STREAM, 262 /* MPTCP */}, DENY},
    {0, __NR_socket, {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE}, DENY},
    {0, __NR_socket, {AF_INET, SOCK_RAW, IPPROTO_ICMP}, DENY},
    {0, __NR_socket, {AF_UNIX, SOCK_STREAM, 0}, DENY},
    {PERMIT_UNIX_SOCKETS, __NR_socket, {AF_UNIX, SOCK_STREAM, 0}, ALLOW},
    {0, __NR_socket, {AF_NETLINK, SOCK_RAW, 0}, DENY},
    {PERMIT_NETLINK, __NR_socket, {AF_NETLINK, SOCK_RAW, 0}, ALLOW},
    {PERMIT_NETLINK, __NR_socket, {AF_NETLINK, SOCK_RAW, 9 /* audit */}, DENY},
    {0, __NR_socket, {AF_PACKET, SOCK_RAW, 0}, DENY},
    {0, __NR_socketpair, {AF_UNIX, SOCK_STREAM, 0}, ALLOW},
    {0, __NR_socketpair, {AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0}, ALLOW},
    {0, __NR_socketpair, {AF_UNIX, SOCK_DGRAM, 0}, DENY},
    {0, __NR_socketpair, {AF_INET, SOCK_STREAM, 0}, DENY},
    {0, __NR_setsockopt, {3, SOL_SOCKET, SO_REUSEADDR}, ALLOW},
    {0, __NR_setsockopt, {3, SOL_SOCKET, SO_MARK}, DENY},
    {0, __NR_setsockopt, {3, IPPROTO_TCP, TCP_NODELAY}, ALLOW},
    {0, __NR_setsockopt, {3, IPPROTO_TCP, TCP_REPAIR}, DENY},
    {0, __NR_setsockopt, {3, IPPROTO_IP, IP_OPTIONS}, DENY},
    {0, __NR_setsockopt, {3, IPPROTO_IPV6, IPV6_RTHDR}, DENY},
    {0, __NR_sendto, {3, 0, 0, 0}, ALLOW},
    {0, __NR_sendto, {3, 0, 0, MSG_FASTOPEN}, DENY},
    {0, __NR_sendmsg, {3, 0, MSG_NOSIGNAL}, ALLOW},
    {0, __NR_sendmsg, {3, 0, MSG_FASTOPEN | MSG_NOSIGNAL}, DENY},
    {0, __NR_sendmmsg, {3, 0, 1, MSG_FASTOPEN}, DENY},
    {0, __NR_clone, {CLONE_VM | CLONE_THREAD}, ALLOW},
    {0, __NR_clone, {CLONE_NEWUSER | 17}, DENY},
    {0, __NR_prlimit64, {0, RLIMIT_CORE, 0}, ALLOW},
    {0, __NR_prlimit64, {0, RLIMIT_CORE, 1}, DENY},
    {0, __NR_prlimit64, {0, RLIMIT_CORE, 1ull << 32}, DENY},
    {0, __NR_prlimit64, {0, RLIMIT_NOFILE, 1}, ALLOW},
    {0, __NR_ioctl, {0, TCGETS}, ALLOW},
    {0, __NR_ioctl, {0, TIOCSTI}, DENY},
    {0, __NR_ioctl, {0, 0xffffffff00000000ull | TIOCSTI}, DENY},
    {0, __NR_personality, {0}, ALLOW},
    {0, __NR_personality, {0xffffffff}, ALLOW},
    {0, __NR_personality, {8}, DENY},
    {0, __NR_listen, {3}, DENY},
    {PERMIT_LISTEN, __NR_listen, {3}, ALLOW},
    {0, __NR_memfd_create, {0}, DENY},
    {PERMIT_MEMFD, __NR_memfd_create, {0}, ALLOW},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
	static struct sock_filter code[MAX_FILTER];
	struct sock_fprog program;
	struct spec spec = {0};
	size_t tested = 0;
	int failed = 0;

	seccomp_prepare(&spec, code, &program);
	for (int number = 0; number < 2048; number++) {
		if (is_in(judged, COUNT(judged), number) &&
		    !is_in(truncating, COUNT(truncating), number))
			continue;
		failed += check(&program, ARCH, number, 0, 0, 0, 0,
				is_in(denied, COUNT(denied), number) ? DENY : ALLOW);
		tested++;
	}
	failed += check(&program, AUDIT_ARCH_I386, 1, 0, 0, 0, 0, KILL);
#ifdef __x86_64__
	failed += check(&program, ARCH, 0x40000000 | __NR_socket, 0, 0, 0, 0, KILL);
#endif
	for (size_t i = 0; i < COUNT(calls); i++) {
		spec.permits = calls[i].permits;
		seccomp_prepare(&spec, code, &program);
		failed += check(&program, ARCH, calls[i].number, calls[i].arguments[0],
				calls[i].arguments[1], calls[i].arguments[2], calls[i].arguments[3],
				calls[i].expected);
		tested++;
	}
	spec.permits = 0;
	judges_truncate = false;
	seccomp_prepare(&spec, code, &program);
	failed += check(&program, ARCH, __NR_truncate, 0, 0, 0, 0, DENY);
	failed += check(&program, ARCH, __NR_openat2, 0, 0, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
	failed += check(&program, ARCH, __NR_openat, 0, 0, O_RDONLY | O_CLOEXEC, 0, ALLOW);
	failed += check(&program, ARCH, __NR_openat, 0, 0, O_RDONLY | O_TRUNC, 0, DENY);
	failed += check(&program, ARCH, __NR_openat, 0, 0, O_WRONLY | O_TRUNC, 0, ALLOW);
	printf("%zu calls, filter of %u instructions\n", tested, program.len);
	return failed != 0;
}
