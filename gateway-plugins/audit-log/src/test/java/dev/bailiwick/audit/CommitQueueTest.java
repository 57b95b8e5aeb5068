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

  private final Room room = new Room(8);
  private final CommitQueue queue =
      new CommitQueue(
          new Sealer("gateway-a", 0, SealedLine.GENESIS), room, Duration.ZERO, Duration.ZERO);

  private Offer offer(AuditRecord record) {
    return queue.offer(record, new WatchedReceipt(queue), false);
  }

  private Offer offerKept(AuditRecord record) {
    return queue.offer(record, new WatchedReceipt(queue), true);
  }

  private void allow(int count) {
    for (int n = 1; n <= count; n++) {
      assertThat(offer(TestRecords.allowed(n))).isEqualTo(Offer.ACCEPTED);
    }
  }

  private static AuditRecord denial(int n) {
    return TestRecords.decision(n, "task", false);
  }

  @Test
  void keepWhenAllIsTakenThenComesWhenRecordsAreDurable() {
    allow(7);
    assertThat(room.tryKeep(1)).isTrue();
    assertThat(room.tryKeep(1)).isFalse();

    CompletableFuture<Void> kept = room.keep(2);

    room.release(1);
    assertThat(kept).isNotDone();
    room.release(1);
    assertThat(kept).succeedsWithin(WAIT);
    assertThat(room.taken()).isEqualTo(8);
  }

  @Test
  void keepWhenOthersWaitThenNobodyOvertakes() {
    allow(8);
    CompletableFuture<Void> first = room.keep(2);
    CompletableFuture<Void> second = room.keep(1);

    room.release(1);

    assertThat(room.tryKeep(1)).isFalse();
    assertThat(second).isNotDone();
    room.release(2);
    assertThat(first).succeedsWithin(WAIT);
    assertThat(second).succeedsWithin(WAIT);
  }

  @Test
  void keepWhenGivenUpThenTheNextOneGetsItAndNothingStaysTaken() {
    allow(7);
    CompletableFuture<Void> first = room.keep(3);
    CompletableFuture<Void> second = room.keep(1);

    first.cancel(false);
    room.forgetDone();

    assertThat(second).succeedsWithin(WAIT);
    room.giveBack(1);
    room.release(7);
    assertThat(room.taken()).isZero();
  }

  @Test
  void keepWhenWritingFailsThenFails() {
    allow(8);
    CompletableFuture<Void> kept = room.keep(1);

    room.fail(new AuditException("the disk is gone"));

    assertThat(kept).failsWithin(WAIT).withThrowableThat().withMessageContaining("disk is gone");
  }

  @Test
  void offerWhenDenialsFloodThenAllowedCallsStillHaveRoom() {
    for (int n = 1; n <= 6; n++) {
      assertThat(offer(denial(n))).isEqualTo(Offer.ACCEPTED);
    }
    assertThat(offer(denial(7))).isEqualTo(Offer.FULL);

    assertThat(room.tryKeep(1)).isTrue();
    allow(1);

    assertThat(offer(TestRecords.allowed(3))).isEqualTo(Offer.FULL);
    assertThat(offerKept(TestRecords.allowed(4))).isEqualTo(Offer.ACCEPTED);
    assertThat(queue.takeTurnedAway()).isEqualTo(2);
  }

  @Test
  void offerWhenPlacesAreKeptThenNothingElseTakesThem() {
    assertThat(room.tryKeep(7)).isTrue();

    assertThat(offer(denial(1))).isEqualTo(Offer.ACCEPTED);
    assertThat(offer(denial(2))).isEqualTo(Offer.FULL);
    for (int n = 1; n <= 7; n++) {
      assertThat(offerKept(denial(n))).isEqualTo(Offer.ACCEPTED);
    }

    room.release(8);
    assertThat(room.taken()).isZero();
    assertThat(room.held()).isZero();
  }
}
