package io.lighter.conversion.startset.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.trace.Certainty;
import java.util.List;
import org.junit.jupiter.api.Test;

class PythonProgramTest {

  @Test
  void follow_nothingToRun_readsWhatTheInterpreterNeeds() {
    assertThat(PythonImage.debian().file("sitecustomize.py").reads("python3"))
        .containsExactly(
            "/usr/bin/python3.11",
            "/usr/lib/python3.11/encodings/__init__.py",
            "/usr/lib/python3.11/encodings/aliases.py",
            "/usr/lib/python3.11/encodings/utf_8.py",
            "/usr/lib/python3.11/sitecustomize.py");
  }

  @Test
  void follow_olderVersion_readsWhatLaterOnesHaveFrozen() {
    PythonImage image = PythonImage.official(8);

    assertThat(image.reads("python3"))
        .contains(
            image.library() + "/io.py",
            image.library() + "/abc.py",
            image.library() + "/codecs.py",
            image.library() + "/site.py");
  }

  @Test
  void follow_frozenModulesOff_readsThem() {
    assertThat(PythonImage.debian().reads("python3", "-X", "frozen_modules=off"))
        .contains("/usr/lib/python3.11/site.py");
  }

  @Test
  void follow_debianAndOfficialImage_takePackagesFromTheirOwnPlaces() {
    assertThat(
            PythonImage.debian()
                .file("/usr/lib/python3/dist-packages/a.py")
                .file("/usr/lib/python3.11/site-packages/b.py")
                .file("/usr/local/lib/python3.11/dist-packages/c.py")
                .reads("python3", "-c", "import a, c"))
        .endsWith(
            "/usr/lib/python3/dist-packages/a.py", "/usr/local/lib/python3.11/dist-packages/c.py");
    assertThat(
            PythonImage.official(13)
                .file("/usr/local/lib/python3.13/site-packages/a.py")
                .reads("python3", "-c", "import a"))
        .endsWith("/usr/local/lib/python3.13/site-packages/a.py");
  }

  @Test
  void follow_virtualEnvironment_usesItsPackagesAndTheLibraryOfItsHome() {
    PythonImage image =
        PythonImage.official(12)
            .link("/venv/bin/python", "/usr/local/bin/python3.12")
            .file("/venv/pyvenv.cfg", "home = /usr/local/bin")
            .file("/venv/lib/python3.12/site-packages/a.py", "import b")
            .file("/usr/local/lib/python3.12/site-packages/b.py")
            .file("/usr/local/lib/python3.12/c.py");

    assertThat(image.reads("python", "-c", "import a, c"))
        .contains(
            "/venv/pyvenv.cfg",
            "/venv/lib/python3.12/site-packages/a.py",
            "/usr/local/lib/python3.12/c.py")
        .doesNotContain("/usr/local/lib/python3.12/site-packages/b.py");
  }

  @Test
  void follow_virtualEnvironmentWithSystemPackages_usesBoth() {
    assertThat(
            PythonImage.official(12)
                .link("/venv/bin/python", "/usr/local/bin/python3.12")
                .file(
                    "/venv/pyvenv.cfg",
                    "home = /usr/local/bin",
                    "include-system-site-packages = true")
                .file("/venv/lib/python3.12/site-packages/a.py", "import b")
                .file("/usr/local/lib/python3.12/site-packages/b.py")
                .reads("python", "-c", "import a"))
        .endsWith("/usr/local/lib/python3.12/site-packages/b.py");
  }

  @Test
  void follow_noStandardLibrary_saysSo() {
    var image = new ImageBuilder().executable("/usr/bin/python3.9", "the interpreter");

    assertThat(image.start(new PythonProgram(), List.of("python3.9")).unresolved())
        .anyMatch(missing -> missing.why().contains("standard library"));
  }

  @Test
  void follow_pathFiles_extendThePathAndRunTheirImports() {
    String site = "/usr/local/lib/python3.12/site-packages/";
    List<String> reads =
        PythonImage.official(12)
            .file(site + "b.pth", "# a comment", "../shared", "import early; early.go()")
            .file(site + "a.pth", "/elsewhere")
            .file(site + ".hidden.pth", "import never")
            .file(site + "early.py", "def go():", "  import late")
            .file(site + "late.py")
            .file(site + "never.py")
            .file("/usr/local/lib/python3.12/shared/c.py")
            .file("/elsewhere/d.py")
            .reads("python3", "-c", "import c, d");

    assertThat(reads)
        .containsSubsequence(
            site + "a.pth",
            site + "b.pth",
            site + "early.py",
            site + "late.py",
            "/usr/local/lib/python3.12/shared/c.py",
            "/elsewhere/d.py")
        .doesNotContain(site + "never.py", site + ".hidden.pth");
  }

  @Test
  void follow_editableInstallation_readsTheSourcesItIsMappedTo() {
    String site = "/usr/local/lib/python3.12/site-packages/";

    assertThat(
            PythonImage.official(12)
                .file(site + "__editable__.mine.pth", "import __editable___mine_finder")
                .file(
                    site + "__editable___mine_finder.py",
                    "MAPPING: dict[str, str] = {'mine': '/src/mine'}")
                .file("/src/mine/__init__.py", "from . import core")
                .file("/src/mine/core.py")
                .reads("python3", "-c", "import mine"))
        .endsWith("/src/mine/__init__.py", "/src/mine/core.py");
  }

  @Test
  void follow_userPackages_areUsedUnlessTheyAreSwitchedOff() {
    PythonImage image =
        PythonImage.official(12).file("/root/.local/lib/python3.12/site-packages/a.py");

    assertThat(image.reads("python3", "-c", "import a"))
        .endsWith("/root/.local/lib/python3.12/site-packages/a.py");
    assertThat(image.reads("python3", "-s", "-c", "import a"))
        .doesNotContain("/root/.local/lib/python3.12/site-packages/a.py");
  }

  @Test
  void follow_pythonPath_isSearchedFirstUnlessTheEnvironmentIsIgnored() {
    PythonImage image =
        PythonImage.debian()
            .variable("PYTHONPATH", "/first:")
            .file("/first/json.py")
            .file("json.py");

    assertThat(image.reads("python3", "-c", "import json")).endsWith("/first/json.py");
    assertThat(image.reads("python3", "-E", "-c", "import json"))
        .endsWith("/usr/lib/python3.11/json.py");
  }

  @Test
  void follow_script_seesItsOwnDirectoryAndNoWorkingDirectory() {
    PythonImage image =
        PythonImage.debian()
            .file("/srv/run.py", "import near", "import far")
            .file("/srv/near.py")
            .file("/app/far.py");

    assertThat(image.reads("python3", "/srv/run.py")).endsWith("/srv/run.py", "/srv/near.py");
    assertThat(image.reads("python3", "-P", "/srv/run.py")).endsWith("/srv/run.py");
  }

  @Test
  void follow_module_runsItsMainWithThePackageAndTheWorkingDirectory() {
    assertThat(
            PythonImage.debian()
                .file("/app/tool/__init__.py", "")
                .file("/app/tool/__main__.py", "from .core import main", "main()")
                .file("/app/tool/core.py", "def main():", "    import json")
                .file("json.py")
                .reads("python3", "-m", "tool", "--flag"))
        .endsWith(
            "/app/tool/__init__.py",
            "/app/tool/__main__.py",
            "/app/tool/core.py",
            "/usr/lib/python3.11/json.py");
  }

  @Test
  void follow_consoleScript_followsTheCallOfItsEntryPoint() {
    assertThat(
            PythonImage.official(12)
                .link("/venv/bin/python", "/usr/local/bin/python3.12")
                .file("/venv/pyvenv.cfg", "home = /usr/local/bin")
                .script(
                    "/venv/bin/tool",
                    "#!/venv/bin/python",
                    "import sys",
                    "from tool.cli import main",
                    "if __name__ == '__main__':",
                    "    sys.exit(main())")
                .file("/venv/lib/python3.12/site-packages/tool/__init__.py")
                .file(
                    "/venv/lib/python3.12/site-packages/tool/cli.py",
                    "def main():",
                    "    from tool import work",
                    "    if __name__ == '__main__':",
                    "        import never")
                .file("/venv/lib/python3.12/site-packages/tool/work.py")
                .file("/venv/lib/python3.12/site-packages/never.py")
                .reads("tool"))
        .endsWith(
            "/venv/lib/python3.12/site-packages/tool/__init__.py",
            "/venv/lib/python3.12/site-packages/tool/cli.py",
            "/venv/lib/python3.12/site-packages/tool/work.py");
  }

  @Test
  void follow_directoryAsProgram_runsItsMain() {
    assertThat(
            PythonImage.debian()
                .file("/app/program/__main__.py", "import part")
                .file("/app/program/part.py")
                .reads("python3", "program"))
        .endsWith("/app/program/__main__.py", "/app/program/part.py");
  }

  @Test
  void follow_missingModule_isNamed() {
    assertThat(PythonImage.debian().set("python3", "-c", "import nowhere").unresolved())
        .anyMatch(missing -> missing.what().equals("nowhere"));
  }

  @Test
  void follow_importsInCalledFunctions_areLessCertain() {
    var set =
        PythonImage.debian()
            .file("/app/run.py", "import one", "def f():", "  import two", "f()")
            .file("/app/one.py")
            .file("/app/two.py")
            .set("python3", "run.py");

    assertThat(set.files())
        .filteredOn(file -> file.file().path().startsWith("/app/"))
        .extracting(file -> file.reason().certainty())
        .containsExactly(Certainty.CERTAIN, Certainty.CERTAIN, Certainty.LIKELY);
  }
}
