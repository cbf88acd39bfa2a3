package io.lighter.conversion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What an earlier conversion added to a layer and the next one leaves out. Lazy clients hide files
 * of these names, so a user's own file that happens to have one cannot be represented.
 */
final class EarlierConversion {

  private static final int HEAD = 64;
  private static final byte LANDMARK = 0x0f;
  private static final String TOC_START = "{\"version\":";

  private EarlierConversion() {}

  /**
   * Reads over the content of an entry with a reserved name.
   *
   * @throws UnconvertibleLayerException if it is nothing that a conversion added
   */
  static void skip(TarEntry entry, TarSplitter splitter) throws IOException {
    var head = new byte[(int) Math.min(entry.size(), HEAD)];
    splitter.read(head, 0, head.length);
    boolean landmark = entry.size() == 1 && head[0] == LANDMARK;
    if (!landmark && !beginsToc(head)) {
      throw UnconvertibleLayerException.entry(
          entry.name(), "has a name that eStargz reserves, and is neither landmark nor TOC");
    }
    splitter.skip(entry.size() - head.length + entry.padding());
  }

  private static boolean beginsToc(byte[] head) {
    return new String(head, StandardCharsets.UTF_8).replaceAll("\\s", "").startsWith(TOC_START);
  }
}
