/**
 * Single gzip members (RFC 1952), compressed and uncompressed by libdeflate where it is installed
 * and by the JDK's zlib elsewhere.
 */
@NullMarked
package io.lighter.conversion.gzip;

import org.jspecify.annotations.NullMarked;
