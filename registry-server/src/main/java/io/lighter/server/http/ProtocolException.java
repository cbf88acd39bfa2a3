package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A request that a handler refuses, with all that the client is told about it. */
final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final OciErrorCode code;
  private final int status;
  private final transient Map<String, String> detail;
  private final transient List<Answer.Header> headers;

  private ProtocolException(
      OciErrorCode code,
      int status,
      String message,
      Map<String, String> detail,
      List<Answer.Header> headers) {
    super(message, null, false, false);
    this.code = code;
    this.status = status;
    this.detail = Map.copyOf(detail);
    this.headers = List.copyOf(headers);
  }

  /** A refusal with the code's own status. */
  static ProtocolException of(OciErrorCode code, String message) {
    return new ProtocolException(code, code.status(), message, Map.of(), List.of());
  }

  /** A refusal with another status than the code's own. */
  static ProtocolException of(OciErrorCode code, int status, String message) {
    return new ProtocolException(code, status, message, Map.of(), List.of());
  }

  /** This refusal with a machine-readable detail. */
  ProtocolException detail(String key, String value) {
    return new ProtocolException(code, status, message(), Map.of(key, value), headers);
  }

  /** This refusal with one more header. */
  ProtocolException header(String name, String value) {
    var more = new ArrayList<>(headers);
    more.add(new Answer.Header(name, value));
    return new ProtocolException(code, status, message(), detail, more);
  }

  OciErrorCode code() {
    return code;
  }

  int status() {
    return status;
  }

  String message() {
    return String.valueOf(getMessage());
  }

  Map<String, String> detail() {
    return detail;
  }

  List<Answer.Header> headers() {
    return headers;
  }
}
