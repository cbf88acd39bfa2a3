/**
 * Images that are pulled through before anybody asks for them: because an operator says so, or by a
 * schedule. They come the way that a node's pull takes ({@link
 * io.lighter.server.content.RepositoryContent}), behind what clients wait for.
 */
@NullMarked
package io.lighter.server.prefetch;

import org.jspecify.annotations.NullMarked;
