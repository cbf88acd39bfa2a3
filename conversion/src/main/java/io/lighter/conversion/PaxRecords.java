package io.lighter.conversion;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The records of a PAX extended header (POSIX.1 pax, "pax Extended Header"): {@code length
 * key=value\n}, where values of extended attributes may be any bytes.
 *
 * @param values the last value of each key; arrays are not modified
 */
record PaxRecords(Map<String, byte[]> values) {

  static final PaxRecords NONE = new PaxRecords(Map.of());

  private static final String XATTR = "SCHILY.xattr.";
  private static final String SPARSE = "GNU.sparse.";

  /** Linux's limits for the name and the value of an extended attribute, in bytes. */
  private static final int MAX_XATTR_NAME = 255;

  private static final int MAX_XATTR = 65_536;

  private static final Set<String> HARMLESS_GLOBALS = Set.of("comment");
  private static final Pattern TIME = Pattern.compile("([+-]?[0-9]{1,18})(?:\\.([0-9]*))?");

  /**
   * Reads records.
   *
   * @throws UnconvertibleLayerException if they are malformed
   */
  static PaxRecords parse(byte[] bytes) {
    var values = new LinkedHashMap<String, byte[]>();
    int position = 0;
    while (position < bytes.length) {
      int space = position;
      int length = 0;
      while (space < bytes.length
          && bytes[space] >= '0'
          && bytes[space] <= '9'
          && length < 1 << 26) {
        length = length * 10 + bytes[space++] - '0';
      }
      int end = position + length;
      if (space >= bytes.length
          || bytes[space] != ' '
          || end > bytes.length
          || end <= space + 1
          || bytes[end - 1] != '\n') {
        throw malformed("a record's length is wrong");
      }
      record(bytes, space + 1, end - 1, values);
      position = end;
    }
    return new PaxRecords(values);
  }

  private static void record(byte[] bytes, int start, int end, Map<String, byte[]> values) {
    int equals = start;
    while (equals < end && bytes[equals] != '=') {
      equals++;
    }
    if (equals == end || equals == start) {
      throw malformed("a record is not key=value");
    }
    String key =
        Utf8.decode(Arrays.copyOfRange(bytes, start, equals))
            .filter(text -> text.indexOf('\0') < 0)
            .orElseThrow(() -> malformed("a key is not UTF-8 text"));
    values.put(key, Arrays.copyOfRange(bytes, equals + 1, end));
  }

  /** Refuses records for all further entries, unless they mean nothing for unpacking. */
  void checkGlobal() {
    for (String key : values.keySet()) {
      if (!HARMLESS_GLOBALS.contains(key)) {
        // containerd ignores such records and other programs apply them: it has no one meaning.
        throw new UnconvertibleLayerException(
            "a global extended header sets %s; allowed is only comment"
                .formatted(UnconvertibleLayerException.quote(key)));
      }
    }
  }

  /** Whether these records make their entry a sparse file. */
  boolean sparse() {
    return values.keySet().stream().anyMatch(key -> key.startsWith(SPARSE));
  }

  /** A text that replaces the header's field; an empty one does not. */
  Optional<byte[]> text(String key) {
    byte[] value = values.get(key);
    return value == null || value.length == 0 ? Optional.empty() : Optional.of(value);
  }

  /** A decimal number that replaces the header's field. */
  OptionalLong number(String key) {
    Optional<byte[]> text = text(key);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(ascii(text.get())));
    } catch (NumberFormatException e) {
      throw malformed("%s is not a number: %s".formatted(key, quoted(text.get())));
    }
  }

  /** A time that replaces the header's field, rounded to the nearest second, halves up. */
  OptionalLong seconds(String key) {
    Optional<byte[]> text = text(key);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    Matcher matcher = TIME.matcher(ascii(text.get()));
    if (!matcher.matches()) {
      throw malformed("%s is not a time: %s".formatted(key, quoted(text.get())));
    }
    String whole = matcher.group(1);
    long seconds = Long.parseLong(whole);
    String fraction = matcher.group(2);
    int nanos = fraction == null ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9));
    if (whole.startsWith("-")) {
      return OptionalLong.of(nanos > 500_000_000 ? seconds - 1 : seconds);
    }
    return OptionalLong.of(nanos >= 500_000_000 ? seconds + 1 : seconds);
  }

  /** Extended attributes in order of their names. */
  Map<String, byte[]> xattrs() {
    if (values.keySet().stream().noneMatch(key -> key.startsWith(XATTR))) {
      return Map.of();
    }
    var xattrs = new TreeMap<String, byte[]>();
    values.forEach((key, value) -> {
      if (key.startsWith(XATTR)) {
        String name = key.substring(XATTR.length());
        checkXattr(name, value.length);
        xattrs.put(name, value);
      }
    });
    return xattrs;
  }

  private static void checkXattr(String name, int length) {
    int nameLength = name.getBytes(StandardCharsets.UTF_8).length;
    if (nameLength < 1 || nameLength > MAX_XATTR_NAME || length > MAX_XATTR) {
      throw new UnconvertibleLayerException(
          "the extended attribute %s has a name of %d bytes and a value of %d; allowed are 1 to %d and 0 to %d"
              .formatted(
                  UnconvertibleLayerException.quote(name),
                  nameLength,
                  length,
                  MAX_XATTR_NAME,
                  MAX_XATTR));
    }
  }

  private static String ascii(byte[] text) {
    return new String(text, StandardCharsets.US_ASCII);
  }

  private static String quoted(byte[] text) {
    return UnconvertibleLayerException.quote(ascii(text));
  }

  private static UnconvertibleLayerException malformed(String problem) {
    return new UnconvertibleLayerException("malformed PAX extended header: " + problem);
  }
}
