/** Tests of what a start of Node.js reads. */
@NullMarked
package io.lighter.conversion.startset.node;

import org.jspecify.annotations.NullMarked;
