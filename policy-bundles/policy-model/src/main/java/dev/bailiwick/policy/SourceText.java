// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Gets from a file to a document. */
final class SourceText {
  private static final int LARGEST = 1 << 20;

  private SourceText() {}

  /**
   * Reads a file of at most 1 MiB of UTF-8.
   *
   * @throws PolicyException when that is not what the file is
   */
  static String read(Path file) throws PolicyException {
    Problems problems = new Problems(file.toString());
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      checkSize(bytes.length, problems);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      problems.at(Place.NONE, "", "the file is not UTF-8; save it as UTF-8");
    } catch (NoSuchFileException e) {
      problems.at(Place.NONE, "", "there is no such file");
    } catch (AccessDeniedException e) {
      problems.at(Place.NONE, "", "this user may not read the file");
    } catch (IOException e) {
      problems.at(
          Place.NONE,
          "",
          Files.isDirectory(file)
              ? "this is a directory; name the file in it"
              : "the file cannot be read; check that it is a readable file");
    }
    problems.throwIfAny();
    throw new IllegalStateException("unreadable without a problem");
  }

  /**
   * Parses text.
   *
   * @throws PolicyException when it is not well-formed enough to look at what it means
   */
  static Located parse(String text, Problems problems) throws PolicyException {
    checkSize(text.length(), problems);
    problems.source(text);
    findHiddenCharacters(text, problems);
    @Nullable Located document = YamlReader.read(text, problems);
    if (document == null) {
      problems.throwIfAny();
      throw new IllegalStateException("no document without a problem");
    }
    return document;
  }

  private static void checkSize(int size, Problems problems) throws PolicyException {
    if (size > LARGEST) {
      problems.at(Place.NONE, "", "the file is larger than 1 MiB; split it into several bundles");
      problems.throwIfAny();
    }
  }

  /** Characters that make an editor show something else than what is read. */
  private static void findHiddenCharacters(String text, Problems problems) {
    int line = 1;
    int column = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      column++;
      boolean hidden =
          c == '\u200b'
              || (c >= '\u200e' && c <= '\u200f')
              || (c >= '\u202a' && c <= '\u202e')
              || (c >= '\u2066' && c <= '\u2069');
      if (hidden) {
        problems.at(
            new Place(line, column),
            "",
            String.format(
                "the invisible character U+%04X can make a line look like another; remove it",
                (int) c));
      }
      if (c == '\n') {
        line++;
        column = 0;
      }
    }
  }
}
