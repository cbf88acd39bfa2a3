/** Tests of access control without a server. */
@NullMarked
package io.lighter.server.access;

import org.jspecify.annotations.NullMarked;
