package io.lighter.server.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The query of a request. Pure. Unlike form decoding a {@code +} stays a plus sign: media types end
 * in {@code +json}, and clients send them as they are.
 */
record Query(List<Parameter> parameters) {

  /** One {@code name=value}. */
  record Parameter(String name, String value) {}

  Query {
    parameters = List.copyOf(parameters);
  }

  /** Parses the text after the question mark; empty text has no parameters. */
  static Query parse(String raw) {
    var parameters = new ArrayList<Parameter>();
    for (int start = 0; start < raw.length(); ) {
      int end = raw.indexOf('&', start);
      if (end < 0) {
        end = raw.length();
      }
      String pair = raw.substring(start, end);
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        parameters.add(
            equals < 0
                ? new Parameter(decode(pair), "")
                : new Parameter(
                    decode(pair.substring(0, equals)), decode(pair.substring(equals + 1))));
      }
      start = end + 1;
    }
    return new Query(parameters);
  }

  /** The first value of a parameter. */
  Optional<String> first(String name) {
    for (Parameter parameter : parameters) {
      if (parameter.name.equals(name)) {
        return Optional.of(parameter.value);
      }
    }
    return Optional.empty();
  }

  /** Every value of a parameter, in order. */
  List<String> all(String name) {
    return parameters.stream()
        .filter(parameter -> parameter.name.equals(name))
        .map(Parameter::value)
        .toList();
  }

  /** Percent-encodes everything but letters, digits and the marks that never need it. */
  static String encode(String text) {
    var result = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._~/:".indexOf(c) >= 0;
      if (plain) {
        result.append(c);
      } else {
        result.append('%').append(String.format("%02X", (int) c));
      }
    }
    return result.toString();
  }

  /** Decodes percent escapes; an escape that is none stays as it is. */
  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    var bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' && i + 2 < text.length() && isHex(text, i + 1) && isHex(text, i + 2)) {
        bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static boolean isHex(String text, int at) {
    return HexFormat.isHexDigit(text.charAt(at)); // Not Character.digit: that takes other scripts.
  }
}
