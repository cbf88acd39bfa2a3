/**
 * Repositories as a request sees them: hosted and mirrored content behind one interface, the two
 * views that a tag has, and uploads in progress. Knows nothing of HTTP.
 *
 * <p>Everything here blocks and belongs on virtual threads.
 */
@NullMarked
package io.lighter.server.content;

import org.jspecify.annotations.NullMarked;
