/**
 * A configuration that changes while the server runs. Begin reading at {@link
 * io.lighter.server.reload.Reloading}.
 */
@NullMarked
package io.lighter.server.reload;

import org.jspecify.annotations.NullMarked;
