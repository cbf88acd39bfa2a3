/**
 * Tests of pull-through against {@link io.lighter.server.upstream.ScriptedUpstream}, a registry
 * that misbehaves on demand. The stores are small stand-ins, strict where the contract is.
 */
@NullMarked
package io.lighter.server.pullthrough;

import org.jspecify.annotations.NullMarked;
