/** Tests of the forwarder: outages as a table of times, connections over real sockets. */
@NullMarked
package io.lighter.server.forward;

import org.jspecify.annotations.NullMarked;
