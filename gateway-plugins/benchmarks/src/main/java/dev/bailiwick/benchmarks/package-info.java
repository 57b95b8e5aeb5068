/** What the steps of the request walk cost. Run by hand; see the README of this module. */
@NullMarked
package dev.bailiwick.benchmarks;

import org.jspecify.annotations.NullMarked;
