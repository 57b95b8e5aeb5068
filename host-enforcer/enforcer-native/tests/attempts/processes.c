// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Ways to act through somebody else, or as somebody else. Those that need a victim take its pid. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"

#define MFD_EXEC_FLAG 0x10

static enum verdict trace(char **argument)
{
	return judge(ptrace(PTRACE_SEIZE, atoi(argument[0]), NULL, NULL), "ptrace");
}

static enum verdict signal_outside(char **argument)
{
	return judge(kill(atoi(argument[0]), SIGCONT), "kill");
}

static enum verdict signal_queued(char **argument)
{
	int fd = (int)syscall(__NR_pidfd_open, atoi(argument[0]), 0);

	if (fd < 0)
		return judge(fd, "pidfd_open");
	return judge(syscall(__NR_pidfd_send_signal, fd, SIGCONT, NULL, 0), "pidfd_send_signal");
}

static enum verdict read_process_file(const char *pid, const char *name)
{
	char path[64], byte;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return judge(fd, path);
	return judge(read(fd, &byte, 1), path);
}

static enum verdict environ_outside(char **argument)
{
	return read_process_file(argument[0], "environ");
}

static enum verdict cmdline_outside(char **argument)
{
	return read_process_file(argument[0], "cmdline");
}

static enum verdict memory_outside(char **argument)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/mem", argument[0]);
	return judge(open(path, O_RDWR), path);
}

static enum verdict process_vm(char **argument)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)&ptrace, 1};
	long got = syscall(__NR_process_vm_readv, atoi(argument[0]), &here, 1, &there, 1, 0);

	/* EFAULT means that the way was open and nothing was mapped there. */
	return got < 0 && errno == EFAULT ? GOT_OUT : judge(got, "process_vm_readv");
}

static enum verdict take_descriptor(char **argument)
{
	int fd = (int)syscall(__NR_pidfd_open, atoi(argument[0]), 0);

	if (fd < 0)
		return judge(fd, "pidfd_open");
	return judge(syscall(__NR_pidfd_getfd, fd, 0, 0), "pidfd_getfd");
}

static enum verdict leave_cgroup(char **argument)
{
	int fd = open(argument[0], O_WRONLY);

	if (fd < 0)
		return judge(fd, argument[0]);
	return judge(write(fd, "0", 1), "write");
}

/* A child that is born in another cgroup. */
static enum verdict clone_cgroup(char **argument)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	int fd = open(argument[0], O_RDONLY | O_DIRECTORY);
	long child;

	if (fd < 0)
		return judge(fd, "open");
	args.cgroup = (uint64_t)fd;
	child = syscall(__NR_clone3, &args, sizeof(args));
	if (child == 0)
		_exit(0);
	return judge(child, "clone3(CLONE_INTO_CGROUP)");
}

static enum verdict user_namespace(char **argument)
{
	(void)argument;
	return judge(unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
}

static enum verdict clone_namespace(char **argument)
{
	long child = syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	(void)argument;
	if (child == 0)
		_exit(0);
	return judge(child, "clone(CLONE_NEWUSER)");
}

static enum verdict clone3_namespace(char **argument)
{
	struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	long child = syscall(__NR_clone3, &args, sizeof(args));

	(void)argument;
	if (child == 0)
		_exit(0);
	return judge(child, "clone3(CLONE_NEWUSER)");
}

static enum verdict enter_namespace(char **argument)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", argument[0]);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return judge(fd, path);
	return judge(setns(fd, CLONE_NEWNET), "setns");
}

static enum verdict mount_tmpfs(char **argument)
{
	return judge(mount("none", argument[0], "tmpfs", 0, NULL), "mount");
}

static enum verdict change_root(char **argument)
{
	return judge(chroot(argument[0]), "chroot");
}

static enum verdict load_bpf(char **argument)
{
	union bpf_attr attr;

	(void)argument;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	return judge(syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)), "bpf");
}

static enum verdict perf(char **argument)
{
	struct perf_event_attr attr = {
	    .type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(attr),
	    .config = PERF_COUNT_SW_CPU_CLOCK,
	};

	(void)argument;
	return judge(syscall(__NR_perf_event_open, &attr, 0, -1, -1, 0), "perf_event_open");
}

static enum verdict fault_handler(char **argument)
{
	(void)argument;
	return judge(syscall(__NR_userfaultfd, O_CLOEXEC | 1), "userfaultfd");
}

static enum verdict shared_memory(char **argument)
{
	int id = shmget((key_t)strtol(argument[0], NULL, 0), 0, 0);

	if (id < 0)
		return judge(id, "shmget");
	return judge((long)(intptr_t)shmat(id, NULL, 0) == -1 ? -1 : 0, "shmat");
}

static enum verdict message_queue(char **argument)
{
	mqd_t queue = mq_open(argument[0], O_WRONLY | O_CREAT, 0600, NULL);

	if (queue >= 0)
		mq_unlink(argument[0]);
	return judge(queue, "mq_open");
}

static enum verdict keyring(char **argument)
{
	(void)argument;
	return judge(syscall(__NR_add_key, "user", "bailiwick-attempt", "x", 1, -3), "add_key");
}

/* Copies a program into memory and executes it without a name. */
static enum verdict memfd_exec(char **argument)
{
	static char *const command[] = {(char *)"true", NULL};
	/* A kernel may be told to make them without execution unless asked (vm.memfd_noexec). */
	int memory = (int)syscall(__NR_memfd_create, "out", MFD_EXEC_FLAG);
	int program = open(argument[0], O_RDONLY);
	char bytes[65536];
	ssize_t got;
	int status;

	if (memory < 0 && errno == EINVAL)
		memory = (int)syscall(__NR_memfd_create, "out", 0); /* before Linux 6.3 */
	if (memory < 0)
		return judge(memory, "memfd_create");
	NEED(program);
	while ((got = read(program, bytes, sizeof(bytes))) > 0)
		NEED(write(memory, bytes, (size_t)got));
	if (fork() == 0) {
		fexecve(memory, command, environ);
		_exit(errno == EPERM || errno == EACCES ? STOPPED : NOT_TRIED);
	}
	wait(&status);
	errno = EACCES;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? GOT_OUT : judge(-1, "fexecve");
}

static enum verdict core_limit(char **argument)
{
	struct rlimit none = {0, 0};

	(void)argument;
	return judge(setrlimit(RLIMIT_CORE, &none), "setrlimit(RLIMIT_CORE, 0)");
}

/* Got out when the kernel says that it dumped. */
static enum verdict core_dump(char **argument)
{
	struct rlimit limit;
	int status;

	(void)argument;
	NEED(getrlimit(RLIMIT_CORE, &limit));
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_CORE, &limit); /* a shell may have lowered it; a sandbox says no */
	if (fork() == 0) {
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		_exit(NOT_TRIED);
	}
	NEED(wait(&status));
	if (!WIFSIGNALED(status))
		return not_tried("dying");
	errno = ENOSPC;
	return judge(WCOREDUMP(status) ? 0 : -1, "core dump");
}

/* The 32-bit table has other numbers: 20 is getpid there, writev here. */
static enum verdict foreign_abi(char **argument)
{
	int status;

	(void)argument;
	if (fork() == 0) {
#ifdef __x86_64__
		long result;

		__asm__ volatile("int $0x80"
				 : "=a"(result)
				 : "a"(20)
				 : "memory", "r8", "r9", "r10", "r11");
		_exit(result == getpid() ? GOT_OUT : NOT_TRIED);
#else
		_exit(NOT_TRIED);
#endif
	}
	NEED(wait(&status));
	if (WIFEXITED(status))
		return (enum verdict)WEXITSTATUS(status);
	fprintf(stderr, "killed by signal %d\n", WTERMSIG(status));
	return WTERMSIG(status) == SIGSYS ? STOPPED : NOT_TRIED;
}

static enum verdict odd_personality(char **argument)
{
	(void)argument;
	return judge(personality(ADDR_NO_RANDOMIZE), "personality");
}

static enum verdict become_root(char **argument)
{
	(void)argument;
	return judge(setuid(0), "setuid(0)");
}

/* Leaves a descendant behind that is nobody's child any more; the test looks whether it lives. */
static enum verdict outlive(char **argument)
{
	FILE *file;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		sleep(60);
		_exit(0);
	}
	NEED(pid);
	file = fopen(argument[0], "we");
	if (!file)
		return not_tried("fopen");
	fprintf(file, "%d\n", pid);
	fclose(file);
	return GOT_OUT;
}

/* Touches as many MiB as asked; the kernel ends it when that is too much. */
static enum verdict allocate(char **argument)
{
	size_t bytes = (size_t)atoi(argument[0]) << 20;
	char *memory =
	    mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return judge(-1, "mmap");
	memset(memory, 1, bytes);
	return GOT_OUT;
}

/* As many processes as asked, all at once. */
static enum verdict multiply(char **argument)
{
	for (int i = 0; i < atoi(argument[0]); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			pause();
			_exit(0);
		}
		if (pid < 0)
			return judge(-1, "fork");
	}
	return GOT_OUT;
}

/* Computes for as many milliseconds as asked, by the clock on the wall. */
static enum verdict spin(char **argument)
{
	struct timespec now;
	int64_t end;

	NEED(clock_gettime(CLOCK_MONOTONIC, &now));
	end = now.tv_sec * 1000LL + now.tv_nsec / 1000000 + atoi(argument[0]);
	do
		NEED(clock_gettime(CLOCK_MONOTONIC, &now));
	while (now.tv_sec * 1000LL + now.tv_nsec / 1000000 < end);
	return GOT_OUT;
}

const struct attempt process_attempts[] = {
    {"ptrace", 1, trace},
    {"signal", 1, signal_outside},
    {"pidfd-signal", 1, signal_queued},
    {"environ", 1, environ_outside},
    {"cmdline", 1, cmdline_outside},
    {"memory", 1, memory_outside},
    {"process-vm", 1, process_vm},
    {"pidfd-getfd", 1, take_descriptor},
    {"leave-cgroup", 1, leave_cgroup},
    {"clone-cgroup", 1, clone_cgroup},
    {"user-namespace", 0, user_namespace},
    {"clone-namespace", 0, clone_namespace},
    {"clone3-namespace", 0, clone3_namespace},
    {"setns", 1, enter_namespace},
    {"mount", 1, mount_tmpfs},
    {"chroot", 1, change_root},
    {"bpf", 0, load_bpf},
    {"perf", 0, perf},
    {"userfaultfd", 0, fault_handler},
    {"shared-memory", 1, shared_memory},
    {"message-queue", 1, message_queue},
    {"keyring", 0, keyring},
    {"memfd-exec", 1, memfd_exec},
    {"core-limit", 0, core_limit},
    {"core-dump", 0, core_dump},
    {"int80", 0, foreign_abi},
    {"personality", 0, odd_personality},
    {"setuid", 0, become_root},
    {"allocate", 1, allocate},
    {"multiply", 1, multiply},
    {"spin", 1, spin},
    {"outlive", 1, outlive},
    {0},
};
