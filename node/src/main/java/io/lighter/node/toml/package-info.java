/** TOML files of an operator: read strictly, changed at single keys, all else left as it was. */
@NullMarked
package io.lighter.node.toml;

import org.jspecify.annotations.NullMarked;
