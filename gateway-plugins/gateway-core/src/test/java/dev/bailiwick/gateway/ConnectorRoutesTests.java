// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.RequestTarget;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConnectorRoutesTests {
  private final WalkFixture fixture = new WalkFixture();
  private final ConnectorRoutes mounted = fixture.routes(WalkFixture.BUNDLE);
  private final ConnectorRoutes withRoot =
      fixture.routes(
          WalkFixture.BUNDLE.replace(
              "agents:",
              """
                everything:
                  adapter: fake
                  path: /
                  upstream: https://everything.example
                  credential: vault:everything/main
              agents:\
              """));

  @Test
  void findWhenBelowNoMountPointThenNothing() {
    assertThat(find(mounted, "/shopping/lamp")).isEmpty();
  }

  @Test
  void findWhenTheRootIsTakenThenItGetsWhatNoOtherTakes() {
    assertThat(find(withRoot, "/shopping/lamp")).hasValue("everything");
    assertThat(find(withRoot, "/")).hasValue("everything");
  }

  @Test
  void findWhenTheRootIsTakenThenOtherMountPointsKeepTheirs() {
    assertThat(find(withRoot, "/shop/lamp")).hasValue("shop");
    assertThat(find(withRoot, "/shop")).hasValue("shop");
  }

  @Test
  void headWhenMountedAtTheRootThenTheWholePathIsTheConnectors() {
    RequestTarget target = RequestTarget.parse("/lamp/bulb", null);

    assertThat(
            withRoot
                .find(target)
                .orElseThrow()
                .head(WalkFixture.get("/lamp/bulb"), target)
                .target()
                .segments())
        .isEqualTo(List.of("lamp", "bulb"));
  }

  private static Optional<String> find(ConnectorRoutes routes, String path) {
    return routes.find(RequestTarget.parse(path, null)).map(ConnectorRoutes.Route::name);
  }
}
