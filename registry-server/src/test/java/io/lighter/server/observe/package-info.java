/** Tests of log lines and metrics. */
@NullMarked
package io.lighter.server.observe;

import org.jspecify.annotations.NullMarked;
