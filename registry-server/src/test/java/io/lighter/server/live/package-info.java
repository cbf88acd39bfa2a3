@NullMarked
package io.lighter.server.live;

import org.jspecify.annotations.NullMarked;
