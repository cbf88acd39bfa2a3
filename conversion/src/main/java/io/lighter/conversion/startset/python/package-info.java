/**
 * What a Python program reads when it starts: the interpreter's own modules, then the modules that
 * its code imports while it is being imported, found by reading the sources statement by statement
 * without running them.
 */
@NullMarked
package io.lighter.conversion.startset.python;

import org.jspecify.annotations.NullMarked;
