/** Tests of repositories, views and uploads without HTTP. */
@NullMarked
package io.lighter.server.content;

import org.jspecify.annotations.NullMarked;
