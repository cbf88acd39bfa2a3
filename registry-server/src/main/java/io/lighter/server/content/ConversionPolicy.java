package io.lighter.server.content;

/**
 * What is done with the images of a repository.
 *
 * @param view which view their tags answer
 * @param maxLayer most bytes that a layer may have, compressed as it is stored, to be converted
 * @param platforms which images of an index are converted
 */
public record ConversionPolicy(ViewPolicy view, long maxLayer, WantedPlatforms platforms) {

  /** Whether nothing is converted, and tags answer the original whatever was converted before. */
  public boolean isOff() {
    return view == ViewPolicy.OFF;
  }
}
