// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/*
 * The launch specification: `key=value` records, each ended by a NUL, first `version=1`, last
 * `end=`. No escaping, no nesting, no defaults: an unknown, repeated or missing key is an error. To
 * read one by eye: tr '\0' '\n'.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

#define STEP "reading the launch specification"
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* A sealed memfd cannot change between the check and the use. */
static char *read_sealed(int fd, size_t *length)
{
	struct stat stat;
	char *bytes;
	size_t have = 0;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0)
		die_errno(STEP);
	if ((seals & SEALS) != SEALS)
		die(STEP, "it is not sealed");
	if (fstat(fd, &stat))
		die_errno(STEP);
	if (stat.st_size <= 0 || (uint64_t)stat.st_size > MAX_SPEC_BYTES)
		die(STEP, "it is empty or longer than 2 MiB");
	*length = (size_t)stat.st_size;
	bytes = malloc(*length);
	if (!bytes)
		die_errno(STEP);
	while (have < *length) {
		ssize_t got = pread(fd, bytes + have, *length - have, (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			die(STEP, "it ends early");
		have += (size_t)got;
	}
	return bytes;
}

static uint64_t parse_number(const char *value, uint64_t max)
{
	uint64_t number = 0;

	if (!*value)
		die(STEP, "a number is empty");
	for (const char *digit = value; *digit; digit++) {
		if (*digit < '0' || *digit > '9' || number > (max - (uint64_t)(*digit - '0')) / 10)
			die(STEP, "a number is malformed or too large");
		number = number * 10 + (uint64_t)(*digit - '0');
	}
	return number;
}

static void parse_id(uint32_t *id, const char *value)
{
	if (*id != 0)
		die(STEP, "uid or gid is given twice");
	/* (uid_t)-1 means "leave unchanged" to setresuid: it must never get there. */
	*id = (uint32_t)parse_number(value, UINT32_MAX - 1);
	if (*id == 0)
		die(STEP, "uid or gid is 0: a sandbox never runs as root");
}

static void parse_path(const char **path, const char *value)
{
	if (*path)
		die(STEP, "a path is given twice");
	if (value[0] != '/')
		die(STEP, "a path is not absolute");
	*path = value;
}

static void append_path(struct path_list *list, const char *value)
{
	if (list->count == MAX_PATHS)
		die(STEP, "too many paths");
	list->path[list->count] = NULL;
	parse_path(&list->path[list->count++], value);
}

static unsigned int parse_permit(const char *name)
{
	static const struct {
		const char *name;
		unsigned int permit;
	} permits[] = {
	    {"unix-sockets", PERMIT_UNIX_SOCKETS},
	    {"netlink", PERMIT_NETLINK},
	    {"listen", PERMIT_LISTEN},
	    {"clone3", PERMIT_CLONE3},
	    {"memfd", PERMIT_MEMFD},
	};

	for (size_t i = 0; i < sizeof(permits) / sizeof(permits[0]); i++)
		if (!strcmp(name, permits[i].name))
			return permits[i].permit;
	die(STEP, "unknown permit");
}

static void parse_limit(uint64_t *limit, const char *value)
{
	if (*limit)
		die(STEP, "a limit is given twice");
	*limit = parse_number(value, INT64_MAX);
	if (!*limit)
		die(STEP, "a limit is 0");
}

static void parse_supervisor(struct spec *spec, const char *value)
{
	if (!strcmp(value, "caller"))
		spec->supervisor = SUPERVISOR_OF_CALLER;
	else if (!strcmp(value, "enforcer"))
		spec->supervisor = SUPERVISOR_IS_ENFORCER;
	else
		die(STEP, "unknown supervisor");
}

/* For two arrays, each with one pointer per record, which is always enough, and a closing NULL. */
size_t spec_pointers(const char *bytes, size_t length)
{
	size_t records = 1;

	for (size_t i = 0; i < length; i++)
		records += bytes[i] == '\0';
	return 2 * records;
}

static void parse_record(struct spec *spec, const char *key, char *value, size_t *variables,
			 size_t *arguments)
{
	if (!strcmp(key, "parent"))
		spec->parent = (pid_t)parse_number(value, INT_MAX);
	else if (!strcmp(key, "supervisor"))
		parse_supervisor(spec, value);
	else if (!strcmp(key, "uid"))
		parse_id(&spec->uid, value);
	else if (!strcmp(key, "gid"))
		parse_id(&spec->gid, value);
	else if (!strcmp(key, "cgroup"))
		parse_path(&spec->cgroup, value);
	else if (!strcmp(key, "legacy-cgroup")) {
		if (spec->legacy_cgroups == MAX_LEGACY_CGROUPS)
			die(STEP, "too many cgroups");
		parse_path(&spec->legacy_cgroup[spec->legacy_cgroups++], value);
	} else if (!strcmp(key, "directory"))
		parse_path(&spec->directory, value);
	else if (!strcmp(key, "read"))
		append_path(&spec->read, value);
	else if (!strcmp(key, "read-if-present"))
		append_path(&spec->read_if_present, value);
	else if (!strcmp(key, "write"))
		append_path(&spec->write, value);
	else if (!strcmp(key, "device"))
		append_path(&spec->device, value);
	else if (!strcmp(key, "permit"))
		spec->permits |= parse_permit(value);
	else if (!strcmp(key, "max-processes"))
		parse_limit(&spec->max_processes, value);
	else if (!strcmp(key, "max-open-files"))
		parse_limit(&spec->max_open_files, value);
	else if (!strcmp(key, "report-denials"))
		spec->report_denials = true;
	else if (!strcmp(key, "env"))
		spec->environment[(*variables)++] = value;
	else if (!strcmp(key, "arg"))
		spec->command[(*arguments)++] = value;
	else
		die(STEP, "unknown key");
}

void spec_parse(struct spec *spec, char *bytes, size_t length, char **pointers)
{
	size_t variables = 0, arguments = 0, room = spec_pointers(bytes, length);
	char *record = bytes;
	bool ended = false;

	memset(spec, 0, sizeof(*spec));
	memset(pointers, 0, room * sizeof(*pointers));
	spec->environment = pointers;
	spec->command = pointers + room / 2;
	if (!length || bytes[length - 1] != '\0')
		die(STEP, "its last record has no end");
	if (strcmp(record, "version=1"))
		die(STEP, "it does not begin with version=1");
	for (record += strlen(record) + 1; record < bytes + length; record += strlen(record) + 1) {
		char *value = strchr(record, '=');

		if (ended)
			die(STEP, "something follows its end");
		if (!value)
			die(STEP, "a record is not key=value");
		*value++ = '\0';
		if (!strcmp(record, "end"))
			ended = true;
		else
			parse_record(spec, record, value, &variables, &arguments);
		record = value;
	}
	if (!ended)
		die(STEP, "it was cut short");
	if (!spec->parent == (spec->supervisor == SUPERVISOR_OF_PARENT))
		die(STEP, "either a parent or another supervisor must be given");
	if (!spec->uid || !spec->gid || !spec->cgroup || !spec->directory)
		die(STEP, "uid, gid, cgroup or directory is missing");
	if (!arguments || !spec->command[0][0])
		die(STEP, "the command is missing");
}

void spec_read(struct spec *spec, int fd)
{
	size_t length;
	char *bytes = read_sealed(fd, &length);
	char **pointers = calloc(spec_pointers(bytes, length), sizeof(*pointers));

	if (!pointers)
		die_errno(STEP);
	spec_parse(spec, bytes, length, pointers);
}
