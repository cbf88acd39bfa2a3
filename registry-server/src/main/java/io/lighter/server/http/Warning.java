package io.lighter.server.http;

import java.util.Optional;

/**
 * What a client should tell its user although the request succeeded (OCI Distribution
 * Specification, "Warnings"): code 299, no agent, no date, at most 4096 bytes in one answer.
 */
final class Warning {
  private static final String HEADER = "Warning";

  private Warning() {}

  /**
   * The answer with a warning. An answer has one at most.
   *
   * @param text short, without quotes and backslashes
   */
  static Answer on(Answer answer, String text) {
    return answer.with(HEADER, "299 - \"" + text + '"');
  }

  /** The answer with a warning, if there is one. */
  static Answer on(Answer answer, Optional<String> text) {
    return text.map(warning -> on(answer, warning)).orElse(answer);
  }
}
