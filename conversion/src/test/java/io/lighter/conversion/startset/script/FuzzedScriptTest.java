package io.lighter.conversion.startset.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.StartupSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sources and configuration with bytes changed, moved and cut off. */
class FuzzedScriptTest {

  private static final int ROUNDS = 150;

  private static void fuzz(ProgramKind kind, String program, String source, String configuration) {
    var random = new Random(13);
    for (int i = 0; i < ROUNDS; i++) {
      StartupSet set =
          new ImageBuilder()
              .executable("/usr/bin/" + program, "program")
              .file("/usr/lib/ruby/3.1.0/rubygems.rb", mutated(source, random))
              .file("/usr/etc/php/php.ini", mutated(configuration, random))
              .file("/app/Gemfile.lock", mutated(configuration, random))
              .file("/app/config/boot.rb", "")
              .file("/app/autoload_static.php", mutated(source, random))
              .file("/app/b", mutated(source, random))
              .file("/app/a", mutated(source, random))
              .start(
                  kind,
                  new ImageCommand(
                      List.of(program, "-I", ".", "a"), Map.of("PATH", "/usr/bin"), "/app", ""));

      assertThat(ImageBuilder.paths(set)).contains("/usr/bin/" + program);
      assertThat(set.cpu()).isLessThan(Duration.ofSeconds(10));
    }
  }

  private static byte[] mutated(String text, Random random) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int changes = random.nextInt(6); changes >= 0; changes--) {
      int at = random.nextInt(bytes.length);
      int length = Math.min(bytes.length - at, 1 + random.nextInt(15));
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) "()'\"\n #;=./-".charAt(random.nextInt(12));
        default ->
            System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
      }
    }
    return Arrays.copyOf(bytes, bytes.length - random.nextInt(10));
  }

  @Test
  void follow_mutatedRuby_endsWithoutException() {
    fuzz(
        new RubyProgram(),
        "ruby",
        """
        require 'b'
        load Gem.activate_bin_path("puma", 'puma', v)
        class A
          autoload :B, "b/c"
          def x(y)
            require_relative '../b' if y
          end
        end
        require File.expand_path('../lib/ship', __FILE__)
        """,
        "GEM\n  specs:\n    rack (3.0.0)\n      webrick (>= 1)\n");
  }

  @Test
  void follow_mutatedPhp_endsWithoutException() {
    fuzz(
        new PhpProgram(),
        "php",
        """
        <?php
        require __DIR__ . '/b'; include_once(dirname(__DIR__) . "/b");
        /* include 'b'; */ require dirname(__FILE__) . '/autoload_static.php';
            public static $files = array (
                'a' => __DIR__ . '/..' . '/x/bootstrap.php',
            );
        """,
        "extension = \"intl\"\nzend_extension=opcache.so\nextension_dir=/usr/lib\n");
  }

  @Test
  void follow_mutatedPerl_endsWithoutException() {
    fuzz(
        new PerlProgram(),
        "perl",
        "use strict; use parent qw(A::B);\nsub x {\n  require Carp;\n}\n=pod\n=cut\nrequire 'b'; XSLoader::load('A');\n",
        "nothing of Perl is configured\n");
  }
}
