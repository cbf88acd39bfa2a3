package io.lighter.bench.load;

/**
 * Why an exchange is an error.
 *
 * @param kind by which errors are counted
 * @param detail what was expected and what came, with the offset in the blob if bytes are wrong
 */
public record Failure(FailureKind kind, String detail) {}
