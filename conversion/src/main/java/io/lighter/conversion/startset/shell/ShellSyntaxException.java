package io.lighter.conversion.startset.shell;

/** What stands there is no script, or none that is understood here. */
final class ShellSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  ShellSyntaxException(String message) {
    super(message, null, false, false);
  }
}
