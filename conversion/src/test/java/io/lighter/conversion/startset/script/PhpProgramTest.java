package io.lighter.conversion.startset.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.StartupSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PhpProgramTest {

  private static final String EXTENSIONS =
      "/usr/local/lib/php/extensions/no-debug-non-zts-20240924/";

  /** As the official images have it. */
  private static ImageBuilder image() {
    return new ImageBuilder()
        .executable("/usr/local/bin/php", "program")
        .executable("/usr/local/sbin/php-fpm", "program")
        .file("/usr/local/etc/php/php.ini", "memory_limit=1G\n;extension=no")
        .file("/usr/local/etc/php/conf.d/intl.ini", "extension = \"intl\"")
        .file("/usr/local/etc/php/conf.d/opcache.ini", "zend_extension=opcache.so")
        .file("/usr/local/etc/php/conf.d/notes.txt", "")
        .file("/usr/local/etc/php-fpm.conf", "")
        .file("/usr/local/etc/php-fpm.d/www.conf", "")
        .file(EXTENSIONS + "intl.so", "")
        .file(EXTENSIONS + "opcache.so", "")
        .file(EXTENSIONS + "no.so", "");
  }

  private static StartupSet start(ImageBuilder image, String... words) {
    return image.start(
        new PhpProgram(),
        new ImageCommand(
            List.of(words), Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/bin"), "/app", ""));
  }

  private static List<String> scripts(ImageBuilder image, String... words) {
    return ImageBuilder.paths(start(image, words)).stream()
        .filter(path -> path.startsWith("/app/"))
        .toList();
  }

  @Test
  void follow_configuration_loadsExtensions() {
    ImageBuilder image = image().file("/app/a.php", "<?php");

    assertThat(ImageBuilder.paths(start(image, "php", "a.php")))
        .containsExactly(
            "/usr/local/bin/php",
            "/usr/local/etc/php/php.ini",
            "/usr/local/etc/php/conf.d/intl.ini",
            "/usr/local/etc/php/conf.d/opcache.ini",
            EXTENSIONS + "intl.so",
            EXTENSIONS + "opcache.so",
            "/app/a.php");
  }

  @Test
  void follow_processManager_readsItsPools() {
    assertThat(ImageBuilder.paths(start(image(), "php-fpm")))
        .contains("/usr/local/etc/php-fpm.conf", "/usr/local/etc/php-fpm.d/www.conf");
  }

  @Test
  void follow_debian_readsTheConfigurationOfTheVersion() {
    ImageBuilder image =
        new ImageBuilder()
            .executable("/usr/bin/php8.2", "program")
            .file("/etc/php/8.2/cli/php.ini", "")
            .file("/etc/php/8.2/fpm/php.ini", "")
            .file("/etc/php/8.2/mods-available/phar.ini", "extension=phar.so")
            .link("/etc/php/8.2/cli/conf.d/20-phar.ini", "/etc/php/8.2/mods-available/phar.ini")
            .file("/usr/lib/php/20220829/phar.so", "");

    assertThat(ImageBuilder.paths(start(image, "php8.2", "-v")))
        .containsExactly(
            "/usr/bin/php8.2",
            "/etc/php/8.2/cli/php.ini",
            "/etc/php/8.2/mods-available/phar.ini",
            "/usr/lib/php/20220829/phar.so");
  }

  @Test
  void follow_includes_readsThemByLiterals() {
    ImageBuilder image =
        image()
            .file(
                "/app/index.php",
                """
                <?php
                // require 'no.php';
                require __DIR__ . '/lib/a.php';
                $x = include(dirname(__DIR__) . '/app/b.php');
                if (!@include_once 'c.php') { require "$d.php"; }
                """)
            .file("/app/lib/a.php", "<?php require_once('../c.php');")
            .file("/app/b.php", "")
            .file("/app/c.php", "")
            .file("/app/no.php", "");

    assertThat(scripts(image, "php", "-S", "0.0.0.0:80", "-t", "."))
        .containsExactly("/app/index.php", "/app/lib/a.php", "/app/c.php", "/app/b.php");
  }

  @Test
  void follow_composer_readsItsLoaderAndTheFilesLoadedAtOnce() {
    ImageBuilder image =
        image()
            .file("/app/a.php", "<?php require 'vendor/autoload.php';")
            .file(
                "/app/vendor/autoload.php",
                "<?php require_once __DIR__ . '/composer/autoload_real.php';")
            .file("/app/vendor/composer/autoload_real.php", "<?php")
            .file("/app/vendor/composer/ClassLoader.php", "<?php")
            .file(
                "/app/vendor/composer/autoload_static.php",
                """
                <?php
                    public static $files = array (
                        'a' => __DIR__ . '/..' . '/x/bootstrap.php',
                    );
                    'b' => __DIR__ . '/..' . '/x/no.php',
                """)
            .file("/app/vendor/x/bootstrap.php", "<?php")
            .file("/app/vendor/x/no.php", "<?php");

    assertThat(scripts(image, "php", "a.php"))
        .containsExactly(
            "/app/a.php",
            "/app/vendor/autoload.php",
            "/app/vendor/composer/autoload_real.php",
            "/app/vendor/composer/ClassLoader.php",
            "/app/vendor/composer/autoload_static.php",
            "/app/vendor/x/bootstrap.php");
  }

  @Test
  void follow_missingExtension_isNamed() {
    ImageBuilder image = image().file("/usr/local/etc/php/conf.d/z.ini", "extension=gone");

    assertThat(start(image, "php", "-v").unresolved())
        .singleElement()
        .satisfies(gone -> assertThat(gone.what()).isEqualTo("gone"));
  }
}
