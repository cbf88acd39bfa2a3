/** Tests of what an operator sees. */
@NullMarked
package io.lighter.server.observe;

import org.jspecify.annotations.NullMarked;
