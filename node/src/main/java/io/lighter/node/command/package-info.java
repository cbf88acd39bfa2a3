/**
 * The commands of {@code lighter node}: their options, their reports, and the order in which a node
 * is set up and taken back.
 */
@NullMarked
package io.lighter.node.command;

import org.jspecify.annotations.NullMarked;
