/**
 * How much one client, or one namespace, may ask for, and what is refused first when there is more
 * to do than can be done. Knows nothing of HTTP and of what is asked for.
 *
 * <p>Begin reading at {@link io.lighter.server.limit.Limits} and {@link
 * io.lighter.server.limit.Places}.
 */
@NullMarked
package io.lighter.server.limit;

import org.jspecify.annotations.NullMarked;
