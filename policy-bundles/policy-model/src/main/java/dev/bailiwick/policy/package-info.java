/**
 * The policy bundle: one document that says who may do what, for the gateway and for the agent's
 * host. This package reads it, validates it and compiles it; it knows no connector and no token
 * format.
 */
@NullMarked
package dev.bailiwick.policy;

import org.jspecify.annotations.NullMarked;
