// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The native part, taken out of the jar: BPF object, launcher and JNI library. Immutable.
 *
 * <p>The files land in a directory that only root can enter and that is named after their content,
 * so that two versions never share one and a changed file is noticed.
 */
public final class KernelPart {
  private static final String LIBRARY = "libbailiwick.so";
  private static final String LAUNCHER = "bailiwick-launcher";
  private static final String BPF_OBJECT = "egress.bpf.o";
  private static final String LSM_OBJECT = "lsm.bpf.o";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private final Path launcher;
  private final byte[] bpfObject;
  private final byte[] lsmObject;

  private KernelPart(Path launcher, byte[] bpfObject, byte[] lsmObject) {
    this.launcher = launcher;
    this.bpfObject = bpfObject;
    this.lsmObject = lsmObject;
  }

  /**
   * Extracts and loads the native part. Needs root.
   *
   * @param directory under which the files may live; made if absent
   * @throws IOException with a sentence when this build has no native part for this machine, or
   *     when the files cannot be put where nobody else can change them
   */
  public static KernelPart open(Path directory) throws IOException {
    byte[] library = resource(LIBRARY);
    byte[] launcher = resource(LAUNCHER);
    byte[] object = resource(BPF_OBJECT);
    byte[] lsm = resource(LSM_OBJECT);
    makePrivate(directory);
    Path home = directory.resolve(digest(List.of(library, launcher, object, lsm)));
    makePrivate(home);
    Path libraryFile = place(home, LIBRARY, library);
    Path launcherFile = place(home, LAUNCHER, launcher);
    try {
      NativeBridge.open(libraryFile);
    } catch (UnsatisfiedLinkError e) {
      throw new IOException(
          "the native part cannot be loaded: "
              + e.getMessage()
              + "; it needs the packages libbpf1 and libelf1",
          e);
    }
    return new KernelPart(launcherFile, object, lsm);
  }

  public KernelProbe probe() {
    return new KernelProbe(lsmObject);
  }

  /** Mounts the BPF file system, in which links are pinned. */
  public void mountBpf(Path directory) throws IOException {
    NativeBridge.mountBpf(NetworkFilter.bytes(directory));
  }

  Path launcher() {
    return launcher;
  }

  byte[] bpfObject() {
    return bpfObject.clone();
  }

  byte[] lsmObject() {
    return lsmObject.clone();
  }

  /** The folder of this machine's natives inside the jar. */
  static String platform() {
    String arch = System.getProperty("os.arch", "unknown");
    return "linux-" + (arch.equals("amd64") ? "x86_64" : arch);
  }

  private static byte[] resource(String name) throws IOException {
    String path = platform() + "/" + name;
    try (InputStream stream = KernelPart.class.getResourceAsStream(path)) {
      if (stream == null) {
        throw new IOException(
            "this build has no native part for "
                + platform()
                + "; build it on such a machine with clang, llvm, libbpf-dev, make and gcc");
      }
      return stream.readAllBytes();
    }
  }

  private static void makePrivate(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Path parent = directory.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    verifyOwner(directory);
    Files.setPosixFilePermissions(directory, OWNER_ONLY);
  }

  private static void verifyOwner(Path path) throws IOException {
    Object owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(0)) {
      throw new IOException(path + " belongs to uid " + owner + ", not to root");
    }
  }

  /** Writes beside and renames, so that nobody ever sees half a file. */
  private static Path place(Path home, String name, byte[] content) throws IOException {
    Path file = home.resolve(name);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Path fresh =
          Files.createTempFile(
              home, name, ".new", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      Files.write(fresh, content);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    verifyOwner(file);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || !Arrays.equals(Files.readAllBytes(file), content)) {
      throw new IOException(file + " is not what this build brought; remove " + home);
    }
    return file;
  }

  private static String digest(List<byte[]> parts) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        sha256.update((part.length + ":").getBytes(UTF_8));
        sha256.update(part);
      }
      return HexFormat.of().formatHex(sha256.digest()).substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
