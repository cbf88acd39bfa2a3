/** Tests of trace contexts. */
@NullMarked
package io.lighter.server.trace.otlp;

import org.jspecify.annotations.NullMarked;
