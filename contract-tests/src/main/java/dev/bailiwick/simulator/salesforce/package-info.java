/**
 * A simulated Salesforce org: OAuth endpoints, REST API with SOQL, SOSL, compound requests, Bulk
 * API 2.0 and GraphQL.
 */
@NullMarked
package dev.bailiwick.simulator.salesforce;

import org.jspecify.annotations.NullMarked;
