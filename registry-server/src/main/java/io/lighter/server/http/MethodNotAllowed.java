package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;

/** The refusal of a method that an endpoint does not have. */
final class MethodNotAllowed {
  private MethodNotAllowed() {}

  /** Refuses the request and says which methods there are. */
  static ProtocolException allowed(String methods) {
    return ProtocolException.of(
            OciErrorCode.UNSUPPORTED, "method not allowed here; allowed are " + methods)
        .header("Allow", methods);
  }
}
