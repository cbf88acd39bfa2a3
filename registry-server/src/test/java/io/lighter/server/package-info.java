/** Tests of the whole server, started in this process in front of a scripted upstream. */
@NullMarked
package io.lighter.server;

import org.jspecify.annotations.NullMarked;
