/**
 * The host enforcer: turns a sandbox rule of the policy bundle into a confined process, and what
 * the kernel denies to it into evidence.
 */
@NullMarked
package dev.bailiwick.enforcer;

import org.jspecify.annotations.NullMarked;
