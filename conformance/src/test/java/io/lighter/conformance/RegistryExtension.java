package io.lighter.conformance;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test classes the one {@link Registry} of the run, closed after the last of them, and closes
 * its connections after each test.
 */
final class RegistryExtension implements ParameterResolver, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(RegistryExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Registry.class;
  }

  @Override
  public Registry resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Registry.class, _ -> Registry.open(), Registry.class);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    var registry = context.getRoot().getStore(NAMESPACE).get(Registry.class, Registry.class);
    if (registry != null) {
      registry.closeConnections();
    }
  }
}
