/** One class for each page below {@code /debug} of the management listener. */
@NullMarked
package io.lighter.server.admin.debug;

import org.jspecify.annotations.NullMarked;
