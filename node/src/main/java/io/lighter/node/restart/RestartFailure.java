package io.lighter.node.restart;

/** A service did not come up again, or the node did not become Ready; the message says which. */
public final class RestartFailure extends Exception {
  public RestartFailure(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
