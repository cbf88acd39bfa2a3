package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What Django imports because the settings of a project name it. */
final class DjangoProject {

  private static final String SETTINGS = "DJANGO_SETTINGS_MODULE";
  private static final String BY = "the settings";

  /** Modules that Django looks for in each application. */
  private static final List<String> PARTS = List.of("apps", "models", "base", "urls", "admin");

  private final Start start;
  private final ImportedModules modules;
  private final Execution execution;
  private final Function<String, Optional<String>> named;

  /**
   * A project.
   *
   * @param named gives the module that a text names
   */
  DjangoProject(
      Start start,
      ImportedModules modules,
      Execution execution,
      Function<String, Optional<String>> named) {
    this.start = start;
    this.modules = modules;
    this.execution = execution;
    this.named = named;
  }

  /**
   * Follows the settings, if the program uses Django.
   *
   * @param arguments of the program; the first can be a command of Django's
   */
  void follow(List<String> arguments) {
    String settings = modules.facts().environment().getOrDefault(SETTINGS, "");
    if (settings.isEmpty() || modules.loaded("django").isEmpty()) {
      return;
    }
    modules.finder().insert(0, start.workingDirectory());
    String command = arguments.isEmpty() ? "" : arguments.getFirst();
    load("django.core.management.commands." + command);
    load("django.conf.global_settings");
    load(settings);
    String top = settings.substring(0, Math.max(0, settings.indexOf('.')));
    for (Module module : modules.all()) {
      boolean ours = module.name().equals(settings) || module.name().startsWith(top + ".");
      if (ours && module.name().contains("settings")) {
        modules.texts(module).forEach(text -> setting(text, command));
      }
    }
  }

  private void setting(String text, String command) {
    Optional<String> module = named.apply(text);
    boolean whole = module.filter(text::equals).isPresent();
    if (module.isEmpty() || !(whole || text.indexOf('.') > 0)) {
      return;
    }
    load(module.get());
    Optional<Module> application = modules.loaded(text);
    if (!whole || application.filter(Module::isPackage).isEmpty()) {
      return;
    }
    PARTS.forEach(part -> load(text + "." + part));
    if (!command.isEmpty()) {
      load(text + ".management.commands." + command);
    }
    for (ImageFile place : application.get().searched()) {
      all(text + ".templatetags", place, "templatetags");
      if (command.equals("runserver") || command.equals("migrate")) {
        all(text + ".migrations", place, "migrations");
      }
      start
          .image()
          .find(place, "locale/en/LC_MESSAGES/django.mo")
          .ifPresent(file -> start.reads(file, Reason.possible("translations of " + text)));
    }
  }

  /** Imports every module of a package. */
  private void all(String name, ImageFile place, String directory) {
    start
        .image()
        .find(place, directory)
        .ifPresent(found ->
            List.copyOf(found.children().keySet()).stream()
                .filter(file -> file.endsWith(".py"))
                .map(file -> file.substring(0, file.length() - 3))
                .forEach(part -> load(part.equals("__init__") ? name : name + "." + part)));
  }

  private void load(String name) {
    if (modules.finder().find(name).isPresent()) {
      execution.importModule(name, BY, Certainty.LIKELY);
    }
  }
}
