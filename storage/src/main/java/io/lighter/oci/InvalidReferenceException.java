package io.lighter.oci;

/** A name, tag or digest that does not match its grammar. The message is fit for the client. */
public final class InvalidReferenceException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final int EXCERPT = 160;

  private final OciErrorCode code;

  public InvalidReferenceException(OciErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  /** The error code that the client is answered with. */
  public OciErrorCode code() {
    return code;
  }

  /** A hostile name can be kilobytes long; messages and logs quote only its beginning. */
  static String excerpt(String text) {
    return text.length() <= EXCERPT ? text : text.substring(0, EXCERPT) + "…";
  }
}
