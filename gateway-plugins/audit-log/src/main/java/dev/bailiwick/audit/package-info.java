/**
 * Evidence: one record for every decision of the gateway and every denial of the kernel, chained by
 * hash so that a cut or a change shows. Written off the agent's reach; no record ever holds a
 * secret.
 */
@NullMarked
package dev.bailiwick.audit;

import org.jspecify.annotations.NullMarked;
