package io.lighter.server.reload;

import io.lighter.server.admin.AdminException;
import io.lighter.server.admin.AdminOperation;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.config.ConfigChange;
import io.lighter.server.config.ConfigException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** {@code POST /admin/reload}: reads the configuration again, and says what that changed. */
public record ReloadOperation(Reloading reloading) implements AdminOperation {

  @Override
  public String name() {
    return "reload";
  }

  @Override
  public Set<String> parameters() {
    return Set.of();
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    try {
      ConfigChange change = reloading.run();
      answer.accept(new Reloaded(change.changed(), change.restart()));
    } catch (ConfigException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    }
  }

  /** What was done. */
  private record Reloaded(List<String> changed, List<String> restart) {}
}
