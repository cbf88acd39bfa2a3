/** Tests of the dynamic linkers' ways. */
@NullMarked
package io.lighter.conversion.startset.elf;

import org.jspecify.annotations.NullMarked;
