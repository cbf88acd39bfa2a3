package io.lighter.node;

/**
 * Why a node was not set up, or not undone; the message says what was found, where, and what would
 * have to be different.
 */
public abstract sealed class NodeException extends RuntimeException {
  private NodeException(String message) {
    super(message);
  }

  private NodeException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** Something on the node is not understood or contradicts what is wanted; nothing was changed. */
  public static final class Refused extends NodeException {
    public Refused(String message) {
      super(message);
    }
  }

  /** A file or a program of the host could not be used. */
  public static final class HostFailure extends NodeException {
    public HostFailure(String message) {
      super(message);
    }

    public HostFailure(String message, Throwable cause) {
      super(message + ": " + cause, cause);
    }
  }
}
