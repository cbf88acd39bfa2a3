/**
 * Black-box tests of the OCI Distribution Specification, over HTTP alone.
 *
 * <p>They run against any registry: the system property {@code lighter.conformance.url} names it,
 * and without that property a Lighter is started in this process. Nothing here shares code with the
 * server, so that a misreading of the specification is not tested by itself.
 */
@NullMarked
package io.lighter.conformance;

import org.jspecify.annotations.NullMarked;
