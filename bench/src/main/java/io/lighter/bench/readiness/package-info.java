/**
 * {@code lighter bench readiness}: how soon a program answers on a node that has nothing of its
 * image, by the ways to pull it. {@link io.lighter.bench.readiness.Experiment} runs the arms in
 * turn on a {@link io.lighter.bench.readiness.ColdNode}, which is a containerd; {@link
 * io.lighter.bench.readiness.ReadinessFile} is what comes of it. How to use it, and what was
 * measured, is in docs/readiness.md.
 */
@NullMarked
package io.lighter.bench.readiness;

import org.jspecify.annotations.NullMarked;
