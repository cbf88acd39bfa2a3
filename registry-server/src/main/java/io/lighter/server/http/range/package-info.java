/**
 * Ranges of content, as headers ask for them and bodies of several parts answer them (RFC 9110,
 * section 14), and the one of an uploaded chunk. Pure: what bytes they are of is not known here.
 */
@NullMarked
package io.lighter.server.http.range;

import org.jspecify.annotations.NullMarked;
