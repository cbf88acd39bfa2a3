/** Tests of shells. */
@NullMarked
package io.lighter.conversion.startset.shell;

import org.jspecify.annotations.NullMarked;
