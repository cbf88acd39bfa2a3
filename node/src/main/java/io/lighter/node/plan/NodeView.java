package io.lighter.node.plan;

import java.util.List;
import java.util.Optional;

/** A node as it was before Lighter wrote to it, and what runs on it now. */
public interface NodeView {
  /** The text of a file, or nothing if there is none. */
  Optional<String> text(String hostPath);

  boolean exists(String hostPath);

  /** Names in a folder, sorted; none if there is no such folder. */
  List<String> list(String hostFolder);

  /** Whether a service accepts connections at a unix socket. */
  boolean answers(String socket);

  /** Whether containers on this node read layers through FUSE at this moment. */
  boolean readsLazily();
}
