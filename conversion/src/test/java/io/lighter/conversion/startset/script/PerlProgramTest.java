package io.lighter.conversion.startset.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PerlProgramTest {

  private static final String BASE = "/usr/lib/x86_64-linux-gnu/perl-base/";

  /** As Debian has it. */
  private static ImageBuilder image() {
    return new ImageBuilder()
        .executable("/usr/bin/perl", "program")
        .file(BASE + "strict.pm", "")
        .file(BASE + "Carp.pm", "")
        .file(BASE + "List/Util.pm", "require XSLoader;\nXSLoader::load('List::Util');")
        .file(BASE + "XSLoader.pm", "")
        .file(BASE + "auto/List/Util/Util.so", "")
        .file("/usr/share/perl/5.36/JSON/PP.pm", "sub x {\n  require Carp;\n}\n");
  }

  private static List<String> read(ImageBuilder image, String... words) {
    return ImageBuilder.paths(
            image.start(
                new PerlProgram(),
                new ImageCommand(List.of(words), Map.of("PATH", "/usr/bin"), "/app", "")))
        .stream()
        .filter(path -> !path.equals("/usr/bin/perl"))
        .toList();
  }

  @Test
  void follow_script_readsModulesAndTheirObjects() {
    ImageBuilder image =
        image()
            .file(
                "/app/a.pl",
                """
                use strict; use List::Util qw(sum);
                # use JSON::PP;
                use parent -norequire, qw(Own);
                =pod
                use JSON::PP;
                =cut
                require "./more.pl";
                __END__
                use JSON::PP;
                """)
            .file("/app/lib/Own.pm", "")
            .file("/app/lib/more.pl", "");

    assertThat(read(image, "perl", "-Ilib", "a.pl"))
        .contains(
            "/app/a.pl",
            BASE + "strict.pm",
            BASE + "List/Util.pm",
            BASE + "XSLoader.pm",
            BASE + "auto/List/Util/Util.so",
            "/app/lib/Own.pm")
        .doesNotContain("/usr/share/perl/5.36/JSON/PP.pm");
  }

  @Test
  void follow_commandLine_readsItsModules() {
    assertThat(read(image(), "perl", "-MJSON::PP", "-e", "use strict"))
        .containsExactly("/usr/share/perl/5.36/JSON/PP.pm", BASE + "strict.pm", BASE + "Carp.pm");
  }

  @Test
  void follow_modulesThatLoadEachOther_ends() {
    ImageBuilder image = image().file("/app/A.pm", "use B;").file("/app/B.pm", "use A;\nuse B;");

    assertThat(read(image, "perl", "-I.", "-e", "use A")).containsExactly("/app/A.pm", "/app/B.pm");
  }
}
