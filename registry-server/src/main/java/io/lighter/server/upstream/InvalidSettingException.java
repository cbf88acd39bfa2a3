package io.lighter.server.upstream;

/** A setting of an upstream with a value that it must not have. The message names all of them. */
public final class InvalidSettingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String value;
  private final String allowed;

  InvalidSettingException(String upstream, String field, Object value, String allowed) {
    super("upstream %s: %s must be %s, not %s".formatted(upstream, field, allowed, value));
    this.field = field;
    this.value = value.toString();
    this.allowed = allowed;
  }

  /** Which of the {@link UpstreamSettings} it is. */
  public String field() {
    return field;
  }

  /** The value as it may be shown: without anything secret. */
  public String value() {
    return value;
  }

  /** What would be allowed. */
  public String allowed() {
    return allowed;
  }
}
