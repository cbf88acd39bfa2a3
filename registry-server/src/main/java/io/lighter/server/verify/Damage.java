package io.lighter.server.verify;

import io.lighter.oci.Digest;
import io.lighter.storage.Dangling;

/**
 * Something that is not as it was stored.
 *
 * @param kind {@code blob}, {@code manifest} or {@code name}
 * @param digest the content that is damaged or missing
 * @param repository where it was found, if it belongs to one; else empty
 * @param problem what is wrong
 * @param consequence what is done about it, or what an operator can do
 */
public record Damage(
    String kind, String digest, String repository, String problem, String consequence) {

  static Damage blob(Digest digest, String problem, String consequence) {
    return new Damage("blob", digest.toString(), "", problem, consequence);
  }

  static Damage manifest(Digest digest, String problem) {
    return new Damage(
        "manifest",
        digest.toString(),
        "",
        problem,
        "not served any more; a mirrored one is pulled again, a hosted one has to be pushed again");
  }

  static Damage name(Dangling dangling) {
    return new Damage(
        "name",
        dangling.digest().toString(),
        dangling.repository().toString(),
        dangling.problem(),
        "push it again, or delete what names it");
  }

  /** In one line, for people. */
  public String text() {
    return "damaged %s %s%s: %s; %s"
        .formatted(
            kind, digest, repository.isEmpty() ? "" : " in " + repository, problem, consequence);
  }
}
