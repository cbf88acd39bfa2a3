package io.lighter.server.verify;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobQuarantine;
import io.lighter.storage.BlobQuarantine.Loss;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.VerificationStore;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What becomes of a damaged blob. In every case its file is set aside, never deleted.
 *
 * <ul>
 *   <li>What was converted here can be made again: the image goes back to its original view and
 *       into the queue. The same bytes come out of the same encoder, which heals the blob.
 *   <li>What somebody pushed is lost until it is pushed again; until then a reader is told so.
 *   <li>What was pulled can be pulled again: it is forgotten.
 * </ul>
 */
final class BlobDamage {
  private final VerificationStore store;
  private final BlobQuarantine blobs;
  private final MetadataStore metadata;
  private final BiConsumer<RepositoryName, Digest> convert;

  /**
   * @param convert queues an image for conversion
   */
  BlobDamage(
      VerificationStore store,
      BlobQuarantine blobs,
      MetadataStore metadata,
      BiConsumer<RepositoryName, Digest> convert) {
    this.store = store;
    this.blobs = blobs;
    this.metadata = metadata;
    this.convert = convert;
  }

  /** Takes a damaged blob out of service; empty if it is not damaged any more, or gone. */
  Optional<Damage> handle(BlobInfo blob, String problem) {
    boolean converted = store.forgetConversionsInto(blob.digest());
    boolean made = converted || !store.madeWith(blob.digest()).isEmpty();
    boolean pushed = metadata.hostedHolder(blob.digest()).isPresent();
    if (!blobs.setAside(blob, made || pushed ? Loss.REMEMBER : Loss.FORGET)) {
      return Optional.empty();
    }
    String consequence =
        made
            ? makeAgain(blob.digest())
            : pushed
                ? "answered with an error until it is pushed again"
                : "forgotten; it is pulled again when somebody asks for it";
    return Optional.of(Damage.blob(blob.digest(), problem, consequence));
  }

  /** A blob that was found damaged earlier and has not come again. */
  Damage stillDamaged(BlobInfo blob) {
    boolean pushed = metadata.hostedHolder(blob.digest()).isPresent();
    String next = makeAgain(blob.digest());
    return Damage.blob(
        blob.digest(),
        "was found damaged earlier",
        pushed ? "answered with an error until it is pushed again" : next);
  }

  private String makeAgain(Digest blob) {
    List<VerificationStore.LazyView> views = store.madeWith(blob);
    for (VerificationStore.LazyView view : views) {
      store.forget(view);
      convert.accept(view.repository(), view.original());
    }
    return views.isEmpty()
        ? "made again when an image that needs it is converted"
        : "%d images are converted again".formatted(views.size());
  }
}
