/** Tests of the merged image. */
@NullMarked
package io.lighter.conversion.startset.image;

import org.jspecify.annotations.NullMarked;
