/**
 * The kernel side: what is loaded, attached, polled and spawned. Knows nothing of bundles or
 * evidence; {@link dev.bailiwick.enforcer.kernel.NativeBridge} is the one class with native
 * methods.
 */
@NullMarked
package dev.bailiwick.enforcer.kernel;

import org.jspecify.annotations.NullMarked;
