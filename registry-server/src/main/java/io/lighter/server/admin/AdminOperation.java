package io.lighter.server.admin;

import java.util.Set;
import java.util.function.Consumer;

/** Something that an operator can have a running server do. Thread-safe. */
public interface AdminOperation {

  /** Its path below {@code /admin/}. */
  String name();

  /** Methods that it answers. */
  default Set<String> methods() {
    return Set.of("POST");
  }

  /** Most bytes that the body of a request may have; 0 for operations that take none. */
  default int maxBody() {
    return 0;
  }

  /** Query parameters that it knows; a request with any other is refused. */
  Set<String> parameters();

  /**
   * Does it, on a thread of its own, for as long as it takes.
   *
   * @param answer takes what is answered: records, each of which becomes one line of JSON. Blocks
   *     while the client is slow, and throws {@link AdminException.ClientGone} when it has left
   * @throws AdminException.Invalid if the request makes no sense
   * @throws AdminException.Busy if it cannot be done now because of what else is being done
   */
  void run(AdminRequest request, Consumer<Record> answer);

  /** Ends what is under way soon, in good order, because the server stops. */
  default void stop() {}
}
