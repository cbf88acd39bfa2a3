package io.lighter.node.change;

import io.lighter.node.change.Journal.WrittenFile;
import io.lighter.node.host.HostFiles;
import io.lighter.node.host.HostSockets;
import io.lighter.node.plan.DesiredFile;
import io.lighter.node.plan.NodePlan;
import io.lighter.node.plan.NodeView;
import io.lighter.node.plan.RestartUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings files of a node to what a plan says, and back. Both can be interrupted at any point and
 * called again, and each can be called after the other was interrupted. One process at a time.
 */
public final class NodeChanges {
  private final HostFiles files;
  private final HostSockets sockets;
  private final JournalStore store;

  public NodeChanges(HostFiles files, HostSockets sockets) {
    this.files = files;
    this.sockets = sockets;
    this.store = new JournalStore(files);
  }

  /** The node as it was before Lighter, for planners. */
  public NodeView original() {
    return view(store.load());
  }

  /** What {@link #apply} would write, and whether each file is there now. */
  public List<Difference> differences(NodePlan plan) {
    Journal journal = store.load();
    var differences = new ArrayList<Difference>();
    for (DesiredFile file : plan.files()) {
      Optional<byte[]> now = files.read(file.path());
      if (now.isEmpty() || !Arrays.equals(now.get(), file.content())) {
        differences.add(new Difference(file.path(), now, Optional.of(file)));
      }
    }
    for (WrittenFile stale : stale(journal, plan)) {
      if (stale.isWritten(store.digestOf(stale.path()))) {
        differences.add(new Difference(stale.path(), files.read(stale.path()), Optional.empty()));
      }
    }
    return differences;
  }

  /** Services that still have to start anew. */
  public List<RestartUnit> pending() {
    return store.load().restarts();
  }

  /** Whether Lighter has written anything to this node. */
  public boolean isTouched() {
    return !store.load().isEmpty();
  }

  /** Writes what the plan says, and takes back what an earlier plan said and this one does not. */
  public Outcome apply(NodePlan plan) {
    Journal before = store.load();
    var view = view(before);
    Journal noted = before;
    var toWrite = new ArrayList<DesiredFile>();
    for (DesiredFile file : plan.files()) {
      Optional<byte[]> now = files.read(file.path());
      if (now.isPresent() && Arrays.equals(now.get(), file.content())) {
        noted = before.file(file.path()).map(asItIs(noted, now.get())).orElse(noted);
        continue;
      }
      toWrite.add(file);
      Optional<byte[]> original = view.bytes(file.path());
      original.ifPresent(store::keep);
      noted = noted.with(entry(file, original, before)).withFolders(missingFolders(file.path()));
      if (file.reader().isPresent()) {
        noted = noted.withRestart(file.reader().get());
      }
    }
    List<WrittenFile> stale = stale(before, plan);
    for (WrittenFile old : stale) {
      noted = restartNeeded(noted, old);
    }
    if (!noted.equals(before)) {
      store.save(noted);
    }
    var changed = new ArrayList<String>();
    for (DesiredFile file : toWrite) {
      files.write(file.path(), file.content(), file.mode());
      changed.add(file.path());
    }
    var leftAlone = new ArrayList<String>();
    Journal done = noted;
    for (WrittenFile old : stale) {
      restore(old, changed, leftAlone);
      done = done.without(old.path());
    }
    done = settled(done);
    if (!done.equals(noted)) {
      store.save(done);
    }
    store.tidy(done);
    return new Outcome(changed, leftAlone, done.restarts());
  }

  /**
   * Puts back what was there before, byte for byte. A file that somebody changed since is left
   * alone and named in the outcome. {@link #forget} ends it, after the restarts.
   *
   * @param kept services whose files stay for now
   */
  public Outcome remove(Predicate<RestartUnit> kept) {
    Journal journal = store.load();
    List<WrittenFile> going = journal.files().stream().filter(file -> !isRead(file, kept)).toList();
    for (WrittenFile file : going) {
      journal = restartNeeded(journal, file);
    }
    if (!journal.isEmpty()) {
      store.save(journal);
    }
    var changed = new ArrayList<String>();
    var leftAlone = new ArrayList<String>();
    for (WrittenFile file : going.reversed()) {
      restore(file, changed, leftAlone);
    }
    for (String folder : journal.folders().reversed()) {
      files.deleteEmptyFolder(folder);
    }
    return new Outcome(changed, leftAlone, journal.restarts());
  }

  private static boolean isRead(WrittenFile file, Predicate<RestartUnit> by) {
    RestartUnit reader = file.reader();
    return reader != null && by.test(reader);
  }

  /** Services whose files Lighter wrote. */
  public List<RestartUnit> readers() {
    return store.load().files().stream()
        .flatMap(file -> Optional.ofNullable(file.reader()).stream())
        .distinct()
        .toList();
  }

  /** Files that are not as Lighter wrote them last. */
  public List<String> drifted() {
    return store.load().files().stream()
        .filter(file -> !file.isWritten(store.digestOf(file.path())))
        .map(WrittenFile::path)
        .toList();
  }

  /** Notes that a service has started anew since its files were written. */
  public void restarted(RestartUnit unit) {
    Journal journal = store.load();
    Journal without = journal.withoutRestart(unit);
    if (!without.equals(journal)) {
      store.save(without);
    }
  }

  /** Forgets what was written, after {@link #remove} and the restarts that it needed. */
  public void forget() {
    store.erase();
  }

  private OriginalView view(Journal journal) {
    return new OriginalView(files, sockets, store, journal);
  }

  private WrittenFile entry(DesiredFile file, Optional<byte[]> original, Journal before) {
    var written = new ArrayList<String>();
    String now = store.digestOf(file.path());
    before
        .file(file.path())
        .filter(entry -> entry.isWritten(now))
        .ifPresent(entry -> written.addAll(entry.written()));
    String wanted = JournalStore.digest(file.content());
    written.remove(wanted);
    written.add(wanted); // the last is the one that is meant
    return new WrittenFile(
        file.path(),
        original.map(JournalStore::digest).orElse(null),
        written,
        file.reader().orElse(null));
  }

  // Of a run that was interrupted, what it did write counts, not what it would have written.
  private static Function<WrittenFile, Journal> asItIs(Journal noted, byte[] now) {
    String digest = JournalStore.digest(now);
    return entry ->
        entry.isWritten(digest)
            ? noted.with(
                new WrittenFile(entry.path(), entry.before(), List.of(digest), entry.reader()))
            : noted;
  }

  private static List<WrittenFile> stale(Journal journal, NodePlan plan) {
    return journal.files().stream()
        .filter(entry -> plan.files().stream().noneMatch(file -> file.path().equals(entry.path())))
        .toList();
  }

  private Journal restartNeeded(Journal journal, WrittenFile file) {
    RestartUnit reader = file.reader();
    return reader != null && file.isWritten(store.digestOf(file.path()))
        ? journal.withRestart(reader)
        : journal;
  }

  private void restore(WrittenFile file, List<String> changed, List<String> leftAlone) {
    @Nullable String now = store.digestOf(file.path());
    files.deleteUnfinished(file.path());
    if (file.isBefore(now)) {
      return;
    }
    if (!file.isWritten(now)) {
      leftAlone.add(
          file.path()
              + (now == null ? " was deleted" : " was changed")
              + " by somebody else after Lighter wrote it and is left as it is"
              + (file.before() == null ? "" : "; what was there before is " + file.before()));
      return;
    }
    String before = file.before();
    if (before == null) {
      files.delete(file.path());
    } else {
      files.write(file.path(), store.backup(before), "rw-r--r--");
    }
    changed.add(file.path());
  }

  // Once all is written, only the newest content of each file counts as Lighter's.
  private static Journal settled(Journal journal) {
    Journal settled = journal;
    for (WrittenFile file : journal.files()) {
      settled =
          settled.with(
              new WrittenFile(
                  file.path(), file.before(), List.of(file.written().getLast()), file.reader()));
    }
    return settled;
  }

  private List<String> missingFolders(String path) {
    return files.missingFolders(path);
  }

  /**
   * One file that is not as the plan wants it.
   *
   * @param path on the host
   * @param now what is there, if anything
   * @param wanted what has to be there; empty if what was there before Lighter comes back
   */
  public record Difference(String path, Optional<byte[]> now, Optional<DesiredFile> wanted) {}
}
