/** What is replaced while requests are answered: {@link io.lighter.server.live.Live}. */
@NullMarked
package io.lighter.server.live;

import org.jspecify.annotations.NullMarked;
