// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives every test class the one {@link Stage}, holds every test to what may never happen on it,
 * and every class to the list of its client's calls.
 */
final class OnStage
    implements ParameterResolver, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private final Set<String> ran = new HashSet<>();

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Stage.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return stage(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    ran.add(context.getRequiredTestMethod().getName());
    stage(context).forget();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    stage(context).assertOnlyTheStoredCredentialWentUpstream();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Class<?> tests = context.getRequiredTestClass();
    Set<String> all =
        Stream.of(tests.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .map(Method::getName)
            .collect(Collectors.toSet());
    stage(context).assertListed(tests.getAnnotation(Client.class).value(), ran.equals(all));
  }

  private static Stage stage(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .computeIfAbsent(Stage.class, key -> open(), Stage.class);
  }

  private static Stage open() {
    try {
      return new Stage();
    } catch (Exception e) {
      throw new IllegalStateException("the stage could not be set", e);
    }
  }
}
