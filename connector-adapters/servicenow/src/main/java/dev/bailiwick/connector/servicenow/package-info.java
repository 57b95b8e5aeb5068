/**
 * ServiceNow: what a request does, field by field and across references, how a stored credential is
 * put on it, and how an answer is kept on the gateway. Each {@code Family} understands one part of
 * the vendor's API; what none of them understands is denied by name.
 */
@NullMarked
package dev.bailiwick.connector.servicenow;

import org.jspecify.annotations.NullMarked;
