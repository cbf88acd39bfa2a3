/** Tests of the queue of conversions and of what becomes of jobs that fail. */
@NullMarked
package io.lighter.server.convert;

import org.jspecify.annotations.NullMarked;
