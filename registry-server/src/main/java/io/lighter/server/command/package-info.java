/**
 * What {@code ./lighter} can be told besides {@code serve}: each command is a class. Those that
 * work on a running server ask its management listener; those that need it stopped open its store.
 */
@NullMarked
package io.lighter.server.command;

import org.jspecify.annotations.NullMarked;
