// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.connector.Action;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.gateway.token.jose.SigningKeyFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Keys and tokens for development; in production your own issuer mints them. */
@Command(name = "token", description = "Make keys and delegated tokens for development.")
final class TokenCommand {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  TokenCommand() {}

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "keygen",
      description = "Make a signing key; prints its thumbprint (RFC 7638).",
      mixinStandardHelpOptions = true)
  int keygen(
      @Option(
              names = "--algorithm",
              defaultValue = "ES256",
              description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
          SignatureAlgorithm algorithm,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "FILE",
              description = "Private JWK, mode 0600; must not exist.")
          Path file,
      @Option(names = "--pem", paramLabel = "FILE", description = "The same key as PKCS#8 PEM.")
          @Nullable Path pem)
      throws IOException {
    if (pem != null && Files.exists(pem)) {
      throw new FileAlreadyExistsException(pem.toString()); // before half of the pair is written
    }
    SigningKey key = SigningKey.generate(algorithm);
    SigningKeyFile.saveJwk(key, file);
    if (pem != null) {
      SigningKeyFile.savePem(key, pem);
    }
    out().println(key.thumbprint());
    return 0;
  }

  @Command(
      name = "jwks",
      description = "Print the public halves of keys as a JWK set (RFC 7517 §5).",
      mixinStandardHelpOptions = true)
  int jwks(@Parameters(arity = "1..*", paramLabel = "FILE") List<Path> files) throws IOException {
    List<SigningKey> keys = new ArrayList<>();
    for (Path file : files) {
      keys.add(SigningKeyFile.load(file));
    }
    out().println(SigningKey.publicJwks(keys));
    return 0;
  }

  @Command(
      name = "mint",
      description = "Print a delegated access token (RFC 9068, RFC 8693 §4.1).",
      mixinStandardHelpOptions = true)
  int mint(
      @Option(names = "--issuer", required = true, description = "iss") String issuer,
      @Option(names = "--issuer-key", required = true, paramLabel = "FILE") Path issuerKey,
      @Option(names = "--audience", required = true, description = "aud: the gateway")
          String audience,
      @Option(names = "--principal", required = true, description = "sub: on whose behalf")
          String principal,
      @Option(names = "--actor", required = true, description = "act.sub; the caller first")
          List<String> actors,
      @Option(names = "--grant", required = true, description = "A scope; may be repeated.")
          List<String> grants,
      @Option(names = "--group", description = "A group of the principal; may be repeated.")
          @Nullable List<String> groups,
      @Option(names = "--bound-to", paramLabel = "THUMBPRINT", description = "cnf.jkt")
          @Nullable String thumbprint,
      @Option(names = "--task", description = "txn; random without it") @Nullable String task,
      @Option(
              names = "--lifetime",
              defaultValue = "5m",
              description = "From 1s to 24h, as 5m or PT5M (default: ${DEFAULT-VALUE}).")
          Duration lifetime)
      throws IOException {
    check(issuer, "--issuer");
    check(audience, "--audience");
    check(principal, "--principal");
    actors.forEach(actor -> check(actor, "--actor"));
    if (task != null) {
      check(task, "--task");
    }
    if (lifetime.compareTo(Duration.ofSeconds(1)) < 0
        || lifetime.compareTo(Duration.ofHours(24)) > 0) {
      throw wrong("--lifetime must be from 1s to 24h: no bundle accepts another");
    }
    if (thumbprint != null && !thumbprint.matches("[A-Za-z0-9_-]{43}")) {
      throw wrong(
          "--bound-to must be a thumbprint (RFC 7638) as token keygen prints it: 43 characters of"
              + " base64url");
    }
    AgentTokenMint.Draft draft =
        AgentTokenMint.create(issuer, SigningKeyFile.load(issuerKey), Clock.systemUTC())
            .draft(principal, audience)
            .lifetime(lifetime);
    actors.forEach(actor -> draft.actor(issuer, actor));
    grants.forEach(grant -> draft.grant(checkedGrant(grant)));
    if (groups != null) {
      draft.claim("groups", groups);
    }
    if (thumbprint != null) {
      draft.boundTo(new Confirmation.DpopKey(thumbprint));
    }
    if (task != null) {
      draft.task(task);
    }
    out().println(draft.sign());
    return 0;
  }

  private void check(String value, String option) {
    if (value.isBlank() || value.chars().anyMatch(Character::isISOControl)) {
      throw wrong(option + " must not be empty, nor hold a control character");
    }
  }

  /** A token would carry a misspelt action, and every request with it would be denied. */
  private String checkedGrant(String grant) {
    String action = grant.substring(grant.lastIndexOf(':') + 1);
    List<String> known = Arrays.stream(Action.values()).map(Action::word).toList();
    if (grant.contains(":") && !action.equals("*") && !known.contains(action)) {
      throw wrong(
          "--grant: no connector knows the action \""
              + action
              + "\"; expected * or one of "
              + String.join(", ", known));
    }
    return grant;
  }

  private ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
