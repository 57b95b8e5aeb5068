// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.Message.Field;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a client asks of the enforcer. */
sealed interface EnforcerRequest {
  int MAX_ARGUMENTS = 65_536;

  /** Longest path of Linux, without its end. */
  int MAX_PATH_BYTES = 4_095;

  int MAX_NAME_CHARACTERS = 256;

  /**
   * A sandbox.
   *
   * @param bundle the bundle that the caller means; absent means whichever is in force
   * @param audit where the caller wants evidence; absent means wherever the enforcer keeps it
   * @param command program and arguments, as bytes: they need not be text
   */
  record Launch(
      Optional<Path> bundle,
      String sandbox,
      Optional<String> task,
      Optional<String> agent,
      Optional<Path> workspace,
      Optional<URI> gateway,
      Optional<Path> audit,
      List<byte[]> command)
      implements EnforcerRequest {
    public Launch {
      command = List.copyOf(command);
    }
  }

  /** What is enforced. */
  record Status() implements EnforcerRequest {}

  /** Take the rules of the bundle as they stand in the file now. */
  record Reload() implements EnforcerRequest {}

  /** End what a task has open, and with {@code kill} its processes. */
  record Revoke(String task, boolean kill) implements EnforcerRequest {}

  Set<String> LAUNCH_KEYS =
      Set.of("bundle", "sandbox", "task", "agent", "workspace", "gateway", "audit");

  /**
   * Reads a request. Unknown, repeated, missing or malformed fields are errors that name the field.
   */
  static EnforcerRequest parse(byte[] message) throws SandboxException {
    List<Field> fields = Message.parse(message);
    if (fields.isEmpty() || !fields.get(0).key().equals("request")) {
      throw new SandboxException("the message is malformed: request must be its second record");
    }
    List<Field> rest = fields.subList(1, fields.size());
    return switch (fields.get(0).text()) {
      case "launch" -> launch(rest);
      case "status" -> {
        values(rest, Set.of(), new ArrayList<>());
        yield new Status();
      }
      case "reload" -> {
        values(rest, Set.of(), new ArrayList<>());
        yield new Reload();
      }
      case "revoke" -> revoke(rest);
      default ->
          throw new SandboxException(
              "request must be launch, status, reload or revoke, not "
                  + printable(fields.get(0).text()));
    };
  }

  private static Launch launch(List<Field> fields) throws SandboxException {
    List<byte[]> command = new ArrayList<>();
    Map<String, String> values = values(fields, LAUNCH_KEYS, command);
    if (command.isEmpty() || command.get(0).length == 0) {
      throw new SandboxException("arg is missing: no command was given to run");
    }
    if (command.get(0).length > MAX_PATH_BYTES) { // it is kept in records, before it is executed
      throw new SandboxException("arg: the command's name is longer than any path");
    }
    return new Launch(
        path(values, "bundle"),
        name(values, "sandbox")
            .orElseThrow(() -> new SandboxException("sandbox is missing: name one of the bundle")),
        name(values, "task"),
        name(values, "agent"),
        path(values, "workspace"),
        url(values, "gateway"),
        path(values, "audit"),
        command);
  }

  private static Revoke revoke(List<Field> fields) throws SandboxException {
    Map<String, String> values = values(fields, Set.of("task", "kill"), new ArrayList<>());
    String kill = values.getOrDefault("kill", "no");
    if (!kill.equals("yes") && !kill.equals("no")) {
      throw new SandboxException("kill must be yes or no, not " + printable(kill));
    }
    return new Revoke(
        name(values, "task")
            .orElseThrow(() -> new SandboxException("task is missing: name the one to revoke")),
        kill.equals("yes"));
  }

  private static Map<String, String> values(
      List<Field> fields, Set<String> known, List<byte[]> arguments) throws SandboxException {
    boolean takesArguments = known.equals(LAUNCH_KEYS);
    Map<String, String> values = new HashMap<>();
    for (Field field : fields) {
      if (takesArguments && field.key().equals("arg")) {
        if (arguments.size() == MAX_ARGUMENTS) {
          throw new SandboxException("arg is given more than " + MAX_ARGUMENTS + " times");
        }
        arguments.add(field.value());
      } else if (!known.contains(field.key())) {
        throw new SandboxException("unknown field: " + printable(field.key()));
      } else if (values.put(field.key(), text(field)) != null) {
        throw new SandboxException(field.key() + " is given twice");
      }
    }
    return values;
  }

  private static String text(Field field) throws SandboxException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(java.nio.ByteBuffer.wrap(field.value()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new SandboxException(field.key() + " is not UTF-8");
    }
  }

  private static Optional<String> name(Map<String, String> values, String key)
      throws SandboxException {
    String value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value.isBlank() || value.length() > MAX_NAME_CHARACTERS) {
      throw new SandboxException(
          key
              + " must have 1 to "
              + MAX_NAME_CHARACTERS
              + " characters, but has "
              + value.length());
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw new SandboxException(key + " contains a control character");
    }
    return Optional.of(value);
  }

  private static Optional<Path> path(Map<String, String> values, String key)
      throws SandboxException {
    String value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.startsWith("/") || value.length() > 4095) {
      throw new SandboxException(key + " must be an absolute path of at most 4095 characters");
    }
    return Optional.of(Path.of(value));
  }

  private static Optional<URI> url(Map<String, String> values, String key) throws SandboxException {
    String value = values.get(key);
    try {
      return value == null ? Optional.empty() : Optional.of(new URI(value));
    } catch (URISyntaxException e) {
      throw new SandboxException(key + " is not a URL: " + printable(value));
    }
  }

  private static String printable(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 64 ? plain : plain.substring(0, 64) + "…";
  }
}
