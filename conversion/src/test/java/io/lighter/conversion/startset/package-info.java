/** Tests of the start-up set, and what they make images with. */
@NullMarked
package io.lighter.conversion.startset;

import org.jspecify.annotations.NullMarked;
