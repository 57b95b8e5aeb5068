/** A simulated Workday tenant: OAuth token endpoint, REST, WQL, reports and SOAP. */
@NullMarked
package dev.bailiwick.simulator.workday;

import org.jspecify.annotations.NullMarked;
