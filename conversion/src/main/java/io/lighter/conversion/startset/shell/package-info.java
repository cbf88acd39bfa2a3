/**
 * Scripts of shells. {@link io.lighter.conversion.startset.shell.ScriptParser} makes a tree of
 * {@link io.lighter.conversion.startset.shell.Command}s of a script; {@link
 * io.lighter.conversion.startset.shell.Interpreter} follows them without running anything, with
 * values that are known or {@linkplain io.lighter.conversion.startset.shell.Unknown not}, and with
 * conditions that are true, false or neither: then it goes both ways.
 */
@NullMarked
package io.lighter.conversion.startset.shell;

import org.jspecify.annotations.NullMarked;
