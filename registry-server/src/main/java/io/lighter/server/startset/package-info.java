/** What is told of a start-up set, on the command line and by the admin API. */
@NullMarked
package io.lighter.server.startset;

import org.jspecify.annotations.NullMarked;
