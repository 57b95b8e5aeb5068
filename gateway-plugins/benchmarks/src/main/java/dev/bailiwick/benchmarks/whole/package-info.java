/** A whole gateway with the filter beside the same gateway without it, under the same load. */
@NullMarked
package dev.bailiwick.benchmarks.whole;

import org.jspecify.annotations.NullMarked;
