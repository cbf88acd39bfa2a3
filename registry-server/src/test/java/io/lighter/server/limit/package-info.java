/** Tests of repositories, views and uploads without HTTP. */
@NullMarked
package io.lighter.server.limit;

import org.jspecify.annotations.NullMarked;
