/** Several servers beside each other: interleaved, shuffled rounds, medians and ratios. */
@NullMarked
package io.lighter.bench.compare;

import org.jspecify.annotations.NullMarked;
