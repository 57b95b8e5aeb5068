// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.RawHttp;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * APISIX as a client sees it: an HTTP server on a loopback port that turns away what nginx turns
 * away, matches routes, calls a plugin runner over its socket, and proxies what the runner makes of
 * the request. Of other plugins it has what Bailiwick's routes hold: on the way back they strip
 * cookies and addresses, and turn a 401 into a 503 that may be repeated. Thread-safe.
 */
public final class ApisixFront implements GatewayHost {
  private static final String TARGET = "X-Bailiwick-Target";
  private static final String REQUEST = "X-Bailiwick-Request";
  private static final String PROTOCOL = "X-Bailiwick-Protocol";

  /** Never taken from a runner's answer to a request. */
  private static final Set<String> NOT_FROM_RUNNER =
      Set.of(
          "connection",
          "content-length",
          "transfer-encoding",
          "location",
          "server",
          "www-authenticate",
          "content-encoding",
          "content-type",
          "content-location",
          "content-language");

  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te");

  /** What the plugins on the way back take off: cookies, and addresses of the upstream. */
  private static final Set<String> STRIPPED = Set.of("set-cookie", "location", "link", "server");

  private final ServerSocket server;
  private final ExtPluginClient runner;
  private final List<ApisixRoute> routes;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final HttpClient reporter =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ApisixFront(ServerSocket server, ExtPluginClient runner, List<ApisixRoute> routes) {
    this.server = server;
    this.runner = runner;
    this.routes = List.copyOf(routes);
  }

  /** Starts one in front of a runner's socket, on a free port. */
  public static ApisixFront start(Path socket, List<ApisixRoute> routes) {
    return start(new ExtPluginClient(socket), routes);
  }

  /** The same with a client of one's own; it is closed with the front. */
  public static ApisixFront start(ExtPluginClient runner, List<ApisixRoute> routes) {
    try {
      ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
      ApisixFront front = new ApisixFront(server, runner, routes);
      Thread.ofVirtual().start(front::accept);
      return front;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int port() {
    return server.getLocalPort();
  }

  /** The wire client, for counting. */
  public ExtPluginClient runner() {
    return runner;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      boolean more = true;
      while (more) {
        more = one(in, out);
      }
      linger(socket);
    } catch (IOException | UncheckedIOException e) {
      // The client is gone.
    } finally {
      open.remove(socket);
    }
  }

  /** Lets a client that still sends read its answer, as nginx does. */
  private static void linger(Socket socket) throws IOException {
    socket.shutdownOutput();
    socket.setSoTimeout(1000);
    try {
      socket.getInputStream().skip(Long.MAX_VALUE);
    } catch (SocketTimeoutException e) {
      // Enough.
    }
  }

  private boolean one(InputStream in, OutputStream out) throws IOException {
    NginxRequest request;
    try {
      request = NginxRequest.read(in);
      if (request == null) {
        return false;
      }
      return exchange(request, out);
    } catch (NginxRequest.TurnedAwayException e) {
      write(out, own(e.status), "GET", false);
      return false;
    }
  }

  private record Answer(int status, List<Entry> headers, byte[] body, boolean whole) {}

  private static Answer own(int status) {
    byte[] page = ("<html>" + status + "</html>\n").getBytes(StandardCharsets.US_ASCII);
    return new Answer(status, List.of(new Entry("content-type", "text/html")), page, true);
  }

  private boolean exchange(NginxRequest request, OutputStream out) throws IOException {
    int question = request.target.indexOf('?');
    Optional<String> path =
        NginxUri.normalise(question < 0 ? request.target : request.target.substring(0, question));
    if (path.isEmpty()) {
      throw new NginxRequest.TurnedAwayException(400);
    }
    Optional<ApisixRoute> route = route(path.get());
    Answer answer =
        route.isEmpty()
            ? own(404)
            : routed(
                request,
                out,
                new Proxied(request.target, request.headers, path.get()),
                path.get(),
                route.get());
    boolean more = request.whole() && answer.whole();
    write(out, answer, request.method, more);
    return more;
  }

  private Optional<ApisixRoute> route(String path) {
    return routes.stream()
        .filter(route -> path.equals(route.path()) || path.startsWith(route.path() + "/"))
        .findFirst();
  }

  private Answer routed(
      NginxRequest request, OutputStream out, Proxied proxied, String path, ApisixRoute route)
      throws IOException {
    String id = UUID.randomUUID().toString().replace("-", "");
    if (route.target()) {
      proxied.keepRawTarget();
      proxied.setHeader(TARGET, proxied.rawTarget);
      proxied.setHeader(REQUEST, id);
      proxied.setHeader(PROTOCOL, request.protocol);
    }
    if (!Messages.knows(request.method)) {
      return own(500);
    }
    Map<String, String> variables =
        Map.of(
            // APISIX puts the normalised one in the place of nginx's.
            "request_uri",
            proxied.rawTarget.replaceFirst("^[^?]*", Matcher.quoteReplacement(path)),
            "real_request_uri",
            proxied.rawTarget,
            "request_id",
            id,
            "remote_addr",
            server.getInetAddress().getHostAddress(),
            "request_method",
            request.method,
            "server_protocol",
            request.protocol);
    PluginAnswer answer =
        runner.request(
            route.conf(),
            new PluginRequest(
                request.method,
                proxied.path(),
                proxied.arguments(),
                proxied.headersSeen(),
                server.getInetAddress(),
                () -> askedBody(request, out),
                variables));
    switch (answer) {
      case PluginAnswer.Stop stop -> {
        return new Answer(stop.status(), stop.headers(), stop.body(), true);
      }
      case PluginAnswer.Failed failed -> {
        if (!route.degradation()) {
          return own(503);
        }
      }
      case PluginAnswer.Rewrite rewrite -> proxied.apply(rewrite);
      case PluginAnswer.Unchanged unchanged -> {}
      case PluginAnswer.Response response ->
          throw new IllegalStateException("an answer to another call");
    }
    if (!request.whole()) {
      proceed(request, out);
    }
    return proxy(request, proxied, route, variables);
  }

  private static byte @Nullable [] askedBody(NginxRequest request, OutputStream out)
      throws IOException {
    if (!request.hasBody()) {
      return null;
    }
    if (!request.whole()) {
      proceed(request, out);
    }
    return request.body();
  }

  private static void proceed(NginxRequest request, OutputStream out) throws IOException {
    if (Entry.first(request.headers, "expect").isPresent()) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
  }

  private Answer proxy(
      NginxRequest request, Proxied proxied, ApisixRoute route, Map<String, String> variables)
      throws IOException {
    byte[] body = proxied.body.length > 0 ? proxied.body : request.body();
    if (body.length > 0 && proxied.header("content-length").filter("0"::equals).isPresent()) {
      return own(400); // "client intended to send body data larger than declared"
    }
    int upstreamStatus;
    Answer answer;
    try {
      Optional<Answer> printed =
          route.responsePhase()
              ? responsePhase(
                  request, route, sent(luaHead(request, proxied, body), body, route), variables)
              : Optional.empty();
      if (printed.isPresent()) {
        answer = printed.get();
        upstreamStatus = answer.status();
      } else {
        // Also where the response phase printed nothing: then the request goes out once more.
        RawHttp.Response response = sent(nginxHead(request, proxied, body), body, route);
        upstreamStatus = response.status();
        answer = answer(proxied, response);
      }
    } catch (UncheckedIOException e) {
      upstreamStatus = e.getCause() instanceof SocketTimeoutException ? 504 : 502;
      answer = own(upstreamStatus);
    }
    report(route, variables, upstreamStatus);
    return answer;
  }

  private static RawHttp.Response sent(List<String> head, byte[] body, ApisixRoute route) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(RawHttp.head(head.toArray(String[]::new)));
    bytes.writeBytes(body);
    try (RawHttp upstream = RawHttp.connect(route.upstream().getPort(), route.timeout())) {
      upstream.send(bytes.toByteArray());
      return upstream.receive();
    }
  }

  private static List<String> nginxHead(NginxRequest request, Proxied proxied, byte[] body) {
    List<String> lines = new ArrayList<>();
    lines.add(request.method + " " + proxied.target() + " HTTP/1.1");
    lines.add("Host: " + proxied.header("host").orElse(""));
    for (Entry entry : proxied.headers()) {
      String name = entry.name();
      if (!HOP_BY_HOP.contains(name)
          && !Set.of("host", "expect", "x-real-ip", "x-forwarded-for").contains(name)) {
        lines.add(name + ": " + entry.value());
      }
    }
    String peer = "127.0.0.1";
    lines.add("X-Real-IP: " + peer);
    lines.add(
        "X-Forwarded-For: "
            + proxied.header("x-forwarded-for").map(before -> before + ", ").orElse("")
            + peer);
    boolean said = proxied.header("content-length").isPresent();
    if (body.length > 0 || request.hasBody() || said) {
      lines.add("Content-Length: " + body.length);
    }
    return lines;
  }

  /** The Lua client of the response phase: every header that is left, and the body as it is. */
  private static List<String> luaHead(NginxRequest request, Proxied proxied, byte[] body) {
    List<String> lines = new ArrayList<>();
    lines.add(request.method + " " + proxied.target() + " HTTP/1.1");
    for (Entry entry : proxied.headers()) {
      if (!Set.of("content-length", "expect").contains(entry.name())) {
        lines.add(entry.name() + ": " + entry.value());
      }
    }
    if (proxied.header("transfer-encoding").isEmpty() && (body.length > 0 || request.hasBody())) {
      lines.add("Content-Length: " + body.length);
    }
    return lines;
  }

  /** The way back of a route whose answers nginx proxies. */
  private static Answer answer(Proxied proxied, RawHttp.Response response) {
    List<Entry> headers = new ArrayList<>();
    for (Entry entry : headers(response)) {
      if (!HOP_BY_HOP.contains(entry.name()) && !STRIPPED.contains(entry.name())) {
        headers.add(entry);
      }
    }
    for (Entry set : proxied.responseHeaders) {
      if (!NOT_FROM_RUNNER.contains(set.name().toLowerCase(Locale.ROOT))) {
        headers.removeIf(entry -> entry.name().equalsIgnoreCase(set.name()));
        headers.add(set);
      }
    }
    if (response.status() == 401) {
      headers.removeIf(entry -> entry.name().equals("www-authenticate"));
      headers.add(new Entry("retry-after", "1"));
      return new Answer(503, headers, new byte[0], true);
    }
    return new Answer(response.status(), headers, response.body(), response.whole());
  }

  /** Empty when nothing is printed: the Lua side takes an empty body for none. */
  private Optional<Answer> responsePhase(
      NginxRequest request,
      ApisixRoute route,
      RawHttp.Response response,
      Map<String, String> variables) {
    PluginAnswer changed =
        runner.response(
            route.conf(),
            new PluginResponse(response.status(), headers(response), response.body(), variables));
    return switch (changed) {
      case PluginAnswer.Response answer -> {
        List<Entry> headers = answer.headers();
        if (headers.isEmpty()) {
          headers =
              headers(response).stream()
                  .filter(entry -> !NOT_FROM_RUNNER.contains(entry.name()))
                  .toList();
        }
        yield printed(
            request,
            answer.status() == 0 ? response.status() : answer.status(),
            headers.stream().filter(entry -> !HOP_BY_HOP.contains(entry.name())).toList(),
            answer.body(),
            response);
      }
      case PluginAnswer.Failed failed -> printed(request, 503, List.of(), new byte[0], response);
      default -> throw new IllegalStateException("an answer to another call");
    };
  }

  private static Optional<Answer> printed(
      NginxRequest request,
      int status,
      List<Entry> headers,
      byte[] body,
      RawHttp.Response response) {
    if (body.length > 0) {
      return Optional.of(new Answer(status, headers, body, true));
    }
    if (request.method.equals("HEAD")) {
      return Optional.of(own(502)); // there is no reader of its body
    }
    return response.body().length == 0
        ? Optional.empty()
        : Optional.of(new Answer(status, headers, response.body(), response.whole()));
  }

  private static List<Entry> headers(RawHttp.Response response) {
    List<Entry> headers = new ArrayList<>();
    response
        .headers()
        .forEach((name, values) -> values.forEach(value -> headers.add(new Entry(name, value))));
    return headers;
  }

  /** {@code http-logger} with a batch of one: after the answer, and nobody waits for it. */
  private void report(ApisixRoute route, Map<String, String> variables, int upstreamStatus) {
    route
        .reports()
        .ifPresent(
            reports -> {
              String entry =
                  "{\"request\":\"%s\",\"status\":\"%d\",\"route_id\":\"%s\"}"
                      .formatted(variables.get("request_id"), upstreamStatus, route.conf().key());
              var unused =
                  reporter.sendAsync(
                      HttpRequest.newBuilder(reports.uri())
                          .header("Authorization", reports.authorization())
                          .header("Content-Type", "application/json")
                          .POST(HttpRequest.BodyPublishers.ofString(entry))
                          .build(),
                      HttpResponse.BodyHandlers.discarding());
            });
  }

  private static void write(OutputStream out, Answer answer, String method, boolean more)
      throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("HTTP/1.1 " + answer.status() + " -");
    lines.add("Server: APISIX/3.18.0");
    answer.headers().forEach(entry -> lines.add(entry.name() + ": " + entry.value()));
    boolean bodyless = answer.status() == 204 || answer.status() == 304;
    if (!bodyless) {
      // One byte more than there is says that the upstream broke off.
      lines.add("Content-Length: " + (answer.body().length + (answer.whole() ? 0 : 1)));
    }
    lines.add("Connection: " + (more ? "keep-alive" : "close"));
    out.write(RawHttp.head(lines.toArray(String[]::new)));
    if (!method.equals("HEAD") && !bodyless) {
      out.write(answer.body());
    }
    out.flush();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    runner.close();
    reporter.close();
  }
}
