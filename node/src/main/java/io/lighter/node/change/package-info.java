/**
 * Changing files of a node so that it can be undone, whatever happens in between. The order is:
 * what was there is kept, then what will be written is noted, then files are replaced one by one.
 * So at every moment each file is either as it was or as Lighter wants it, and the note says which
 * digests are which. Begin reading at {@link io.lighter.node.change.NodeChanges}.
 */
@NullMarked
package io.lighter.node.change;

import org.jspecify.annotations.NullMarked;
