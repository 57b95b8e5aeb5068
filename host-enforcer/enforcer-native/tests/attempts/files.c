// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Files outside the sandbox, and execution of what the sandbox wrote itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

static enum verdict read_file(char **argument)
{
	return judge(open(argument[0], O_RDONLY), "open");
}

static enum verdict write_file(char **argument)
{
	return judge(open(argument[0], O_WRONLY), "open");
}

static enum verdict truncate_file(char **argument)
{
	return judge(truncate(argument[0], 0), "truncate");
}

/* Opened for reading, and emptied by it. */
static enum verdict truncate_by_open(char **argument)
{
	return judge(open(argument[0], O_RDONLY | O_TRUNC), "open(O_RDONLY | O_TRUNC)");
}

/* The same through the call whose flags no filter can see. */
static enum verdict truncate_by_openat2(char **argument)
{
	struct open_how how = {.flags = O_RDONLY | O_TRUNC};

	return judge(syscall(__NR_openat2, AT_FDCWD, argument[0], &how, sizeof(how)),
		     "openat2(O_RDONLY | O_TRUNC)");
}

static enum verdict remove_file(char **argument)
{
	return judge(unlink(argument[0]), "unlink");
}

static enum verdict list_directory(char **argument)
{
	return judge(open(argument[0], O_RDONLY | O_DIRECTORY), "open");
}

static enum verdict create_file(char **argument)
{
	return judge(open(argument[0], O_WRONLY | O_CREAT | O_EXCL, 0600), "open");
}

static enum verdict rename_file(char **argument)
{
	int fd = open(argument[0], O_WRONLY | O_CREAT, 0600);

	NEED(fd);
	return judge(rename(argument[0], argument[1]), "rename");
}

static enum verdict move_file(char **argument)
{
	return judge(rename(argument[0], argument[1]), "rename");
}

static enum verdict link_file(char **argument)
{
	return judge(link(argument[0], argument[1]), "link");
}

static enum verdict make_device(char **argument)
{
	return judge(mknod(argument[0], S_IFCHR | 0600, 0x103), "mknod");
}

static enum verdict make_fifo(char **argument)
{
	return judge(mkfifo(argument[0], 0600), "mkfifo");
}

/* Copies a program to where it may write, and executes the copy. */
static enum verdict exec_written(char **argument)
{
	char *const command[] = {argument[1], NULL};
	int from = open(argument[0], O_RDONLY);
	int to = open(argument[1], O_WRONLY | O_CREAT | O_TRUNC, 0700);
	char bytes[65536];
	ssize_t got;
	int status;

	NEED(from);
	NEED(to);
	while ((got = read(from, bytes, sizeof(bytes))) > 0)
		NEED(write(to, bytes, (size_t)got));
	close(to);
	if (fork() == 0) {
		execve(argument[1], command, NULL);
		_exit(errno == EACCES ? STOPPED : NOT_TRIED);
	}
	NEED(wait(&status));
	errno = EACCES;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? GOT_OUT : judge(-1, "execve");
}

/* Directories in directories, deeper than any path can name. */
static enum verdict nest(char **argument)
{
	for (int i = 0; i < atoi(argument[0]); i++) {
		NEED(mkdir("a-directory-with-quite-a-long-name", 0700));
		NEED(chdir("a-directory-with-quite-a-long-name"));
	}
	return judge(open("at-the-bottom", O_WRONLY | O_CREAT, 0600), "open");
}

const struct attempt file_attempts[] = {
    {"read", 1, read_file},
    {"write", 1, write_file},
    {"truncate", 1, truncate_file},
    {"truncate-by-open", 1, truncate_by_open},
    {"truncate-by-openat2", 1, truncate_by_openat2},
    {"list", 1, list_directory},
    {"create", 1, create_file},
    {"remove", 1, remove_file},
    {"rename", 2, rename_file},
    {"move", 2, move_file},
    {"link", 2, link_file},
    {"mknod", 1, make_device},
    {"mkfifo", 1, make_fifo},
    {"nest", 1, nest},
    {"exec-written", 2, exec_written},
    {0},
};
