package io.lighter.bench.readiness;

import java.net.URI;

/**
 * Something that a server counts.
 *
 * @param name the column it is shown in
 * @param url of its metrics, in the text format of Prometheus
 * @param metric what its lines have in them: the name, or one of its labels with the value
 * @param unit what its sum is divided by
 */
record Counter(String name, URI url, String metric, double unit) {}
