package io.lighter.node.change;

import io.lighter.node.change.Journal.WrittenFile;
import io.lighter.node.host.HostFiles;
import io.lighter.node.host.HostSockets;
import io.lighter.node.plan.NodeView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A node as if Lighter had never been there. A file that somebody changed after Lighter wrote it is
 * shown as it is now: it is theirs again.
 */
final class OriginalView implements NodeView {
  private static final String MOUNTS = "/proc/1/mounts";

  private final HostFiles files;
  private final HostSockets sockets;
  private final JournalStore store;
  private final Journal journal;

  OriginalView(HostFiles files, HostSockets sockets, JournalStore store, Journal journal) {
    this.files = files;
    this.sockets = sockets;
    this.store = store;
    this.journal = journal;
  }

  @Override
  public Optional<String> text(String hostPath) {
    return bytes(hostPath).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  Optional<byte[]> bytes(String hostPath) {
    Optional<byte[]> now = files.read(hostPath);
    Optional<WrittenFile> written = journal.file(hostPath);
    if (now.isEmpty() || written.isEmpty()) {
      return now;
    }
    if (!written.get().isWritten(JournalStore.digest(now.get()))) {
      return now;
    }
    return Optional.ofNullable(written.get().before()).map(store::backup);
  }

  @Override
  public boolean exists(String hostPath) {
    if (journal.file(hostPath).isPresent()) {
      return bytes(hostPath).isPresent();
    }
    return files.exists(hostPath) && !journal.folders().contains(hostPath);
  }

  @Override
  public List<String> list(String hostFolder) {
    return files.list(hostFolder).stream().filter(name -> exists(hostFolder + "/" + name)).toList();
  }

  @Override
  public boolean answers(String socket) {
    return sockets.answers(socket);
  }

  @Override
  public boolean readsLazily() {
    return text(MOUNTS).stream().flatMap(String::lines).anyMatch(OriginalView::isStargz);
  }

  // DEVICE MOUNT-POINT TYPE …; stargz-snapshotter calls its device "stargz".
  private static boolean isStargz(String mount) {
    String[] words = mount.split(" ", -1);
    return words.length > 2 && words[2].startsWith("fuse") && words[0].equals("stargz");
  }
}
