/**
 * What a connector is. A connector says what an HTTP request <em>means</em> (its operations) and
 * how a credential is <em>applied</em>; who may do what is never its business. It opens no
 * connection of its own.
 */
@NullMarked
package dev.bailiwick.connector;

import org.jspecify.annotations.NullMarked;
