package io.lighter.server.http;

import java.util.Optional;

/**
 * Where a request comes from.
 *
 * @param address the client's, without a port
 * @param secure whether the connection is encrypted
 * @param certificate the subject of the certificate that the client has shown, if it has
 */
record Origin(String address, boolean secure, Optional<String> certificate) {}
