/**
 * Workday: what a REST, WQL, report or SOAP request does, how a stored credential is put on it, and
 * how an answer is kept on the gateway. The tenant is pinned. Every other part of the vendor's API
 * is denied by name.
 */
@NullMarked
package dev.bailiwick.connector.workday;

import org.jspecify.annotations.NullMarked;
