package io.lighter.conversion.startset.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.Certainty;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RubyProgramTest {

  private static final String LIBRARY = "/usr/local/lib/ruby/3.4.0/";
  private static final String GEMS = "/usr/local/bundle/gems/";
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/local/bin:/bin", "GEM_HOME", "/usr/local/bundle");

  /** As the official images have it. */
  private static ImageBuilder image() {
    return new ImageBuilder()
        .executable("/usr/local/bin/ruby", "program")
        .file(LIBRARY + "rubygems.rb", "require 'rbconfig'\nrequire_relative 'rubygems/errors'")
        .file(LIBRARY + "rubygems/errors.rb", "")
        .file(LIBRARY + "x86_64-linux/rbconfig.rb", "")
        .file(LIBRARY + "x86_64-linux/enc/encdb.so", "")
        .file(LIBRARY + "json.rb", "");
  }

  private static ImageCommand command(String... words) {
    return new ImageCommand(List.of(words), ENVIRONMENT, "/app", "");
  }

  private static List<String> program(ImageBuilder image, String... words) {
    return ImageBuilder.paths(image.start(new RubyProgram(), command(words))).stream()
        .filter(path -> path.startsWith("/app/") || path.startsWith(GEMS))
        .toList();
  }

  @Test
  void follow_start_loadsRubyGems() {
    ImageBuilder image =
        image().file("/usr/local/bundle/specifications/rack-3.1.gemspec", "").file("/app/a.rb", "");

    assertThat(ImageBuilder.paths(image.start(new RubyProgram(), command("ruby", "a.rb"))))
        .containsExactly(
            "/usr/local/bin/ruby",
            LIBRARY + "x86_64-linux/enc/encdb.so",
            LIBRARY + "rubygems.rb",
            LIBRARY + "x86_64-linux/rbconfig.rb",
            LIBRARY + "rubygems/errors.rb",
            "/usr/local/bundle/specifications/rack-3.1.gemspec",
            "/app/a.rb");
  }

  @Test
  void follow_withoutGems_readsTheScriptOnly() {
    ImageBuilder image = image().file("/app/a.rb", "");

    assertThat(
            ImageBuilder.paths(
                image.start(new RubyProgram(), command("ruby", "--disable-gems", "a.rb"))))
        .containsExactly("/usr/local/bin/ruby", LIBRARY + "x86_64-linux/enc/encdb.so", "/app/a.rb");
  }

  @Test
  void follow_requires_findsGemsAndFilesBeside() {
    ImageBuilder image =
        image()
            .file(
                "/app/a.rb",
                """
                # require 'commented'
                require "rack/mime"
                require_relative 'lib/berth'
                require File.expand_path('../lib/ship', __FILE__)
                =begin
                require_relative 'lib/no'
                =end
                __END__
                require_relative 'lib/no'
                """)
            .file("/app/lib/berth.rb", "")
            .file("/app/lib/ship.rb", "")
            .file("/app/lib/no.rb", "")
            .file(GEMS + "rack-3.1.10/lib/rack/mime.rb", "")
            .file(GEMS + "rack-3.1.9/lib/rack/mime.rb", "");

    assertThat(program(image, "ruby", "a.rb"))
        .containsExactly(
            "/app/a.rb",
            GEMS + "rack-3.1.10/lib/rack/mime.rb",
            "/app/lib/berth.rb",
            "/app/lib/ship.rb");
  }

  @Test
  void follow_lockedGems_usesTheirVersions() {
    ImageBuilder image =
        image()
            .file("/app/config/boot.rb", "")
            .file("/app/a.rb", "require 'rack'")
            .file("/app/Gemfile.lock", "GEM\n  specs:\n    rack (3.0.0)\n      webrick (1)\n")
            .file(GEMS + "rack-3.1.0/lib/rack.rb", "")
            .file(GEMS + "rack-3.0.0/lib/rack.rb", "");

    assertThat(program(image, "ruby", "a.rb"))
        .containsExactly("/app/a.rb", GEMS + "rack-3.0.0/lib/rack.rb");
  }

  @Test
  void follow_requiresInMethodsAndAutoloads_arePossible() {
    ImageBuilder image =
        image()
            .file(
                "/app/a.rb",
                "class A\n  autoload :B, './b'\n  def c\n    require './c'\n  end\n  require './d'\nend")
            .file("/app/c.rb", "def e\n  require './e'\nend")
            .file("/app/d.rb", "")
            .file("/app/e.rb", "");

    assertThat(image.start(new RubyProgram(), command("ruby", "a.rb")).files())
        .filteredOn(found -> found.file().path().startsWith("/app/"))
        .filteredOn(found -> found.reason().certainty() == Certainty.POSSIBLE)
        .extracting(found -> found.file().name())
        .containsExactly("c.rb");
  }

  @Test
  void follow_stubOfGem_loadsItsProgramAndTheApplication() {
    ImageBuilder image =
        image()
            .file(
                "/usr/local/bundle/bin/puma", "load Gem.activate_bin_path('puma', 'puma', version)")
            .file(GEMS + "puma-6.5.0/bin/puma", "require 'puma/cli'")
            .file(GEMS + "puma-6.5.0/lib/puma/cli.rb", "")
            .file("/usr/local/bundle/extensions/x86_64-linux/3.4.0/puma-6.5.0/puma/http.so", "")
            .file("/app/config.ru", "require_relative 'app'")
            .file("/app/app.rb", "require 'puma/http'")
            .file("/app/config/puma.rb", "");

    assertThat(
            ImageBuilder.paths(
                image.start(new RubyProgram(), command("ruby", "/usr/local/bundle/bin/puma"))))
        .contains(
            GEMS + "puma-6.5.0/bin/puma",
            GEMS + "puma-6.5.0/lib/puma/cli.rb",
            "/usr/local/bundle/extensions/x86_64-linux/3.4.0/puma-6.5.0/puma/http.so",
            "/app/config.ru",
            "/app/app.rb",
            "/app/config/puma.rb");
  }

  @Test
  void follow_bundleExec_followsTheCommand() {
    ImageBuilder image =
        image()
            .file("/usr/local/bin/bundle", "")
            .executable("/bin/worker", "program")
            .file("/app/Gemfile", "");

    assertThat(
            ImageBuilder.paths(
                image.start(
                    new RubyProgram(), command("ruby", "/usr/local/bin/bundle", "exec", "worker"))))
        .contains("/app/Gemfile", "/bin/worker");
  }

  @Test
  void follow_sourcesThatLoadEachOther_ends() {
    ImageBuilder image =
        image()
            .file("/app/a.rb", "require './b'")
            .file("/app/b.rb", "require './a'\nrequire './b'");

    assertThat(program(image, "ruby", "a.rb")).containsExactly("/app/a.rb", "/app/b.rb");
  }
}
