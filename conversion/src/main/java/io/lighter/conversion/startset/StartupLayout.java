package io.lighter.conversion.startset;

import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.startset.trace.StartupFile;
import io.lighter.conversion.startset.trace.StartupSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which files of a start are laid out first, layer by layer. */
public final class StartupLayout {

  /** Most bytes of an image's files that are laid out first unless somebody says otherwise. */
  public static final long DEFAULT_MAX_BYTES = 256L << 20;

  private StartupLayout() {}

  /**
   * Makes a list for each layer. Where not all files have room, those go first that the start reads
   * most surely, and of these the ones that it reads first; one that does not fit is left out and
   * the next is tried. Within a list, files stand in the order in which the start reads them.
   *
   * @param layers how many the image has
   * @param maxBytes most bytes of files in all lists together
   * @return as many lists as there are layers, lowest first; empty for a layer without such files
   */
  public static List<PrefetchList> of(StartupSet set, int layers, long maxBytes) {
    Set<StartupFile> fitting = fitting(set, maxBytes);
    var items = new ArrayList<List<PrefetchList.Item>>();
    for (int i = 0; i < layers; i++) {
      items.add(new ArrayList<>());
    }
    for (StartupFile found : set.files()) {
      if (fitting.contains(found) && found.file().size() > 0) {
        String path = found.file().path().substring(1);
        items.get(found.file().layer()).add(new PrefetchList.Item(path, false));
      }
    }
    return items.stream().map(PrefetchList::new).toList();
  }

  private static Set<StartupFile> fitting(StartupSet set, long maxBytes) {
    List<StartupFile> surest =
        set.files().stream()
            .sorted(Comparator.comparing(found -> found.reason().certainty()))
            .toList();
    var fitting = new HashSet<StartupFile>();
    long bytes = 0;
    for (StartupFile found : surest) {
      if (found.file().size() <= maxBytes - bytes) {
        bytes += found.file().size();
        fitting.add(found);
      }
    }
    return fitting;
  }
}
