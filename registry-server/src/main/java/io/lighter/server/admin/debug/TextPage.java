package io.lighter.server.admin.debug;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.DebugPage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A page that is a text.
 *
 * @param text makes it
 */
public record TextPage(String name, String summary, Text text) implements DebugPage {

  /** Makes a text; blocks as long as that takes. */
  @FunctionalInterface
  public interface Text {
    String read() throws IOException;
  }

  @Override
  public InputStream open(AdminRequest request) throws IOException {
    return new ByteArrayInputStream(text.read().getBytes(UTF_8));
  }
}
