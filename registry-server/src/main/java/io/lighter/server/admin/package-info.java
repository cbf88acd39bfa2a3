/**
 * What an operator tells a running server to do, over the management listener: every operation is a
 * class that implements {@link io.lighter.server.admin.AdminOperation}, {@link
 * io.lighter.server.admin.AdminRoutes} makes {@code POST /admin/<name>} of it, and {@link
 * io.lighter.server.admin.AdminClient} is how a subcommand of the command line calls it.
 *
 * <p>Answers are lines of JSON, sent while the operation runs, so that a long one needs neither
 * memory nor patience.
 */
@NullMarked
package io.lighter.server.admin;

import org.jspecify.annotations.NullMarked;
