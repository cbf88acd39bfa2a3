/**
 * What an operator may set: {@link io.lighter.server.config.ServerConfig}, read by {@link
 * io.lighter.server.config.ConfigLoader} from the defaults, a file, the environment and options.
 * Every message about a bad value names its key, where it came from and what is allowed.
 */
@NullMarked
package io.lighter.server.config;

import org.jspecify.annotations.NullMarked;
