// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wiremock.jakarta.servlet.Filter;
import wiremock.jakarta.servlet.FilterChain;
import wiremock.jakarta.servlet.ServletException;
import wiremock.jakarta.servlet.ServletRequest;
import wiremock.jakarta.servlet.ServletResponse;
import wiremock.jakarta.servlet.http.HttpServletRequest;
import wiremock.jakarta.servlet.http.HttpServletResponse;

/**
 * Attachments that are too large to hold, in front of WireMock, which would hold them. Of an upload
 * over 1 MiB, or of unknown length, length and SHA-256 are kept; its download has that length and
 * bytes of a pattern. A body that proves to be small is still seen. Thread-safe.
 */
final class LargeFiles implements Filter {
  private static final int SMALL = 1 << 20;
  private static final Pattern DOWNLOAD =
      Pattern.compile("/api/now(?:/v1)?/attachment/([0-9a-fA-F]{32})/file");

  private final Instance instance;
  private final AttachmentApi attachments;
  private final Map<String, String> digests = new ConcurrentHashMap<>();
  private final List<SeenRequest> seen = new CopyOnWriteArrayList<>();

  LargeFiles(Instance instance, AttachmentApi attachments) {
    this.instance = instance;
    this.attachments = attachments;
  }

  List<SeenRequest> seen() {
    return List.copyOf(seen);
  }

  void forgetRequests() {
    seen.clear();
  }

  /** SHA-256 of a large upload, in hex. */
  Optional<String> digest(String sysId) {
    return Optional.ofNullable(digests.get(sysId));
  }

  /** Takes a file into the list whose content is made when it is downloaded. */
  String add(SimulatedCall call, long length) {
    String sysId =
        attachments
            .add(call, length)
            .map(row -> row.getOrDefault("sys_id", ""))
            .orElseThrow(() -> new IllegalArgumentException("no such record"));
    digests.put(sysId, "");
    return sysId;
  }

  @Override
  public void doFilter(ServletRequest req, ServletResponse resp, FilterChain chain)
      throws IOException, ServletException {
    HttpServletRequest request = (HttpServletRequest) req;
    HttpServletResponse response = (HttpServletResponse) resp;
    String path = request.getRequestURI();
    Matcher download = DOWNLOAD.matcher(path);
    if (request.getMethod().equals("POST")
        && path.matches("/api/now(/v1)?/attachment/file")
        && (request.getContentLengthLong() < 0 || request.getContentLengthLong() > SMALL)) {
      upload(request, response);
    } else if (request.getMethod().equals("GET")
        && download.matches()
        && digests.containsKey(download.group(1))) {
      download(request, response, download.group(1));
    } else {
      chain.doFilter(req, resp);
    }
  }

  private void upload(HttpServletRequest request, HttpServletResponse response) throws IOException {
    SimulatedCall call = call(request);
    if (!instance.isAuthenticated(call)) {
      see(call, new byte[0]);
      write(response, Answers.notAuthenticated());
      return;
    }
    MessageDigest digest = sha256();
    ByteArrayOutputStream small = new ByteArrayOutputStream();
    long length = 0;
    byte[] buffer = new byte[64 * 1024];
    try (InputStream in = request.getInputStream()) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        length += read;
        if (length <= SMALL) {
          small.write(buffer, 0, read);
        }
      }
    }
    see(call, length <= SMALL ? small.toByteArray() : new byte[0]);
    Optional<Map<String, String>> row = attachments.add(call, length);
    if (row.isEmpty()) {
      write(response, Answers.error(400, "Failed to create the attachment", "No such record"));
      return;
    }
    digests.put(row.get().getOrDefault("sys_id", ""), HexFormat.of().formatHex(digest.digest()));
    write(response, attachments.created(call, row.get()));
  }

  private void download(HttpServletRequest request, HttpServletResponse response, String sysId)
      throws IOException {
    SimulatedCall call = call(request);
    see(call, new byte[0]);
    if (!instance.isAuthenticated(call)) {
      write(response, Answers.notAuthenticated());
      return;
    }
    long left =
        attachments
            .tables()
            .find(AttachmentApi.TABLE, sysId)
            .map(row -> Long.parseLong(row.getOrDefault("size_bytes", "0")))
            .orElse(0L);
    attachments.tables().touches().on("attachment", "file", Action.READ);
    response.setStatus(200);
    response.setContentType("application/octet-stream");
    response.setContentLengthLong(left);
    byte[] block = pattern();
    try (OutputStream out = response.getOutputStream()) {
      while (left > 0) {
        int next = (int) Math.min(left, block.length);
        out.write(block, 0, next);
        left -= next;
      }
    }
  }

  /** The bytes of a generated file, over and over. */
  static byte[] pattern() {
    byte[] block = new byte[64 * 1024];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) (i * 31 + (i >>> 8));
    }
    return block;
  }

  private SimulatedCall call(HttpServletRequest request) {
    List<Headers.Field> fields = new ArrayList<>();
    for (String name : Collections.list(request.getHeaderNames())) {
      for (String value : Collections.list(request.getHeaders(name))) {
        fields.add(new Headers.Field(name, value));
      }
    }
    String query = request.getQueryString();
    return new SimulatedCall(
        URI.create(request.getRequestURL().toString()).resolve("/"),
        request.getMethod(),
        request.getRequestURI() + (query == null ? "" : "?" + query),
        Headers.of(fields),
        new byte[0]);
  }

  private void see(SimulatedCall call, byte[] body) {
    seen.add(new SeenRequest(call.method(), call.target(), call.headers(), body));
  }

  private static void write(HttpServletResponse response, SimulatedAnswer answer)
      throws IOException {
    response.setStatus(answer.status());
    answer.headers().forEach(response::addHeader);
    response.getOutputStream().write(answer.body());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
