/**
 * The web page in a real browser, against a running server that has images and was read from. What
 * it needs is started by {@code e2e/page.sh}.
 */
@NullMarked
package io.lighter.page;

import org.jspecify.annotations.NullMarked;
