/** Tests of commands that need no server of ours. */
@NullMarked
package io.lighter.server.command;

import org.jspecify.annotations.NullMarked;
