/**
 * The main job, run for real on one machine: a sandboxed agent without a secret, a gateway in its
 * own process, a simulated SaaS, and one trail of evidence.
 */
@NullMarked
package dev.bailiwick.cli.demo;

import org.jspecify.annotations.NullMarked;
