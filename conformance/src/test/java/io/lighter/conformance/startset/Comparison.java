package io.lighter.conformance.startset;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A start-up set beside the recording of a run.
 *
 * <p>Both are counted by the same rule: regular files of the image that have content, each once
 * under whatever name. So a recording's log files, which the run makes or finds empty, count for
 * nobody, and neither do empty files of a set: there is nothing to fetch.
 *
 * @param recorded what counts of the recording
 * @param predicted what counts of the set
 * @param both what is in both
 * @param missed paths of the recording that the set lacks, in the order of first access
 * @param superfluous paths of the set that were not read, largest first
 * @param absent paths of the recording that are no regular files of the image: it has been built of
 *     newer packages than the recorded one
 * @param misplaced paths of the set that are no regular files of the image; there should be none
 */
record Comparison(
    Total recorded,
    Total predicted,
    Total both,
    List<Item> missed,
    List<Item> superfluous,
    List<String> absent,
    List<String> misplaced) {

  private static final double TOLERATED_ABSENCE = 0.05;

  /** A number of files and their bytes, uncompressed. */
  record Total(int files, long bytes) {
    static Total of(Collection<ImageFile> files) {
      return new Total(files.size(), files.stream().mapToLong(ImageFile::size).sum());
    }

    double filesOf(Total whole) {
      return share(files, whole.files);
    }

    double bytesOf(Total whole) {
      return share(bytes, whole.bytes);
    }

    private static double share(long part, long whole) {
      return whole == 0 ? 0 : (double) part / whole;
    }
  }

  /** A file that is in one of the two only. */
  record Item(String path, long size) {}

  static Comparison of(ImageFiles image, Collection<String> recording, Collection<String> set) {
    Map<ImageFile, String> recorded = countable(image, recording);
    Map<ImageFile, String> predicted = countable(image, set);
    Set<ImageFile> both = new LinkedHashSet<>(recorded.keySet());
    both.retainAll(predicted.keySet());
    List<Item> superfluous = new ArrayList<>(without(predicted, both));
    superfluous.sort((a, b) -> Long.compare(b.size(), a.size()));
    return new Comparison(
        Total.of(recorded.keySet()),
        Total.of(predicted.keySet()),
        Total.of(both),
        without(recorded, both),
        superfluous,
        absent(image, recording),
        absent(image, set));
  }

  private static List<String> absent(ImageFiles image, Collection<String> paths) {
    return paths.stream().filter(path -> image.file(path).isEmpty()).toList();
  }

  private static Map<ImageFile, String> countable(ImageFiles image, Collection<String> paths) {
    var countable = new LinkedHashMap<ImageFile, String>();
    for (String path : paths) {
      image
          .file(path)
          .filter(ImageFile::hasContent)
          .ifPresent(file -> countable.putIfAbsent(file, path));
    }
    return countable;
  }

  private static List<Item> without(Map<ImageFile, String> files, Set<ImageFile> excluded) {
    return files.entrySet().stream()
        .filter(file -> !excluded.contains(file.getKey()))
        .map(file -> new Item(file.getValue(), file.getKey().size()))
        .toList();
  }

  /** Whether so little of the recording is in the image that it has to be made again. */
  boolean isOutdated() {
    return absent.size() > TOLERATED_ABSENCE * (recorded.files() + absent.size());
  }

  /** The part of the recorded files that the set has, 0 to 1. */
  double recallOfFiles() {
    return both.filesOf(recorded);
  }

  double recallOfBytes() {
    return both.bytesOf(recorded);
  }

  /** The part of the set's files that were read, 0 to 1. */
  double precisionOfFiles() {
    return both.filesOf(predicted);
  }

  double precisionOfBytes() {
    return both.bytesOf(predicted);
  }

  /** Bytes that a client fetches ahead, as a multiple of those that the run read. */
  double bytesRatio() {
    return predicted.bytesOf(recorded);
  }
}
