// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.TokenAnswer.Cause;
import dev.bailiwick.gateway.credential.TokenAnswer.Failed;
import dev.bailiwick.gateway.credential.TokenAnswer.Granted;
import dev.bailiwick.gateway.credential.TokenAnswer.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenAnswerTest {

  @Test
  void readWhenServiceNowThenAllMembers() {
    TokenAnswer answer =
        read(
            200,
            "{'access_token':'a-1','refresh_token':'r-1','scope':'useraccount','token_type':"
                + "'Bearer','expires_in':1799}");

    assertThat(answer)
        .isEqualTo(new Granted(Secret.of("a-1"), Duration.ofSeconds(1799), Secret.of("r-1")));
  }

  @Test
  void readWhenSalesforceThenNoLifetime() {
    TokenAnswer answer =
        read(
            200,
            "{'access_token':'00D!x.y_z','signature':'s=','scope':'api','instance_url':"
                + "'https://acme.my.salesforce.com','id':'https://login.salesforce.com/id/1/2',"
                + "'token_type':'Bearer','issued_at':'1795420800000'}");

    assertThat(answer).isEqualTo(new Granted(Secret.of("00D!x.y_z"), null, null));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '|',
      value = {"1800,1800", "'1800',1800", "999999999,31622400"})
  void readWhenLifetimeThenAtMostAYear(String told, long seconds) {
    TokenAnswer answer = read(200, "{'access_token':'a','expires_in':" + told + "}");

    assertThat(answer).isEqualTo(new Granted(Secret.of("a"), Duration.ofSeconds(seconds), null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-1", "1.5", "1e3", "true", "[]", "'soon'", "''", "99999999999999999999"})
  void readWhenLifetimeIsNoneThenNoUse(String told) {
    TokenAnswer answer = read(200, "{'access_token':'a','expires_in':" + told + "}");

    assertThat(answer)
        .isEqualTo(
            new Failed(
                Cause.NO_USE, "answers with an expires_in that is no number of seconds", null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "'token'",
        "{",
        "<html>",
        "{}",
        "{'access_token':null}",
        "{'access_token':''}",
        "{'access_token':42}",
        "{'access_token':{}}",
        "{'access_token':'a\\r\\nX-Evil: 1'}",
        "{'access_token':'a b'}",
        "{'access_token':'\\u00e4'}",
        "{'access_token':'a','access_token':'b'}",
        "{'access_token':'a'} {'access_token':'b'}",
        "{'access_token':'a','token_type':'DPoP'}",
        "{'access_token':'a','token_type':7}",
        "{'access_token':'a','x':NaN}",
        "{'access_token':'a',}",
        "{'access_token':'a',/**/'x':1}",
        "{'error':'invalid_grant'}"
      })
  void readWhen200WithoutATokenThenNoUse(String body) {
    assertThat(read(200, body))
        .isInstanceOfSatisfying(
            Failed.class, failed -> assertThat(failed.cause()).isEqualTo(Cause.NO_USE));
  }

  @Test
  void readWhenNestedDeeplyThenNoUse() {
    assertThat(read(200, "{'access_token':'a','x':" + "[".repeat(1000) + "]".repeat(1000) + "}"))
        .isInstanceOf(Failed.class);
  }

  @ParameterizedTest
  @CsvSource({
    "400,invalid_grant",
    "400,invalid_client",
    "401,invalid_client",
    "400,unauthorized_client",
    "400,unsupported_grant_type",
    "400,invalid_scope",
    "400,invalid_request",
    "403,access_denied",
    "400,inactive_user",
    "401,server_error"
  })
  void readWhenPermanentThenRefusedByName(int status, String code) {
    assertThat(read(status, "{'error':'" + code + "','error_description':'hunter2'}"))
        .isEqualTo(new Refused("answers " + code + " (status " + status + ")"));
  }

  @Test
  void readWhenTheCodeIsUnknownThenRefusedWithoutRepeatingIt() {
    assertThat(read(400, "{'error':'<script>hunter2</script>'}"))
        .isEqualTo(new Refused("answers an error of its own (status 400)"));
  }

  @ParameterizedTest
  @CsvSource({
    "400,temporarily_unavailable",
    "401,temporarily_unavailable",
    "400,slow_down",
    "400,server_error",
    "403,rate_limit_exceeded"
  })
  void readWhenPassingThenFailed(int status, String code) {
    assertThat(read(status, "{'error':'" + code + "'}"))
        .isEqualTo(new Failed(Cause.NO_USE, "answers " + code, null));
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 400, 401, 403, 404, 405, 415})
  void readWhenNoOAuthErrorThenFailed(int status) {
    assertThat(read(status, "<h1>hunter2</h1>"))
        .isEqualTo(
            new Failed(
                Cause.NO_USE, "answers with status " + status + " and no OAuth error", null));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504, 599})
  void readWhenServerErrorThenOutageWhateverTheBodySays(int status) {
    assertThat(read(status, "{'error':'invalid_grant'}"))
        .isEqualTo(new Failed(Cause.OUTAGE, "answers with status " + status, null));
  }

  @ParameterizedTest
  @CsvSource({
    "120,120",
    "99999999,3600",
    "'Mon, 23 Nov 2026 08:01:30 GMT',90",
    "'Tue, 24 Nov 2026 08:00:00 GMT',3600",
    "'Mon, 23 Nov 2020 08:01:30 GMT',",
    "0,",
    "-5,",
    "soon,"
  })
  void readWhenToldToWaitThenAtMostAnHour(String header, Long seconds) {
    TokenAnswer answer = TokenAnswer.read(429, Optional.of(header), new byte[0], FakeClock.START);

    assertThat(answer)
        .isEqualTo(
            new Failed(
                Cause.NO_USE,
                "asks to slow down (status 429)",
                seconds == null ? null : Duration.ofSeconds(seconds)));
  }

  private static TokenAnswer read(int status, String body) {
    return TokenAnswer.read(
        status,
        Optional.empty(),
        body.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
        FakeClock.START);
  }
}
