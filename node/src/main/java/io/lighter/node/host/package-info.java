/**
 * The host as a folder and as something that runs commands. Nothing above this package opens a file
 * or starts a process by itself, so all of it can be tested on a temporary folder without root.
 */
@NullMarked
package io.lighter.node.host;

import org.jspecify.annotations.NullMarked;
