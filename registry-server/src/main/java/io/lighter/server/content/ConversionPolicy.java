package io.lighter.server.content;

/**
 * What is done with the images of a repository.
 *
 * @param view which view their tags answer
 * @param maxLayer most bytes that a layer may have, compressed as it is stored, to be converted
 * @param startupSet most bytes of an image's files that are laid out first because its start reads
 *     them; 0 for none
 * @param platforms which images of an index are converted
 */
public record ConversionPolicy(
    ViewPolicy view, long maxLayer, long startupSet, WantedPlatforms platforms) {

  /** Whether nothing is converted, and tags answer the original whatever was converted before. */
  public boolean isOff() {
    return view == ViewPolicy.OFF;
  }
}
