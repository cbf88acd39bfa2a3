package io.lighter.bench.readiness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How a node's containerd is reached and used.
 *
 * @param ctr the program
 * @param address of containerd's socket
 * @param namespace that nobody else uses
 * @param fullSnapshotter for images that are pulled whole
 * @param lazySnapshotter for those that are not
 * @param fullPull the command of a full pull, see {@link #pull}
 * @param lazyPull the command of a lazy pull
 * @param cold a command that makes the node forget what removing images leaves behind; may be empty
 * @param scratch a folder of the node
 * @param limit for one pull, one start, and one wait
 */
record ContainerdOptions(
    String ctr,
    String address,
    String namespace,
    String fullSnapshotter,
    String lazySnapshotter,
    List<String> fullPull,
    List<String> lazyPull,
    List<String> cold,
    String scratch,
    Duration limit) {

  ContainerdOptions {
    fullPull = List.copyOf(fullPull);
    lazyPull = List.copyOf(lazyPull);
    cold = List.copyOf(cold);
  }

  String snapshotter(PullKind pull) {
    return switch (pull) {
      case FULL -> fullSnapshotter;
      case LAZY -> lazySnapshotter;
    };
  }

  /**
   * The command of an arm's pull: of its words, {@code {hosts}} becomes {@code --hosts-dir} and the
   * folder, {@code {http}} becomes {@code --plain-http}, each nothing if the arm wants none; {@code
   * {ctr}}, {@code {address}}, {@code {namespace}}, {@code {snapshotter}} and {@code {reference}}
   * are replaced within words.
   */
  List<String> pull(Arm arm) {
    List<String> template =
        switch (arm.pull()) {
          case FULL -> fullPull;
          case LAZY -> lazyPull;
        };
    Function<String, String> filled =
        word ->
            word.replace("{ctr}", ctr)
                .replace("{address}", address)
                .replace("{namespace}", namespace)
                .replace("{snapshotter}", snapshotter(arm.pull()))
                .replace("{reference}", arm.reference());
    var command = new ArrayList<String>();
    for (String word : template) {
      switch (word) {
        case "{hosts}" ->
            arm.hosts().ifPresent(hosts -> command.addAll(List.of("--hosts-dir", hosts)));
        case "{http}" -> command.addAll(arm.plainHttp() ? List.of("--plain-http") : List.of());
        default -> Stream.of(word).map(filled).forEach(command::add);
      }
    }
    return command;
  }
}
