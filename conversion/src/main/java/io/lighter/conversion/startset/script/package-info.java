/**
 * What starts of Ruby, PHP and Perl read: the interpreter's own files, its extensions and
 * configuration, the script, and what sources load by literals. Sources are read line by line; what
 * they load by names that they make up is not seen.
 */
@NullMarked
package io.lighter.conversion.startset.script;

import org.jspecify.annotations.NullMarked;
