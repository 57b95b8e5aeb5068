// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bailiwick.h"
#include "guest.h"

#define SANDBOX_UID 1900000007u
#define HARMED_UID 1900000008u

static struct world kept, harmed;
static unsigned int reported;

_Noreturn void give_up(const char *step)
{
	printf("Bail out! %s: %s\n", step, strerror(errno));
	fflush(stdout);
	reboot(RB_POWER_OFF);
	_exit(1);
}

void report(bool good, const char *format, ...)
{
	va_list arguments;

	printf("%s %u - ", good ? "ok" : "not ok", ++reported);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void mount_at(const char *type, const char *directory)
{
	mkdir(directory, 0755); /* may be there already */
	MUST(mount(type, directory, type, 0, NULL));
}

static void set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	MUST(fd);
	MUST(write(fd, value, strlen(value)));
	close(fd);
}

static void prepare_machine(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd;

	mount_at("devtmpfs", "/dev");
	for (int standard = 0; standard <= 2; standard++)
		MUST(dup2(open("/dev/console", O_RDWR), standard));
	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("cgroup2", "/sys/fs/cgroup");
	mount_at("bpf", "/sys/fs/bpf");
	mount_at("tmpfs", "/tmp");
	mount_at("tmpfs", "/scratch"); /* one file system, so that links are possible */
	MUST(mkdir("/scratch/work", 0755));
	MUST(mkdir("/scratch/outside", 0755));
	MUST(mkdir("/etc", 0755));
	MUST(close(creat("/etc/shadow", 0600)));
	mkdir("/root", 0700);
	/* so that the hooks are asked, and not only the lack of a capability */
	set("/proc/sys/kernel/unprivileged_bpf_disabled", "0");
	set("/proc/sys/kernel/perf_event_paranoid", "-1");
	MUST(mkdir("/sys/fs/cgroup/bailiwick", 0755));
	MUST(fd = socket(AF_INET, SOCK_DGRAM, 0));
	MUST(ioctl(fd, SIOCSIFFLAGS, &loopback));
	close(fd);
}

struct line {
	char text[160];
	char *word[MAX_WORDS];
	size_t words;
	bool by_lsm;
	bool unproven;
};

/* `attempt and arguments | layers | unproven`; false for comments, sections and empty lines. */
static bool parse(char *raw, struct line *line)
{
	char *words, *layers, *notes, *save;

	memset(line, 0, sizeof(*line));
	if (raw[0] == '#' || raw[0] == '[' || raw[0] == '\n')
		return false;
	words = strtok_r(raw, "|\n", &save);
	layers = strtok_r(NULL, "|\n", &save);
	notes = strtok_r(NULL, "|\n", &save);
	line->by_lsm = layers && strstr(layers, "lsm");
	line->unproven = notes && strstr(notes, "unproven");
	snprintf(line->text, sizeof(line->text), "%s", words);
	for (char *word = strtok_r(words, " ", &save); word && line->words < MAX_WORDS;
	     word = strtok_r(NULL, " ", &save))
		line->word[line->words++] = word;
	for (char *end = line->text + strlen(line->text); end > line->text && end[-1] == ' ';)
		*--end = '\0';
	return true;
}

struct command {
	char *word[MAX_WORDS + 1];
	char room[MAX_WORDS][96];
};

static void resolve(struct command *command, const struct world *world, const struct line *line)
{
	size_t used = 0;

	memset(command, 0, sizeof(*command));
	for (size_t i = 0; i < line->words && used + 2 < MAX_WORDS; i++)
		used += world_resolve(world, line->word[i], &command->word[used],
				      command->room[i]);
}

static void expect_stopped(const char *how, const struct line *line, int status, const char *said)
{
	const char *what;
	bool untouched = world_untouched(&kept, &what);

	report(status == STOPPED && untouched, "%s: %s: %s (%d), harmed: %s", how, line->text, said, status,
	       what);
}

static void run_suite(const char *launched, const char *lsm_only)
{
	FILE *suite = fopen("/suite.txt", "re");
	char raw[160];

	if (!suite)
		give_up("/suite.txt");
	while (fgets(raw, sizeof(raw), suite)) {
		struct line line;
		struct command here, there;
		const char *said;
		int status;

		if (!parse(raw, &line))
			continue;
		resolve(&here, &kept, &line);
		resolve(&there, &harmed, &line);
		if (line.by_lsm) {
			status = run_in_cgroup(lsm_only, 0, here.word, &said);
			expect_stopped("lsm alone", &line, status, said);
		}
		status = run_launched(launched, SANDBOX_UID, here.word, &said);
		expect_stopped("all layers", &line, status, said);
		if (!line.unproven) {
			status = run_free(there.word, &said);
			report(status == GOT_OUT, "no layer: %s: %s (%d)", line.text, said, status);
		}
	}
	fclose(suite);
}

struct expectation {
	const char *text;
	enum verdict expected;
};

static void expect(const char *how, const char *cgroup, const struct expectation *expected)
{
	struct line line;
	struct command command;
	char raw[160];
	const char *said;
	int status;

	snprintf(raw, sizeof(raw), "%s\n", expected->text);
	parse(raw, &line);
	resolve(&command, &kept, &line);
	status = run_in_cgroup(cgroup, SANDBOX_UID, command.word, &said);
	report(status == (int)expected->expected, "%s: %s: %s (%d)", how, line.text, said, status);
}

/* What a permit opens, and what the LSM programs still stop then. */
static void run_permits(const char *lsm_only)
{
	static const struct expectation permits[] = {
	    {"unix-stream STREAM", GOT_OUT},
	    {"passed-descriptor PASSING", STOPPED},
	    {"netlink", GOT_OUT},
	    {"netlink-audit", STOPPED},
	    {"memfd-exec /usr/bin/true", GOT_OUT},
	    {"bind 127.0.0.1 0", GOT_OUT},
	    {"bind 0.0.0.0 0", STOPPED},
	    {"autobind", GOT_OUT},
	    {"bind-udp 127.0.0.1 0", GOT_OUT},
	    {"bind-udp 127.0.0.1 5353", STOPPED},
	    {"tcp4 GATEWAY", GOT_OUT},
	    {"ptrace VICTIM", STOPPED},
	    {"signal VICTIM", STOPPED},
	};

	for (size_t i = 0; i < LENGTH(permits); i++)
		expect("permitted", lsm_only, &permits[i]);
}

/* Listening is a conversation of the sandbox with itself, unless the host is let in. */
static void run_listening(const char *listening, const char *serving)
{
	static const struct expectation inside[] = {
	    {"converse 127.0.0.1 127.0.0.1", GOT_OUT},
	    {"converse 127.0.0.1 ::ffff:127.0.0.1", GOT_OUT},
	    {"converse ::1 ::1", GOT_OUT},
	    {"converse-autobound 127.0.0.1", GOT_OUT},
	    {"accept 127.0.0.1 4005", STOPPED},
	    {"meet 127.0.0.1 4003 4004", STOPPED},
	    {"bind 0.0.0.0 0", STOPPED},
	    {"tcp4 OTHER_PORT", STOPPED},
	    {"tcp6 V6", STOPPED},
	    {"tcp4 GATEWAY", GOT_OUT},
	};
	static const struct expectation host[] = {
	    {"converse 127.0.0.1 127.0.0.1", GOT_OUT},
	    {"tcp4 OTHER_PORT", STOPPED},
	    {"accept 127.0.0.1 4005", GOT_OUT},
	};
	pid_t met = world_observe("call-from 127.0.0.1 4003 4004");
	pid_t caller = world_observe("call 127.0.0.1 4005");

	for (size_t i = 0; i < LENGTH(inside); i++)
		expect("listening", listening, &inside[i]);
	report(waitpid(caller, NULL, WNOHANG) == 0 && waitpid(met, NULL, WNOHANG) == 0 &&
		   world_canaries_heard_nothing(&kept),
	       "listening: nobody outside noticed");
	/* the kernel keeps nothing of a call until it is answered, as in a flood */
	set("/proc/sys/net/ipv4/tcp_syncookies", "2");
	expect("listening, cookies", listening, &inside[0]);
	expect("listening, cookies", listening, &inside[2]);
	set("/proc/sys/net/ipv4/tcp_syncookies", "1");
	for (size_t i = 0; i < LENGTH(host); i++)
		expect("serving the host", serving, &host[i]);
	report(waitpid(caller, NULL, 0) == caller, "serving the host: the caller got in");
}

/* A hook that never spoke was never seen to work. */
static void judge_hooks(uint64_t heard)
{
	for (int hook = BAILIWICK_LSM_SOCKET; hook < BAILIWICK_LSM_IO_URING; hook++)
		report(heard >> hook & 1, "hook %d has reported a denial", hook);
}

static void try_lsm(const char *lsm_only, const char *when, enum verdict expected)
{
	char raw[] = "udp-sendto OTHER_PORT\n";
	struct command command;
	struct line line;
	const char *said;
	int status;

	parse(raw, &line);
	resolve(&command, &kept, &line);
	status = run_in_cgroup(lsm_only, 0, command.word, &said);
	report(status == (int)expected && world_canaries_heard_nothing(&kept) == (expected == STOPPED),
	       "%s: %s: %s (%d)", when, line.text, said, status);
}

/* What is pinned holds without its enforcer; a restart replaces it; nothing of it lingers. */
static void run_restart(const char *lsm_only)
{
	int pins = walls_unpin_fence(), made = walls_pin_fence_again();

	report(pins > 20 && made == pins && walls_pin_fence_again() == 0,
	       "enforcer: %d of %d pins that somebody removed are made again", made, pins);
	walls_leave_fence();
	try_lsm(lsm_only, "enforcer gone", STOPPED);
	walls_raise_fence();
	try_lsm(lsm_only, "enforcer restarted", STOPPED);
	walls_leave_fence();
	try_lsm(lsm_only, "enforcer gone again", STOPPED);
	walls_unpin_fence();
	try_lsm(lsm_only, "fence torn down", GOT_OUT);
}

int main(void)
{
	const char *launched, *lsm_only, *permitted, *listening, *serving;

	prepare_machine();
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
	world_make(&kept, "kept", SANDBOX_UID, "127.0.0.1 4001");
	world_make(&harmed, "harmed", HARMED_UID, "127.0.0.1 4002");
	walls_load("/egress.bpf.o", "/lsm.bpf.o");
	launched = walls_sandbox("launched", 0, &kept.gateway);
	lsm_only = walls_sandbox("lsm-only", 0, &kept.gateway);
	permitted = walls_sandbox("permitted", ~0u, &kept.gateway);
	listening = walls_sandbox("listening", BAILIWICK_MAY_LISTEN, &kept.gateway);
	serving = walls_sandbox("serving", BAILIWICK_MAY_LISTEN | BAILIWICK_MAY_SERVE_HOST,
				&kept.gateway);
	walls_attach_cgroup(launched);
	walls_attach_cgroup(listening);
	walls_attach_cgroup(serving);
	run_suite(launched, lsm_only);
	run_permits(permitted);
	run_listening(listening, serving);
	judge_hooks(walls_hooks_heard());
	limits_run(&kept.gateway);
	run_restart(lsm_only);
	printf("1..%u\n", reported);
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
