// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.DpopProofSigner;
import dev.bailiwick.gateway.token.jose.SigningKey;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A request of an agent: right in every part until a test makes one of them wrong. It has a token
 * and a proof of its own. Not thread-safe.
 */
public final class AgentRequest {
  private final TestBed bed;
  private final String method;
  private final String target;
  private final List<String> headers = new ArrayList<>();
  private final String tokenId = UUID.randomUUID().toString();
  private UnaryOperator<AgentTokenMint.Draft> change = draft -> draft;
  private Clock clock = Clock.systemUTC();
  private SigningKey issuerKey;
  private SigningKey proofKey;
  private @Nullable String proofTarget;
  private @Nullable String proofMethod;
  private boolean authorized = true;
  private boolean proven = true;
  private String scheme = "DPoP";
  private byte[] body = {};
  private boolean announced;
  private @Nullable String token;

  AgentRequest(TestBed bed, String method, String target) {
    this.bed = bed;
    this.method = method;
    this.target = target;
    this.issuerKey = bed.issuerKey();
    this.proofKey = bed.agentKey();
  }

  /** Changes the token before it is signed. */
  public AgentRequest token(UnaryOperator<AgentTokenMint.Draft> changed) {
    UnaryOperator<AgentTokenMint.Draft> before = change;
    change = draft -> changed.apply(before.apply(draft));
    return this;
  }

  /** Lets token and proof be made at another time. */
  public AgentRequest at(Clock time) {
    clock = time;
    return this;
  }

  /** Signs the token with another key. */
  public AgentRequest issuedBy(SigningKey key) {
    issuerKey = key;
    return this;
  }

  /** Signs the proof with another key. */
  public AgentRequest provenBy(SigningKey key) {
    proofKey = key;
    return this;
  }

  /** Makes the proof for another request. */
  public AgentRequest provenFor(String otherMethod, String otherTarget) {
    proofMethod = otherMethod;
    proofTarget = otherTarget;
    return this;
  }

  public AgentRequest withoutToken() {
    authorized = false;
    return this;
  }

  public AgentRequest withoutProof() {
    proven = false;
    return this;
  }

  /** The authorization scheme. */
  public AgentRequest scheme(String word) {
    scheme = word;
    return this;
  }

  /** Adds a header line as it is. */
  public AgentRequest header(String line) {
    headers.add(line);
    return this;
  }

  /** A JSON body with its length. */
  public AgentRequest json(String text) {
    return header("Content-Type: application/json").body(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A body with its length. */
  public AgentRequest body(byte[] bytes) {
    body = bytes.clone();
    announced = true;
    return this;
  }

  /** Bytes after the head, whose framing the headers of the test announce. */
  public AgentRequest raw(byte[] bytes) {
    body = bytes.clone();
    announced = false;
    return this;
  }

  /** The token's {@code jti}, by which evidence names it. */
  public String tokenId() {
    return tokenId;
  }

  /** The signed token; the same at every call. */
  public String token() {
    if (token == null) {
      AgentTokenMint.Draft draft =
          AgentTokenMint.create(TestBed.ISSUER, issuerKey, clock)
              .draft("alice", TestBed.GATEWAY)
              .actor(TestBed.ISSUER, "triage-agent")
              .boundTo(bed.agentKey())
              .tokenId(tokenId);
      for (String grant : bed.grants()) {
        draft = draft.grant(grant);
      }
      token = change.apply(draft).sign();
      bed.mayNotLeave(token);
    }
    return token;
  }

  /** A fresh proof. */
  public String proof() {
    URI address = URI.create(TestBed.GATEWAY + (proofTarget == null ? provable() : proofTarget));
    String proof =
        DpopProofSigner.create(proofKey, clock)
            .proof(proofMethod == null ? method : proofMethod, address, token());
    bed.mayNotLeave(proof);
    return proof;
  }

  /** A target that is no address cannot be proven; its proof is for the path that it plays with. */
  private String provable() {
    return target.matches("/[A-Za-z0-9/_?=&.+-]*") ? target : "/servicenow/api/now/table/incident";
  }

  /** The request as bytes, with a fresh proof. */
  public byte[] bytes() {
    List<String> lines = new ArrayList<>();
    lines.add(method + " " + target + " HTTP/1.1");
    lines.add("Host: " + URI.create(TestBed.GATEWAY).getAuthority());
    if (authorized) {
      lines.add("Authorization: " + scheme + " " + token());
    }
    if (proven) {
      lines.add("DPoP: " + proof());
    }
    lines.addAll(headers);
    if (announced) {
      lines.add("Content-Length: " + body.length);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(RawHttp.head(lines.toArray(String[]::new)));
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }

  /** Sends it on a connection of its own. */
  public RawHttp.Response send() {
    return bed.send(bytes());
  }
}
