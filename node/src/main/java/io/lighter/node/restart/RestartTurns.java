package io.lighter.node.restart;

/** Whose turn it is to restart something, among all nodes of a cluster. */
public interface RestartTurns {
  /** Where nobody else has to be waited for. */
  RestartTurns ALWAYS =
      () ->
          new Turn() {
            @Override
            public void close() {
              // nobody waits for it
            }

            @Override
            public void halt(String reason) {
              // nobody would be held back
            }
          };

  /**
   * Waits until it is this node's turn; blocks as long as it takes.
   *
   * @throws io.lighter.node.NodeException.Refused if another node failed, so that none may go on
   */
  Turn take();

  /** The turn of this node. */
  interface Turn extends AutoCloseable {
    /** Lets the next node go on. */
    @Override
    void close();

    /** Keeps all other nodes from going on until an operator has looked. */
    void halt(String reason);
  }
}
