// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * The system calls that the filter denies, by name: the launcher makes the filter of them, the JNI
 * library gives the names to evidence.
 */
#ifndef BAILIWICK_SYSTEM_CALLS_H
#define BAILIWICK_SYSTEM_CALLS_H

#include <sys/syscall.h>

/* Numbers that older headers do not know; they are the same on every architecture. */
#ifndef __NR_memfd_secret
#define __NR_memfd_secret 447
#endif
#ifndef __NR_openat2
#define __NR_openat2 437
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif

/* clang-format off */

/* Always denied. */
#define DENIED_CALLS(X) \
	/* programs for the kernel, and work that it does behind the filter's back */ \
	X(io_uring_setup) X(io_uring_enter) X(io_uring_register) X(bpf) X(perf_event_open) \
	X(userfaultfd) \
	/* other processes */ \
	X(ptrace) X(process_vm_readv) X(process_vm_writev) X(process_madvise) X(kcmp) \
	X(pidfd_getfd) \
	/* mounts and roots */ \
	X(mount) X(umount2) X(pivot_root) X(chroot) X(fsopen) X(fsconfig) X(fsmount) \
	X(fspick) X(open_tree) X(open_tree_attr) X(move_mount) X(mount_setattr) \
	/* namespaces */ \
	X(unshare) X(setns) \
	/* keys */ \
	X(keyctl) X(add_key) X(request_key) \
	/* the machine */ \
	X(kexec_load) X(kexec_file_load) X(init_module) X(finit_module) X(delete_module) \
	X(swapon) X(swapoff) X(reboot) X(acct) X(quotactl) X(quotactl_fd) X(sethostname) \
	X(setdomainname) X(settimeofday) X(clock_settime) X(adjtimex) X(clock_adjtime) \
	X(syslog) X(vhangup) \
	/* handles and oddities */ \
	X(lookup_dcookie) X(name_to_handle_at) X(open_by_handle_at) X(fanotify_init) \
	X(memfd_secret) \
	/* System V and POSIX IPC: side doors that no other layer sees */ \
	X(shmget) X(shmat) X(shmctl) X(shmdt) X(semget) X(semop) X(semctl) X(semtimedop) \
	X(msgget) X(msgsnd) X(msgrcv) X(msgctl) X(mq_open) X(mq_unlink) \
	DENIED_CALLS_X86(X)

#ifdef __x86_64__
#define DENIED_CALLS_X86(X) \
	X(iopl) X(ioperm) X(modify_ldt) X(uselib) X(sysfs) X(_sysctl) X(create_module)
#define JUDGED_CALLS_X86(X) X(setrlimit) X(open)
#else
#define DENIED_CALLS_X86(X)
#define JUDGED_CALLS_X86(X)
#endif

/* Denied by argument, or unless permitted; seccomp.c says when. */
#define JUDGED_CALLS(X) \
	X(socket) X(socketpair) X(setsockopt) X(sendto) X(sendmsg) X(sendmmsg) X(clone) \
	X(clone3) X(ioctl) X(personality) X(prlimit64) X(listen) X(memfd_create) \
	X(truncate) X(openat) X(openat2) \
	JUDGED_CALLS_X86(X)

/* clang-format on */

#endif
