package io.lighter.server.http;

import io.lighter.server.access.AccessTerms;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.server.upstream.Namespaces;

/**
 * What of the configuration a request is answered by. All of it is replaced at once, and a request
 * holds what was in force when it began. Immutable.
 *
 * @param number another one each time, so that what was learnt by others can be told apart
 * @param hosts which upstream a request names
 * @param namespaces which repository a name means
 * @param access who may do what
 * @param conversion what is converted, and which view tags answer
 * @param sparse repositories whose manifests may name content that was not pushed
 */
public record RequestSettings(
    long number,
    VirtualHosts hosts,
    Namespaces namespaces,
    AccessTerms access,
    ConversionPolicies conversion,
    RepositoryPatterns sparse) {}
