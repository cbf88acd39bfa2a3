package io.lighter.storage.rocksdb;

/**
 * One atomic change. Runs on the writer thread, alone: what it reads cannot change under it. It
 * does nothing but read and change {@code changes}, because everybody else's changes wait for it.
 */
@FunctionalInterface
interface Mutation<T> {

  /** Applies the change; if it throws, none of it happens and the caller gets the exception. */
  T apply(Changes changes);
}
