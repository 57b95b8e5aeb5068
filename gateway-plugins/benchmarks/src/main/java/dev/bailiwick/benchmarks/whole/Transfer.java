// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.whole;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Moves one file through a gateway, on a connection of its own, and holds none of it. */
final class Transfer {
  private static final int BLOCK = 64 * 1024;
  private static final double MIB = 1 << 20;
  private static final String FILE =
      "/servicenow/api/now/attachment/a1000000000000000000000000000001/file";
  private static final String UPLOAD =
      "/servicenow/api/now/attachment/file?table_name=incident&file_name=large.bin"
          + "&table_sys_id=c1000000000000000000000000000001";

  private final int port;
  private final String authorization;
  private final long bytes;

  Transfer(int port, String authorization, long bytes) {
    this.port = port;
    this.authorization = authorization;
    this.bytes = bytes;
  }

  /** MiB per second from the upstream to here. */
  double down() throws IOException {
    long started = System.nanoTime();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      send(socket.getOutputStream(), "GET " + FILE, "");
      InputStream in = new BufferedInputStream(socket.getInputStream(), BLOCK);
      head(in, "200");
      byte[] block = new byte[BLOCK];
      long arrived = 0;
      for (int read = in.read(block); read >= 0; read = in.read(block)) {
        arrived += read;
      }
      if (arrived != bytes) {
        throw new IOException("a download of " + bytes + " bytes ended after " + arrived);
      }
    }
    return perSecond(started);
  }

  /** MiB per second from here to the upstream, which says how many bytes it got. */
  double up() throws IOException {
    long started = System.nanoTime();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream out = socket.getOutputStream();
      send(
          out,
          "POST " + UPLOAD,
          "Content-Type: application/octet-stream\r\nContent-Length: " + bytes + "\r\n");
      byte[] block = new byte[BLOCK];
      for (long left = bytes; left > 0; left -= block.length) {
        out.write(block, 0, (int) Math.min(left, block.length));
      }
      InputStream in = new BufferedInputStream(socket.getInputStream(), BLOCK);
      head(in, "201");
      String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (!answer.contains("\"size_bytes\":\"" + bytes + "\"")) {
        throw new IOException("an upload of " + bytes + " bytes was answered with " + answer);
      }
    }
    return perSecond(started);
  }

  private double perSecond(long started) {
    return bytes / MIB / ((System.nanoTime() - started) / 1e9);
  }

  private void send(OutputStream out, String request, String lines) throws IOException {
    out.write(
        (request
                + " HTTP/1.1\r\nHost: 127.0.0.1:"
                + port
                + "\r\nConnection: close\r\nAuthorization: "
                + authorization
                + "\r\n"
                + lines
                + "\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static void head(InputStream in, String status) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the gateway closed the connection: " + head);
      }
      head.append((char) next);
    }
    if (!head.toString().startsWith("HTTP/1.1 " + status + " ")) {
      throw new IOException("expected status " + status + ", found " + head);
    }
  }
}
