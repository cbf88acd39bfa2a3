/** Tests of {@link io.lighter.server.config}. */
@NullMarked
package io.lighter.server.config;

import org.jspecify.annotations.NullMarked;
