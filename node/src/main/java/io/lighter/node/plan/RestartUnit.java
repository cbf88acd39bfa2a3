package io.lighter.node.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * A service of the host that reads its configuration only at its start.
 *
 * @param name the systemd unit
 * @param verb what systemctl is told to do
 * @param probe a command that succeeds once the service answers
 * @param healthy words that one line of the probe's output has to hold together with {@code ok};
 *     the plugins of containerd without which a node does not work
 */
public record RestartUnit(String name, String verb, List<String> probe, List<String> healthy) {
  /** The verb for a service that Lighter installed. */
  public static final String ENABLE = "enable";

  /** stargz-snapshotter; the root file systems of lazily running containers die with it. */
  public static final String SNAPSHOTTER = "stargz-snapshotter.service";

  public RestartUnit {
    probe = List.copyOf(probe);
    healthy = List.copyOf(healthy);
  }

  /** A service that has nothing to be asked but whether it runs. */
  public static RestartUnit plain(String name, String verb) {
    return new RestartUnit(name, verb, List.of("systemctl", "is-active", name), List.of());
  }

  /** Whether the service came with Lighter and goes with it. */
  public boolean isInstalled() {
    return verb.equals(ENABLE);
  }

  /** Whether running containers lose their files when it restarts. */
  public boolean servesContainers() {
    return name.equals(SNAPSHOTTER);
  }

  /**
   * A containerd.
   *
   * @param ctr how its client is called on this host
   */
  public static RestartUnit containerd(String name, List<String> ctr) {
    var probe = new ArrayList<>(ctr);
    probe.addAll(List.of("plugins", "ls"));
    return new RestartUnit(name, "restart", probe, List.of("cri"));
  }
}
