/**
 * How good start-up sets are: what {@code lighter startset} says about images, compared with what
 * real runs of them read.
 *
 * <p>A program, {@link io.lighter.conformance.startset.StartupTable}, and nothing of it shares code
 * with the analysis: it reads images and recordings with its own eyes, so that a file the analysis
 * misplaces is not misplaced here as well.
 */
@NullMarked
package io.lighter.conformance.startset;

import org.jspecify.annotations.NullMarked;
