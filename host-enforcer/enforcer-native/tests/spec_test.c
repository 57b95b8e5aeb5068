// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * Feeds the launcher's parser what the enforcer would never write. Each specification must end the
 * process with EXIT_NOT_CONFINED and its own sentence, and do so under ASan and UBSan.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

static int report = -1;

_Noreturn void die(const char *step, const char *reason)
{
	dprintf(report, "%s: %s", step, reason);
	_exit(EXIT_NOT_CONFINED);
}

_Noreturn void die_errno(const char *step)
{
	die(step, strerror(errno));
}

#define GOOD                                                                                       \
	"version=1\0parent=1\0uid=1900000000\0gid=1900000000\0cgroup=/c\0directory=/"              \
	"\0"
#define SPEC(text) text, sizeof(text) - 1

struct test {
	const char *name;
	const char *bytes;
	size_t length;
	const char *expected; /* NULL: accepted */
};

static const struct test tests[] = {
    {"complete", SPEC(GOOD "arg=true\0end=\0"), NULL},
    {"empty", SPEC(""), "empty or longer"},
    {"no version", SPEC("uid=1\0end=\0"), "does not begin with version=1"},
    {"other version", SPEC("version=2\0end=\0"), "does not begin with version=1"},
    {"unterminated", SPEC(GOOD "arg=true\0end="), "its last record has no end"},
    {"cut short", SPEC(GOOD "arg=true\0"), "it was cut short"},
    {"something after the end", SPEC(GOOD "arg=true\0end=\0uid=2\0"), "something follows"},
    {"no equals sign", SPEC(GOOD "arg\0end=\0"), "not key=value"},
    {"empty record", SPEC(GOOD "\0end=\0"), "not key=value"},
    {"unknown key", SPEC(GOOD "root=/\0end=\0"), "unknown key"},
    {"unknown permit", SPEC(GOOD "permit=everything\0end=\0"), "unknown permit"},
    {"uid 0", SPEC("version=1\0uid=0\0end=\0"), "never runs as root"},
    {"gid 0", SPEC("version=1\0gid=0\0end=\0"), "never runs as root"},
    {"uid -1", SPEC("version=1\0uid=4294967295\0end=\0"), "too large"},
    {"uid 2^32", SPEC("version=1\0uid=4294967296\0end=\0"), "too large"},
    {"uid overflowing", SPEC("version=1\0uid=99999999999999999999\0end=\0"), "too large"},
    {"uid negative", SPEC("version=1\0uid=-1\0end=\0"), "malformed"},
    {"uid empty", SPEC("version=1\0uid=\0end=\0"), "a number is empty"},
    {"uid twice", SPEC(GOOD "uid=5\0end=\0"), "given twice"},
    {"cgroup twice", SPEC(GOOD "cgroup=/d\0end=\0"), "a path is given twice"},
    {"relative path", SPEC(GOOD "read=usr\0end=\0"), "not absolute"},
    {"empty path", SPEC(GOOD "write=\0end=\0"), "not absolute"},
    {"limit 0", SPEC(GOOD "max-processes=0\0end=\0"), "a limit is 0"},
    {"no command", SPEC(GOOD "end=\0"), "the command is missing"},
    {"empty command", SPEC(GOOD "arg=\0end=\0"), "the command is missing"},
    {"parent and caller", SPEC(GOOD "supervisor=caller\0arg=true\0end=\0"), "either a parent or"},
    {"nobody to supervise",
     SPEC("version=1\0uid=5\0gid=5\0cgroup=/c\0directory=/\0arg=a\0end=\0"),
     "either a parent or"},
    {"unknown supervisor", SPEC(GOOD "supervisor=me\0end=\0"), "unknown supervisor"},
    {"no uid", SPEC("version=1\0parent=1\0gid=5\0cgroup=/c\0directory=/\0arg=a\0end=\0"),
     "is missing"},
    {"no cgroup", SPEC("version=1\0parent=1\0uid=5\0gid=5\0directory=/\0arg=a\0end=\0"),
     "is missing"},
};

static int sealed(const char *bytes, size_t length)
{
	int fd = memfd_create("spec", MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		abort();
	return fd;
}

static int parse_in_child(int fd, char *sentence, size_t room)
{
	int channel[2], status;
	ssize_t got;

	if (pipe(channel))
		abort();
	if (fork() == 0) {
		struct spec spec;

		report = channel[1];
		spec_read(&spec, fd);
		_exit(0);
	}
	close(channel[1]);
	got = read(channel[0], sentence, room - 1);
	sentence[got > 0 ? got : 0] = '\0';
	close(channel[0]);
	wait(&status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool check(const char *name, int fd, const char *expected)
{
	char sentence[256];
	int status = parse_in_child(fd, sentence, sizeof(sentence));
	bool good = expected ? status == EXIT_NOT_CONFINED && strstr(sentence, expected) != NULL
			     : status == 0;

	if (!good)
		printf("not ok: %s: status %d, \"%s\"\n", name, status, sentence);
	close(fd);
	return good;
}

/* One record more than there is room for. */
static bool check_too_many_paths(void)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&bytes, &length);
	bool good;

	fwrite(GOOD, sizeof(GOOD) - 1, 1, stream);
	for (int i = 0; i <= MAX_PATHS; i++)
		fwrite("read=/", 7, 1, stream);
	fwrite("end=", 5, 1, stream);
	fclose(stream);
	good = check("too many paths", sealed(bytes, length), "too many paths");
	free(bytes);
	return good;
}

static bool check_unsealed(void)
{
	int fd = memfd_create("spec", MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, GOOD, sizeof(GOOD)) < 0)
		abort();
	return check("unsealed", fd, "it is not sealed");
}

int main(void)
{
	size_t count = sizeof(tests) / sizeof(tests[0]), failed = 0;

	for (size_t i = 0; i < count; i++)
		failed += !check(tests[i].name, sealed(tests[i].bytes, tests[i].length),
				 tests[i].expected);
	failed += !check_too_many_paths();
	failed += !check_unsealed();
	printf("%zu of %zu specifications as expected\n", count + 2 - failed, count + 2);
	return failed != 0;
}
