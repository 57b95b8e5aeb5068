// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * bailiwick-client FALLBACK sandbox run [OPTION…] CMD…
 *
 * Asks a running enforcer for a sandbox. For root, the enforcer arranges everything and hands back a
 * launch specification and its launcher, which this process then becomes: so the command is where a
 * shell expects it, in the caller's session and process group. For others the enforcer starts the
 * command itself, and this process stands in for it.
 *
 * Whatever this program does not understand, and everything that the enforcer is not for, is left to
 * FALLBACK, which is executed with the same arguments and BAILIWICK_NO_DAEMON set.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher.h"

#define DEFAULT_SOCKET "/run/bailiwick/enforcer.sock"
#define ROOT_SOCKET "/run/bailiwick/root/enforcer.sock"
#define MAX_FRAME_BYTES MAX_SPEC_BYTES
#define SAY_SIGNAL 'S'

static char **own_arguments;
static sigset_t before; /* signals that were blocked when this program started */

static _Noreturn void nothing_started(const char *step, const char *reason)
{
	fprintf(stderr, "bailiwick: nothing was started: %s: %s\n", step, reason);
	exit(EXIT_NOT_CONFINED);
}

static _Noreturn void fall_back(void)
{
	char *program = own_arguments[1];

	sigprocmask(SIG_SETMASK, &before, NULL);
	setenv("BAILIWICK_NO_DAEMON", "1", 1);
	execv(program, own_arguments + 1);
	nothing_started(program, strerror(errno));
}

/* ---- the request ------------------------------------------------------------------------- */

struct frame {
	char *bytes; /* begins with room for the length */
	size_t used;
	size_t room;
};

static void append(struct frame *frame, const char *text, size_t length)
{
	if (length > MAX_FRAME_BYTES || frame->used + length > MAX_FRAME_BYTES)
		nothing_started("reading the command line", "it is longer than 2 MiB");
	if (frame->used + length > frame->room) {
		frame->room = 2 * (frame->used + length);
		frame->bytes = realloc(frame->bytes, frame->room);
		if (!frame->bytes)
			nothing_started("reading the command line", strerror(ENOMEM));
	}
	memcpy(frame->bytes + frame->used, text, length);
	frame->used += length;
}

static void put(struct frame *frame, const char *key, const char *value)
{
	append(frame, key, strlen(key));
	append(frame, "=", 1);
	append(frame, value, strlen(value) + 1);
}

/* The enforcer has another working directory. */
static void put_path(struct frame *frame, const char *key, const char *path)
{
	char directory[PATH_MAX], whole[2 * PATH_MAX];

	if (path[0] == '/') {
		put(frame, key, path);
		return;
	}
	if (!getcwd(directory, sizeof(directory)) ||
	    snprintf(whole, sizeof(whole), "%s/%s", directory, path) >= (int)sizeof(whole))
		fall_back();
	put(frame, key, whole);
}

static const struct {
	const char *name;
	void (*put)(struct frame *frame, const char *key, const char *value);
} options[] = {
    {"bundle", put_path}, {"sandbox", put},	{"task", put},	    {"agent", put},
    {"workspace", put_path}, {"gateway", put}, {"audit", put_path},
};

/* Takes one option and returns how many words it was; 0 when it is none of ours. */
static int take_option(struct frame *frame, char **word)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		size_t length = strlen(options[i].name);

		if (strncmp(*word, "--", 2) || strncmp(*word + 2, options[i].name, length))
			continue;
		if ((*word)[2 + length] == '=') {
			options[i].put(frame, options[i].name, *word + 3 + length);
			return 1;
		}
		if ((*word)[2 + length] == '\0' && word[1]) {
			options[i].put(frame, options[i].name, word[1]);
			return 2;
		}
	}
	return 0;
}

static void write_request(struct frame *frame, char **word)
{
	append(frame, "\0\0\0\0", 4);
	put(frame, "version", "1");
	put(frame, "request", "launch");
	while (*word && (*word)[0] == '-' && strcmp(*word, "--")) {
		int taken = take_option(frame, word);

		if (!taken)
			fall_back(); /* it says what is wrong, or helps */
		word += taken;
	}
	if (*word && !strcmp(*word, "--"))
		word++;
	if (!*word)
		fall_back();
	for (; *word; word++)
		put(frame, "arg", *word);
	put(frame, "end", "");
	memcpy(frame->bytes, &(uint32_t){htonl((uint32_t)(frame->used - 4))}, 4);
}

/* ---- the connection ---------------------------------------------------------------------- */

static bool connect_at(int fd, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return false;
	strcpy(address.sun_path, path);
	return !connect(fd, (struct sockaddr *)&address, sizeof(address));
}

/* Users can crowd the socket that is for all; one of root's own is missing where the enforcer is older. */
static bool connect_at_default(int fd)
{
	if (geteuid() == 0) {
		if (connect_at(fd, ROOT_SOCKET))
			return true;
		if (errno != ENOENT && errno != ECONNREFUSED)
			return false;
	}
	return connect_at(fd, DEFAULT_SOCKET);
}

static int connect_to_enforcer(void)
{
	const char *path = getenv("BAILIWICK_SOCKET");
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || !(path && *path ? connect_at(fd, path) : connect_at_default(fd)))
		fall_back();
	/* What the enforcer hands over is executed: nobody else may do that. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) || peer.uid != 0)
		nothing_started("asking the enforcer", "who listens at its socket is not root");
	return fd;
}

union control {
	char bytes[CMSG_SPACE(3 * sizeof(int))];
	struct cmsghdr aligned;
};

/* Standard streams go along unless this process will have them itself. */
static bool send_request(int fd, const struct frame *frame)
{
	union control control = {0};
	struct iovec vector;
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	size_t done = 0;

	if (geteuid() != 0) {
		static const int streams[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};

		control.aligned.cmsg_level = SOL_SOCKET;
		control.aligned.cmsg_type = SCM_RIGHTS;
		control.aligned.cmsg_len = CMSG_LEN(sizeof(streams));
		memcpy(CMSG_DATA(&control.aligned), streams, sizeof(streams));
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(streams));
	}
	while (done < frame->used) {
		ssize_t sent;

		vector = (struct iovec){frame->bytes + done, frame->used - done};
		sent = sendmsg(fd, &message, MSG_NOSIGNAL);
		if (sent < 0)
			return false;
		message.msg_control = NULL;
		message.msg_controllen = 0;
		done += (size_t)sent;
	}
	return true;
}

static bool read_all(int fd, char *into, size_t length)
{
	size_t have = 0;

	while (have < length) {
		ssize_t got = read(fd, into + have, length - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

struct reply {
	char bytes[8192];
	size_t length;
	int specification;
	int launcher;
};

/* False when the enforcer ended before it said anything: then it started nothing. */
static bool read_reply(int fd, struct reply *reply)
{
	union control control;
	uint32_t length = 0;
	struct iovec vector = {&length, sizeof(length)};
	struct msghdr message = {
	    .msg_iov = &vector,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header;
	ssize_t got;

	memset(reply, 0, sizeof(*reply));
	got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	if (got != (ssize_t)sizeof(length))
		return false;
	reply->length = ntohl(length);
	if (reply->length >= sizeof(reply->bytes) || !read_all(fd, reply->bytes, reply->length))
		return false;
	reply->specification = reply->launcher = -1;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(2 * sizeof(int))) {
		int descriptor[2];

		memcpy(descriptor, CMSG_DATA(header), sizeof(descriptor));
		reply->specification = descriptor[0];
		reply->launcher = descriptor[1];
	}
	return true;
}

/* The value of a record; the reply's last byte is followed by a NUL. */
static const char *value_of(const struct reply *reply, const char *key)
{
	size_t length = strlen(key);

	for (const char *record = reply->bytes; record < reply->bytes + reply->length;
	     record += strlen(record) + 1)
		if (!strncmp(record, key, length) && record[length] == '=')
			return record + length + 1;
	return "";
}

/* ---- the command ------------------------------------------------------------------------- */

static _Noreturn void become_launcher(int connection, const struct reply *reply)
{
	static char *const arguments[] = {(char *)"bailiwick-launcher", NULL};
	static char *const environment[] = {NULL};
	int control = fcntl(connection, F_DUPFD_CLOEXEC, 16);
	int specification = fcntl(reply->specification, F_DUPFD_CLOEXEC, 16);
	int launcher = fcntl(reply->launcher, F_DUPFD_CLOEXEC, 16);

	if (control < 0 || specification < 0 || launcher < 0 ||
	    dup2(specification, SPEC_FD) != SPEC_FD || dup2(control, CONTROL_FD) != CONTROL_FD)
		nothing_started("taking the launch specification", strerror(errno));
	syscall(__NR_execveat, launcher, "", arguments, environment, AT_EMPTY_PATH);
	nothing_started("starting the launcher", strerror(errno));
}

struct word {
	char word;
	uint32_t number;
} __attribute__((packed));

static void pass_on(int connection, int number)
{
	/* Not in this terminal's session, the command cannot be stopped by it, only by decree. */
	const struct word word = {SAY_SIGNAL, (uint32_t)(number == SIGTSTP ? SIGSTOP : number)};

	if (send(connection, &word, sizeof(word), MSG_NOSIGNAL) == (ssize_t)sizeof(word) &&
	    number == SIGTSTP)
		kill(getpid(), SIGSTOP);
}

static void signals_to_pass(sigset_t *signals)
{
	static const int passed[] = {SIGINT,  SIGTERM, SIGHUP,	SIGQUIT,
				     SIGUSR1, SIGTSTP, SIGCONT, SIGWINCH};

	sigemptyset(signals);
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		sigaddset(signals, passed[i]);
}

static _Noreturn void stand_in(int connection)
{
	struct signalfd_siginfo info;
	struct word word;
	struct pollfd sources[2] = {{.fd = connection, .events = POLLIN}, {.events = POLLIN}};
	sigset_t signals;

	signals_to_pass(&signals);
	sources[1].fd = signalfd(-1, &signals, SFD_CLOEXEC);
	while (true) {
		if (poll(sources, 2, -1) < 0)
			continue;
		if (sources[1].revents && read(sources[1].fd, &info, sizeof(info)) > 0)
			pass_on(connection, (int)info.ssi_signo);
		if (!sources[0].revents)
			continue;
		if (read_all(connection, (char *)&word, sizeof(word)) && word.word == SAY_ENDED)
			exit((int)word.number);
		fprintf(stderr, "bailiwick: the enforcer ended, and with it the sandbox\n");
		exit(EXIT_SIGNAL_BASE + SIGKILL);
	}
}

/* Standard error may be a pipe that nobody reads: signals must end this as they end any process. */
static void pass_complaint_on(const char *complaint, const sigset_t *passed)
{
	if (!*complaint)
		return;
	sigprocmask(SIG_SETMASK, &before, NULL);
	fputs(complaint, stderr);
	sigprocmask(SIG_BLOCK, passed, NULL);
}

/* A descriptor below 3 that is closed would be taken by the next thing that is opened. */
static void open_standard_streams(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			exit(EXIT_NOT_CONFINED);
}

int main(int count, char **argument)
{
	static struct reply reply;
	struct frame frame = {0};
	sigset_t signals;
	const char *answer;
	int connection;

	open_standard_streams();
	if (count < 4 || strcmp(argument[2], "sandbox") || strcmp(argument[3], "run")) {
		fprintf(stderr, "usage: bailiwick-client FALLBACK sandbox run [OPTION...] CMD...\n");
		return 2;
	}
	own_arguments = argument;
	sigemptyset(&signals);
	if (geteuid() != 0)
		signals_to_pass(&signals); /* from before there is a command to pass them to */
	sigprocmask(SIG_BLOCK, &signals, &before);
	write_request(&frame, argument + 4);
	connection = connect_to_enforcer();
	if (!send_request(connection, &frame) && errno != EPIPE)
		fall_back();
	if (!read_reply(connection, &reply))
		fall_back();
	answer = value_of(&reply, "reply");
	if (!strcmp(answer, "become") && reply.launcher >= 0)
		become_launcher(connection, &reply);
	if (!strcmp(answer, "started")) {
		pass_complaint_on(value_of(&reply, "complaint"), &signals);
		stand_in(connection);
	}
	if (strcmp(answer, "refused"))
		fall_back(); /* "elsewhere", or another version's word */
	fprintf(stderr, "bailiwick: %s\n", value_of(&reply, "message"));
	return EXIT_NOT_CONFINED;
}
