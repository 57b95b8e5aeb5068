// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0

import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an agent in Java does: its usual clients, a child, threads, files. */
final class Agent {
  public static void main(String[] arguments) throws Exception {
    URI gateway = URI.create(System.getenv("BAILIWICK_GATEWAY") + "/");
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(gateway).build(), HttpResponse.BodyHandlers.ofString());
    Matcher number = Pattern.compile("\"number\":\"([^\"]*)\"").matcher(answer.body());
    System.out.println("gateway " + answer.statusCode());
    System.out.println("answer " + (number.find() ? number.group(1) : "none"));
    HttpURLConnection old = (HttpURLConnection) gateway.toURL().openConnection();
    if (old.getResponseCode() != 200) {
      throw new IllegalStateException("the old client got " + old.getResponseCode());
    }
    Process child =
        new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version")
            .redirectErrorStream(true)
            .start();
    child.getInputStream().readAllBytes();
    System.out.println("child " + (child.waitFor() + 2));
    Thread thread = new Thread(() -> System.out.println("thread ok"));
    thread.start();
    thread.join();
    Path file = Files.createTempFile(Path.of("."), "agent", "");
    Files.writeString(file, "answer");
    System.out.println("file " + Files.readString(file));
    String[] elsewhere = arguments[0].split(":");
    try (Socket socket = new Socket(elsewhere[0], Integer.parseInt(elsewhere[1]))) {
      System.out.println("connected to " + socket);
    } catch (SocketException denied) {
      boolean asExpected = denied.getMessage().contains("Operation not permitted");
      System.out.println(asExpected ? "elsewhere denied" : denied.toString());
    }
  }
}
