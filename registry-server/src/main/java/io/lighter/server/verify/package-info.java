/**
 * Verification of stored content: every blob and manifest is hashed again, and every name in a
 * hosted repository is followed. {@link io.lighter.server.verify.Verification} goes through the
 * store, {@link io.lighter.server.verify.BlobDamage} decides what becomes of a blob that is not
 * what it was, and {@link io.lighter.server.verify.VerificationSchedule} begins it now and then.
 */
@NullMarked
package io.lighter.server.verify;

import org.jspecify.annotations.NullMarked;
