// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.apache.apisix.plugin.runner.HttpRequest;
import org.apache.apisix.plugin.runner.HttpResponse;
import org.apache.apisix.plugin.runner.filter.PluginFilter;
import org.apache.apisix.plugin.runner.filter.PluginFilterChain;
import org.jspecify.annotations.Nullable;

/**
 * The filter that a route names in {@code ext-plugin-pre-req}. It is the end of its chain: it calls
 * no other, and the answer is written by the {@link ConnectionGuard}, whatever stands in the
 * runner's response. Thread-safe.
 */
final class BailiwickFilter implements PluginFilter {
  static final String NAME = "bailiwick";

  /** SDK 0.6 keeps bytes, and decodes them as it is told; before, one character is one byte. */
  private static final @Nullable Method BODY_AS = bodyAs();

  @Override
  public String name() {
    return NAME;
  }

  /** Asked while a call is prepared: a body that nothing is decided on streams through nginx. */
  @Override
  public Boolean requiredBody() {
    ConnectionGuard guard = ConnectionGuard.current();
    return guard != null && guard.needsBody();
  }

  /**
   * @throws IllegalStateException when no guard watches the connection; the runner then answers
   *     with an error, and APISIX with 503
   */
  @Override
  public void filter(HttpRequest request, HttpResponse response, PluginFilterChain chain) {
    ConnectionGuard guard = ConnectionGuard.current();
    if (guard == null) {
      throw new IllegalStateException("no guard watches this connection: nothing can be decided");
    }
    guard.decide(guard.needsBody() ? body(request) : new byte[0]);
  }

  private static byte[] body(HttpRequest request) {
    String body;
    try {
      body =
          BODY_AS == null
              ? request.getBody()
              : (String) BODY_AS.invoke(request, StandardCharsets.ISO_8859_1);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("the runner does not hand over the body", e);
    }
    return body == null ? new byte[0] : body.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static @Nullable Method bodyAs() {
    try {
      return HttpRequest.class.getMethod("getBody", Charset.class);
    } catch (NoSuchMethodException e) {
      return null;
    }
  }
}
