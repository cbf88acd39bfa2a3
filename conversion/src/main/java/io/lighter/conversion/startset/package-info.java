/**
 * The start-up set: which files a container reads until it is ready, worked out by reading its
 * image and without running it, so that they can be laid out in front of each layer.
 */
@NullMarked
package io.lighter.conversion.startset;

import org.jspecify.annotations.NullMarked;
