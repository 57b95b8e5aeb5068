// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.apisix.plugin.runner.filter.PluginFilter;
import org.apache.apisix.plugin.runner.server.ApplicationRunner;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Puts Bailiwick into the runner's context: the filter, the core, and a guard on every connection.
 * Named in {@code META-INF/spring.factories}, so the runner loads it as the JVM loads any class;
 * its own scanner, which cannot read class files of Java 20 and later, never sees one of ours.
 */
public final class BailiwickInitializer
    implements ApplicationContextInitializer<GenericApplicationContext> {

  @Override
  public void initialize(GenericApplicationContext context) {
    context.registerBean(
        "bailiwickCore",
        FilterCore.class,
        () -> FilterCore.open(FilterSettings.of(context.getEnvironment())));
    context.registerBean("bailiwickFilter", BailiwickFilter.class, BailiwickFilter::new);
    context.registerBean(
        "bailiwickGuards",
        ConnectionGuard.Maker.class,
        () -> maker(context.getBean(FilterCore.class), new GuardedConfs(() -> names(context))));
    context.addBeanFactoryPostProcessor(BailiwickInitializer::guard);
  }

  private static ConnectionGuard.Maker maker(FilterCore core, GuardedConfs confs) {
    CallDecider decider = new CallDecider(core.gateway(), () -> core.gateway().bundle());
    return () -> new ConnectionGuard(confs, decider, core.sent());
  }

  /** The filters of the runner, by the names that routes call them. */
  private static Set<String> names(GenericApplicationContext context) {
    List<String> names =
        context
            .getBeanProvider(PluginFilter.class)
            .orderedStream()
            .map(PluginFilter::name)
            .collect(Collectors.toList());
    Set<String> distinct = new HashSet<>(names);
    if (names.stream().filter(BailiwickFilter.NAME::equals).count() != 1) {
      // The runner would take the last of them. Then nothing is known under this name.
      distinct.remove(BailiwickFilter.NAME);
    }
    return distinct;
  }

  private static void guard(ConfigurableListableBeanFactory beans) {
    String[] runners = beans.getBeanNamesForType(ApplicationRunner.class, true, false);
    if (runners.length != 1
        || !(beans.getBeanDefinition(runners[0]) instanceof AbstractBeanDefinition definition)) {
      throw new FilterStartException(
          "expected one ApplicationRunner of the APISIX plugin runner, found " + runners.length);
    }
    definition.setBeanClass(GuardedRunner.class);
  }
}
