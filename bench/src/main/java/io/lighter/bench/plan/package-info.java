/**
 * Requests that depend on each other, as one node sends them, and many nodes that do so at a time.
 * Begin reading at {@link io.lighter.bench.plan.Nodes}.
 */
@NullMarked
package io.lighter.bench.plan;

import org.jspecify.annotations.NullMarked;
