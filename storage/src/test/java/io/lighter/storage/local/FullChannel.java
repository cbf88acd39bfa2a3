package io.lighter.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * A file on a disk with room for so many bytes: the write that does not fit is cut short. Counts
 * what is read.
 */
final class FullChannel extends FileChannel {
  private final FileChannel file;
  private long room;
  private long bytesRead;
  private Runnable whenSynced = () -> {};

  FullChannel(FileChannel file, long room) {
    this.file = file;
    this.room = room;
  }

  void makeRoom(long bytes) {
    room += bytes;
  }

  long bytesRead() {
    return bytesRead;
  }

  /** Does something after each sync, before anybody knows of it. */
  void whenSynced(Runnable action) {
    whenSynced = action;
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    if (room == 0) {
      throw new IOException("No space left on device");
    }
    ByteBuffer fitting = source.slice();
    fitting.limit((int) Math.min(room, fitting.limit()));
    int count = file.write(fitting, position);
    source.position(source.position() + count);
    room -= count;
    return count;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    int count = file.read(target, position);
    bytesRead += Math.max(0, count);
    return count;
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    file.truncate(size);
    return this;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public void force(boolean metaData) throws IOException {
    file.force(metaData);
    whenSynced.run();
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }

  @Override
  public int read(ByteBuffer target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int write(ByteBuffer source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long position() {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileChannel position(long newPosition) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }
}
