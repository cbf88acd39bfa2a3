/** What /proc tells of the processes that are measured. Linux only. */
@NullMarked
package io.lighter.bench.process;

import org.jspecify.annotations.NullMarked;
