/**
 * {@code lighter bench}: measures a registry the way lazy clients use it. One class per command;
 * what they have in common is in {@link io.lighter.bench.ServerOptions} and {@link
 * io.lighter.bench.ResultOptions}. How to use it is in docs/benchmark.md.
 */
@NullMarked
package io.lighter.bench;

import org.jspecify.annotations.NullMarked;
