/**
 * Stored credentials: where they are kept, how a live one is obtained and renewed, and what guards
 * the calls that do so. The only package that imports Resilience4j.
 */
@NullMarked
package dev.bailiwick.gateway.credential;

import org.jspecify.annotations.NullMarked;
