/**
 * {@code lighter node}: makes the container runtime of a node pull through Lighter, and undoes it.
 * The commands are in {@code command}; what is written is decided in {@code plan}, how it is
 * written so that an interruption or an operator's own edit does no harm in {@code change}, and
 * when a runtime is restarted in {@code restart}. For operators: docs/node-setup.md.
 */
@NullMarked
package io.lighter.node;

import org.jspecify.annotations.NullMarked;
