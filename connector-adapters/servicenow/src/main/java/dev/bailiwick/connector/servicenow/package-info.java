/**
 * ServiceNow: what a Table API request does, field by field and across references, how a stored
 * credential is put on it, and how an answer is kept on the gateway. Every other family of the
 * vendor's API is denied by name.
 */
@NullMarked
package dev.bailiwick.connector.servicenow;

import org.jspecify.annotations.NullMarked;
