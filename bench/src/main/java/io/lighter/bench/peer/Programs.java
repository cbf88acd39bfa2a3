package io.lighter.bench.peer;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where programs are.
 *
 * @param directories in which they are looked for, in this order
 */
public record Programs(List<Path> directories) {

  /** Where the shell of this process looks, and where Debian keeps programs of administrators. */
  public static Programs onPath() {
    String path = System.getenv().getOrDefault("PATH", "");
    return new Programs(
        java.util.stream.Stream.concat(
                List.of(path.split(File.pathSeparator)).stream().filter(text -> !text.isEmpty()),
                java.util.stream.Stream.of("/usr/sbin", "/usr/local/sbin"))
            .map(Path::of)
            .toList());
  }

  /** The first of these programs that is there. */
  public Optional<Path> find(List<String> names) {
    return names.stream()
        .flatMap(name -> directories.stream().map(directory -> directory.resolve(name)))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }
}
