/**
 * The program: {@link io.lighter.server.Main}, and {@link io.lighter.server.Application}, the one
 * place where the server is put together, started and stopped.
 */
@NullMarked
package io.lighter.server;

import org.jspecify.annotations.NullMarked;
