/**
 * Who may do what: rules by repository, accounts from a file, tokens. Begin reading at {@link
 * io.lighter.server.access.AccessControl}. Knows nothing of HTTP but the value of the {@code
 * Authorization} header (RFC 7617, RFC 6750).
 */
@NullMarked
package io.lighter.server.access;

import org.jspecify.annotations.NullMarked;
