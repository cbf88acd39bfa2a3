package io.lighter.conversion.startset.program;

import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Programs that execute the command in their arguments: init processes, changes of user, of
 * environment or of limits.
 */
public final class Wrapper implements ProgramKind {

  private static final WrapperSyntax PLAIN = WrapperSyntax.withValues();
  private static final WrapperSyntax OPERAND = PLAIN.operands(1);
  private static final WrapperSyntax INIT = WrapperSyntax.withValues("-p", "-e");
  private static final WrapperSyntax BY_USER = OPERAND.userFirst();

  private static final Map<String, WrapperSyntax> KNOWN =
      Map.ofEntries(
          Map.entry("env", WrapperSyntax.withValues("-u", "--unset", "-C", "--chdir").assigning()),
          Map.entry("tini", INIT),
          Map.entry("tini-static", INIT),
          Map.entry("docker-init", INIT),
          Map.entry("dumb-init", WrapperSyntax.withValues("-r", "--rewrite")),
          Map.entry("catatonit", PLAIN),
          Map.entry("gosu", BY_USER),
          Map.entry("su-exec", BY_USER),
          Map.entry("s6-setuidgid", BY_USER),
          Map.entry(
              "setpriv",
              WrapperSyntax.withValues(
                      "--regid",
                      "--egid",
                      "--groups",
                      "--inh-caps",
                      "--ambient-caps",
                      "--bounding-set",
                      "--securebits",
                      "--pdeathsig")
                  .users("--reuid", "--ruid", "--euid")),
          Map.entry("chroot", OPERAND.users("--userspec")),
          Map.entry("nice", WrapperSyntax.withValues("-n", "--adjustment")),
          Map.entry("ionice", WrapperSyntax.withValues("-c", "-n", "--class", "--classdata")),
          Map.entry("nohup", PLAIN),
          Map.entry("setsid", PLAIN),
          Map.entry("stdbuf", WrapperSyntax.withValues("-i", "-o", "-e")),
          Map.entry(
              "timeout",
              WrapperSyntax.withValues("-k", "-s", "--kill-after", "--signal").operands(1)),
          Map.entry("time", WrapperSyntax.withValues("-f", "-o")),
          Map.entry(
              "chpst",
              WrapperSyntax.withValues(
                      "-U", "-e", "-/", "-n", "-m", "-d", "-o", "-p", "-f", "-c", "-l", "-L", "-b",
                      "-C")
                  .users("-u")),
          Map.entry("runuser", switching()),
          Map.entry("su", switching()),
          Map.entry(
              "sudo",
              WrapperSyntax.withValues("-g", "--group", "-h", "-p")
                  .users("-u", "--user")
                  .assigning()),
          Map.entry("numactl", WrapperSyntax.withValues("-N", "-m", "-i", "-C")),
          Map.entry("flock", WrapperSyntax.withValues("-w", "-E").operands(1)),
          Map.entry("xargs", WrapperSyntax.withValues("-n", "-P", "-I", "-d", "-L", "-a", "-s")));

  /** Those that change the user only for what follows {@code -c}, if there is such an option. */
  private static final Set<String> SWITCHING = Set.of("su", "runuser");

  private static WrapperSyntax switching() {
    return WrapperSyntax.withValues("-g", "--group", "-G", "--supp-group", "-w")
        .users("-u", "--user");
  }

  @Override
  public boolean runs(Invocation invocation) {
    return KNOWN.containsKey(invocation.name());
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    if (SWITCHING.contains(invocation.name())) {
      UserSwitch.of(invocation.arguments())
          .ifPresentOrElse(
              change -> change.follow(invocation, start), () -> wrapped(invocation, start));
    } else {
      wrapped(invocation, start);
    }
  }

  private static void wrapped(Invocation invocation, Start start) {
    boolean env = invocation.name().equals("env");
    WrapperSyntax.Reading said =
        KNOWN.getOrDefault(invocation.name(), PLAIN).read(invocation.arguments(), env);
    Map<String, String> variables = new HashMap<>(said.clears() ? Map.of() : start.environment());
    variables.keySet().removeAll(said.unset());
    variables.putAll(said.variables());
    Start inner = start.withOnly(variables);
    inner = said.directory().isEmpty() ? inner : inner.in(said.directory());
    inner = said.user().isEmpty() ? inner : UserSwitch.as(said.user(), inner);
    inner.execute(said.command(), executed(invocation));
  }

  static Reason executed(Invocation invocation) {
    return Reason.certain("executed by " + invocation.path());
  }

  /** A change of the directory is {@code env}'s alone. */
  static List<String> changesOfDirectory() {
    return List.of("-C", "--chdir");
  }
}
