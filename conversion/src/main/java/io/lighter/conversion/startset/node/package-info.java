/**
 * What a start of Node.js reads: its options, the entry script and the graph of modules behind it,
 * resolved as Node's two module systems do; and what npm, npx and yarn execute.
 *
 * @see <a href="https://nodejs.org/api/modules.html#all-together">Modules: the algorithm</a>
 * @see <a href="https://nodejs.org/api/esm.html#resolution-algorithm-specification">ECMAScript
 *     modules: the algorithm</a>
 */
@NullMarked
package io.lighter.conversion.startset.node;

import org.jspecify.annotations.NullMarked;
