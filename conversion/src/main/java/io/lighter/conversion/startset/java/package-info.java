/**
 * What a start of a Java virtual machine reads: the machine's own files, archives of prepared
 * classes, and what the class path, module path, agents and properties of the command line name.
 * Jars are taken in whole, since a container's file system knows no parts of them that could be
 * fetched ahead.
 */
@NullMarked
package io.lighter.conversion.startset.java;

import org.jspecify.annotations.NullMarked;
