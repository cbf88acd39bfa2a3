/** Tests of programs of no special kind. */
@NullMarked
package io.lighter.conversion.startset.program;

import org.jspecify.annotations.NullMarked;
