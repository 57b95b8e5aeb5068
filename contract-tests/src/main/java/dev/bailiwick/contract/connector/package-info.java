/**
 * What every connector must keep to: an abstract test class to extend, and a corpus format for
 * requests whose meaning is settled once and for all.
 */
@NullMarked
package dev.bailiwick.contract.connector;

import org.jspecify.annotations.NullMarked;
