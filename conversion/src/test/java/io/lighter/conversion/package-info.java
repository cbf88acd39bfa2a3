/**
 * Tests of the conversion, with a reader of eStargz of their own: what the converter writes is
 * checked by code that shares none of its parsing.
 */
@NullMarked
package io.lighter.conversion;

import org.jspecify.annotations.NullMarked;
