/** Tests of what starts of Ruby, PHP and Perl read. */
@NullMarked
package io.lighter.conversion.startset.script;

import org.jspecify.annotations.NullMarked;
