/**
 * Recorded requests of real clients, as a file and as a plan. The format of the file is in
 * docs/benchmark.md.
 */
@NullMarked
package io.lighter.bench.trace;

import org.jspecify.annotations.NullMarked;
