/** Tests of counters. */
@NullMarked
package io.lighter.server.heat;

import org.jspecify.annotations.NullMarked;
