/** Tests of what the HTTP layer does without a server: its parsers and its bridges. */
@NullMarked
package io.lighter.server.http;

import org.jspecify.annotations.NullMarked;
