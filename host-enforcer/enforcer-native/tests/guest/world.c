// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Canaries on loopback, sockets in a directory, a process, a file that anybody could write. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

static void canary_make(struct canary *canary, const char *address)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	bool six = strchr(address, ':') != NULL;
	struct sockaddr *at = six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
	socklen_t length = six ? sizeof(v6) : sizeof(v4);
	int family = six ? AF_INET6 : AF_INET;

	inet_pton(family, address, six ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr);
	MUST(canary->tcp = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	MUST(bind(canary->tcp, at, length));
	MUST(listen(canary->tcp, 64));
	MUST(getsockname(canary->tcp, at, &length));
	MUST(canary->udp = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	MUST(bind(canary->udp, at, length)); /* the same port */
	snprintf(canary->text, sizeof(canary->text), "%s %d", address,
		 ntohs(six ? v6.sin6_port : v4.sin_port));
}

static bool canary_saw_nobody(const struct canary *canary)
{
	char bytes[64];
	bool nobody = true;
	int fd;

	while ((fd = accept(canary->tcp, NULL, NULL)) >= 0) {
		nobody = false;
		close(fd);
	}
	while (recv(canary->udp, bytes, sizeof(bytes), 0) >= 0)
		nobody = false;
	return nobody;
}

/* Returns when an observer has said that it observes, or when another program is executed. */
static pid_t start(char *const command[], uid_t uid, bool speaks)
{
	int ready[2];
	char line[8];
	pid_t pid;

	MUST(pipe2(ready, O_CLOEXEC));
	MUST(pid = fork());
	if (pid == 0) {
		/* the console is for results */
		if (dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO) < 0 ||
		    (speaks && dup2(ready[1], STDOUT_FILENO) < 0) || setresgid(uid, uid, uid) ||
		    setresuid(uid, uid, uid))
			_exit(NOT_TRIED);
		execv(command[0], command);
		_exit(NOT_TRIED);
	}
	close(ready[1]);
	if ((read(ready[0], line, sizeof(line)) > 0) != speaks)
		give_up(command[1]);
	close(ready[0]);
	return pid;
}

pid_t world_observe(const char *words)
{
	char copy[160], *command[MAX_WORDS] = {(char *)"/usr/bin/attempt"};
	size_t used = 1;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *word = strtok(copy, " "); word && used < MAX_WORDS - 1; word = strtok(NULL, " "))
		command[used++] = word;
	return start(command, 0, true);
}

static pid_t observe(const char *what, const char *where, const char *canary)
{
	char words[160];

	snprintf(words, sizeof(words), "%s %s %s", what, where, canary ? canary : "");
	return world_observe(words);
}

static void know(struct world *world, const char *name, const char *value)
{
	snprintf(world->words[world->known][0], sizeof(world->words[0][0]), "%s", name);
	snprintf(world->words[world->known][1], sizeof(world->words[0][1]), "%s", value);
	world->known++;
}

static void know_file(struct world *world, const char *name, const char *file)
{
	char path[96];

	snprintf(path, sizeof(path), "%s%s", world->directory, file);
	know(world, name, path);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	MUST(fd);
	MUST(fchmod(fd, mode));
	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static const char *word(const struct world *world, const char *name)
{
	for (size_t i = 0; i < world->known; i++)
		if (!strcmp(world->words[i][0], name))
			return world->words[i][1];
	return NULL;
}

void world_make(struct world *world, const char *name, uid_t uid, const char *called)
{
	static char *const sleeper[] = {(char *)"/usr/bin/true", (char *)"forever", NULL};

	memset(world, 0, sizeof(*world));
	snprintf(world->directory, sizeof(world->directory), "/scratch/outside/%s", name);
	MUST(mkdir(world->directory, 0755));
	canary_make(&world->gateway, "127.0.0.1");
	canary_make(&world->other_port, "127.0.0.1");
	canary_make(&world->other_address, "127.0.0.2");
	canary_make(&world->v6, "::1");
	world->uid = uid;
	know(world, "GATEWAY", world->gateway.text);
	know(world, "OTHER_PORT", world->other_port.text);
	know(world, "OTHER_ADDRESS", world->other_address.text);
	know(world, "V6", world->v6.text);
	know_file(world, "FILE", "/file");
	know_file(world, "NEW_FILE", "/new");
	know_file(world, "NEW_FILE2", "/new2");
	know_file(world, "NEW_FILE3", "/new3");
	know_file(world, "DIRECTORY", "");
	know_file(world, "STREAM", "/stream");
	know_file(world, "DATAGRAM", "/datagram");
	know_file(world, "DATAGRAM2", "/datagram2");
	know_file(world, "PASSING", "/passing");
	know(world, "ABSTRACT", name);
	MUST(shmget((key_t)uid, 4096, IPC_CREAT | 0666));
	write_file(word(world, "FILE"), "precious", 0666);
	world->observer[0] = observe("observe-stream", word(world, "STREAM"), NULL);
	world->observer[1] = observe("observe-datagram", word(world, "DATAGRAM"), NULL);
	world->observer[2] = observe("observe-datagram", word(world, "DATAGRAM2"), NULL);
	world->observer[3] = observe("observe-abstract", name, NULL);
	world->observer[4] =
	    observe("offer-descriptor", word(world, "PASSING"), world->other_port.text);
	know(world, "CALLED", called);
	world->observer[5] = observe("call", called, NULL);
	world->victim = start(sleeper, uid, false);
}

bool world_canaries_heard_nothing(const struct world *world)
{
	/* all of them are asked, so that none remembers this attempt at the next */
	bool port = canary_saw_nobody(&world->other_port);
	bool address = canary_saw_nobody(&world->other_address);
	bool v6 = canary_saw_nobody(&world->v6);

	return port && address && v6;
}

bool world_untouched(struct world *world, const char **what)
{
	char content[16] = "";
	struct stat stat_buffer;
	int fd;

	*what = "nothing";
	if (!world_canaries_heard_nothing(world))
		*what = "a canary";
	for (size_t i = 0; i < LENGTH(world->observer); i++)
		if (waitpid(world->observer[i], NULL, WNOHANG) != 0)
			*what = "an observer";
	if (waitpid(world->victim, NULL, WNOHANG) != 0)
		*what = "the victim";
	fd = open(word(world, "FILE"), O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, content, sizeof(content) - 1) < 0 || strcmp(content, "precious"))
		*what = "the file";
	if (fd >= 0)
		close(fd);
	if (!stat(word(world, "NEW_FILE"), &stat_buffer) ||
	    !stat(word(world, "NEW_FILE2"), &stat_buffer) ||
	    !stat(word(world, "NEW_FILE3"), &stat_buffer))
		*what = "the directory";
	return !strcmp(*what, "nothing");
}

size_t world_resolve(const struct world *world, const char *name, char *out[2], char *room)
{
	const char *value = word(world, name);
	char *space;

	if (!strcmp(name, "VICTIM"))
		sprintf(room, "%d", world->victim);
	else if (!strcmp(name, "SHARED_MEMORY"))
		sprintf(room, "%u", world->uid);
	else if (!strcmp(name, "PIN"))
		sprintf(room, "/sys/fs/bpf/%s", world->directory + strlen("/scratch/outside/"));
	else if (!strcmp(name, "PIN2") || !strcmp(name, "NEW_PIN"))
		sprintf(room, "/sys/fs/bpf/%s-%s", world->directory + strlen("/scratch/outside/"),
			name + (name[0] == 'N' ? 4 : 0));
	else if (!strcmp(name, "CGROUP"))
		strcpy(room, "/sys/fs/cgroup");
	else if (!strcmp(name, "CGROUP_PROCS"))
		strcpy(room, "/sys/fs/cgroup/cgroup.procs");
	else
		strcpy(room, value ? value : name);
	out[0] = room;
	space = value ? strchr(room, ' ') : NULL;
	if (!space)
		return 1;
	*space = '\0';
	out[1] = space + 1;
	return 2;
}
