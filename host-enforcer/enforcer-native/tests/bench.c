// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Measures, and prints one line of numbers for the benchmark's script:
 *
 *   bench exit                               does nothing: the program that is launched
 *   bench hold                               waits until it is killed
 *   bench bare COUNT PROGRAM ARGUMENT…       clone3 + execve + wait, nothing else
 *   bench launch COUNT SOCKET UID PROGRAM…   the same by way of an enforcer, as a user it permits
 *   bench keep COUNT SOCKET UID PROGRAM…     launches and keeps them until its input ends
 *   bench command COUNT COMMAND…             fork + execvp + wait of a command line
 *   bench calls COUNT ADDRESS PORT           UDP connect and sendto, nanoseconds each
 *   bench floor COUNT ADDRESS PORT CGROUP    the same in a new cgroup with programs that do nothing
 *   bench converse COUNT                     TCP to a listener of its own: a whole connection, and
 *                                            64 bytes there and back on an open one; nanoseconds
 *   bench deny COUNT ADDRESS PORT            prints when each of COUNT denied calls was made
 *   bench sink                               receives UDP on loopback and never reads; prints its port
 *   bench until ADDRESS PORT                 prints when a destination is reachable for the first time
 *   bench follow FILE COUNT TEXT PORT        prints when each of COUNT records appears in a trail
 *
 * Times are microseconds, "p50 p99"; moments are nanoseconds of the real-time clock.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static _Noreturn void give_up(const char *step)
{
	fprintf(stderr, "bench: %s: %s\n", step, strerror(errno));
	exit(1);
}

static int64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int compare(const void *one, const void *other)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

static void print_times(int64_t *times, size_t count)
{
	qsort(times, count, sizeof(*times), compare);
	printf("%.0f %.0f\n", (double)times[count / 2] / 1000,
	       (double)times[count * 99 / 100] / 1000);
}

/* As posix_spawn does it: the child borrows memory and stack until it executes. */
static void run_bare(char **arguments)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(arguments[0], arguments, environ);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		give_up("starting the program");
}

static void run_command(char **arguments)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		execvp(arguments[0], arguments);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		give_up("starting the command");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "bench: %s ended with %#x\n", arguments[0], (unsigned int)status);
		exit(1);
	}
}

static void measure(size_t count, void (*run)(char **), char **arguments)
{
	int64_t *times = calloc(count, sizeof(*times));

	if (!times)
		give_up("making room");
	for (size_t i = 0; i < count / 10 + 1; i++)
		run(arguments);
	for (size_t i = 0; i < count; i++) {
		int64_t start = now(CLOCK_MONOTONIC);

		run(arguments);
		times[i] = now(CLOCK_MONOTONIC) - start;
	}
	print_times(times, count);
}

/* ---- by way of an enforcer --------------------------------------------------------------- */

static const char *socket_path;

static size_t put(char *frame, size_t used, const char *key, const char *value)
{
	return used + (size_t)sprintf(frame + used, "%s=%s", key, value) + 1;
}

/* Returns the connection of a sandbox whose command runs. */
static int ask(char **arguments)
{
	static char frame[65536];
	static const int streams[] = {0, 1, 2};
	union {
		char bytes[CMSG_SPACE(sizeof(streams))];
		struct cmsghdr header;
	} control = {0};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct iovec vector = {.iov_base = frame};
	struct msghdr message = {
	    .msg_iov = &vector,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes),
	};
	char reply[4096];
	uint32_t length;
	size_t used = 4;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, socket_path, sizeof(address.sun_path) - 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		give_up("connecting to the enforcer");
	used = put(frame, used, "version", "1");
	used = put(frame, used, "request", "launch");
	used = put(frame, used, "sandbox", "bench");
	used = put(frame, used, "task", "bench");
	for (; *arguments; arguments++)
		used = put(frame, used, "arg", *arguments);
	used = put(frame, used, "end", "");
	length = htonl((uint32_t)(used - 4));
	memcpy(frame, &length, 4);
	vector.iov_len = used;
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(streams));
	memcpy(CMSG_DATA(&control.header), streams, sizeof(streams));
	if (sendmsg(fd, &message, 0) != (ssize_t)used || recv(fd, &length, 4, MSG_WAITALL) != 4)
		give_up("asking the enforcer");
	length = ntohl(length);
	if (length >= sizeof(reply) || recv(fd, reply, length, MSG_WAITALL) != (ssize_t)length)
		give_up("reading the answer");
	reply[length] = '\0';
	if (length < 24 || strcmp(reply + strlen(reply) + 1, "reply=started")) {
		fprintf(stderr, "bench: the enforcer answered %s\n", reply + strlen(reply) + 1);
		exit(1);
	}
	return fd;
}

static void run_by_enforcer(char **arguments)
{
	char end[5];
	int fd = ask(arguments);

	if (recv(fd, end, sizeof(end), MSG_WAITALL) != sizeof(end) || end[0] != 'E' || end[1])
		give_up("waiting for the command's end");
	close(fd);
}

static void become_user(char **arguments)
{
	uid_t id = (uid_t)strtoul(arguments[1], NULL, 10);

	socket_path = arguments[0];
	if (setresgid(id, id, id) || setresuid(id, id, id))
		give_up("becoming a user");
}

static void launch(char **arguments, size_t count)
{
	become_user(arguments);
	measure(count, run_by_enforcer, arguments + 2);
}

static void keep(char **arguments, size_t count)
{
	char end;

	become_user(arguments);
	for (size_t i = 0; i < count; i++)
		ask(arguments + 2);
	printf("kept\n");
	fflush(stdout);
	while (read(0, &end, 1) > 0)
		;
}

/* ---- in the sandbox ---------------------------------------------------------------------- */

static struct sockaddr_in address_of(const char *address, const char *port)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
	};

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		give_up("reading the address");
	return to;
}

/* The best of several passes: what the calls cost when nobody interferes. */
static void calls(size_t count, const char *address, const char *port)
{
	struct sockaddr_in to = address_of(address, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	double connects = 1e9, sends = 1e9;
	char data[64] = {0};

	for (int pass = 0; pass < 15; pass++) {
		int64_t start = now(CLOCK_MONOTONIC), middle, end;

		for (size_t i = 0; i < count; i++)
			if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
				give_up("connect");
		middle = now(CLOCK_MONOTONIC);
		for (size_t i = 0; i < count; i++)
			if (sendto(fd, data, sizeof(data), MSG_DONTWAIT, (struct sockaddr *)&to,
				   sizeof(to)) < 0 &&
			    errno != EAGAIN && errno != ECONNREFUSED)
				give_up("sendto");
		end = now(CLOCK_MONOTONIC);
		if ((double)(middle - start) / (double)count < connects)
			connects = (double)(middle - start) / (double)count;
		if ((double)(end - middle) / (double)count < sends)
			sends = (double)(end - middle) / (double)count;
	}
	printf("%.0f %.0f\n", connects, sends);
}

static void attach_nothing(int cgroup, enum bpf_prog_type type, enum bpf_attach_type where)
{
	static const struct bpf_insn pass[] = {
	    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
	    {.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr load = {
	    .prog_type = type,
	    .expected_attach_type = where,
	    .insns = (uint64_t)(uintptr_t)pass,
	    .insn_cnt = 2,
	    .license = (uint64_t)(uintptr_t)"GPL",
	};
	union bpf_attr attach = {.target_fd = (uint32_t)cgroup, .attach_type = where};
	long program = syscall(__NR_bpf, BPF_PROG_LOAD, &load, sizeof(load));

	attach.attach_bpf_fd = (uint32_t)program;
	if (program < 0 || syscall(__NR_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)))
		give_up("attaching a program that does nothing");
}

/* They go with the cgroup. */
static void floor_of_calls(size_t count, const char *address, const char *port, const char *path)
{
	char procs[4096];
	int cgroup, fd;
	pid_t pid;

	if (mkdir(path, 0755) || (cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		give_up(path);
	attach_nothing(cgroup, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT);
	attach_nothing(cgroup, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG);
	attach_nothing(cgroup, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS);
	attach_nothing(cgroup, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS);
	pid = fork();
	if (pid == 0) {
		snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
		fd = open(procs, O_WRONLY);
		if (fd < 0 || write(fd, "0", 1) != 1)
			give_up(procs);
		calls(count, address, port);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid || rmdir(path))
		give_up(path);
}

static int accept_from(int server, int client, const struct sockaddr_in *at)
{
	int called;

	if (connect(client, (const struct sockaddr *)at, sizeof(*at)))
		give_up("connect");
	called = accept(server, NULL, NULL);
	if (called < 0)
		give_up("accept");
	return called;
}

static void echo(int from, int to)
{
	char data[64] = {0};

	if (write(from, data, sizeof(data)) != sizeof(data) ||
	    read(to, data, sizeof(data)) != sizeof(data))
		give_up("echo");
}

/* The best of several passes. Reset at the end, so that no port is left waiting. */
static void converse(size_t count)
{
	static const struct linger reset = {.l_onoff = 1};
	struct sockaddr_in at = address_of("127.0.0.1", "0");
	socklen_t length = sizeof(at);
	int server = socket(AF_INET, SOCK_STREAM, 0), client, called;
	double connections = 1e9, echoes = 1e9;

	if (bind(server, (struct sockaddr *)&at, sizeof(at)) || listen(server, 8) ||
	    getsockname(server, (struct sockaddr *)&at, &length))
		give_up("listen");
	for (int pass = 0; pass < 15; pass++) {
		int64_t start = now(CLOCK_MONOTONIC), middle, end;

		for (size_t i = 0; i < count; i++) {
			client = socket(AF_INET, SOCK_STREAM, 0);
			called = accept_from(server, client, &at);
			setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
			close(client);
			close(called);
		}
		middle = now(CLOCK_MONOTONIC);
		client = socket(AF_INET, SOCK_STREAM, 0);
		called = accept_from(server, client, &at);
		for (size_t i = 0; i < count; i++) {
			echo(client, called);
			echo(called, client);
		}
		end = now(CLOCK_MONOTONIC);
		close(client);
		close(called);
		if ((double)(middle - start) / (double)count < connections)
			connections = (double)(middle - start) / (double)count;
		if ((double)(end - middle) / (double)count < echoes)
			echoes = (double)(end - middle) / (double)count;
	}
	printf("%.0f %.0f\n", connections, echoes);
}

static void deny(size_t count, const char *address, const char *port)
{
	static const struct timespec pause = {.tv_nsec = 7000000};
	struct sockaddr_in to = address_of(address, port);

	for (size_t i = 0; i < count; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		int64_t moment;

		to.sin_port = htons((uint16_t)(strtoul(port, NULL, 10) + i));
		moment = now(CLOCK_REALTIME);
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
			give_up("a call was not denied");
		printf("%lld\n", (long long)moment);
		close(fd);
		nanosleep(&pause, NULL);
	}
}

static void sink(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(here);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (bind(fd, (struct sockaddr *)&here, length) ||
	    getsockname(fd, (struct sockaddr *)&here, &length))
		give_up("binding");
	printf("%u\n", ntohs(here.sin_port));
	fflush(stdout);
	pause();
}

static void until(const char *address, const char *port)
{
	struct sockaddr_in to = address_of(address, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	while (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		sched_yield();
	printf("%lld\n", (long long)now(CLOCK_REALTIME));
}

/* ---- of the trail ------------------------------------------------------------------------ */

static void follow(const char *path, size_t count, const char *text, unsigned int port)
{
	static const struct timespec pause = {.tv_nsec = 200000};
	static char buffer[1 << 20];
	int64_t *seen = calloc(count, sizeof(*seen));
	int fd = open(path, O_RDONLY);
	size_t found = 0, have = 0;

	if (fd < 0 || !seen || lseek(fd, 0, SEEK_END) < 0)
		give_up(path);
	printf("following\n");
	fflush(stdout);
	while (found < count) {
		ssize_t got = read(fd, buffer + have, sizeof(buffer) - 1 - have);
		int64_t moment = now(CLOCK_REALTIME);
		char *line = buffer, *end;

		if (got <= 0) {
			nanosleep(&pause, NULL);
			continue;
		}
		have += (size_t)got;
		buffer[have] = '\0';
		for (; (end = strchr(line, '\n')); line = end + 1) {
			char *place;
			unsigned int which;

			*end = '\0';
			place = strstr(line, text);
			which = place ? (unsigned int)strtoul(place + strlen(text), NULL, 10) - port
				      : (unsigned int)count;
			if (which < count && !seen[which]) {
				seen[which] = moment;
				found++;
			}
		}
		have -= (size_t)(line - buffer);
		memmove(buffer, line, have);
	}
	for (size_t i = 0; i < count; i++)
		printf("%lld\n", (long long)seen[i]);
}

int main(int count, char **argument)
{
	const char *what = count > 1 ? argument[1] : "";
	size_t times = count > 2 ? strtoul(argument[2], NULL, 10) : 0;

	if (!strcmp(what, "exit"))
		return 0;
	if (!strcmp(what, "hold"))
		return pause();
	if (!strcmp(what, "sink"))
		sink();
	else if (!strcmp(what, "bare") && count > 3)
		measure(times, run_bare, argument + 3);
	else if (!strcmp(what, "command") && count > 3)
		measure(times, run_command, argument + 3);
	else if (!strcmp(what, "launch") && count > 5)
		launch(argument + 3, times);
	else if (!strcmp(what, "keep") && count > 5)
		keep(argument + 3, times);
	else if (!strcmp(what, "calls") && count == 5)
		calls(times, argument[3], argument[4]);
	else if (!strcmp(what, "floor") && count == 6)
		floor_of_calls(times, argument[3], argument[4], argument[5]);
	else if (!strcmp(what, "converse") && count == 3)
		converse(times);
	else if (!strcmp(what, "deny") && count == 5)
		deny(times, argument[3], argument[4]);
	else if (!strcmp(what, "until") && count == 4)
		until(argument[2], argument[3]);
	else if (!strcmp(what, "follow") && count == 6)
		follow(argument[2], strtoul(argument[3], NULL, 10), argument[4],
		       (unsigned int)strtoul(argument[5], NULL, 10));
	else {
		fprintf(stderr, "bench: see the head of bench.c\n");
		return 2;
	}
	return 0;
}
