// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static dev.bailiwick.gateway.credential.CredentialFixtures.NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialJsonTest {
  private static final String HEAD = "entry servicenow/acme: ";
  private static final String CLIENT =
      "'type':'oauth-client-credentials','token_endpoint':'https://acme.service-now.com/oauth_token.do',"
          + "'client_id':'id-1','client_secret':'hunter2'";

  static List<String> everyType() {
    String pem = CredentialFixtures.pem();
    String client = "'token_endpoint':'https://a.example/t','client_id':'i'";
    return List.of(
        "{'type':'basic','username':'svc','password':'p'}",
        "{'type':'api-key','header':'x-sn-apikey','key':'k'}",
        "{" + CLIENT + "}",
        "{"
            + CLIENT
            + ",'scope':'a b','client_authentication':'workday-id',"
            + "'parameters':{'tenant_alias':'acme','x':'y'}}",
        "{'type':'oauth-refresh'," + client + ",'refresh_token':'r'}",
        "{'type':'oauth-password'," + client + ",'username':'u','password':'p'}",
        "{'type':'oauth-jwt-bearer','token_endpoint':'https://a.example/t','issuer':'i',"
            + "'subject':'s','audience':'a','key':'"
            + pem
            + "'}",
        "{'type':'oauth-jwt-bearer',"
            + client
            + ",'client_secret':'s','issuer':'i',"
            + "'subject':'s','audience':'a','key':'"
            + pem
            + "','key_id':'k','lifetime':'1h'}");
  }

  @ParameterizedTest
  @MethodSource("everyType")
  void writeThenReadsBackTheSame(String json) {
    StoredCredential credential = read(json);

    byte[] written = CredentialJson.STRICT.writeValueAsBytes(CredentialJson.write(credential));

    assertThat(CredentialJson.read(NAME, written)).isEqualTo(credential);
  }

  @ParameterizedTest
  @MethodSource("everyType")
  void readWhenAnyRequiredMemberIsMissingThenItIsNamed(String json) {
    CredentialType type = CredentialType.of(read(json));

    for (CredentialType.Member member : type.members()) {
      String without =
          json.replaceFirst("'" + member.name() + "':('[^']*'|\\{[^}]*}),?", "").replace(",}", "}");
      if (member.required()) {
        assertProblem(without, "member \"" + member.name() + "\" is missing");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CredentialType.class)
  void readWhenOnlyTheTypeIsThereThenTheFirstMemberIsNamed(CredentialType type) {
    assertProblem(
        "{'type':'" + type.label() + "'}",
        "member \"" + type.members().getFirst().name() + "\" is missing");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      delimiterString = " => ",
      value = {
        "{'type':'basic','username':'hunter2'} => member \"password\" is missing",
        "{'type':'basic','username':'u','password':''} => member \"password\" is empty",
        "{'type':'basic','username':'u','password':null} => member \"password\": expected a string",
        "{'type':'basic','username':'u','password':42} => member \"password\": expected a string",
        "{'type':'basic','username':'u:hunter2','password':'p'} => member \"username\": must not"
            + " contain a colon",
        "{'type':'basic','username':'u','password':'hunter2\\n'} => member \"password\": must not hold"
            + " a control character (RFC 7617 §2)",
        "{'type':'basic','username':'u','password':'\\ud800hunter2'} => member \"password\": holds"
            + " half of a surrogate pair",
        "{'type':'basic','username':'u','password':'p','otp':'hunter2'} => member \"otp\" is not known"
            + " for type basic; known are username, password",
        "{'type':'basic','username':'u','password':'p','hunter2 \\u0000':''} => a member is not known"
            + " for type basic; known are username, password",
        "{'type':'api-key','header':'x key','key':'hunter2'} => member \"header\": expected a header"
            + " name",
        "{'type':'api-key','header':'x','key':'hunter2\\r\\n'} => member \"key\": holds a character"
            + " that a header cannot carry",
        "[] => is not a JSON object",
        "'hunter2' => is not a JSON object",
        "null => is not a JSON object",
      })
  void readWhenWrongThenNamesTheMemberAndTheRule(String json, String message) {
    assertProblem(json, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'type':'hunter2'}",
        "{'type':null}",
        "{'type':['basic']}",
        "{'type':'BASIC','username':'u','password':'p'}"
      })
  void readWhenTypeIsNoneThenListsThem(String json) {
    assertProblem(
        json,
        "member \"type\": expected one of basic, api-key, mutual-tls, oauth-client-credentials, oauth-refresh,"
            + " oauth-password, oauth-jwt-bearer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "hunter2",
        "{'type':'basic' 'hunter2'}",
        "{'type':'basic','username':'u','password':'p'} hunter2",
        "{'type':'basic','username':'u','password':'p','password':'hunter2'}",
        "{'type':'basic','username':'u','password':'hunter2}",
        "{'type':'basic','username':'u','password':hunter2}"
      })
  void readWhenNoJsonThenSaysWhereAndNotWhat(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .message()
        .startsWith(HEAD + "is not")
        .doesNotContain("hunter2");
  }

  @Test
  void readWhenNotUtf8ThenIsNotJson() {
    byte[] latin =
        "{\"type\":\"basic\",\"username\":\"u\",\"password\":\"p\u00e4ss\"}"
            .getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> CredentialJson.read(NAME, latin))
        .hasMessageStartingWith(HEAD + "is not valid JSON");
  }

  @Test
  void readWhenTooLongThenSaysTheLimit() {
    assertProblem(
        "{'type':'basic','username':'u','password':'" + "p".repeat(65536) + "'}",
        "is longer than 64 KiB");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://acme.service-now.com/oauth_token.do",
        "https://acme.example:8443/token?tenant=1",
        "http://localhost:8080/token",
        "http://127.0.0.1/token",
        "http://[::1]:9/token"
      })
  void readWhenEndpointIsTlsOrLoopbackThenAccepted(String url) {
    assertThatCode(() -> read(client("token_endpoint", url))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://acme.service-now.com/oauth_token.do",
        "http://127.0.0.1.evil.example/token",
        "http://localhost.evil.example/token",
        "http://[::2]/token",
        "https://hunter2@acme.example/token",
        "https://acme.example/token#hunter2",
        "https:///token",
        "acme.example/token",
        "file:///etc/passwd",
        "HTTPS:acme",
        "https://ac me.example/"
      })
  void readWhenEndpointIsNotThenNamed(String url) {
    assertThatThrownBy(() -> read(client("token_endpoint", url)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .startsWith(HEAD + "member \"token_endpoint\": expected a")
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"grant_type", "client_id", "scope", "assertion", "a b", "", "a&b"})
  void readWhenAParameterIsReservedThenNamed(String parameter) {
    assertThatThrownBy(() -> read("{" + CLIENT + ",'parameters':{'" + parameter + "':'hunter2'}}"))
        .message()
        .startsWith(HEAD + "member \"parameters\": expected names")
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9s", "2h", "3 m", "-3m", "3", "PT3M", "1h30m", "9999999s"})
  void readWhenLifetimeIsNoneThenNamed(String lifetime) {
    String json = everyType().getLast().replace("1h", lifetime);

    assertThatThrownBy(() -> read(json)).hasMessageStartingWith(HEAD + "member \"lifetime\": ");
  }

  @Test
  void readWhenKeyIsNoneThenSaysWhatIsExpectedAndNotWhatIsThere() {
    String json = everyType().getLast().replaceFirst("'key':'[^']*'", "'key':'hunter2'");

    assertThatThrownBy(() -> read(json))
        .message()
        .startsWith(HEAD + "member \"key\": expected an unencrypted PKCS#8 private key")
        .doesNotContain("hunter2");
  }

  @Test
  void readWhenClientSecretHasNoIdThenNamed() {
    String json = everyType().getLast().replace("'client_id':'i',", "");

    assertProblem(json, "member \"client_id\" is missing, but there is a \"client_secret\"");
  }

  @Test
  void readWhenBasicAuthenticationHasNoSecretThenNamed() {
    assertProblem(
        "{'type':'oauth-refresh','token_endpoint':'https://a.example/t','client_id':'i',"
            + "'refresh_token':'r','client_authentication':'basic'}",
        "member \"client_authentication\": only post works without a \"client_secret\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "a/", "/a", "a//b", "A", "a b", "..", "../a", "a/../b", ".a", "ä", "a\n", "a:b"
      })
  void requireNameWhenNoneThenSaysTheRule(String name) {
    assertThatThrownBy(() -> CredentialJson.requireName(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected an entry name such as servicenow/acme");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "servicenow/acme", "workday/acme-2.prod_eu/x", "0"})
  void requireNameThenTheName(String name) {
    assertThat(CredentialJson.requireName(name)).isEqualTo(name);
  }

  private static String client(String member, String value) {
    return "{"
        + CLIENT.replaceFirst("'" + member + "':'[^']*'", "'" + member + "':'" + value + "'")
        + "}";
  }

  private static StoredCredential read(String json) {
    return CredentialFixtures.entry(json);
  }

  private static void assertProblem(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(HEAD + message);
  }
}
