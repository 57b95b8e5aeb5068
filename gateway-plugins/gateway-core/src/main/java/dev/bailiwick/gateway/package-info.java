/**
 * The request walk: verify → classify → authorize → credential → audit. Knows no gateway product; a
 * filter module maps its host's request to {@link dev.bailiwick.gateway.InboundRequest} and the
 * outcome back, and nothing else.
 */
@NullMarked
package dev.bailiwick.gateway;

import org.jspecify.annotations.NullMarked;
