package io.lighter.server.admin.view;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.convert.ConversionQueue.Queued;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How far the conversions of images were at one moment. Made for one document: the queue is looked
 * at once, however many images are asked about. Not thread-safe.
 */
final class ImageStates {
  private final ConversionStore conversions;
  private final Map<Image, Found> unfinished = new HashMap<>();

  private record Image(RepositoryName repository, Digest digest) {}

  /**
   * What became of an image.
   *
   * @param lazy digest of its lazy view, whatever its state
   * @param reason why it is not lazy, if that is known
   */
  record Found(ImageState state, Optional<Digest> lazy, String reason) {}

  ImageStates(ConversionQueue queue, ConversionStore conversions) {
    this.conversions = conversions;
    for (Queued queued : queue.queued(Integer.MAX_VALUE)) {
      note(
          queued.job(),
          queued.running() ? ImageState.RUNNING : ImageState.WAITING,
          queued.reason());
    }
    for (ConversionJob job : conversions.jobs(ConversionJob.State.PARKED)) {
      note(job, ImageState.PARKED, job.reason());
    }
  }

  private void note(ConversionJob job, ImageState state, String reason) {
    unfinished.put(
        new Image(job.repository(), job.image()), new Found(state, Optional.empty(), reason));
  }

  Found of(RepositoryName repository, Digest image) {
    Optional<Digest> lazy = conversions.lazyView(repository, image);
    Found found = unfinished.get(new Image(repository, image));
    if (found != null) {
      return new Found(found.state(), lazy, found.reason());
    }
    return new Found(lazy.isPresent() ? ImageState.LAZY : ImageState.ORIGINAL, lazy, "");
  }
}
