package io.lighter.conversion.startset.trace;

/**
 * Something that the start may use and the analysis could not follow.
 *
 * @param what a command, library, module or path
 * @param why what is known of it
 */
public record Unresolved(String what, String why) {}
