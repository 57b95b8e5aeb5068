/** A simulated ServiceNow instance: OAuth token endpoint and Table API. */
@NullMarked
package dev.bailiwick.simulator.servicenow;

import org.jspecify.annotations.NullMarked;
