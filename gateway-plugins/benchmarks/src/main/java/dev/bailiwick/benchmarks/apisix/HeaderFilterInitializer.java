// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.apisix;

import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/** Puts the filter into the published runner, whose Spring cannot parse classes as new as ours. */
public final class HeaderFilterInitializer
    implements ApplicationContextInitializer<GenericApplicationContext> {
  @Override
  public void initialize(GenericApplicationContext context) {
    context.registerBean(HeaderFilter.NAME, HeaderFilter.class, HeaderFilter::new);
  }
}
