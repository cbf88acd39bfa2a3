/**
 * The program: its command line, its configuration and {@link io.lighter.server.Application}, the
 * one place where everything is put together, started and stopped.
 */
@NullMarked
package io.lighter.server;

import org.jspecify.annotations.NullMarked;
