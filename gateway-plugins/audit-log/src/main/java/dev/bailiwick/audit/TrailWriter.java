// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one trail while it is written. Not thread-safe: one thread writes and signs.
 *
 * <p>Recovery relies on the order of events: a batch is durable before the head that covers it, and
 * a segment is covered by a head before the next one is begun.
 */
final class TrailWriter implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FileAuditLog.class);

  /** At least the longest line. */
  private static final int WRITE_BYTES = 4 << 20;

  private static final int FULL_DISK_BYTES = 64 << 10;

  private final AuditOptions options;
  private final WriterFiles files;
  private final Quarantine quarantine;
  private final SigningKey key;
  private final List<AuditRecord.TrailNote> notes = new ArrayList<>();

  /** What is written at once. One that is made for every batch is a burden for the collector. */
  private final ByteBuffer lines = WholeBlocks.memory(WRITE_BYTES);

  private WriterLock lock;
  private Segment segment;

  /** The last record that is durable. */
  private long sequence;

  private String hash = SealedLine.GENESIS;

  /** Opens the trail of a writer where it ended, or begins it. */
  static TrailWriter open(AuditOptions options) throws IOException {
    WriterFiles files = new WriterFiles(options.directory(), options.writer());
    WriterFiles.createDirectories(files.directory());
    WriterLock lock = WriterLock.acquire(files);
    try {
      return new TrailWriter(options, files, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private TrailWriter(AuditOptions options, WriterFiles files, WriterLock lock) throws IOException {
    this.options = options;
    this.files = files;
    this.lock = lock;
    this.quarantine = new Quarantine(files);
    List<Integer> numbers = files.segments();
    boolean fresh =
        Files.notExists(files.head())
            && (numbers.isEmpty()
                || (numbers.equals(List.of(1)) && Files.size(files.segment(1)) == 0));
    Path keyFile = options.signingKey().orElse(files.signingKey());
    this.key = SigningKey.open(keyFile, files.publicKey(), fresh);
    if (!fresh) {
      requireAll(numbers);
    }
    this.segment = Segment.open(files, fresh ? 1 : numbers.getLast());
    try {
      if (!fresh) {
        resume();
      }
      sign();
      WriterFiles.syncDirectory(files.directory());
      WriterFiles.syncDirectory(files.root());
      notePending();
    } catch (IOException | RuntimeException e) {
      segment.close();
      throw e;
    }
  }

  private void requireAll(List<Integer> numbers) {
    for (int number = 1; number <= Math.max(1, numbers.size()); number++) {
      if (numbers.size() < number || numbers.get(number - 1) != number) {
        throw changed("lacks " + files.segment(number).getFileName());
      }
    }
  }

  private void resume() throws IOException {
    Head head = Head.read(files.head()).orElseThrow(() -> changed("has no readable signed head"));
    if (!head.writer().equals(options.writer()) || !head.isSignedBy(key.publicKey())) {
      throw changed("has a head that this writer's key did not sign");
    }
    if (head.segment() != segment.number() && head.segment() != segment.number() - 1) {
      throw changed("does not end in " + files.segment(head.segment()).getFileName());
    }
    Chain chain = followLastSegment(head);
    sequence = chain.sequence();
    hash = chain.hash();
    if (segment.holdsMore()) {
      segment.keepAside(quarantine);
    }
    if (sequence > head.sequence()) {
      note(
          "UNSIGNED_RECORDS_CONTINUED",
          "The trail was continued behind record "
              + sequence
              + ", although its signed head names record "
              + head.sequence()
              + ": the writer had stopped before it signed the rest.");
    }
  }

  /** Whatever breaks the chain behind the head was never acknowledged; before it, it is damage. */
  private Chain followLastSegment(Head head) throws IOException {
    Chain chain = chainBefore(head);
    try (LineReader lines =
        new LineReader(WriterFiles.open(segment.path(), StandardOpenOption.READ), 0)) {
      byte[] line = lines.next();
      while (line != null && lines.terminated() && chain.follow(line).isEmpty()) {
        segment.commitUpTo(lines.offset());
        if (chain.sequence() == head.sequence() && !chain.hash().equals(head.hash())) {
          throw changed("holds another record " + head.sequence() + " than its signed head names");
        }
        line = lines.next();
      }
    }
    if (chain.sequence() < head.sequence()) {
      throw changed(
          "is whole only up to record "
              + chain.sequence()
              + ", but its signed head names record "
              + head.sequence());
    }
    return chain;
  }

  private Chain chainBefore(Head head) {
    if (head.segment() < segment.number()) {
      return new Chain(options.writer(), head.sequence(), head.hash());
    }
    return segment.number() == 1
        ? Chain.fromTheStart(options.writer())
        : Chain.fromTheMiddle(options.writer());
  }

  private AuditException changed(String what) {
    return new AuditException(
        "The audit trail "
            + files.directory()
            + " "
            + what
            + ": it was changed while no writer was running. Keep it as evidence (move it away, or"
            + " choose another writer name), then start again.");
  }

  /** Seals what comes behind the last durable record; there must be one of them only. */
  Sealer sealer() {
    return new Sealer(options.writer(), sequence, hash);
  }

  /**
   * Writes as many of the sealed records as fit into the segment and makes them durable.
   *
   * @param records in the order of their sealing, the oldest that is not durable first
   * @return how many are durable now; at least one
   */
  int write(List<Sealer.Sealed> records) throws IOException {
    if (segment.committed() >= options.segmentBytes()) {
      rotate();
    }
    long room = Math.min(options.segmentBytes() - segment.committed(), WRITE_BYTES);
    int start = segment.offset();
    int count = 1;
    lines.clear().position(start).put(records.getFirst().line());
    while (count < records.size()
        && lines.position() - start + records.get(count).line().length <= room) {
      lines.put(records.get(count).line());
      count++;
    }
    segment.append(lines.limit(lines.position()).position(start));
    sequence = records.get(count - 1).sequence();
    hash = records.get(count - 1).hash();
    return count;
  }

  /** Signs what is durable. */
  void sign() throws IOException {
    Head head =
        Head.sign(
            options.writer(), segment.number(), sequence, hash, options.clock().instant(), key);
    WriterFiles.replace(files.head(), head.text());
  }

  private void rotate() throws IOException {
    sign();
    Segment next = Segment.open(files, segment.number() + 1);
    try {
      if (next.holdsMore()) {
        throw new Segment.TouchedException(
            next.path() + " was put there by somebody else: move it away.");
      }
      WriterFiles.syncDirectory(files.directory());
    } catch (IOException e) {
      next.close();
      throw e;
    }
    log.info("{} ends at record {} with hash {}", segment.path(), sequence, hash);
    segment.close();
    segment = next;
  }

  /** After a failure: finds the trail again, exactly as long as it was, or throws. */
  void recover() throws IOException {
    if (segment.reopen(hash, quarantine)) {
      notePending();
    }
    if (!lock.guards()) {
      lock.close();
      lock = WriterLock.acquire(files);
    }
  }

  /** Call this when the notes are durable. */
  void settle() throws IOException {
    quarantine.settle();
  }

  private void notePending() throws IOException {
    quarantine.pending().forEach(sentence -> note("TAIL_KEPT_ASIDE", sentence));
  }

  private void note(String code, String sentence) {
    log.warn("Audit trail {}: {}", files.directory(), sentence);
    notes.add(new AuditRecord.TrailNote(options.clock().instant(), code, sentence));
  }

  /** What happened to the trail since the last call; to be recorded in it. */
  List<AuditRecord.TrailNote> takeNotes() {
    List<AuditRecord.TrailNote> taken = List.copyOf(notes);
    notes.clear();
    return taken;
  }

  /** What failed, in a sentence that says the next step. */
  String explain(Exception failure) {
    String trail = "The audit trail " + files.directory();
    String then = "; records wait in memory and are written as soon as that works again.";
    return switch (failure) {
      case AuditException known -> String.valueOf(known.getMessage());
      case Segment.TouchedException touched ->
          trail + " cannot be continued: " + touched.getMessage();
      case NoSuchFileException gone -> trail + " is gone: put the directory back" + then;
      case AccessDeniedException denied ->
          trail + " may not be written by this user: give it back its owner and mode" + then;
      case IOException full when isDiskFull() ->
          trail + " is on a full disk: free some space" + then;
      default ->
          trail
              + " cannot be written ("
              + failure.getClass().getSimpleName()
              + ": "
              + SafeText.escape(String.valueOf(failure.getMessage()))
              + "): repair the disk"
              + then;
    };
  }

  private boolean isDiskFull() {
    try {
      return Files.getFileStore(files.directory()).getUsableSpace() < FULL_DISK_BYTES;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    log.info("{} ends at record {} with hash {}", segment.path(), sequence, hash);
    try {
      segment.close();
    } finally {
      lock.close();
    }
  }
}
