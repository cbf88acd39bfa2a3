/**
 * TLS of the listeners: which certificate they show, whose certificates they believe, and how both
 * are replaced without a restart. RFC 8446 and RFC 5246; nothing older is spoken.
 */
@NullMarked
package io.lighter.server.tls;

import org.jspecify.annotations.NullMarked;
