/** Tests of what Python programs read. */
@NullMarked
package io.lighter.conversion.startset.python;

import org.jspecify.annotations.NullMarked;
