// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.audit.CommitQueue.Offer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CommitQueueTest {
  private static final Duration WAIT = Duration.ofSeconds(30);

  private final CommitQueue queue =
      new CommitQueue(
          new Sealer("gateway-a", 0, SealedLine.GENESIS), 8, Duration.ZERO, Duration.ZERO);

  private Offer offer(AuditRecord record) {
    return queue.offer(record, new CompletableFuture<>());
  }

  private void allow(int count) {
    for (int n = 1; n <= count; n++) {
      assertThat(offer(TestRecords.allowed(n))).isEqualTo(Offer.ACCEPTED);
    }
  }

  @Test
  void roomWhenFewRecordsAreHeldThenIsThereAtOnce() {
    allow(6);

    assertThat(queue.room()).isCompleted();
  }

  @Test
  void roomWhenCrowdedThenComesWhenHalfOfItIsDurable() {
    allow(7);

    CompletableFuture<Void> room = queue.room();

    queue.release(2);
    assertThat(room).isNotDone();
    queue.release(1);
    assertThat(room).succeedsWithin(WAIT);
    assertThat(queue.room()).isCompleted();
  }

  @Test
  void roomWhenWritingFailsThenFails() {
    allow(8);
    CompletableFuture<Void> room = queue.room();

    queue.failWaiting(new AuditException("the disk is gone"));

    assertThat(room).failsWithin(WAIT).withThrowableThat().withMessageContaining("disk is gone");
  }

  @Test
  void offerWhenDenialsFloodThenAllowedCallsStillHaveRoom() {
    for (int n = 1; n <= 6; n++) {
      assertThat(offer(TestRecords.decision(n, "task", false))).isEqualTo(Offer.ACCEPTED);
    }
    assertThat(offer(TestRecords.decision(7, "task", false))).isEqualTo(Offer.FULL);

    assertThat(queue.room()).isCompleted();
    allow(2);

    assertThat(offer(TestRecords.allowed(3))).isEqualTo(Offer.FULL);
    assertThat(queue.takeTurnedAway()).isEqualTo(2);
  }
}
