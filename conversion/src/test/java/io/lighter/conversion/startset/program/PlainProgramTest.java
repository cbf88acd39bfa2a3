package io.lighter.conversion.startset.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.StartupSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PlainProgramTest {

  private final ImageBuilder image = new ImageBuilder().executable("/bin/served", "\u007fELF");

  private List<String> read(String... command) {
    return ImageBuilder.paths(image.start(new PlainProgram(), List.of(command)));
  }

  @Test
  void follow_arguments_areReadWhereTheyNameFiles() {
    image.file("/a.conf", "").file("/b.conf", "").file("/c.conf", "").file("/d.conf", "");

    assertThat(
            read(
                "served", "/a.conf", "--conf=/b.conf", "-c/c.conf", "d.conf", "--/none", "x=", "-"))
        .containsExactly("/bin/served", "/a.conf", "/b.conf", "/c.conf", "/d.conf");
  }

  @Test
  void follow_programThatOnlyNamesFiles_doesNotReadThem() {
    image.executable("/bin/chmod", "\u007fELF").file("/a.conf", "/b.conf").file("/b.conf", "");

    assertThat(read("chmod", "755", "/a.conf")).containsExactly("/bin/chmod");
  }

  @Test
  void follow_configurationOfItsName_isReadWithWhatItNames() {
    image
        .file(
            "/etc/served/served.conf",
            "include conf.d/*.conf;\n# include /etc/no.conf\nroot /srv/www;\n")
        .file("/etc/served/conf.d/b.conf", "key \"/etc/ssl/key.pem\"")
        .file("/etc/served/conf.d/a.conf", "load modules/m.so; ../types")
        .file("/usr/lib/served/modules/m.so", "")
        .file("/etc/served/types", "")
        .file("/etc/ssl/key.pem", "")
        .file("/etc/no.conf", "")
        .file("/srv/www/index.html", "")
        .file("/srv/www/other.html", "");

    assertThat(read("served"))
        .contains(
            "/etc/served/served.conf",
            "/etc/served/conf.d/a.conf",
            "/etc/served/conf.d/b.conf",
            "/usr/lib/served/modules/m.so",
            "/etc/ssl/key.pem",
            "/srv/www/index.html")
        .doesNotContain("/etc/no.conf", "/srv/www/other.html");
  }

  @Test
  void follow_configurationInArguments_takesThePlaceOfTheUsualOne() {
    image.file("/etc/served.conf", "").file("/my.conf", "");

    assertThat(read("served", "/my.conf")).containsExactly("/bin/served", "/my.conf");
    assertThat(read("served")).containsExactly("/bin/served", "/etc/served.conf");
  }

  @Test
  void follow_directoryOfItsName_isPossible() {
    image.file("/etc/served/any", "x");
    StartupSet set = image.start(new PlainProgram(), List.of("served"));

    assertThat(ImageBuilder.paths(set)).containsExactly("/bin/served", "/etc/served/any");
    assertThat(set.files().getLast().reason().certainty()).isEqualTo(Certainty.POSSIBLE);
  }

  @Test
  void follow_configurationsThatNameEachOther_areReadOnce() {
    image.file("/etc/served.conf", "/etc/other.conf").file("/etc/other.conf", "/etc/served.conf");

    assertThat(read("served"))
        .containsExactly("/bin/served", "/etc/served.conf", "/etc/other.conf");
  }

  @Test
  void follow_commentInTheMiddleOfALine_endsIt() {
    image.file("/etc/served.conf", "a /x # /y\n;/z\n").file("/x", "").file("/y", "").file("/z", "");

    assertThat(read("served")).contains("/x").doesNotContain("/y", "/z");
  }

  @Test
  void follow_binaryArgument_isReadAndNotLookedInto() {
    image.file("/data", "\0 /etc/x").file("/etc/x", "");

    assertThat(read("served", "/data")).containsExactly("/bin/served", "/data");
  }

  @Test
  @Timeout(20)
  void follow_hostileConfiguration_isBounded() {
    image
        .file("/etc/served.conf", "/" + "a".repeat((256 << 10) - 1))
        .file("/stars", ("/" + "*a".repeat(50) + " ").repeat(1_000))
        .file("/dots", ".../../".repeat(36_000))
        .file("/words", "/x ".repeat(80_000))
        .file("/" + "a".repeat(100), "");

    assertThat(read("served")).containsExactly("/bin/served", "/etc/served.conf");
    assertThat(read("served", "/stars", "/dots", "/words"))
        .startsWith("/bin/served", "/stars", "/dots", "/words");
  }
}
