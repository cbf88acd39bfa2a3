/**
 * The web page of the management listener: files in the resources beside this package, as they are
 * sent. It is made of the admin API alone, and needs nothing from elsewhere.
 */
@NullMarked
package io.lighter.server.page;

import org.jspecify.annotations.NullMarked;
