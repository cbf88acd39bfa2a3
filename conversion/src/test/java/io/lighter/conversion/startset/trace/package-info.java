/** Tests of what kinds of program are written against. */
@NullMarked
package io.lighter.conversion.startset.trace;

import org.jspecify.annotations.NullMarked;
