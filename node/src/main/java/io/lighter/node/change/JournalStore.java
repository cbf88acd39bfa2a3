package io.lighter.node.change;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.host.HostFiles;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The journal and the backups, in a folder of the host that only root may read. */
final class JournalStore {
  static final String FOLDER = "/var/lib/lighter-node";
  private static final String JOURNAL = FOLDER + "/manifest.json";
  private static final String BACKUPS = FOLDER + "/backups";
  private static final String SECRET = "rw-------";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final HostFiles files;

  JournalStore(HostFiles files) {
    this.files = files;
  }

  /**
   * What was noted last; an empty journal if nothing ever was.
   *
   * @throws Refused if it cannot be read; then nothing is known about what was there before
   */
  Journal load() {
    var bytes = files.read(JOURNAL);
    if (bytes.isEmpty()) {
      return Journal.EMPTY;
    }
    Journal journal;
    try {
      journal = JSON.readValue(bytes.get(), Journal.class);
    } catch (JacksonException e) {
      throw new Refused(
          JOURNAL
              + " cannot be read ("
              + e.getOriginalMessage()
              + "). The backups beside it hold"
              + " what was there before; put them back by hand, then delete "
              + FOLDER);
    }
    if (journal.format() != Journal.FORMAT) {
      throw new Refused(JOURNAL + " was written by another version of Lighter; use that one");
    }
    return journal;
  }

  void save(Journal journal) {
    files.write(JOURNAL, JSON.writeValueAsBytes(journal), SECRET);
  }

  /** Keeps what a file held, under its digest, so that the same bytes are kept once. */
  void keep(byte[] content) {
    String path = BACKUPS + "/" + digest(content);
    if (files.read(path).filter(kept -> digest(kept).equals(digest(content))).isEmpty()) {
      files.write(path, content, SECRET);
    }
  }

  /**
   * What was kept.
   *
   * @throws Refused if it is gone or damaged
   */
  byte[] backup(String digest) {
    return files
        .read(BACKUPS + "/" + digest)
        .filter(kept -> digest(kept).equals(digest))
        .orElseThrow(() -> new Refused(BACKUPS + "/" + digest + " is gone or damaged"));
  }

  /** Forgets backups that no entry names. */
  void tidy(Journal journal) {
    Set<String> named = new HashSet<>();
    journal.files().forEach(file -> named.add(Objects.requireNonNullElse(file.before(), "")));
    for (String backup : files.list(BACKUPS)) {
      if (!named.contains(backup)) {
        files.delete(BACKUPS + "/" + backup);
      }
    }
  }

  /** Forgets everything; what was changed before must have been undone. */
  void erase() {
    tidy(Journal.EMPTY);
    files.deleteEmptyFolder(BACKUPS);
    files.delete(JOURNAL);
    files.deleteEmptyFolder(FOLDER);
  }

  static String digest(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The digest of a file of the host; null if there is none. */
  @Nullable String digestOf(String path) {
    return files.read(path).map(JournalStore::digest).orElse(null);
  }
}
