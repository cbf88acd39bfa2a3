package io.lighter.conversion.startset.java;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Main attributes of a jar's manifest, which tools put in front of all other entries (the JAR file
 * specification). Where it is elsewhere it counts as empty: only the beginning of a jar is looked
 * at.
 *
 * @param attributes by name
 */
record JarManifest(Map<String, String> attributes) {

  private static final int LOOKED_AT = 64 << 10;
  private static final int MAX_LENGTH = 64 << 10;
  private static final int MAX_ENTRIES = 4;
  private static final int HEADER = 30;
  private static final int SIGNATURE = 0x04034b50;
  private static final int STORED = 0;

  /** Reads the manifest of a jar; one without attributes if it has none in front. */
  static JarManifest of(ImageFile jar, Start start) {
    byte[] bytes = start.content(jar, 0, LOOKED_AT);
    int at = 0;
    for (int i = 0; i < MAX_ENTRIES && at + HEADER <= bytes.length; i++) {
      int nameLength = number(bytes, at + 26, 2);
      int begin = at + HEADER + nameLength + number(bytes, at + 28, 2);
      if (number(bytes, at, 4) != SIGNATURE || begin > bytes.length) {
        break;
      }
      int size = number(bytes, at + 18, 4);
      String name = new String(bytes, at + HEADER, nameLength, StandardCharsets.ISO_8859_1);
      if (name.equals("META-INF/MANIFEST.MF")) {
        boolean stored = number(bytes, at + 8, 2) == STORED;
        return parse(stored ? stored(bytes, begin, size) : inflated(bytes, begin));
      }
      if (size < 0 || size > bytes.length - begin) {
        break;
      }
      at = begin + size;
    }
    return new JarManifest(Map.of());
  }

  private static int number(byte[] bytes, int at, int length) {
    int number = 0;
    for (int i = length - 1; i >= 0; i--) {
      number = (number << 8) | (bytes[at + i] & 0xff);
    }
    return number;
  }

  private static String stored(byte[] bytes, int begin, int size) {
    int length = size < 0 ? 0 : Math.min(size, bytes.length - begin);
    return new String(bytes, begin, length, StandardCharsets.UTF_8);
  }

  private static String inflated(byte[] bytes, int begin) {
    var inflater = new Inflater(true);
    try {
      inflater.setInput(bytes, begin, bytes.length - begin);
      var plain = new byte[MAX_LENGTH];
      int length = 0;
      int n = 1;
      while (n > 0 && length < plain.length) {
        n = inflater.inflate(plain, length, plain.length - length);
        length += n;
      }
      return new String(plain, 0, length, StandardCharsets.UTF_8);
    } catch (DataFormatException e) {
      return "";
    } finally {
      inflater.end();
    }
  }

  /** Lines that begin with a blank go on with the line before; a blank line ends the attributes. */
  private static JarManifest parse(String text) {
    var attributes = new HashMap<String, String>();
    String name = "";
    var value = new StringBuilder();
    for (String line : text.lines().toList()) {
      if (line.isEmpty()) {
        break;
      }
      int colon = line.indexOf(':');
      if (line.startsWith(" ")) {
        value.append(line, 1, line.length());
      } else if (colon > 0) {
        attributes.put(name, value.toString());
        name = line.substring(0, colon);
        value.setLength(0);
        value.append(line.substring(colon + 1).strip());
      }
    }
    attributes.put(name, value.toString());
    return new JarManifest(Map.copyOf(attributes));
  }

  /** Value of an attribute; empty if it is not there. */
  String attribute(String name) {
    return attributes.getOrDefault(name, "");
  }

  /** What {@code Class-Path} names, relative to the jar. */
  List<String> classPath() {
    String path = attribute("Class-Path").strip();
    return path.isEmpty() ? List.of() : List.of(path.split(" +"));
  }
}
