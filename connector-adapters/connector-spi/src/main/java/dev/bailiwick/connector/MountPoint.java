// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.List;
import java.util.Set;

/**
 * Where a connector is mounted on the gateway, for clients that name it twice: they put their base
 * URL in front of a link that has the mount point already. Immutable and thread-safe.
 */
public final class MountPoint {
  private final List<String> mount;
  private final Set<String> roots;

  private MountPoint(List<String> mount, Set<String> roots) {
    this.mount = mount;
    this.roots = Set.copyOf(roots);
  }

  /**
   * @param roots the first segments of all paths that the vendor has, so that nothing of the
   *     vendor's own is taken for a mount point
   */
  public static MountPoint of(ConnectorSettings settings, Set<String> roots) {
    return new MountPoint(
        RequestTarget.parse(settings.external().getRawPath() + "/", null).segments(), roots);
  }

  /** The target without a second mount point in front; the same target when there is none. */
  public RequestTarget once(RequestTarget target) {
    int depth = mount.size();
    List<String> segments = target.segments();
    boolean twice =
        depth > 0
            && segments.size() > depth
            && segments.subList(0, depth).equals(mount)
            && roots.contains(segments.get(depth));
    return twice ? target.below(depth) : target;
  }
}
