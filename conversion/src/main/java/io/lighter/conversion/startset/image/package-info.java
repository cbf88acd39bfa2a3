/**
 * The file system of a whole image as its containers see it: the layers merged, every file readable
 * by itself, nothing unpacked.
 */
@NullMarked
package io.lighter.conversion.startset.image;

import org.jspecify.annotations.NullMarked;
