/**
 * What a request belongs to beyond this server: the W3C trace context, from the request that brings
 * it to the log lines and to the requests that it causes.
 */
@NullMarked
package io.lighter.server.trace;

import org.jspecify.annotations.NullMarked;
