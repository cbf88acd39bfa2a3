/**
 * The management listener: health, metrics, and who is let in to the admin API and the page. What
 * these do is in {@link io.lighter.server.admin} and {@link io.lighter.server.page}.
 */
@NullMarked
package io.lighter.server.management;

import org.jspecify.annotations.NullMarked;
