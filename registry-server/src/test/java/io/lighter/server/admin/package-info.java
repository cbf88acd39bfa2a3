/** Tests of repositories, views and uploads without HTTP. */
@NullMarked
package io.lighter.server.admin;

import org.jspecify.annotations.NullMarked;
