package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.storage.HotList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The list as a file of one digest a line. One thread at a time. */
public final class HotListFile implements HotList {
  private static final Logger LOG = LoggerFactory.getLogger(HotListFile.class);

  private final BlobLayout layout;

  /** The list of a store. */
  public HotListFile(BlobLayout layout) {
    this.layout = layout;
  }

  @Override
  public List<Digest> load() {
    try (Stream<String> lines = Files.lines(layout.hotList(), StandardCharsets.ISO_8859_1)) {
      return lines.map(Digest::tryParse).flatMap(Optional::stream).toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} cannot be read; what was read most is learned anew", layout.hotList(), e);
      return List.of();
    }
  }

  /** Not synced: after a crash of the machine the list may be empty, which costs some reads. */
  @Override
  public void save(Collection<Digest> hottestFirst) {
    Path file = layout.newTemporary();
    try {
      Files.write(file, hottestFirst.stream().map(Digest::toString).toList());
      Files.move(file, layout.hotList(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw DiskFailures.of("write the list of hot blobs", layout.hotList(), e);
    }
  }
}
