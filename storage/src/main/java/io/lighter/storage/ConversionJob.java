package io.lighter.storage;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.time.Instant;

/**
 * An image that waits for conversion, or whose conversion was given up.
 *
 * @param repository repository of the image
 * @param image digest of the manifest or index that a tag names
 * @param enqueuedAt when the image was first offered
 * @param attempts how often a conversion was begun and failed
 * @param state whether it will be tried again
 * @param reason why the last attempt failed; empty if there was none
 */
public record ConversionJob(
    RepositoryName repository,
    Digest image,
    Instant enqueuedAt,
    int attempts,
    State state,
    String reason) {

  /** Whether a job will be tried again. */
  public enum State {
    PENDING,
    /** Given up, with a reason; the image is served as it is. */
    PARKED
  }

  /** A job that nobody has begun. */
  public static ConversionJob first(RepositoryName repository, Digest image, Instant at) {
    return new ConversionJob(repository, image, at, 0, State.PENDING, "");
  }

  /** This job after one more failed attempt. */
  public ConversionJob failed(State next, String why) {
    return new ConversionJob(repository, image, enqueuedAt, attempts + 1, next, why);
  }
}
