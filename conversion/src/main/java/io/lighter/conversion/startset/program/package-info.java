/**
 * Programs of no special kind: servers that read a configuration, and programs whose whole purpose
 * is to execute another.
 */
@NullMarked
package io.lighter.conversion.startset.program;

import org.jspecify.annotations.NullMarked;
