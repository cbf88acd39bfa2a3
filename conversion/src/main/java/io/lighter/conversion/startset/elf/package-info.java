/**
 * ELF programs and shared objects, and what the dynamic linkers of glibc and musl open for them.
 */
@NullMarked
package io.lighter.conversion.startset.elf;

import org.jspecify.annotations.NullMarked;
