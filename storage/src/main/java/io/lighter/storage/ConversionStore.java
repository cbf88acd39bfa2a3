package io.lighter.storage;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.util.List;
import java.util.Optional;

/**
 * What conversion knows and has yet to do: results by layer and recipe, lazy views by image, and
 * the queue.
 *
 * <p>Thread-safe and blocking; changes are durable when they return.
 */
public interface ConversionStore {

  /** What became of this layer under this recipe, if it was tried. */
  Optional<LayerConversion> layer(Digest source, String recipe);

  /**
   * Records a result unless there is one already.
   *
   * @return the result that is recorded now: the first one wins, because two encoders, or two runs,
   *     may give different bytes for the same layer
   * @throws StorageException.BlobMissing if the bytes of a converted layer are not here
   */
  LayerConversion recordLayer(Digest source, String recipe, LayerConversion result);

  /** The converted counterpart of an image, if it was published. */
  Optional<Digest> lazyView(RepositoryName repository, Digest original);

  /**
   * Stores the converted manifests, links their blobs, makes them the lazy view of the image and
   * removes its job, all at once. Everything they name must be durable. A lazy view that the image
   * has already is replaced, and its manifests stay readable. An image that was deleted meanwhile
   * gets none.
   *
   * @return the lazy view, if the image is still there
   * @throws StorageException.ContentMissing if a blob that a converted manifest names is neither
   *     here nor readable through the repository: it was collected as garbage meanwhile
   */
  Optional<Digest> publish(LazyViewPut put);

  /**
   * Adds a job unless the image has a job of any state.
   *
   * @return whether the job was added
   */
  boolean enqueue(ConversionJob job);

  /** Replaces the job of the same image; without effect if it has none. */
  void update(ConversionJob job);

  /** Forgets the job of an image, so that it can be offered anew; without effect if it has none. */
  void drop(ConversionJob job);

  /** Jobs of a state, oldest first. */
  List<ConversionJob> jobs(ConversionJob.State state);
}
