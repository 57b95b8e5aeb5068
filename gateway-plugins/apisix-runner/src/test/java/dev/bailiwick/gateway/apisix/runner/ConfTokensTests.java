// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ConfTokensTests {
  private final AtomicLong now = new AtomicLong();
  private final ConfTokens confs = new ConfTokens(Duration.ofHours(1), now::get);

  private long issue() {
    return confs.issue(List.of(new RouteConf.Filter("bailiwick", "{}")));
  }

  @Test
  void findWhenIssuedThenKnownUntilApisixHasForgottenIt() {
    long token = issue();

    now.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(confs.find(token)).isPresent();
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(confs.find(token)).isEmpty();
  }

  @Test
  void issueWhenAskedAgainThenEachTokenIsAnother() {
    assertThat(issue()).isNotEqualTo(issue());
  }

  @Test
  void issueWhenApisixAsksWithoutEndThenTheOldestAreForgotten() {
    for (int i = 0; i < 20_000; i++) {
      issue();
    }

    assertThat(confs.size()).isLessThanOrEqualTo(10_000);
  }
}
