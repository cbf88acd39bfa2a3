package io.lighter.conversion;

/**
 * A layer that eStargz cannot represent faithfully, or whose bytes are damaged. The message is one
 * line that names the entry and what is wrong with it, fit for a log and for an operator.
 */
public final class UnconvertibleLayerException extends ConversionException {
  private static final long serialVersionUID = 1L;

  /** The longest name that a message repeats; names come from whoever built the image. */
  private static final int MAX_QUOTED = 200;

  public UnconvertibleLayerException(String message) {
    super(message, null);
  }

  public UnconvertibleLayerException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The refusal of one entry of the layer. */
  static UnconvertibleLayerException entry(String name, String problem) {
    return new UnconvertibleLayerException("entry %s %s".formatted(quote(name), problem));
  }

  /** A name in quotes, on one line and not longer than a message can bear. */
  static String quote(String name) {
    var text = new StringBuilder("\"");
    name.codePoints()
        .limit(MAX_QUOTED)
        .forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return text.append(name.length() > MAX_QUOTED ? "...\"" : "\"").toString();
  }
}
