package io.lighter.node.plan;

import io.lighter.node.NodeException.HostFailure;
import io.lighter.node.NodeException.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * stargz-snapshotter as a service of the host. It never runs in a pod: its FUSE mounts are the root
 * file systems of running containers and have to outlive every pod.
 */
final class StargzService {
  static final String SOCKET = "/run/containerd-stargz-grpc/containerd-stargz-grpc.sock";
  static final String ROOT = "/var/lib/containerd-stargz-grpc/";
  static final String UNIT = RestartUnit.SNAPSHOTTER;

  private static final String PROGRAM = "containerd-stargz-grpc";
  private static final String INSTALLED = "/opt/lighter/bin/" + PROGRAM;
  private static final String UNIT_FILE = "/etc/systemd/system/" + UNIT;
  private static final String UNIT_TEXT =
      Origin.COMMENT
          + """
          [Unit]
          Description=stargz-snapshotter, which mounts layers that have not arrived
          After=network.target
          Before=containerd.service

          [Service]
          Type=notify
          Environment=HOME=/root
          ExecStart=%s --log-level=info --config=%s
          Restart=always
          RestartSec=1
          LimitNOFILE=1048576

          [Install]
          WantedBy=multi-user.target
          """
              .formatted(INSTALLED, StargzConfig.SNAPSHOTTER);

  private final NodeView node;
  private final Wish wish;

  StargzService(NodeView node, Wish wish) {
    this.node = node;
    this.wish = wish;
  }

  /** A service that Lighter installed is enabled before it is started. */
  RestartUnit unit() {
    return RestartUnit.plain(UNIT, wish.snapshotter().isPresent() ? RestartUnit.ENABLE : "restart");
  }

  /** The program and its unit, if they are to be installed. */
  List<DesiredFile> programs() {
    if (wish.snapshotter().isEmpty()) {
      return List.of();
    }
    for (String folder : List.of("/usr/lib/systemd/system", "/etc/systemd/system")) {
      if (node.exists(folder + "/" + UNIT)) {
        throw new Refused(
            folder + "/" + UNIT + " is there already; leave --install-snapshotter out to use it");
      }
    }
    return List.of(
        DesiredFile.program(INSTALLED, program(wish.snapshotter().get()), unit()),
        DesiredFile.readAtStart(UNIT_FILE, UNIT_TEXT, unit()));
  }

  private static byte[] program(Path folder) {
    Path program = folder.resolve(PROGRAM);
    try {
      return Files.readAllBytes(program);
    } catch (NoSuchFileException _) {
      throw new Refused(program + " is not there: there is no snapshotter to install");
    } catch (IOException e) {
      throw new HostFailure("cannot read " + program, e);
    }
  }
}
