/** What a verified token says, and the steps that verify it. No JOSE library shows here. */
@NullMarked
package dev.bailiwick.gateway.token;

import org.jspecify.annotations.NullMarked;
