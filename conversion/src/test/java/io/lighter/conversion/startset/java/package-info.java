/** Tests of what a start of a Java virtual machine reads. */
@NullMarked
package io.lighter.conversion.startset.java;

import org.jspecify.annotations.NullMarked;
