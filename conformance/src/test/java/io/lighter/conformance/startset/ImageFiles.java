package io.lighter.conformance.startset;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The regular files of an image as its container sees them: layers put on each other by the rules
 * of the OCI image specification, layer.md. Paths have no slash in front.
 */
final class ImageFiles {

  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int BUFFER = 1 << 16;

  private final NavigableMap<String, ImageFile> files = new TreeMap<>();
  private int layers;

  /** Reads the only image of a layout. */
  static ImageFiles of(OciLayout layout) throws IOException {
    var image = new ImageFiles();
    for (Path layer : layout.layers()) {
      try (InputStream tar = plain(layer)) {
        image.addLayer(tar);
      }
    }
    return image;
  }

  private static InputStream plain(Path layer) throws IOException {
    var bytes = new BufferedInputStream(Files.newInputStream(layer), BUFFER);
    bytes.mark(2);
    boolean gzip = bytes.read() == 0x1f && bytes.read() == 0x8b;
    bytes.reset();
    return gzip ? new GZIPInputStream(bytes, BUFFER) : bytes;
  }

  /** The file that a path without symbolic links names. */
  Optional<ImageFile> file(String path) {
    return Optional.ofNullable(files.get(path));
  }

  /** Puts a layer on top; the tar is not closed. */
  void addLayer(InputStream tar) throws IOException {
    var additions = new ArrayList<Addition>();
    var archive = new TarArchiveInputStream(tar);
    for (var entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
      additions.add(new Addition(entry));
    }
    // A whiteout hides what is below its layer, wherever in the layer it comes.
    additions.forEach(this::hide);
    additions.forEach(this::add);
    layers++;
  }

  private void hide(Addition addition) {
    if (addition.name().equals(OPAQUE)) {
      removeBelow(addition.parent());
    } else if (addition.isWhiteout()) {
      String hidden = addition.inParent(addition.name().substring(WHITEOUT.length()));
      files.remove(hidden);
      removeBelow(hidden);
    }
  }

  private void add(Addition addition) {
    if (addition.isWhiteout() || addition.path().isEmpty()) {
      return;
    }
    if (!addition.entry().isDirectory()) {
      removeBelow(addition.path());
    }
    Optional<ImageFile> added = regular(addition);
    files.remove(addition.path());
    added.ifPresent(file -> files.put(addition.path(), file));
  }

  private Optional<ImageFile> regular(Addition addition) {
    TarArchiveEntry entry = addition.entry();
    if (entry.isLink()) {
      return file(Addition.normal(entry.getLinkName()));
    }
    return entry.isFile() && !entry.isSymbolicLink() && !isSpecial(entry)
        ? Optional.of(new ImageFile(entry.getRealSize(), layers, addition.path()))
        : Optional.empty();
  }

  private static boolean isSpecial(TarArchiveEntry entry) {
    return entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO();
  }

  private void removeBelow(String directory) {
    if (directory.isEmpty()) {
      files.clear();
    } else {
      files.subMap(directory + "/", directory + (char) ('/' + 1)).clear();
    }
  }

  /** One entry of a layer's tar. */
  private record Addition(TarArchiveEntry entry, String path) {

    Addition(TarArchiveEntry entry) {
      this(entry, normal(entry.getName()));
    }

    static String normal(String name) {
      var parts = new ArrayList<String>();
      for (String part : List.of(name.split("/"))) {
        if (!part.isEmpty() && !part.equals(".")) {
          parts.add(part);
        }
      }
      return String.join("/", parts);
    }

    String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }

    String parent() {
      return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    String inParent(String name) {
      return parent().isEmpty() ? name : parent() + "/" + name;
    }

    boolean isWhiteout() {
      return name().startsWith(WHITEOUT);
    }
  }
}
