/**
 * The cold start of a stargz client as a plan of requests, for an image that is there. What is
 * simulated and what is not is in docs/benchmark.md.
 */
@NullMarked
package io.lighter.bench.lazy;

import org.jspecify.annotations.NullMarked;
