// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Makes a confined process without a launcher in between: the child borrows the JVM's memory until it
 * executes its command (CLONE_VM | CLONE_VFORK), so nothing is copied, and takes the launcher's own
 * steps. Until then it must not allocate, nor call what keeps threads in step; everything that it
 * needs room for is made here, before it exists.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "bridge.h"
#include "launcher.h"

#define STACK_BYTES (256 << 10)

/* What the child needs; on no stack, because the child has one of its own. */
struct birth {
	char *bytes;
	size_t length;
	char **pointers;
	struct sock_filter filter[MAX_FILTER];
	int descriptor[4]; /* stdin, stdout, stderr, control; all above CONTROL_FD */
	pid_t enforcer;
};

static void take_descriptors(const struct birth *birth)
{
	for (int i = 0; i < 3; i++)
		if (dup2(birth->descriptor[i], i) != i)
			die_errno("taking the caller's descriptors");
	if (dup3(birth->descriptor[3], CONTROL_FD, O_CLOEXEC) != CONTROL_FD)
		die_errno("keeping the control channel");
}

static void run_child(struct birth *birth)
{
	struct sock_fprog program;
	struct spec spec;
	int ruleset;

	child_report(birth->descriptor[3], SAY_BORN); /* the thread that makes it learns it late */
	take_descriptors(birth);
	spec_parse(&spec, birth->bytes, birth->length, birth->pointers);
	if (spec.supervisor != SUPERVISOR_IS_ENFORCER)
		die("reading the launch specification", "it is for a launcher");
	ruleset = landlock_prepare(&spec);
	seccomp_prepare(&spec, birth->filter, &program);
	child_run(&spec, ruleset, &program, birth->enforcer);
}

#ifdef __x86_64__
/* The child starts on its own stack and never returns from run_child. */
static long clone_on_stack(struct clone_args *args, struct birth *birth)
{
	register struct clone_args *first __asm__("rdi") = args;
	register size_t second __asm__("rsi") = sizeof(*args);
	register struct birth *argument __asm__("r8") = birth;
	register void (*child)(struct birth *) __asm__("r9") = run_child;
	long result;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r8, %%rdi\n\t"
			 "call *%%r9\n\t"
			 "hlt\n"
			 "1:"
			 : "=a"(result)
			 : "a"(__NR_clone3), "r"(first), "r"(second), "r"(argument), "r"(child)
			 : "rcx", "r11", "memory");
	return result;
}
#else
static long clone_on_stack(struct clone_args *args UNUSED, struct birth *birth UNUSED)
{
	return -ENOSYS;
}
#endif

/* Whether this architecture has it. */
JNIEXPORT jboolean EXPORT(canSpawnConfined)(JNIEnv *env UNUSED, jclass type UNUSED)
{
#ifdef __x86_64__
	return JNI_TRUE;
#else
	return JNI_FALSE;
#endif
}

/*
 * A child inherits the bounding set, and forty capabilities take longer to drop than all other steps
 * of its identity. The thread keeps the capabilities that it has: the set limits what an execve gives.
 * Whatever fails here the child does for itself, or dies of.
 */
static void empty_bounding_set_once(void)
{
	static _Thread_local bool empty;

	for (unsigned long cap = 0; !empty && prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap);
	empty = true;
}

/*
 * A child is done with its stack before its maker goes on, so one for each maker will do: to unmap it
 * each time interrupts the other threads. It stays when the thread ends.
 */
static void *stack_of_thread(void)
{
	static _Thread_local void *stack;

	if (!stack) {
		stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
		if (stack == MAP_FAILED)
			stack = NULL;
	}
	return stack;
}

static long give_birth(struct birth *birth, int cgroup, int *pidfd)
{
	void *stack = stack_of_thread();
	struct clone_args args = {
	    .flags = CLONE_VM | CLONE_VFORK | CLONE_INTO_CGROUP | CLONE_PIDFD,
	    .pidfd = (uint64_t)(uintptr_t)pidfd,
	    .exit_signal = SIGCHLD,
	    .stack = (uint64_t)(uintptr_t)stack,
	    .stack_size = STACK_BYTES,
	    .cgroup = (uint64_t)cgroup,
	};
	sigset_t all, before;
	long pid;

	if (!stack)
		return -errno;
	birth->enforcer = getpid();
	empty_bounding_set_once();
	/* No handler of the JVM's may run in the child, which still has its memory. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = clone_on_stack(&args, birth);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/*
 * Makes the process and returns when it has executed its command or ended. Pid in the low half, its
 * pidfd in the high half. The command follows the end of the calling thread.
 */
JNIEXPORT jlong EXPORT(spawnConfined)(JNIEnv *env, jclass type UNUSED, jbyteArray spec,
				      jbyteArray cgroup_path, jint in, jint out, jint err,
				      jint control)
{
	AUTO_FREE struct birth *birth = calloc(1, sizeof(*birth));
	AUTO_FREE char *bytes = NULL;
	AUTO_FREE char **pointers = NULL;
	AUTO_FREE char *cgroup_name = NULL;
	AUTO_CLOSE int cgroup = -1;
	const jint given[] = {in, out, err, control};
	int pidfd = -1;
	jsize length, unused;
	long pid;

	bytes = birth ? copy_bytes(env, spec, &length) : NULL;
	cgroup_name = bytes ? copy_bytes(env, cgroup_path, &unused) : NULL;
	if (!cgroup_name)
		return 0;
	pointers = calloc(spec_pointers(bytes, (size_t)length), sizeof(*pointers));
	cgroup = open(cgroup_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!pointers || cgroup < 0) {
		throw_errno(env, "opening the cgroup", errno);
		return 0;
	}
	for (int i = 0; i < 4; i++)
		birth->descriptor[i] = fcntl(given[i], F_DUPFD_CLOEXEC, 16);
	complain_over(birth->descriptor[3]);
	birth->bytes = bytes;
	birth->length = (size_t)length;
	birth->pointers = pointers;
	pid = give_birth(birth, cgroup, &pidfd);
	complain_over(-1);
	for (int i = 0; i < 4; i++)
		close_descriptor(&birth->descriptor[i]);
	if (pid < 0) {
		throw_errno(env, "starting a process in the cgroup", (int)-pid);
		return 0;
	}
	return (jlong)((uint64_t)(uint32_t)pidfd << 32 | (uint32_t)pid);
}

/* Exit status of a process that ended, as a shell gives it. */
JNIEXPORT jint EXPORT(reap)(JNIEnv *env, jclass type UNUSED, jint pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid) {
		if (errno == EINTR)
			continue;
		throw_errno(env, "waiting for the command", errno);
		return -1;
	}
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}
