// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bailiwick.enforcer.kernel.AuditTrail;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Picks the denials of our sandboxes out of the kernel's audit records, which are everybody's. A
 * seccomp record names the uid; a Landlock record names only a domain, and the process comes in
 * later records of the same serial number. Not thread-safe.
 */
final class AuditDenials implements AuditTrail.Receiver {
  private static final int SYSCALL = 1300;
  private static final int END_OF_EVENT = 1320;
  private static final int SECCOMP = 1326;
  private static final int LANDLOCK_ACCESS = 1423;
  private static final int LANDLOCK_DOMAIN = 1424;

  private static final Pattern SERIAL = Pattern.compile("audit\\([0-9.]+:(\\d+)\\)");
  private static final Pattern FIELD = Pattern.compile("(\\w+)=(\"[^\"]*\"|\\S*)");
  private static final Pattern HEX = Pattern.compile("([0-9A-F]{2})+");

  /** More accesses than this never wait for their process: each waits for a few records only. */
  private static final int MAX_PENDING = 1024;

  private final IntPredicate isOurUid;
  private final Consumer<Denial> receiver;
  private final Runnable onGap;
  private final IntFunction<Optional<String>> systemCallName;
  private final String nativeArch;

  /** Landlock domains of our sandboxes, with the process that made each. */
  private final Map<String, Map<String, String>> domains = new HashMap<>();

  /** Denied accesses whose process is not known yet, by serial number. */
  private final Map<String, Map<String, String>> pending = new LinkedHashMap<>();

  AuditDenials(
      IntPredicate isOurUid,
      Consumer<Denial> receiver,
      Runnable onGap,
      IntFunction<Optional<String>> systemCallName) {
    this.isOurUid = isOurUid;
    this.receiver = receiver;
    this.onGap = onGap;
    this.systemCallName = systemCallName;
    this.nativeArch = System.getProperty("os.arch", "").equals("aarch64") ? "c00000b7" : "c000003e";
  }

  @Override
  public void record(int type, String text) {
    switch (type) {
      case SECCOMP -> seccomp(fields(text));
      case LANDLOCK_ACCESS -> access(serial(text), fields(text));
      case LANDLOCK_DOMAIN -> domain(fields(text));
      case SYSCALL -> systemCall(serial(text), fields(text));
      case END_OF_EVENT -> endOfEvent(serial(text));
      default -> {
        // Another subsystem's record.
      }
    }
  }

  @Override
  public void gap() {
    onGap.run();
  }

  /** To be called when no more records are there: what waits gets the process of its domain. */
  void flush() {
    for (Map<String, String> access : pending.values()) {
      Map<String, String> process = domains.get(access.getOrDefault("domain", ""));
      if (process != null) {
        landlock(access, process);
      }
    }
    pending.clear();
  }

  private void seccomp(Map<String, String> fields) {
    if (!isOurs(fields)) {
      return;
    }
    String number = fields.getOrDefault("syscall", "");
    if (fields.getOrDefault("arch", "").equals(nativeArch)) {
      String name = systemCallName.apply(number(number)).orElse(number);
      deny(fields, "seccomp", name, "system call " + name);
    } else {
      deny(fields, "seccomp", "abi", "system call " + number + " of a foreign ABI");
    }
  }

  private void access(String serial, Map<String, String> fields) {
    if (pending.size() == MAX_PENDING) {
      flush();
    }
    pending.put(serial, fields);
  }

  private void domain(Map<String, String> fields) {
    String domain = fields.getOrDefault("domain", "");
    if (fields.getOrDefault("status", "").equals("deallocated")) {
      domains.remove(domain);
    } else if (isOurs(fields)) {
      domains.put(domain, fields);
    }
  }

  private void systemCall(String serial, Map<String, String> process) {
    Map<String, String> access = pending.remove(serial);
    if (access != null && isOurs(process)) {
      landlock(access, process);
    }
  }

  private void endOfEvent(String serial) {
    Map<String, String> access = pending.remove(serial);
    Map<String, String> process =
        access == null ? null : domains.get(access.getOrDefault("domain", ""));
    if (access != null && process != null) {
      landlock(access, process);
    }
  }

  private void landlock(Map<String, String> access, Map<String, String> process) {
    String what;
    if (access.containsKey("path")) {
      what = "file " + text(access.get("path"));
    } else if (access.containsKey("opid")) {
      what = "process " + access.get("opid") + " (" + text(access.get("ocomm")) + ")";
    } else {
      what = "unnamed object";
    }
    deny(process, "landlock", access.getOrDefault("blockers", "unknown"), what);
  }

  private void deny(Map<String, String> process, String layer, String hook, String destination) {
    receiver.accept(
        new Denial(
            number(process.getOrDefault("pid", "0")),
            number(process.getOrDefault("uid", "0")),
            text(process.get("comm")),
            layer,
            hook,
            destination));
  }

  private boolean isOurs(Map<String, String> fields) {
    return isOurUid.test(number(fields.getOrDefault("uid", "")));
  }

  private static Map<String, String> fields(String record) {
    Map<String, String> fields = new HashMap<>();
    Matcher matcher = FIELD.matcher(record);
    while (matcher.find()) {
      fields.putIfAbsent(matcher.group(1), matcher.group(2));
    }
    return fields;
  }

  private static String serial(String record) {
    Matcher matcher = SERIAL.matcher(record);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static int number(String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** What a process chose itself comes quoted, or in hexadecimal when it could mislead a reader. */
  private static String text(@org.jspecify.annotations.Nullable String value) {
    if (value == null) {
      return "";
    }
    String plain = value;
    if (value.startsWith("\"")) {
      plain = value.substring(1, value.length() - 1);
    } else if (HEX.matcher(value).matches()) {
      plain = new String(HexFormat.of().parseHex(value), UTF_8);
    }
    return plain.replaceAll("\\p{Cntrl}", "?");
  }
}
