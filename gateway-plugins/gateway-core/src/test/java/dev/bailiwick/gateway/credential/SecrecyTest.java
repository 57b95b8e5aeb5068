// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static dev.bailiwick.gateway.credential.CredentialFixtures.NAME;
import static dev.bailiwick.gateway.credential.CredentialFixtures.REFERENCE;
import static dev.bailiwick.gateway.credential.CredentialFixtures.SETTINGS;
import static dev.bailiwick.gateway.credential.CredentialFixtures.now;
import static dev.bailiwick.gateway.credential.FakeTokenEndpoint.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import dev.bailiwick.gateway.credential.StoredCredential.Grant;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every secret in these tests contains "hunter2", and nothing that can be seen may. */
@Timeout(60)
class SecrecyTest {
  private static final String SECRET = "hunter2";

  @TempDir Path directory;

  private final FakeClock clock = new FakeClock();
  private final FakeCredentialStore store = new FakeCredentialStore(clock);
  private final FakeTokenEndpoint endpoint = new FakeTokenEndpoint();

  @AfterEach
  void close() {
    endpoint.close();
  }

  static List<StoredCredential> everyKind() {
    String client =
        "'token_endpoint':'https://a.example/t','client_id':'i','client_secret':'hunter2-c',"
            + "'client_authentication':'basic','parameters':{'x':'hunter2-x'}";
    return Stream.of(
            "{'type':'basic','username':'svc','password':'hunter2-p'}",
            "{'type':'api-key','header':'x-key','key':'hunter2-k'}",
            "{'type':'oauth-client-credentials'," + client + "}",
            "{'type':'oauth-refresh'," + client + ",'refresh_token':'hunter2-r'}",
            "{'type':'oauth-password'," + client + ",'username':'u','password':'hunter2-p'}")
        .map(CredentialFixtures::entry)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void toStringThenNoSecret(StoredCredential credential) {
    StoredEntry entry = new StoredEntry(NAME, credential, "v1", FakeClock.START);

    assertHidden(credential.toString());
    assertHidden(entry.toString());
    assertHidden(VaultContents.empty().with(entry).toString());
    if (credential instanceof Grant grant) {
      assertHidden(grant.client().toString());
      assertHidden(TokenRequest.of(grant, FakeClock.START).toString());
    }
    if (credential instanceof StoredCredential.Static stored) {
      assertHidden(stored.credential().toString());
    }
  }

  @Test
  void toStringWhenATokenArrivedThenNoSecret() {
    Secret token = Secret.of("hunter2-t");

    assertHidden(new TokenAnswer.Granted(token, Duration.ofMinutes(1), token).toString());
  }

  @Test
  void vaultThenNoSecretOnDiskNorInWhatItShows() throws Exception {
    Path file = directory.resolve("vault.jwe");
    VaultKey key = VaultKey.ofPassphrase("hunter2-hunter2".toCharArray());
    FileVault vault = FileVault.init(file, key, clock);
    for (StoredCredential credential : everyKind()) {
      vault.put("entry-" + CredentialType.of(credential).label(), credential);
    }

    assertHidden(Files.readString(file, StandardCharsets.ISO_8859_1));
    assertHidden(vault + " " + key + " " + vault.list());
    VaultKey other = VaultKey.ofPassphrase("hunter2-hunter3".toCharArray());
    assertHidden(catchThrowable(() -> FileVault.open(file, other, clock)));
    Files.writeString(file, Files.readString(file).substring(7));
    assertHidden(catchThrowable(() -> FileVault.open(file, key, clock)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'access_token':'hunter2-t','expires_in':'hunter2'}",
        "{'access_token':'hunter2 t'}",
        "{'access_token':'hunter2-t','token_type':'hunter2'}",
        "hunter2",
        "{'error':'hunter2','error_description':'hunter2'}",
        "{'error':'invalid_grant','error_description':'hunter2','error_uri':'hunter2'}"
      })
  void credentialWhenTheAnswerHoldsASecretThenNothingShowsIt(String body) {
    for (int status : new int[] {200, 302, 400, 401, 429, 500}) {
      for (StoredCredential grant : grants()) {
        store.put(NAME, grant);
        endpoint.always(
            json(status, body.replace('\'', '"'), "Location", "https://hunter2.example"));

        assertHidden(obtained().toString());
      }
    }
    assertLogsHidden();
  }

  @Test
  void credentialWhenTheEndpointRepeatsTheRequestThenNothingShowsIt() {
    endpoint.always(
        exchange -> json(400, "{\"error\":\"" + endpoint.last().raw() + "\"}").write(exchange));
    for (StoredCredential grant : grants()) {
      store.put(NAME, grant);

      assertHidden(obtained().toString());
    }
    assertThat(endpoint.last().raw()).contains(SECRET);
    assertLogsHidden();
  }

  @Test
  void credentialWhenSomethingUnexpectedQuotesASecretThenItIsLoggedWithoutIt() {
    store.put(NAME, grants().getFirst());
    store.beforeGet(
        () -> {
          throw new IllegalStateException("invalid header value: Bearer hunter2");
        });

    assertHidden(obtained().toString());
    assertThat(RecordingLogs.lines())
        .anyMatch(line -> line.contains("unexpected java.lang.IllegalStateException at ["));
    assertLogsHidden();
  }

  @Test
  void credentialWhenARotatedTokenCannotBeStoredThenTheLogSaysSoWithoutIt() {
    store.put(NAME, CredentialFixtures.refresh(endpoint.url(), "hunter2-r1"));
    store.beforeReplace(
        () -> {
          throw new CredentialStoreException(Problem.STORAGE, "the disk is full");
        });
    endpoint.always(json(200, "{\"access_token\":\"hunter2-t\",\"refresh_token\":\"hunter2-r2\"}"));

    assertHidden(obtained().toString());
    assertThat(RecordingLogs.lines())
        .anyMatch(line -> line.contains("the new refresh token is lost"));
    assertLogsHidden();
  }

  private CredentialResult obtained() {
    try (StoredCredentialBroker broker = StoredCredentialBroker.create(store, SETTINGS, clock)) {
      CredentialResult result = now(broker.credential(REFERENCE));
      assertHidden(broker.toString());
      return result;
    }
  }

  private List<StoredCredential> grants() {
    String client =
        "'token_endpoint':'"
            + endpoint.url()
            + "','client_id':'i','client_secret':'hunter2-c','parameters':{'x':'hunter2-x'}";
    return Stream.of(
            "{'type':'oauth-client-credentials'," + client + "}",
            "{'type':'oauth-refresh'," + client + ",'refresh_token':'hunter2-r'}",
            "{'type':'oauth-password'," + client + ",'username':'u','password':'hunter2-p'}")
        .map(CredentialFixtures::entry)
        .toList();
  }

  private static void assertLogsHidden() {
    assertThat(String.join("\n", RecordingLogs.lines())).doesNotContain(SECRET);
  }

  private static void assertHidden(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace, true));
    assertHidden(trace.toString());
  }

  private static void assertHidden(String seen) {
    assertThat(seen).isNotEmpty().doesNotContain(SECRET);
  }
}
