/**
 * Conversion in the background: a durable queue of images, the workers that convert their layers
 * and publish the result, and the scheduler that decides what is worth converting. Serving never
 * waits for any of it, and no failure here reaches a client.
 */
@NullMarked
package io.lighter.server.convert;

import org.jspecify.annotations.NullMarked;
