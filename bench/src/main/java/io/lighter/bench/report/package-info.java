/**
 * What a run measured, as a JSON file, a table and a chart. The format of the file is described in
 * docs/benchmark.md.
 */
@NullMarked
package io.lighter.bench.report;

import org.jspecify.annotations.NullMarked;
