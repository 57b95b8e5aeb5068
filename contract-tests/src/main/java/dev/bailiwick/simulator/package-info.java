/**
 * SaaS simulators: a real HTTP port on loopback, real state, and a record of every request that
 * arrived, so that a test can assert which credential was seen and which never was.
 */
@NullMarked
package dev.bailiwick.simulator;

import org.jspecify.annotations.NullMarked;
