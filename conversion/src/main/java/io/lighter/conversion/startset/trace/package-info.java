/**
 * What the analysis of a start is written against: {@link
 * io.lighter.conversion.startset.trace.Start} is the start of one container, followed program by
 * program; a {@link io.lighter.conversion.startset.trace.ProgramKind} knows what one kind of
 * program reads. To teach the analysis another kind, implement that in a package of its own and
 * name it in {@link io.lighter.conversion.startset.StartupAnalysis}.
 */
@NullMarked
package io.lighter.conversion.startset.trace;

import org.jspecify.annotations.NullMarked;
