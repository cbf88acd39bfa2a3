package io.lighter.server.command.image;

import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.startset.StartupLayout;
import io.lighter.server.config.DataSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say what is laid out first. */
final class FirstOptions {

  @Option(
      names = "--prefetch-list",
      paramLabel = "FILE",
      description =
          "Paths that the start reads, one a line, laid out first and fetched ahead; *, ?, "
              + "[...] and ** stand for others. Lines that begin with # mean nothing.")
  private @Nullable Path prefetchList;

  @Option(
      names = {"--record-in", "--estargz-record-in"},
      paramLabel = "FILE",
      description = "The same as JSON lines {\"path\":...}, as ctr-remote writes them.")
  private @Nullable Path recordIn;

  @Option(
      names = "--prefetch-limit",
      paramLabel = "MIB",
      defaultValue = "256",
      description =
          "Most MiB of uncompressed files that lists lay out first in a layer. Default: 256")
  private int prefetchLimit = 256;

  @Option(
      names = "--startup-set",
      paramLabel = "SIZE",
      description =
          "Most bytes of an image's files, such as 64MiB, that are laid out first behind those of "
              + "the lists because its start reads them, which is worked out from the image; 0 for "
              + "none. Default: the server's")
  private @Nullable String startupSet;

  @Option(
      names = "--command",
      arity = "1..*",
      paramLabel = "WORD",
      description =
          "Whose start it is, instead of the image's own entrypoint and command: the program and "
              + "its arguments. Comes last.")
  private List<String> command = List.of();

  /**
   * Looks whether all of it makes sense.
   *
   * @param layer whether there is no image, only a layer
   * @throws ConvertException if not
   */
  void check(boolean layer) {
    if (prefetchLimit < 0) {
      throw new ConvertException(
          "--prefetch-limit: %d is not allowed; allowed: 0 or more".formatted(prefetchLimit));
    }
    if (layer && (startupSet != null || !command.isEmpty())) {
      throw new ConvertException(
          "--startup-set and --command need an image; a layer alone does not say what starts");
    }
    long most = startupSet();
    if (!command.isEmpty() && most == 0) {
      throw new ConvertException("--command and --startup-set 0 exclude each other");
    }
  }

  /** Most bytes of uncompressed tar that lists lay out first in a layer. */
  long limit() {
    return (long) prefetchLimit << 20;
  }

  /** Most bytes of files that the start-up set of an image lays out first. */
  long startupSet() {
    try {
      return startupSet == null
          ? StartupLayout.DEFAULT_MAX_BYTES
          : DataSize.parse(startupSet).bytes();
    } catch (IllegalArgumentException e) {
      throw new ConvertException("--startup-set: " + e.getMessage(), e);
    }
  }

  /** What is executed instead of an image's own command; empty for that. */
  List<String> command() {
    return command;
  }

  /** What the lists name together. */
  PrefetchList list() throws IOException {
    PrefetchList list = PrefetchList.NONE;
    if (prefetchList != null) {
      try (InputStream in = open(prefetchList)) {
        list = PrefetchList.parse(in, prefetchList.toString());
      }
    }
    if (recordIn != null) {
      try (InputStream in = open(recordIn)) {
        list = list.and(PrefetchList.parseRecord(in, recordIn.toString()));
      }
    }
    return list;
  }

  private static InputStream open(Path file) {
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new ConvertException(file + " cannot be read", e);
    }
  }
}
