// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.policy.Bundle.Tier;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnforcementStatusTests {
  private static final Layer FILES = Layer.of("landlock", Tier.BASE, "files", List.of());
  private static final Layer OLD_FILES =
      Layer.of("landlock", Tier.BASE, "files", List.of(new Layer.Gap("no audit", "silence")));
  private static final Layer NO_FILES = Layer.absent("landlock", Tier.BASE, "no Landlock", "all");
  private static final Layer LSM = Layer.of("bpf-lsm", Tier.LSM, "more", List.of());
  private static final Layer NO_LSM = Layer.absent("bpf-lsm", Tier.LSM, "EPERM", "less");
  private static final Layer NO_LIMITS =
      Layer.absent("limits", Tier.BASE, "no controller", "nothing").besideTheTiers();

  @Test
  void ofWhenNothingIsMissingThenEveryTierHolds() {
    EnforcementStatus status = EnforcementStatus.of(List.of(FILES, LSM));

    assertThat(status).isInstanceOf(EnforcementStatus.Full.class);
    assertThat(status.satisfies(Tier.BASE)).isTrue();
    assertThat(status.satisfies(Tier.LSM)).isTrue();
    assertThat(status.enforced()).containsExactly("landlock: files", "bpf-lsm: more");
    assertThat(status.missing()).isEmpty();
  }

  @Test
  void ofWhenLsmIsAbsentThenOnlyTheBaseTierHolds() {
    EnforcementStatus status = EnforcementStatus.of(List.of(FILES, NO_LSM));

    assertThat(status).isInstanceOf(EnforcementStatus.Partial.class);
    assertThat(status.satisfies(Tier.BASE)).isTrue();
    assertThat(status.satisfies(Tier.LSM)).isFalse();
    assertThat(status.lacking(Tier.LSM)).containsExactly("bpf-lsm: EPERM");
    assertThat(status.missing()).containsExactly("bpf-lsm: EPERM; allows: less");
  }

  @Test
  void ofWhenALayerIsPartialThenItsTierHolds() {
    EnforcementStatus status = EnforcementStatus.of(List.of(OLD_FILES, LSM));

    assertThat(status).isInstanceOf(EnforcementStatus.Partial.class);
    assertThat(status.satisfies(Tier.LSM)).isTrue();
    assertThat(status.missing()).containsExactly("landlock: no audit; allows: silence");
  }

  @Test
  void ofWhenALayerOfTheBaseIsAbsentThenNoTierHoldsWhateverElseThereIs() {
    EnforcementStatus status = EnforcementStatus.of(List.of(NO_FILES, LSM));

    assertThat(status).isInstanceOf(EnforcementStatus.NotEnforced.class);
    assertThat(status.satisfies(Tier.BASE)).isFalse();
    assertThat(status.satisfies(Tier.LSM)).isFalse();
    assertThat(status.enforced()).containsExactly("bpf-lsm: more");
  }

  @Test
  void ofWhenALayerBesideTheTiersIsAbsentThenTheTiersHold() {
    EnforcementStatus status = EnforcementStatus.of(List.of(FILES, LSM, NO_LIMITS));

    assertThat(status).isInstanceOf(EnforcementStatus.Partial.class);
    assertThat(status.satisfies(Tier.LSM)).isTrue();
  }

  @Test
  void layerWhenFullWithAGapThenIsDenied() {
    assertThatThrownBy(
            () ->
                new Layer(
                    "landlock",
                    Layer.State.FULL,
                    "files",
                    List.of(new Layer.Gap("a", "b")),
                    Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** What runs these tests has the base tier, and says what is beyond it. */
  @Test
  void probeWhenRunHereThenTheBaseTierHoldsAndEveryGapSaysWhatItAllows() {
    EnforcementStatus status = HostProbe.probe();

    assertThat(status.satisfies(Tier.BASE)).as(status.missing().toString()).isTrue();
    assertThat(status.layers())
        .extracting(Layer::name)
        .containsExactly(
            "identity",
            "cgroup2",
            "cgroup-bpf",
            "landlock",
            "seccomp",
            "bpf-lsm",
            "evidence",
            "limits");
    assertThat(status.layers())
        .flatExtracting(Layer::gaps)
        .allSatisfy(gap -> assertThat(gap.allows()).isNotBlank());
  }
}
