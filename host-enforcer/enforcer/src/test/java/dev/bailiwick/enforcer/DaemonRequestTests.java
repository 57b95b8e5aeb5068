// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the daemon's socket is told and should not be: a sentence that names the field, no more. */
class DaemonRequestTests {
  private static DaemonHost host;

  @BeforeAll
  static void start() throws Exception {
    host = new DaemonHost().start();
  }

  @AfterAll
  static void stop() throws Exception {
    try {
      assertThat(DaemonHost.cgroups()).isEmpty();
      assertThat(host.status().path("counters").path("sandboxesStarted").asInt()).isZero();
    } finally {
      host.close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "version=2|end=| # does not begin with version=1",
        "nonsense| # a record is not key=value",
        "version=1|request=launch|sandbox=s # its last record has no end",
        "version=1|request=launch|sandbox=s| # it was cut short, after sandbox",
        "version=1|end=| # request must be its second record",
        "version=1|request=fly|end=| # request must be launch, status, reload or revoke, not fly",
        "version=1|request=launch|arg=a|end=| # sandbox is missing",
        "version=1|request=launch|sandbox=s|end=| # arg is missing",
        "version=1|request=launch|sandbox=s|arg=|end=| # arg is missing",
        "version=1|request=launch|sandbox=s|sandbox=t|arg=a|end=| # sandbox is given twice",
        "version=1|request=launch|sandbox=s|root=yes|arg=a|end=| # unknown field: root",
        "version=1|request=launch|sandbox=|arg=a|end=| # sandbox must have 1 to 256 characters",
        "version=1|request=launch|sandbox=s|task=a\tb|arg=a|end=| # task contains a control character",
        "version=1|request=launch|sandbox=s|workspace=w|arg=a|end=| # workspace must be an absolute path",
        "version=1|request=launch|sandbox=s|gateway=::|arg=a|end=| # gateway is not a URL",
        "version=1|request=launch|sandbox=s|arg=a|end=| # has no sandbox named s; it has triage-agent",
        "version=1|request=launch|sandbox=triage-agent|workspace=/etc/passwd|arg=a|end=| # the workspace /etc/passwd is not a directory",
        "version=1|request=launch|sandbox=triage-agent|workspace=/usr/../etc|arg=a|end=| # the workspace /usr/../etc holds files of uid 0",
        "version=1|request=launch|sandbox=triage-agent|workspace=/usr/lib/../w|arg=a|end=| # one lies in the other",
        "version=1|request=status|task=t|end=| # unknown field: task",
        "version=1|request=revoke|end=| # task is missing",
        "version=1|request=revoke|task=t|kill=maybe|end=| # kill must be yes or no",
      })
  void askWhenMalformedThenRefusalNamesTheField(String message, String expected) throws Exception {
    byte[] content = message.strip().replace("\\t", "\t").replace('|', '\0').getBytes(UTF_8);

    assertThat(ask(frame(content.length, content))).contains("reply=refused").contains(expected);
  }

  @Test
  void askWhenBytesAreNoTextThenRefusalNamesTheField() throws Exception {
    byte[] content =
        "version=1|request=launch|sandbox=?|arg=a|end=|".replace('|', '\0').getBytes(UTF_8);
    for (int i = 0; i < content.length; i++) {
      content[i] = content[i] == '?' ? (byte) 0xff : content[i];
    }

    assertThat(ask(frame(content.length, content))).contains("sandbox is not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Message.MAX_BYTES + 1, Integer.MAX_VALUE})
  void askWhenLengthIsImpossibleThenNothingIsRead(int length) throws Exception {
    assertThat(ask(frame(length, new byte[0]))).contains("its length must be from 1 to");
  }

  @Test
  void askWhenItEndsEarlyThenItSaysSo() throws Exception {
    assertThat(ask(frame(100, new byte[7]))).contains("it ends after 7 of 100 bytes");
  }

  @Test
  void askWhenArgumentsAreTooManyThenIsRefused() throws Exception {
    byte[] content =
        ("version=1|request=launch|sandbox=triage-agent|" + "arg=a|".repeat(65_537) + "end=|")
            .replace('|', '\0')
            .getBytes(UTF_8);

    assertThat(ask(frame(content.length, content))).contains("arg is given more than 65536 times");
  }

  /** Four fit where the kernel puts three, because it rounds that room up; five do not. */
  @ParameterizedTest
  @ValueSource(ints = {4, 5, 200})
  void askWhenDescriptorsAreTooManyThenIsRefusedAndNoneIsKept(int descriptors) throws Exception {
    long before = host.descriptors();

    Process python =
        new ProcessBuilder(
                "python3",
                "-c",
                "import socket, sys\n"
                    + "s = socket.socket(socket.AF_UNIX)\n"
                    + "s.connect(sys.argv[1])\n"
                    + "socket.send_fds(s, [b'\\0\\0\\0\\7'], [0] * int(sys.argv[2]))\n"
                    + "print(s.recv(4096))",
                DaemonHost.PATHS.socket().toString(),
                Integer.toString(descriptors))
            .redirectErrorStream(true)
            .start();
    String said = new String(python.getInputStream().readAllBytes(), UTF_8);

    assertThat(said).contains("too many descriptors came along");
    DaemonHost.await("descriptors are closed", () -> host.descriptors() <= before);
  }

  @Test
  void askWhenRecordsAreTooManyThenReadingStops() throws Exception {
    byte[] content = ("version=1|" + "=|".repeat(1_000_000)).replace('|', '\0').getBytes(UTF_8);

    assertThat(ask(frame(content.length, content))).contains("it has more than 65552 records");
  }

  @Test
  void askWhenCommandsNameIsLongerThanAnyPathThenIsRefused() throws Exception {
    byte[] content =
        ("version=1|request=launch|sandbox=triage-agent|arg=" + "x".repeat(4_096) + "|end=|")
            .replace('|', '\0')
            .getBytes(UTF_8);

    assertThat(ask(frame(content.length, content))).contains("name is longer than any path");
  }

  @Test
  void askWhenCommandLineIsTooLongThenIsRefused() throws Exception {
    byte[] content =
        ("version=1|request=launch|sandbox=triage-agent|arg=true|arg="
                + "x".repeat(Message.MAX_BYTES - 100)
                + "|end=|")
            .replace('|', '\0')
            .getBytes(UTF_8);

    assertThat(ask(frame(content.length, content))).contains("the command line is too long");
  }

  /** A caller that goes away in the middle leaves nothing. */
  @Test
  void askWhenCallerLeavesAfterTheReplyThenNothingIsLeft() throws Exception {
    byte[] content =
        "version=1|request=launch|sandbox=triage-agent|arg=true|end=|"
            .replace('|', '\0')
            .getBytes(UTF_8);

    assertThat(ask(frame(content.length, content))).contains("reply=become");

    DaemonHost.await("it is forgotten", () -> host.status().path("sandboxes").isEmpty());
  }

  private static ByteBuffer frame(int length, byte[] content) {
    return ByteBuffer.allocate(4 + content.length).putInt(length).put(content).flip();
  }

  private static String ask(ByteBuffer frame) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(DaemonHost.PATHS.socket()));
      while (frame.hasRemaining()) {
        channel.write(frame);
      }
      channel.shutdownOutput();
      ByteBuffer answer = ByteBuffer.allocate(64 * 1024);
      while (channel.read(answer) >= 0) {
        // until it closes
      }
      return new String(answer.array(), 0, answer.position(), UTF_8);
    }
  }
}
