package io.lighter.server.upstream;

/**
 * The right to one connection to an upstream, until it is closed. Closing it again does nothing.
 */
public interface UpstreamConnection extends AutoCloseable {
  @Override
  void close();
}
