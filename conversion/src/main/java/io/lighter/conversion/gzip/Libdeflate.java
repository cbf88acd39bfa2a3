package io.lighter.conversion.gzip;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The functions of {@code libdeflate.h} that are used. Loaded for the life of the process. */
final class Libdeflate {

  private final MethodHandle allocateCompressor;
  private final MethodHandle compress;
  private final MethodHandle freeCompressor;
  private final MethodHandle allocateDecompressor;
  private final MethodHandle decompress;
  private final MethodHandle freeDecompressor;

  /**
   * Loads the library.
   *
   * @throws IllegalArgumentException if there is no library of this name
   * @throws java.util.NoSuchElementException if it is not libdeflate
   */
  @SuppressWarnings("restricted") // Native access is granted on the command line.
  Libdeflate(String name) {
    var symbols = SymbolLookup.libraryLookup(name, Arena.global());
    var address = ValueLayout.ADDRESS;
    var size = ValueLayout.JAVA_LONG;
    this.allocateCompressor =
        function(
            symbols,
            "libdeflate_alloc_compressor",
            FunctionDescriptor.of(address, ValueLayout.JAVA_INT));
    this.compress =
        function(
            symbols,
            "libdeflate_deflate_compress",
            FunctionDescriptor.of(size, address, address, size, address, size));
    this.freeCompressor =
        function(symbols, "libdeflate_free_compressor", FunctionDescriptor.ofVoid(address));
    this.allocateDecompressor =
        function(symbols, "libdeflate_alloc_decompressor", FunctionDescriptor.of(address));
    this.decompress =
        function(
            symbols,
            "libdeflate_gzip_decompress_ex",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                new MemoryLayout[] {address, address, size, address, size, address, address}));
    this.freeDecompressor =
        function(symbols, "libdeflate_free_decompressor", FunctionDescriptor.ofVoid(address));
  }

  @SuppressWarnings("restricted") // As above.
  private static MethodHandle function(
      SymbolLookup symbols, String name, FunctionDescriptor signature) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), signature);
  }

  /** A compressor of this level, to be freed. */
  MemorySegment allocateCompressor(int level) {
    try {
      return present((MemorySegment) allocateCompressor.invokeExact(level));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Writes a deflate stream and returns its length, or 0 if there is no room for it. */
  long compress(MemorySegment compressor, MemorySegment input, long length, MemorySegment output) {
    try {
      return (long) compress.invokeExact(compressor, input, length, output, output.byteSize());
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  void freeCompressor(MemorySegment compressor) {
    try {
      freeCompressor.invokeExact(compressor);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** A decompressor, to be freed. */
  MemorySegment allocateDecompressor() {
    try {
      return present((MemorySegment) allocateDecompressor.invokeExact());
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /**
   * Uncompresses a gzip member and compares it with its checksum.
   *
   * @param packed begins with the member
   * @param lengths takes the compressed and then the uncompressed length, 8 bytes each
   * @return 0 if that was done; 1 if the member is damaged or not whole, 3 if there is no room
   */
  int decompress(
      MemorySegment decompressor,
      MemorySegment packed,
      MemorySegment plain,
      MemorySegment lengths) {
    try {
      return (int)
          decompress.invokeExact(
              decompressor,
              packed,
              packed.byteSize(),
              plain,
              plain.byteSize(),
              lengths,
              lengths.asSlice(Long.BYTES));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  void freeDecompressor(MemorySegment decompressor) {
    try {
      freeDecompressor.invokeExact(decompressor);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  private static MemorySegment present(MemorySegment allocated) {
    if (allocated.equals(MemorySegment.NULL)) {
      throw new IllegalStateException("libdeflate has no memory");
    }
    return allocated;
  }

  /** C functions throw nothing; what arrives here is a fault of the binding. */
  private static IllegalStateException broken(Throwable e) {
    return e instanceof IllegalStateException known
        ? known
        : new IllegalStateException("calling libdeflate failed", e);
  }
}
