@NullMarked
package io.lighter.server.pinned;

import org.jspecify.annotations.NullMarked;
