/**
 * Tests of the client against {@link io.lighter.server.upstream.ScriptedUpstream}, a registry that
 * misbehaves on demand.
 */
@NullMarked
package io.lighter.server.upstream;

import org.jspecify.annotations.NullMarked;
