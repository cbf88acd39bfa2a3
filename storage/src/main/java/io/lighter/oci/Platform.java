package io.lighter.oci;

/**
 * The platform of an index entry.
 *
 * @param os operating system, as Go names it; {@code unknown} for attestations
 * @param architecture processor architecture, as Go names it
 * @param variant variant of the architecture, empty if none
 */
public record Platform(String os, String architecture, String variant) {

  @Override
  public String toString() {
    return os + '/' + architecture + (variant.isEmpty() ? "" : '/' + variant);
  }
}
