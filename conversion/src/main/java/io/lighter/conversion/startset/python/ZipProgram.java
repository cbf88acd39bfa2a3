package io.lighter.conversion.startset.python;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** A program that is a zip file (PEP 441): it is read whole, and its modules import others. */
final class ZipProgram {

  private static final int MAX_ENTRIES = 2_000;
  private static final int LONGEST_SOURCE = 1 << 20;

  private ZipProgram() {}

  /** For each module inside, what it imports from outside. */
  static List<List<Statement>> statements(byte[] zip, Facts facts) {
    var parts = new ArrayList<List<Statement>>();
    int begin = beginning(zip);
    try (var in = new ZipInputStream(new ByteArrayInputStream(zip, begin, zip.length - begin))) {
      ZipEntry entry = in.getNextEntry();
      for (int i = 0; entry != null && i < MAX_ENTRIES; i++) {
        if (entry.getName().endsWith(".py")) {
          byte[] source = in.readNBytes(LONGEST_SOURCE);
          parts.add(List.of(new Statement.Perhaps(StatementReader.read(source, facts))));
        }
        entry = in.getNextEntry();
      }
    } catch (IOException | IllegalArgumentException e) {
      // A damaged archive: what could be read of it counts.
      return parts;
    }
    return parts;
  }

  /** Where the archive begins: a line for the kernel may be in front of it. */
  private static int beginning(byte[] zip) {
    for (int i = 0; i + 3 < Math.min(zip.length, 4096); i++) {
      if (zip[i] == 'P' && zip[i + 1] == 'K' && zip[i + 2] == 3 && zip[i + 3] == 4) {
        return i;
      }
    }
    return 0;
  }
}
