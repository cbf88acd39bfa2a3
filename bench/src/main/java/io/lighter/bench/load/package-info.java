/**
 * The load generator: one thread, any number of connections with one request under way on each, and
 * answers that are judged as they arrive. Without a rate it is a closed loop: a connection asks
 * again when it has its answer, so a server that stalls is asked less, and latencies leave out what
 * would have waited meanwhile ("coordinated omission"). With a rate they leave out nothing. Begin
 * reading at {@link io.lighter.bench.load.RequestLoop}.
 */
@NullMarked
package io.lighter.bench.load;

import org.jspecify.annotations.NullMarked;
