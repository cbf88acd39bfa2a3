package io.lighter.node.command;

import io.lighter.node.NodeException.HostFailure;
import io.lighter.node.NodeException.Refused;
import io.lighter.node.host.HostFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A lock that the kernel lets go of when its holder dies, so that two runs do not mix. */
final class OneAtATime implements AutoCloseable {
  private final FileChannel channel;

  private OneAtATime(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks a host for this process.
   *
   * @throws Refused if another process works on it
   */
  static OneAtATime on(HostFiles files) {
    Path lock = files.locate("/run/lighter-node.lock");
    try {
      Path folder = lock.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() != null) {
          return new OneAtATime(channel);
        }
      } catch (OverlappingFileLockException _) {
        // held by this very process
      }
      channel.close();
    } catch (IOException e) {
      throw new HostFailure("cannot lock " + lock, e);
    }
    throw new Refused("another 'lighter node' works on this host; try again when it has ended");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new HostFailure("cannot unlock the host", e);
    }
  }
}
