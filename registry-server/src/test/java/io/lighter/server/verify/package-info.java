/** Tests of verification against a store of its own, without a server. */
@NullMarked
package io.lighter.server.verify;

import org.jspecify.annotations.NullMarked;
