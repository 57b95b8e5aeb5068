// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through APISIX, with what plugins have made of it so far. Not thread-safe.
 */
final class Proxied {
  private static final int HEADERS_SEEN = 100;

  final String rawTarget;
  private final List<Entry> headers;
  private final String decodedPath;
  private Map<String, List<Entry>> arguments;
  private String query;
  private @Nullable String upstreamUri;
  byte[] body = {};
  final List<Entry> responseHeaders = new ArrayList<>();

  Proxied(String rawTarget, List<Entry> headers, String decodedPath) {
    this.rawTarget = rawTarget;
    this.headers = new ArrayList<>(headers);
    this.decodedPath = decodedPath;
    int question = rawTarget.indexOf('?');
    this.query = question < 0 ? "" : rawTarget.substring(question + 1);
    this.arguments = NginxUri.arguments(query);
  }

  /** {@code proxy-rewrite} with {@code use_real_request_uri_unsafe}. */
  void keepRawTarget() {
    upstreamUri = rawTarget;
  }

  /** {@code core.request.set_header}: replaces every line of that name, or removes it. */
  void setHeader(String name, @Nullable String value) {
    headers.removeIf(entry -> entry.name().equalsIgnoreCase(name));
    if (value != null) {
      headers.add(new Entry(name.toLowerCase(Locale.ROOT), value));
    }
  }

  /** The path as an {@code ext-plugin} shows it. */
  String path() {
    String uri = upstreamUri == null ? decodedPath : upstreamUri;
    int question = uri.indexOf('?');
    return upstreamUri == null || question < 0 ? uri : uri.substring(0, question);
  }

  /** Equal names together; otherwise a Lua table has no order, so ours is turned round. */
  List<Entry> arguments() {
    List<Entry> all = new ArrayList<>();
    new ArrayList<>(arguments.values()).reversed().forEach(all::addAll);
    return all;
  }

  List<Entry> headers() {
    return headers;
  }

  /** {@code ngx.req.get_headers} stops at a hundred lines and says nothing. */
  List<Entry> headersSeen() {
    return headers.subList(0, Math.min(HEADERS_SEEN, headers.size()));
  }

  /** What the Lua side does with a rewrite, in its order. */
  void apply(PluginAnswer.Rewrite rewrite) {
    rewrite.headers().forEach(entry -> setHeader(entry.name(), entry.value()));
    if (rewrite.body().length > 0) {
      body = rewrite.body();
    }
    responseHeaders.addAll(rewrite.responseHeaders());
    if (!rewrite.arguments().isEmpty()) {
      setArguments(rewrite.arguments());
    }
    String path = rewrite.path();
    if (path != null) {
      upstreamUri = NginxUri.escape(path) + (query.isEmpty() ? "" : "?" + query);
    }
  }

  private void setArguments(List<Entry> changes) {
    Map<String, List<Entry>> changed = new LinkedHashMap<>();
    for (Entry change : changes) {
      if (change.value() == null) {
        arguments.remove(change.name());
      } else {
        changed.computeIfAbsent(change.name(), n -> new ArrayList<>()).add(change);
      }
    }
    arguments = new LinkedHashMap<>(arguments);
    arguments.putAll(changed);
    query = NginxUri.encode(arguments);
  }

  /** What stands on the request line to the upstream. */
  String target() {
    return upstreamUri == null ? rawTarget : upstreamUri;
  }

  Optional<String> header(String name) {
    return Entry.first(headers, name);
  }
}
