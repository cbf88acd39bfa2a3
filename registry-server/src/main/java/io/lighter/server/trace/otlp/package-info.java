/**
 * Spans that are recorded and sent by OTLP. The only package that knows OpenTelemetry; nothing of
 * it is loaded unless tracing is switched on.
 */
@NullMarked
package io.lighter.server.trace.otlp;

import org.jspecify.annotations.NullMarked;
