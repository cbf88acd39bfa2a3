package io.lighter.server.admin;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.ImageName;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * {@code POST /admin/reconvert?image=REF}: has a stored image converted again, also one whose
 * conversion was given up. What became of its layers is kept, so only what failed is done anew.
 * With {@code parked=true} instead of an image: all that were given up.
 */
public final class ReconvertOperation implements AdminOperation {
  private static final String IMAGE = "image";
  private static final String PARKED = "parked";

  private final StoredNames names;
  private final ConversionQueue queue;
  private final ConversionStore conversions;
  private final Supplier<ConversionPolicies> policies;

  public ReconvertOperation(
      StoredNames names,
      ConversionQueue queue,
      ConversionStore conversions,
      Supplier<ConversionPolicies> policies) {
    this.names = names;
    this.queue = queue;
    this.conversions = conversions;
    this.policies = policies;
  }

  @Override
  public String name() {
    return "reconvert";
  }

  @Override
  public Set<String> parameters() {
    return Set.of(IMAGE, PARKED);
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    if (request.flag(PARKED)) {
      if (request.text(IMAGE).isPresent()) {
        throw new AdminException.Invalid("image and parked=true exclude each other; say one");
      }
      for (ConversionJob job : conversions.jobs(ConversionJob.State.PARKED)) {
        answer.accept(again(job.repository(), job.image()));
      }
      return;
    }
    ImageName image = request.image(IMAGE);
    RepositoryName repository = names.repository(image.repository());
    Digest digest = names.image(repository, image);
    if (policies.get().of(repository, names.kind(repository)).isOff()) {
      throw new AdminException.Invalid(
          "images of %s are not converted; conversion.rules, conversion.mirrored and conversion.hosted say which are"
              .formatted(repository));
    }
    answer.accept(again(repository, digest));
  }

  private Queued again(RepositoryName repository, Digest digest) {
    boolean added = queue.again(repository, digest);
    return new Queued(repository.value(), digest.toString(), added);
  }

  /**
   * What was done.
   *
   * @param added false if it was waiting or being converted already
   */
  private record Queued(String repository, String digest, boolean added) {}
}
