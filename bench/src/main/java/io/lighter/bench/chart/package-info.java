/**
 * Results as a picture. SVG is written as text: libraries that draw need fonts of the machine, and
 * slim containers have none.
 */
@NullMarked
package io.lighter.bench.chart;

import org.jspecify.annotations.NullMarked;
