/**
 * What was read of blobs since the start: which stretches of lazy layers, and how many bytes came
 * from where. Written by requests, read by whoever shows it.
 */
@NullMarked
package io.lighter.server.heat;

import org.jspecify.annotations.NullMarked;
