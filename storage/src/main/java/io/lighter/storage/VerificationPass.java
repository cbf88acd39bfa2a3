package io.lighter.storage;

import java.time.Instant;

/**
 * How far a verification of the whole store has come.
 *
 * @param startedAt when it was begun
 * @param phase what is being checked
 * @param after the last one of that phase that was checked; empty at its beginning
 * @param blobs how many blobs were checked
 * @param bytes how many bytes they have
 * @param manifests how many manifests were checked
 * @param repositories how many repositories were checked
 * @param damage how much damage was found
 */
public record VerificationPass(
    Instant startedAt,
    Phase phase,
    String after,
    long blobs,
    long bytes,
    long manifests,
    long repositories,
    long damage) {

  /** The phases, in their order. */
  public enum Phase {
    BLOBS,
    MANIFESTS,
    REPOSITORIES,
    FINISHED
  }

  /** A pass that has checked nothing yet. */
  public static VerificationPass begun(Instant at) {
    return new VerificationPass(at, Phase.BLOBS, "", 0, 0, 0, 0, 0);
  }

  /** This pass with so much damage and no more. */
  public VerificationPass withDamage(long found) {
    return new VerificationPass(
        startedAt, phase, after, blobs, bytes, manifests, repositories, found);
  }

  /** This pass after one more blob. */
  public VerificationPass withBlob(BlobInfo blob, int found) {
    return new VerificationPass(
        startedAt,
        phase,
        blob.digest().toString(),
        blobs + 1,
        bytes + blob.size(),
        manifests,
        repositories,
        damage + found);
  }

  /** This pass after one more manifest. */
  public VerificationPass withManifest(String digest, int found) {
    return new VerificationPass(
        startedAt, phase, digest, blobs, bytes, manifests + 1, repositories, damage + found);
  }

  /** This pass after one more repository. */
  public VerificationPass withRepository(String name, int found) {
    return new VerificationPass(
        startedAt, phase, name, blobs, bytes, manifests, repositories + 1, damage + found);
  }

  /** This pass at the beginning of another phase. */
  public VerificationPass in(Phase next) {
    return new VerificationPass(startedAt, next, "", blobs, bytes, manifests, repositories, damage);
  }
}
