/**
 * The Salesforce connector. It turns one request below {@code /services} into the complete list of
 * operations that Salesforce will perform, however they are packed: composite requests, SOQL, SOSL,
 * GraphQL. What it cannot account for, it denies.
 *
 * <p>Salesforce compares names without regard to case. Here every object, field and relationship
 * name is lower case, and so are scopes and field rules.
 */
@NullMarked
package dev.bailiwick.connector.salesforce;

import org.jspecify.annotations.NullMarked;
