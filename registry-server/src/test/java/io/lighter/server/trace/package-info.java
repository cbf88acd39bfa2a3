/** Tests of trace contexts. */
@NullMarked
package io.lighter.server.trace;

import org.jspecify.annotations.NullMarked;
