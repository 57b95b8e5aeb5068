// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.gateway.GatewayTestBed;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files twice as large as the gateway's heap, which ends its process when it is full. */
@Timeout(90)
final class LargeFileTests {
  private static final String HEAP = "-Xmx64m";
  private static final long BYTES = 128L << 20;
  private static final int BLOCK = 64 * 1024;
  private static final String CONNECTOR = "/renewed-upload";

  private static GatewayTestBed bed;
  private static String incident;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    bed = new GatewayTestBed(directory);
    bed.runs(GatewayProcess.start(bed.setup(), directory, HEAP));
    incident = bed.expiring().incident("INC0010001");
  }

  @AfterAll
  static void stop() {
    bed.close();
  }

  @Test
  void downloadWhenFileIsLargerThanTheHeapThenEveryByteComes() throws Exception {
    String path = "/api/now/attachment/" + attached() + "/file";

    String arrived;
    try (Socket agent = new Socket(InetAddress.getLoopbackAddress(), bed.port())) {
      agent.setSoTimeout(20_000);
      agent
          .getOutputStream()
          .write(bed.request("GET", CONNECTOR + path).header("Connection: close").bytes());
      InputStream in = new BufferedInputStream(agent.getInputStream(), BLOCK);
      assertThat(head(in)).startsWith("HTTP/1.1 200 ").contains("" + BYTES);
      arrived = digest(in, BYTES);
    }

    assertThat(arrived).isEqualTo(digest(directly(path), BYTES));
  }

  @Test
  void uploadWhenFileIsLargerThanTheHeapThenEveryByteArrives() throws Exception {
    String target =
        CONNECTOR
            + "/api/now/attachment/file?table_name=incident&file_name=large.bin&table_sys_id="
            + incident;
    MessageDigest sent = MessageDigest.getInstance("SHA-256");

    String answer;
    try (Socket agent = new Socket(InetAddress.getLoopbackAddress(), bed.port())) {
      agent.setSoTimeout(20_000);
      OutputStream out = agent.getOutputStream();
      out.write(
          bed.request("POST", target)
              .header("Connection: close")
              .header("Content-Type: application/octet-stream")
              .header("Content-Length: " + BYTES)
              .bytes());
      byte[] block = new byte[BLOCK];
      for (long at = 0; at < BYTES; at += BLOCK) {
        ByteBuffer.wrap(block).putLong(0, at);
        sent.update(block);
        out.write(block);
      }
      InputStream in = new BufferedInputStream(agent.getInputStream());
      assertThat(head(in)).startsWith("HTTP/1.1 201 ");
      answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    Matcher stored = Pattern.compile("\"sys_id\":\"([0-9a-f]{32})\"").matcher(answer);
    assertThat(stored.find()).as(answer).isTrue();
    assertThat(bed.expiring().digest(stored.group(1)))
        .contains(HexFormat.of().formatHex(sent.digest()));
  }

  private static String attached() {
    return bed.expiring().attachLargeFile("incident", incident, BYTES);
  }

  /** The same file from the instance itself. */
  private static InputStream directly(String path) throws Exception {
    String user = bed.expiring().username() + ":" + bed.expiring().password();
    HttpClient client = HttpClient.newHttpClient();
    return client
        .send(
            HttpRequest.newBuilder(URI.create(bed.expiring().origin() + path))
                .header(
                    "Authorization",
                    "Basic "
                        + Base64.getEncoder()
                            .encodeToString(user.getBytes(StandardCharsets.US_ASCII)))
                .build(),
            BodyHandlers.ofInputStream())
        .body();
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the gateway closed the connection: " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static String digest(InputStream in, long expected) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] block = new byte[BLOCK];
    long bytes = 0;
    for (int read = in.read(block); read >= 0; read = in.read(block)) {
      digest.update(block, 0, read);
      bytes += read;
    }
    assertThat(bytes).isEqualTo(expected);
    return HexFormat.of().formatHex(digest.digest());
  }
}
