/**
 * What an operator sees: meters, the access log and log formatting. Everything here may be called
 * from event loops and never blocks.
 */
@NullMarked
package io.lighter.server.observe;

import org.jspecify.annotations.NullMarked;
