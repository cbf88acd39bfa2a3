package io.lighter.conversion.startset.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImportsTest {

  /** Names of the modules of /app that a program there imports, in order. */
  private static List<String> imports(PythonImage image, String... program) {
    return image.file("/app/run.py", program).reads("python3", "run.py").stream()
        .filter(path -> path.startsWith("/app/") && !path.equals("/app/run.py"))
        .map(path -> path.substring("/app/".length()))
        .toList();
  }

  /** The same for a program among some modules that are empty. */
  private static List<String> imports(List<String> modules, String... program) {
    PythonImage image = PythonImage.debian();
    modules.forEach(module -> image.file("/app/" + module + ".py"));
    return imports(image, program);
  }

  @Test
  void imports_plainStatements_comeInOrderWithTheirParents() {
    assertThat(
            imports(
                List.of("b", "a/__init__", "a/c", "d", "e"),
                "import b, a.c as x; import d",
                "from e import (",
                "    one,  # import never",
                "    two)"))
        .containsExactly("b.py", "a/__init__.py", "a/c.py", "d.py", "e.py");
  }

  @Test
  void imports_textsAndComments_areNone() {
    assertThat(
            imports(
                List.of("a", "b"),
                "'''",
                "import a",
                "'''",
                "x = \"import a; # \\\"\" # import a",
                "y = f'{x}' r'\\\\' \"\"\"",
                "import a",
                "\"\"\"",
                "z = [",
                "import_a]",
                "if x \\",
                "  : import b"))
        .containsExactly("b.py");
  }

  @Test
  void imports_namesOutOfAPackage_areModulesWhereItHasNoSuchName() {
    PythonImage image =
        PythonImage.debian()
            .file("/app/p/__init__.py", "from .made import thing", "other = 1")
            .file("/app/p/made.py", "def thing(): pass")
            .file("/app/p/thing.py")
            .file("/app/p/other.py")
            .file("/app/p/part.py");

    assertThat(imports(image, "from p import thing, other, part"))
        .containsExactly("p/__init__.py", "p/made.py", "p/part.py");
  }

  @Test
  void imports_relative_areWithinThePackage() {
    PythonImage image =
        PythonImage.debian()
            .file("/app/p/__init__.py", "from .q import deep")
            .file("/app/p/q/__init__.py")
            .file("/app/p/q/deep.py", "from .. import side", "from ..side2 import *")
            .file("/app/p/side.py")
            .file("/app/p/side2.py")
            .file("/app/side.py");

    assertThat(imports(image, "import p"))
        .containsExactly(
            "p/__init__.py", "p/q/__init__.py", "p/q/deep.py", "p/side.py", "p/side2.py");
  }

  @Test
  void imports_everything_doesNotHideModulesOfThePackage() {
    PythonImage image =
        PythonImage.debian()
            .file("/app/p/__init__.py", "from .lib import *", "from . import poly, listed")
            .file(
                "/app/p/lib/__init__.py",
                "from . import poly",
                "__all__ = ['listed']",
                "listed = 1")
            .file("/app/p/lib/poly.py")
            .file("/app/p/poly.py")
            .file("/app/p/listed.py");

    assertThat(imports(image, "import p"))
        .containsExactly("p/__init__.py", "p/lib/__init__.py", "p/lib/poly.py", "p/poly.py");
  }

  @Test
  void imports_namespacePackage_isAllDirectoriesOfTheName() {
    PythonImage image =
        PythonImage.debian()
            .file("/app/space/one.py")
            .file("/usr/lib/python3/dist-packages/space/two.py");

    assertThat(image.file("/app/run.py", "import space.one, space.two").reads("python3", "run.py"))
        .endsWith("/app/space/one.py", "/usr/lib/python3/dist-packages/space/two.py");
  }

  @Test
  void imports_underConditions_followWhatTheImageDecides() {
    var never =
        List.of(
            "TYPE_CHECKING",
            "typing.TYPE_CHECKING",
            "sys.platform == 'win32'",
            "sys.platform.startswith(('win', 'cygwin'))",
            "os.name == 'nt'",
            "sys.version_info < (3, 8)",
            "sys.version_info[0] == 2",
            "sys.version_info[:2] >= (3, 12)",
            "not (3, 8) <= sys.version_info",
            "__name__ != '__main__'",
            "os.environ.get('UNSET')",
            "'UNSET' in os.environ",
            "os.getenv('SET') != 'yes'",
            "True and False",
            "False or sys.platform in ('win32', 'darwin')",
            "NONE",
            "mod is None");
    var program = new ArrayList<String>();
    program.addAll(List.of("import mod", "NONE = None"));
    for (String test : never) {
      program.addAll(List.of("if " + test + ":", "  import never", "else:", "  import always"));
    }

    assertThat(
            imports(
                PythonImage.debian()
                    .variable("SET", "yes")
                    .file("/app/mod.py")
                    .file("/app/never.py")
                    .file("/app/always.py"),
                program.toArray(String[]::new)))
        .containsExactly("mod.py", "always.py");
  }

  @Test
  void imports_underOpenCondition_areAll() {
    assertThat(
            imports(
                List.of("a", "b", "c", "d"),
                "if thing():",
                "  import a",
                "elif sys.platform == 'win32':",
                "  import b",
                "elif other:",
                "  import c",
                "else:",
                "  import d"))
        .containsExactly("a.py", "c.py", "d.py");
  }

  @Test
  void imports_thatFail_leadToTheirHandler() {
    assertThat(
            imports(
                List.of("a", "b", "c", "d", "e"),
                "try:",
                "  import missing",
                "  import a",
                "except (ImportError, AttributeError):",
                "  import b",
                "else:",
                "  import c",
                "finally:",
                "  import d",
                "try: import e",
                "except ImportError: import a"))
        .containsExactly("b.py", "d.py", "e.py");
  }

  @Test
  void imports_thatFailDeepInside_leadToTheHandlerAndCanBeTriedAgain() {
    PythonImage image =
        PythonImage.debian()
            .file("/app/fast.py", "import part", "import missing", "import never")
            .file("/app/part.py")
            .file("/app/never.py")
            .file("/app/slow.py")
            .file(
                "/app/raises.py",
                "if os.name != 'nt':",
                "  raise ImportError('no')",
                "import never");

    assertThat(
            imports(
                image,
                "try:",
                "  from fast import x",
                "except ImportError:",
                "  from slow import x",
                "try:",
                "  import raises",
                "except Exception:",
                "  flag = False",
                "else:",
                "  flag = True",
                "if flag: import never"))
        .containsExactly("fast.py", "part.py", "slow.py", "raises.py");
  }

  @Test
  void imports_suppressed_endTheBlockOnly() {
    assertThat(
            imports(
                List.of("a", "b"),
                "with contextlib.suppress(ImportError):",
                "  import missing",
                "  import a",
                "import b"))
        .containsExactly("b.py");
  }

  @Test
  void imports_inFunctionsAndMethods_countWhenTheyAreCalled() {
    PythonImage image =
        PythonImage.debian()
            .file(
                "/app/lib.py",
                "class Base:",
                "  def start(self):",
                "    self.hook()",
                "class App(Base):",
                "  import body",
                "  def __init__(self): import init",
                "  def hook(self):",
                "    import hook",
                "    return",
                "    import never",
                "  def other(self): import never",
                "  @property",
                "  def lazy(self): import prop",
                "def unused():",
                "  import never");
    List.of("body", "init", "hook", "prop", "never")
        .forEach(name -> image.file("/app/" + name + ".py"));

    assertThat(imports(image, "from lib import App", "app = App()", "app.start()", "x = app.lazy"))
        .containsExactly("lib.py", "body.py", "init.py", "hook.py", "prop.py");
  }

  @Test
  void imports_byText_areFollowedAlsoThroughParameters() {
    PythonImage image =
        PythonImage.debian()
            .file(
                "/app/p/__init__.py",
                "from importlib import import_module",
                "import_module('.x', __name__)")
            .file("/app/p/x.py")
            .file("/app/loader.py", "def load(name):", "  return importlib.import_module(name)");
    List.of("a", "b", "c").forEach(name -> image.file("/app/" + name + ".py"));

    assertThat(
            imports(
                image,
                "import p, loader",
                "__import__('a')",
                "loader.load('b')",
                "loader.load('c')"))
        .containsExactly("p/__init__.py", "p/x.py", "loader.py", "a.py", "b.py", "c.py");
  }

  @Test
  void imports_lazily_countWhenTheNameIsUsed() {
    PythonImage image =
        PythonImage.debian()
            .file(
                "/app/sci/__init__.py",
                "def __getattr__(name):",
                "  return importlib.import_module(f'sci.{name}')")
            .file("/app/sci/fft.py")
            .file("/app/sci/linalg.py")
            .file(
                "/app/sk/__init__.py",
                "import lazy_loader as lazy",
                "__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)")
            .file("/app/sk/__init__.pyi", "from .filters import blur, sharpen", "from . import io")
            .file("/app/sk/filters.py")
            .file("/app/sk/io.py")
            .file(
                "/app/net/__init__.py",
                "x, y, z = lazy_loader.attach(__name__, submod_attrs={'graph': ['Graph', 'Node']})")
            .file("/app/net/graph.py");

    assertThat(
            imports(
                image,
                "import sci, sk, net",
                "sci.fft.run(1)",
                "from sk import blur",
                "net.Graph()"))
        .containsExactly(
            "sci/__init__.py",
            "sk/__init__.py",
            "sk/__init__.pyi",
            "net/__init__.py",
            "sci/fft.py",
            "sk/filters.py",
            "net/graph.py");
  }

  @Test
  void imports_cyclic_end() {
    assertThat(
            imports(
                PythonImage.debian()
                    .file("/app/a.py", "import b", "def f(): b.g()", "f()")
                    .file("/app/b.py", "import a", "def g(): a.f()", "g()"),
                "import a"))
        .containsExactly("a.py", "b.py");
  }

  @Test
  void imports_pathThatTheProgramExtends_isSearched() {
    PythonImage image =
        PythonImage.debian()
            .file(
                "/app/bin/tool.py",
                "import sys, os",
                "sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))",
                "import near",
                "sys.path.append('/opt/more')",
                "import far")
            .file("/app/near.py")
            .file("/opt/more/far.py");

    assertThat(image.reads("python3", "/app/bin/tool.py"))
        .endsWith("/app/near.py", "/opt/more/far.py");
  }

  @Test
  void imports_ofExtensionModule_areTheModulesThatItsDataNames() {
    byte[] object =
        PythonImage.latin("\177ELF\0\0json\0not_a_module\0p.helper\0__pyx_x\0sibling\0xjson\0");
    PythonImage image =
        PythonImage.debian()
            .file("json.py")
            .file("/app/p/__init__.py", "from . import fast")
            .bytes("/app/p/fast.cpython-311-x86_64-linux-gnu.so", object)
            .file("/app/p/helper.py")
            .file("/app/p/sibling.py");

    assertThat(image.file("/app/run.py", "import p").reads("python3", "run.py"))
        .endsWith(
            "/app/p/__init__.py",
            "/app/p/fast.cpython-311-x86_64-linux-gnu.so",
            "/usr/lib/python3.11/json.py",
            "/app/p/helper.py",
            "/app/p/sibling.py");
  }

  @Test
  void imports_extensionSuffixes_areThoseOfTheInterpreter() {
    PythonImage image =
        PythonImage.official(12)
            .bytes("lib-dynload/_json.cpython-312-aarch64-linux-musl.so", new byte[0])
            .bytes("/app/a.cpython-312-aarch64-linux-musl.so", new byte[0])
            .bytes("/app/a.cpython-312-x86_64-linux-gnu.so", new byte[0])
            .bytes("/app/b.abi3.so", new byte[0])
            .file("/app/b.py");

    assertThat(imports(image, "import a, b, _json"))
        .containsExactly("a.cpython-312-aarch64-linux-musl.so", "b.abi3.so");
  }

  @Test
  void imports_ofTheInterpretersOwnModules_needNoFile() {
    assertThat(
            PythonImage.debian()
                .file("/app/run.py", "import sys, time, math, os.path")
                .set("python3", "run.py")
                .unresolved())
        .isEmpty();
  }
}
