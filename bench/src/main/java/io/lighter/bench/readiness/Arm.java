package io.lighter.bench.readiness;

import java.util.List;
import java.util.Optional;

/**
 * One way to get a program running.
 *
 * @param image the program, by which arms are put together
 * @param name of the way
 * @param reference what is pulled, as containerd has it
 * @param pull all of it, or what is read
 * @param plainHttp whether a full pull speaks HTTP without TLS
 * @param hosts folder of hosts.toml files on the node, for the pull
 * @param command instead of the image's own; none if empty
 * @param ready what shows that it is ready
 * @param before run on this machine when the node is cold, before the clock runs; none if empty
 * @param against the arm of the same image that it is compared with
 */
record Arm(
    String image,
    String name,
    String reference,
    PullKind pull,
    boolean plainHttp,
    Optional<String> hosts,
    List<String> command,
    ReadyCheck ready,
    List<String> before,
    Optional<String> against) {

  Arm {
    command = List.copyOf(command);
    before = List.copyOf(before);
  }

  /** For messages. */
  @Override
  public String toString() {
    return image + ", " + name;
  }
}
