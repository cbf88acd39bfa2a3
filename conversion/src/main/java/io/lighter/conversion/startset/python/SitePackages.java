package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What {@code site} does before the program begins: directories of packages and their .pth files.
 */
final class SitePackages {

  private static final int MAX_LINES = 10_000;

  private final Start start;
  private final ImportedModules modules;
  private final Execution execution;

  SitePackages(Start start, ImportedModules modules, Execution execution) {
    this.start = start;
    this.modules = modules;
    this.execution = execution;
  }

  /** Puts directories on the path, with what their .pth files say. */
  void add(List<String> sites) {
    for (String site : sites) {
      modules.finder().append(site);
      start.image().directory(site).ifPresent(this::follow);
    }
  }

  private void follow(ImageFile site) {
    for (ImageFile entry : List.copyOf(site.children().values())) {
      if (entry.name().endsWith(".pth") && !entry.name().startsWith(".")) {
        Optional<ImageFile> file = start.image().find(site, entry.name());
        file.filter(ImageFile::isRegular).ifPresent(found -> follow(site, found));
      }
    }
  }

  private void follow(ImageFile site, ImageFile file) {
    start.reads(file, Reason.certain("extends the path of " + site.path()));
    String text = new String(start.content(file), StandardCharsets.ISO_8859_1);
    text.lines()
        .limit(MAX_LINES)
        .forEach(line -> {
          start.checkpoint();
          if (line.startsWith("import ") || line.startsWith("import\t")) {
            execute(file, line);
          } else if (!line.isBlank() && !line.startsWith("#")) {
            start
                .image()
                .find(site, line.strip())
                .ifPresent(place -> modules.finder().append(place.path()));
          }
        });
  }

  private void execute(ImageFile file, String line) {
    byte[] source = line.getBytes(StandardCharsets.ISO_8859_1);
    ImportedModules.Statements code = modules.text(file.path(), source);
    execution.execute(code.module(), code.statements(), Certainty.CERTAIN);
    for (Statement statement : code.statements()) {
      if (statement instanceof Statement.Import imported) {
        imported.modules().forEach(name -> map(name.name()));
      }
    }
  }

  /** Editable installations import a module that says where the sources of packages are. */
  private void map(String name) {
    if (!name.startsWith("__editable__")) {
      return;
    }
    modules
        .loaded(name)
        .ifPresent(module -> {
          byte[] source = modules.source(module);
          var line = new Lexer(source, 0, source.length);
          while (line.next()) {
            for (int i = 0; line.is(0, "MAPPING") && i + 2 < line.count(); i++) {
              if (line.isString(i) && line.is(i + 1, ":") && line.isString(i + 2)) {
                String place = line.literal(i + 2).orElse("");
                line.literal(i).ifPresent(key -> modules.finder().map(key, place));
              }
            }
          }
        });
  }
}
