// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one trail while it is written. Not thread-safe: one thread seals, writes and signs.
 *
 * <p>Order of events, which recovery relies on: a batch is durable before the head that covers it;
 * a segment is covered by a head before the next one is begun.
 */
final class TrailWriter implements AutoCloseable {

  /** A record in its final form. */
  record Sealed(byte[] line, long sequence, String hash) {}

  private static final Logger log = LoggerFactory.getLogger(FileAuditLog.class);
  private static final int WRITE_BYTES = 4 << 20;

  private final AuditOptions options;
  private final WriterFiles files;
  private final RecordEncoder encoder;
  private final Quarantine quarantine;
  private final List<AuditRecord.TrailNote> notes = new ArrayList<>();

  private WriterLock lock;
  private SigningKey key;
  private FileChannel channel;
  private Object identity;
  private int segment;

  // Durable: what the segment holds and the last record in it.
  private long committed;
  private long sequence;
  private String hash;

  // Sealed: the last record that was given its place, durable or not.
  private long sealedSequence;
  private String sealedHash;

  private boolean ownBytesMayFollow;

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
    this.encoder = new RecordEncoder(options.writer());
    this.quarantine = new Quarantine(files);
    List<Integer> segments = files.segments();
    boolean fresh =
        Files.notExists(files.head())
            && (segments.isEmpty()
                || (segments.equals(List.of(1)) && Files.size(files.segment(1)) == 0));
    this.key =
        SigningKey.open(options.signingKey().orElse(files.signingKey()), files.publicKey(), fresh);
    if (segments.isEmpty() && !fresh) {
      throw refuse("lacks " + files.segment(1).getFileName());
    }
    this.segment = segments.isEmpty() ? 1 : segments.getLast();
    this.channel = openSegment(segment, StandardOpenOption.CREATE);
    this.identity = identity(files.segment(segment));
    this.hash = SealedLine.GENESIS;
    try {
      if (!fresh) {
        resume(segments);
      }
      this.sealedSequence = sequence;
      this.sealedHash = hash;
      sign();
      WriterFiles.syncDirectory(files.directory());
      WriterFiles.syncDirectory(files.root());
      notePending();
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void resume(List<Integer> segments) throws IOException {
    Head head = Head.read(files.head()).orElseThrow(() -> refuse("has no readable signed head"));
    if (!head.writer().equals(options.writer()) || !head.isSignedBy(key.publicKey())) {
      throw refuse("has a head that this writer's key did not sign");
    }
    for (int number = 1; number <= segments.size(); number++) {
      if (segments.get(number - 1) != number) {
        throw refuse("lacks " + files.segment(number).getFileName());
      }
    }
    if (head.segment() != segment && head.segment() != segment - 1) {
      throw refuse("lacks " + files.segment(head.segment()).getFileName());
    }
    Chain chain = readLastSegment(head);
    sequence = chain.sequence();
    hash = chain.hash();
    if (channel.size() > committed) {
      quarantine.keep(channel, segment, committed);
      channel.truncate(committed);
      channel.force(true);
    }
    if (sequence > head.sequence()) {
      note(
          "UNSIGNED_RECORDS_CONTINUED",
          "The trail was continued behind record "
              + sequence
              + ", although its last signed head names record "
              + head.sequence()
              + ": the writer had stopped before it signed the rest.");
    }
  }

  private Chain readLastSegment(Head head) throws IOException {
    Chain chain;
    if (head.segment() < segment) {
      chain = new Chain(options.writer(), head.sequence(), head.hash());
    } else if (segment == 1) {
      chain = Chain.fromTheStart(options.writer());
    } else {
      chain = Chain.fromTheMiddle(options.writer());
    }
    try (LineReader lines =
        new LineReader(WriterFiles.open(files.segment(segment), StandardOpenOption.READ), 0)) {
      byte[] line = lines.next();
      while (line != null && lines.terminated() && chain.follow(line).isEmpty()) {
        committed = lines.offset();
        if (chain.sequence() == head.sequence() && !chain.hash().equals(head.hash())) {
          throw refuse("holds another record " + head.sequence() + " than its signed head names");
        }
        line = lines.next();
      }
    }
    if (chain.sequence() < head.sequence()) {
      throw refuse(
          "is whole only up to record "
              + chain.sequence()
              + ", but its signed head names record "
              + head.sequence());
    }
    return chain;
  }

  private AuditException refuse(String what) {
    return new AuditException(
        "The audit trail "
            + files.directory()
            + " "
            + what
            + ": it was changed while no writer was running. Keep it as evidence (move it away, or"
            + " choose another writer name), then start again.");
  }

  /** Gives a record its place in the chain. Nothing is written yet. */
  Sealed seal(AuditRecord record) {
    byte[] unsealed = encoder.encode(record, sealedSequence + 1, sealedHash);
    String own = SealedLine.hash(unsealed);
    byte[] line = SealedLine.seal(unsealed, own);
    if (line.length > SealedLine.MAX_BYTES) {
      throw new AuditException(
          "A record of "
              + line.length
              + " bytes exceeds the limit of "
              + SealedLine.MAX_BYTES
              + ": send smaller requests.");
    }
    sealedSequence++;
    sealedHash = own;
    return new Sealed(line, sealedSequence, own);
  }

  /**
   * Writes as many of the sealed records as fit into the segment and makes them durable.
   *
   * @param records in the order of their sealing, the oldest that is not durable first
   * @return how many are durable now; at least one
   */
  int write(List<Sealed> records) throws IOException {
    if (committed >= options.segmentBytes()) {
      rotate();
    }
    requireUntouched();
    int count = 0;
    int bytes = 0;
    for (Sealed record : records) {
      long end = committed + bytes + record.line().length;
      if (count > 0
          && (end > options.segmentBytes() || bytes + record.line().length > WRITE_BYTES)) {
        break;
      }
      bytes += record.line().length;
      count++;
    }
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    records.subList(0, count).forEach(record -> buffer.put(record.line()));
    buffer.flip();
    ownBytesMayFollow = true;
    long at = committed;
    while (buffer.hasRemaining()) {
      at += channel.write(buffer, at);
    }
    channel.force(false);
    requireInPlace();
    ownBytesMayFollow = false;
    committed = at;
    Sealed last = records.get(count - 1);
    sequence = last.sequence();
    hash = last.hash();
    return count;
  }

  /** Signs what is durable. */
  void sign() throws IOException {
    Instant now = options.clock().instant();
    Head head = Head.sign(options.writer(), segment, sequence, hash, now, key);
    WriterFiles.replace(files.head(), head.text());
  }

  /** Renames what was kept aside, now that the trail has a durable note of it. */
  void settle() throws IOException {
    quarantine.settle();
  }

  private void rotate() throws IOException {
    sign();
    int next = segment + 1;
    FileChannel fresh = openSegment(next, StandardOpenOption.CREATE);
    try {
      if (fresh.size() > 0) {
        throw new TrailTouchedException(
            files.segment(next) + " was put there by somebody else: move it away.");
      }
      WriterFiles.syncDirectory(files.directory());
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
    log.info(
        "Audit trail {} goes on in {} behind record {} with hash {}",
        files.directory(),
        files.segment(next).getFileName(),
        sequence,
        hash);
    channel.close();
    channel = fresh;
    identity = identity(files.segment(next));
    segment = next;
    committed = 0;
  }

  /** After a failure: finds the trail again, exactly as long as it was, or throws. */
  void recover() throws IOException {
    channel.close();
    channel = openSegment(segment);
    identity = identity(files.segment(segment));
    long size = channel.size();
    if (size < committed || !endsAsCommitted()) {
      throw new TrailTouchedException(
          files.segment(segment)
              + " no longer holds what was written to it: put back the file that was there.");
    }
    if (size > committed) {
      if (!ownBytesMayFollow) {
        quarantine.keep(channel, segment, committed);
        notePending();
      }
      channel.truncate(committed);
      channel.force(true);
    }
    ownBytesMayFollow = false;
    if (!lock.guards()) {
      lock.close();
      lock = WriterLock.acquire(files);
    }
  }

  private boolean endsAsCommitted() throws IOException {
    if (committed == 0) {
      return true;
    }
    byte[] expected = SealedLine.ending(hash);
    ByteBuffer end = ByteBuffer.allocate(expected.length);
    while (end.hasRemaining()) {
      if (channel.read(end, committed - expected.length + end.position()) < 0) {
        return false;
      }
    }
    return Arrays.equals(expected, end.array());
  }

  private void requireUntouched() throws IOException {
    requireInPlace();
    if (channel.size() != committed) {
      throw new TrailTouchedException(
          files.segment(segment) + " was changed by somebody else while this process wrote it.");
    }
  }

  /** A file that was moved away or removed could still be written to, for nobody to find. */
  private void requireInPlace() throws IOException {
    if (!identity(files.segment(segment)).equals(identity)) {
      throw new NoSuchFileException(files.segment(segment).toString());
    }
  }

  private static Object identity(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return Objects.requireNonNullElse(attributes.fileKey(), file);
  }

  private FileChannel openSegment(int number, StandardOpenOption... more) throws IOException {
    StandardOpenOption[] options = Arrays.copyOf(more, more.length + 2);
    options[more.length] = StandardOpenOption.READ;
    options[more.length + 1] = StandardOpenOption.WRITE;
    return WriterFiles.open(files.segment(number), options);
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
  String explain(Throwable failure) {
    String trail = "The audit trail " + files.directory();
    String next = "; records wait in memory and are written as soon as that works again.";
    if (failure instanceof TrailTouchedException) {
      return trail + " cannot be continued: " + failure.getMessage();
    }
    if (failure instanceof NoSuchFileException) {
      return trail + " is gone: put the directory back" + next;
    }
    if (failure instanceof java.nio.file.AccessDeniedException) {
      return trail + " may not be written by this user: give it back its owner and mode" + next;
    }
    if (diskIsFull()) {
      return trail + " is on a full disk: free some space" + next;
    }
    String detail = Optional.ofNullable(failure.getMessage()).orElse("no details");
    return trail
        + " cannot be written ("
        + failure.getClass().getSimpleName()
        + ": "
        + SafeText.escape(detail)
        + "): repair the disk"
        + next;
  }

  private boolean diskIsFull() {
    try {
      return Files.getFileStore(files.directory()).getUsableSpace() < WRITE_BYTES / 64;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    log.info("Audit trail {} ends at record {} with hash {}", files.directory(), sequence, hash);
    try {
      channel.close();
    } finally {
      lock.close();
    }
  }

  /** Somebody else had a hand on the files. */
  private static final class TrailTouchedException extends IOException {
    private static final long serialVersionUID = 1L;

    TrailTouchedException(String message) {
      super(message);
    }
  }
}
